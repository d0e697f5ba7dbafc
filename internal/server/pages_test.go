package server

import (
	"net/http"
	"net/http/httptest"
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
