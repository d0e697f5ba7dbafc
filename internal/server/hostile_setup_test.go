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

// TestHostileTextSetsNothingUp sends hostile text to every field of the pages that set a server up, one stage after the other, and
// spends the set-up link from many tabs at once. See OWASP ASVS 5.0 sections 2.2.1 and 2.3.4.
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
	good := []struct {
		action string
		form   url.Values
		mayGo  bool // on by hostile text
	}{
		{"/setup/account", url.Values{"name": {"Management"}, "email": {"aws@alder.example"}, "password": {"the heron waits at dawn"}}, false},
		{"/setup/organization", url.Values{"way": {"organization"}}, true}, // which is what anything but "alone" means
		{"/setup/portal", url.Values{"address": {""}}, false},
		{"/setup/person", url.Values{"given": {"Pat"}, "family": {"Collins"}, "email": {"pat@alder.example"}, "user": {"pat"}, "way": {"password"},
			"password": {"the lake was frozen again"}}, false},
	}
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
	last := len(good) - 1
	for i, stage := range good {
		at := forms(s.get("/setup", browser...).body)
		if len(at) != 1 || at[0].action != stage.action {
			t.Fatalf("want the form of %s, got %+v", stage.action, at)
		}
		s.attackSetup(at[0], browser)
		if again := forms(s.get("/setup", browser...).body); !stage.mayGo && (len(again) != 1 || again[0].action != stage.action) {
			t.Fatalf("hostile text ends %s", stage.action)
		}
		if got := s.post(stage.action, stage.form, browser...); got.StatusCode != http.StatusSeeOther && i != last || got.StatusCode != http.StatusOK && i == last {
			t.Fatalf("%s with what is good: %d", stage.action, got.StatusCode)
		}
	}
	s.view(func(tx *store.Tx) error {
		if n, err := store.Accounts.Count(tx, "all"); n != 1 || err != nil {
			t.Errorf("%d accounts were made, %v", n, err)
		}
		return nil
	})
}

// attackSetup sends a form of the set-up with each field hostile in turn, in this browser and in another.
func (s *siege) attackSetup(f form, browser []*http.Cookie) {
	s.t.Helper()
	for field := range f.fields {
		for what, text := range hostile() {
			if f.action == "/setup/portal" && strings.Trim(text, "0123456789") == "" {
				continue // an address like another
			}
			values := url.Values{}
			for k, v := range f.fields {
				values.Set(k, v)
			}
			values[field] = []string{text, f.fields[field]}
			s.bears(fmt.Sprintf("%s, field %s, %s", f.action, field, what), text, s.post(f.action, values, browser...))
			if got := s.post(f.action, values); got.StatusCode == http.StatusSeeOther {
				s.t.Errorf("%s goes on for another browser", f.action)
			}
		}
	}
}
