package client

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestAHostileServerStartsNoPrograms has a server that wants more opened than a page.
func TestAHostileServerStartsNoPrograms(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"file:///tmp/evil.desktop", "-a/Applications/Calculator.app", "--gpu-launcher=sh", `\\\\evil\\share\\run.exe`,
		"javascript:alert(1)", "https:///authorize", "https://sso.example.com/authorize?client_id=other"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode(map[string]any{"clientId": "id", "clientSecret": "secret", "authorizationEndpoint": page})
		}))
		t.Cleanup(server.Close)
		login := Login{Origin: server.URL, Region: "us-east-1", StartURL: server.URL + "/start", HTTP: server.Client(), Random: rand.Reader}
		_, err := login.ByBrowser(t.Context(), func(address string) error {
			t.Errorf("%q was opened", address)
			return http.ErrAbortHandler
		})
		if err == nil {
			t.Errorf("%q: no error", page)
		}
	}
}

// TestAHostileServerWritesNoLines has a server whose roles bring lines of a configuration along.
func TestAHostileServerWritesNoLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ account, role string }{
		{"111111111111", "Admin\ncredential_process = sh -c evil"}, {"111111111111\r\n[default]", "Admin"}, {"111111111111", "Admin\u2028x = y"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			out := map[string]any{"accountList": []any{map[string]any{"accountId": c.account, "accountName": "Dev"}}}
			if strings.HasSuffix(r.URL.Path, "/roles") {
				out = map[string]any{"roleList": []any{map[string]any{"accountId": c.account, "roleName": c.role}}}
			}
			_ = json.NewEncoder(w).Encode(out)
		}))
		t.Cleanup(server.Close)
		login := Login{Origin: server.URL, Region: "us-east-1", HTTP: server.Client()}
		if got, err := login.Profiles(t.Context(), "token"); err == nil {
			t.Errorf("%q in %q: got %v", c.role, c.account, got)
		}
	}
}
