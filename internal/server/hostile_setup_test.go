package server

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin/setup"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// TestHostileTextSetsNothingUp sends hostile text to every field of the pages that set a server up, and spends the set-up link
// from many tabs at once. See OWASP ASVS 5.0 sections 2.2.1 and 2.3.4.
func TestHostileTextSetsNothingUp(t *testing.T) {
	t.Parallel()
	n := open(t, config(shortDir(t)))
	n.serve()
	s := &siege{node: n}
	operator := api.Caller{Principal: &authz.Principal{Kind: authz.Operator, ARN: "operator"}}
	offer, err := api.Invoke[setup.OfferSetupOutput](t.Context(), n.Corridor, operator, setup.Name, "OfferSetup", &setup.OfferSetupInput{})
	if err != nil {
		t.Fatal(err)
	}
	link := strings.TrimPrefix(offer.Link, n.url)
	for what, text := range hostile() {
		if len(text) < 1<<13 {
			s.bears("the link, "+what, text, s.get("/setup?"+url.Values{"secret": {text}}.Encode()))
		}
		s.bears("the link sent, "+what, text, s.post("/setup/begin", url.Values{"secret": {text}}))
	}
	begin := forms(s.get(link).body)[0]
	secret := url.Values{"secret": {begin.fields["secret"]}}
	var browser []*http.Cookie
	won := s.race(begin.action, secret, func(r *reply) bool {
		if got := r.Cookies(); r.StatusCode == http.StatusSeeOther && len(got) > 0 {
			browser = got
			return true
		}
		return false
	})
	if won != 1 {
		t.Fatalf("one link begins %d set-ups", won)
	}
	for _, f := range forms(s.get("/setup", browser...).body) {
		for field := range f.fields {
			for what, text := range hostile() {
				values := url.Values{}
				for k, v := range f.fields {
					values.Set(k, v)
				}
				values[field] = []string{text, f.fields[field]}
				s.bears(fmt.Sprintf("%s, field %s, %s", f.action, field, what), text, s.post(f.action, values, browser...))
				if got := s.post(f.action, values); got.StatusCode == http.StatusSeeOther {
					t.Errorf("%s goes on for another browser", f.action)
				}
			}
		}
	}
	s.view(func(tx *store.Tx) error {
		if n, err := store.Accounts.Count(tx, "all"); n != 0 || err != nil {
			t.Errorf("%d accounts were made, %v", n, err)
		}
		return nil
	})
}
