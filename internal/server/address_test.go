package server

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api/self"
)

// TestNobodyNamesTheirOwnAddress: the page that asks whether to let a device in shows where each of the two is, whatever
// either says of itself, unless a proxy of the operator's says so. See RFC 8628 section 5.4, and RFC 7239 section 8.1.
func TestNobodyNamesTheirOwnAddress(t *testing.T) {
	t.Parallel()
	c := config(shortDir(t))
	c.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	n, _ := start(t, c)
	n.administrator()
	session := selfCall[self.SignInOutput](n, "SignIn", &self.SignInInput{UserName: carol, Password: secret}).Secret
	serve := func(r *http.Request, peer, claim string) *httptest.ResponseRecorder {
		t.Helper()
		r.RemoteAddr = peer + ":4711"
		if claim != "" {
			for _, name := range []string{"X-Forwarded-For", "X-Real-Ip", "True-Client-Ip"} {
				r.Header.Set(name, claim)
			}
			r.Header.Set("Forwarded", "for="+claim)
		}
		w := httptest.NewRecorder()
		n.Corridor.ServeHTTP(w, r)
		return w
	}
	post := func(path, body, peer, claim string) map[string]any {
		t.Helper()
		r := httptest.NewRequest(http.MethodPost, n.url+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := serve(r, peer, claim)
		answer := map[string]any{}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		return answer
	}
	client := post("/client/register", `{"clientName":"cli","clientType":"public"}`, "203.0.113.24", "")
	for name, c := range map[string]struct{ devicePeer, deviceClaim, browserPeer, browserClaim, shows, lacks string }{
		"a device that claims to be at the browser's": {"203.0.113.24", "192.0.2.7", "192.0.2.7", "", "It asked from 203.0.113.24, and this browser is at 192.0.2.7.", "Same as this browser"},
		"a browser that claims to be at the device's": {"203.0.113.24", "", "192.0.2.7", "203.0.113.24", "It asked from 203.0.113.24, and this browser is at 192.0.2.7.", "Same as this browser"},
		"both behind the proxy, and apart":            {"10.0.0.1", "203.0.113.24", "10.0.0.1", "192.0.2.7", "It asked from 203.0.113.24, and this browser is at 192.0.2.7.", "Same as this browser"},
		"both behind the proxy, in one place":         {"10.0.0.1", "192.0.2.7", "10.0.0.1", "192.0.2.7", "Same as this browser", "The program is not where you are."},
		"a device that claims so to the proxy":        {"10.0.0.1", "192.0.2.7, 203.0.113.24", "10.0.0.1", "192.0.2.7", "It asked from 203.0.113.24", "Same as this browser"},
	} {
		device := post("/device_authorization", `{"clientId":"`+client["clientId"].(string)+`","clientSecret":"`+client["clientSecret"].(string)+`","startUrl":"`+n.url+`/start"}`,
			c.devicePeer, c.deviceClaim)
		r := httptest.NewRequest(http.MethodGet, n.url+"/device?user_code="+device["userCode"].(string), nil)
		r.AddCookie(&http.Cookie{Name: "gatehouse-" + n.URL.Port(), Value: session})
		w := serve(r, c.browserPeer, c.browserClaim)
		if body := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(body, c.shows) || strings.Contains(body, c.lacks) {
			t.Errorf("%s: %d %s", name, w.Code, body)
		}
	}
}
