package server

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/client"
)

// answer stands for a browser in which a person is signed in: it answers the request for an authorization at address,
// and goes where that leads.
func (n *node) answer(cookie, address string, refuse bool) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	q := u.Query()
	out, err := api.Invoke[self.ApproveAuthorizationOutput](n.t.Context(), n.Corridor, api.Caller{Session: cookie}, self.Name, "ApproveAuthorization",
		&self.ApproveAuthorizationInput{ResponseType: q.Get("response_type"), ClientID: q.Get("client_id"), RedirectURI: q.Get("redirect_uri"),
			State: q.Get("state"), CodeChallenge: q.Get("code_challenge"), CodeChallengeMethod: q.Get("code_challenge_method"),
			Scopes: q.Get("scopes"), Refuse: refuse})
	if err != nil {
		return err
	}
	forged, err := url.Parse(out.RedirectTo)
	if err != nil {
		return err
	}
	for _, state := range []string{"", "x", q.Get("state") + "x"} { // another program of this machine, or a page in the browser
		forged.RawQuery = url.Values{"code": {"forged"}, "state": {state}}.Encode()
		if status := n.get(forged.String()); status != http.StatusBadRequest {
			n.t.Errorf("a forged answer with the state %q: %d", state, status)
		}
	}
	if status := n.get(out.RedirectTo); status != http.StatusOK {
		n.t.Errorf("the answer: %d", status)
	}
	return nil
}

func (n *node) get(address string) int {
	n.t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		n.t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

func TestAProgramSignsInByTheBrowser(t *testing.T) {
	t.Parallel()
	c := config(shortDir(t))
	c.Region = "eu-central-1"
	n, _ := start(t, c)
	n.administrator()
	in, err := api.Invoke[self.SignInOutput](t.Context(), n.Corridor, api.Caller{}, self.Name, "SignIn", &self.SignInInput{UserName: "notsure", Password: secret})
	if err != nil {
		t.Fatal(err)
	}
	d, err := client.Discover(t.Context(), http.DefaultClient, n.url)
	if err != nil || d.Region != "eu-central-1" || d.SessionName != "gatehouse-"+n.StoreID {
		t.Fatalf("the server says %+v of itself, %v", d, err)
	}
	login := client.Login{Origin: n.url, Region: d.Region, StartURL: n.url + "/start", HTTP: http.DefaultClient, Random: rand.Reader}
	token, err := login.ByBrowser(t.Context(), func(address string) error { return n.answer(in.Secret, address, false) })
	if err != nil {
		t.Fatal(err)
	}
	profiles, err := login.Profiles(t.Context(), token)
	names := make([]string, 0, len(profiles))
	for _, p := range profiles {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	if err != nil || !slices.Equal(names, []string{"development-poweruseraccess", "production-viewonlyaccess"}) {
		t.Errorf("the profiles are %v, %v", names, err)
	}
	_, err = login.ByBrowser(t.Context(), func(address string) error { return n.answer(in.Secret, address, true) })
	if err == nil || !strings.Contains(err.Error(), "denied in the browser") {
		t.Errorf("after a refusal: %v", err)
	}
}

func TestOnlyAGatehouseDescribesItself(t *testing.T) {
	t.Parallel()
	n, _ := start(t, config(shortDir(t)))
	if _, err := client.Discover(t.Context(), http.DefaultClient, n.url+"/start"); err == nil {
		t.Error("another address describes a server")
	}
}
