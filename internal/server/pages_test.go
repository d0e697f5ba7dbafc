package server

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func TestAnErrorPageShowsTheNumberOfItsRequest(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), config(t.TempDir()), false)
	if err != nil {
		t.Fatal(err)
	}
	closing(t, s)
	for _, path := range []string{"/no/such/page", "/start/no-such-portal/at-all"} {
		w := httptest.NewRecorder()
		s.Corridor.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil))
		id := w.Header().Get("X-Amzn-Requestid")
		if id == "" || !strings.Contains(w.Body.String(), id) {
			t.Errorf("%s: the page of the request %q does not show that", path, id)
		}
	}
}

// TestALogoIsAPictureAndNothingElse asks for the logo of a portal as a browser does, and as somebody who would have it taken
// for a document. See "MIME Sniffing" of the WHATWG and the directive sandbox of CSP Level 3.
func TestALogoIsAPictureAndNothingElse(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), config(t.TempDir()), false)
	if err != nil {
		t.Fatal(err)
	}
	closing(t, s)
	operate := func(operation, in string) {
		t.Helper()
		if _, err := s.Operate(t.Context(), Errand{Service: "gatehouse", Operation: operation}, []byte(in)); err != nil {
			t.Fatalf("%s: %v", operation, err)
		}
	}
	var sent bytes.Buffer
	if err := png.Encode(&sent, image.NewGray(image.Rect(0, 0, 40, 20))); err != nil {
		t.Fatal(err)
	}
	operate("CreateStandaloneAccount", `{"AccountName":"Acme","Email":"aws@acme.example"}`)
	operate("EnableIdentityCenter", `{}`)
	operate("UpdatePortal", `{"Address":"acme"}`)
	operate("UpdatePortal", `{"Address":"acme-corp","Title":"Acme <script>"}`)
	operate("PutPortalLogo", `{"Logo":"`+base64.StdEncoding.EncodeToString(sent.Bytes())+`"}`)
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		s.Corridor.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil))
		return w
	}
	page := get("/signin?to=/start/acme-corp").Body.String()
	found := regexp.MustCompile(`<img class="logo" src="(/brand/ssoins-[0-9a-f]{16}/[0-9a-f]{32}\.png)" width="40" height="20" alt="Acme &lt;script&gt;">`).FindStringSubmatch(page)
	if found == nil || !strings.Contains(page, "to your AWS accounts at Acme &lt;script&gt;") {
		t.Fatalf("the page for passwords shows no logo:\n%s", page)
	}
	w := get(found[1])
	for name, want := range map[string]string{"Content-Type": "image/png", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
		"Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "public, max-age=31536000, immutable"} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Body.String(), "\x89PNG") {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	for _, path := range []string{strings.Replace(found[1], ".png", ".svg", 1), strings.Replace(found[1], ".png", "", 1), found[1] + "/x", "/brand/ssoins-x/..%2f..%2froot.key.png", "/brand/"} {
		if w := get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := get("/start/acme"); w.Code != http.StatusFound || w.Header().Get("Location") != "/start/acme-corp" {
		t.Errorf("the former address: %d to %q", w.Code, w.Header().Get("Location"))
	}
	if w := get("/start/nobody"); w.Code == http.StatusFound {
		t.Errorf("no address: %d", w.Code)
	}
}
