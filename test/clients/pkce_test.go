package clients_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// aCallback is the little server with which a program on this machine awaits
// the browser (RFC 8252, section 7.3).
func aCallback(t *testing.T) (address string, answers <-chan url.Values) {
	got := make(chan url.Values, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /oauth/callback", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "<!doctype html><title>x</title><p>The program is signed in.")
		got <- r.URL.Query()
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL + "/oauth/callback", got
}

// program is a client of the authorization code flow with PKCE. Its requests
// are those of the AWS CLI from 2.22 on.
type program struct {
	d   *testkit.Dev
	reg *ssooidc.RegisterClientOutput
}

const verifier = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func registerProgram(t *testing.T, d *testkit.Dev, session testkit.Profile) program {
	t.Helper()
	reg, err := oidc(d).RegisterClient(t.Context(), &ssooidc.RegisterClientInput{
		ClientName: aws.String("botocore-client-" + session.Name), ClientType: aws.String("public"),
		GrantTypes:   []string{"authorization_code", "refresh_token"},
		RedirectUris: []string{"http://127.0.0.1/oauth/callback"},
		IssuerUrl:    aws.String(session.Keys["sso_start_url"]), Scopes: []string{"sso:account:access"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := aws.ToString(reg.AuthorizationEndpoint), d.URL+"/authorize"; got != want {
		t.Errorf("the authorization endpoint is %q, want %q", got, want)
	}
	return program{d: d, reg: reg}
}

// ask has a person allow the program and returns the request that redeems the
// code.
func (p program) ask(t *testing.T, b *testkit.Browser) *ssooidc.CreateTokenInput {
	t.Helper()
	callback, answers := aCallback(t)
	sum := sha256.Sum256([]byte(verifier))
	b.ApproveAuthorize(p.d.URL + "/authorize?" + url.Values{
		"response_type": {"code"}, "client_id": {*p.reg.ClientId}, "redirect_uri": {callback}, "state": {"a state"},
		"code_challenge_method": {"S256"}, "scopes": {"sso:account:access"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])},
	}.Encode())
	answer := <-answers
	if answer.Get("state") != "a state" || answer.Get("code") == "" {
		t.Fatalf("the callback gets %v", answer)
	}
	return &ssooidc.CreateTokenInput{
		ClientId: p.reg.ClientId, ClientSecret: p.reg.ClientSecret, GrantType: aws.String("authorization_code"),
		RedirectUri: aws.String(callback), Code: aws.String(answer.Get("code")), CodeVerifier: aws.String(verifier),
	}
}

func TestAProgramSignsInWithAnAuthorizationCode(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	b := testkit.NewBrowser(t, d.URL)
	b.SignIn("notsure", d.Password(t, "notsure"))
	p := registerProgram(t, d, d.Session(t, viewer(t, d)))
	client := oidc(d)

	request := p.ask(t, b)
	out, err := client.CreateToken(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	renewed, err := client.CreateToken(t.Context(), &ssooidc.CreateTokenInput{
		ClientId: p.reg.ClientId, ClientSecret: p.reg.ClientSecret, GrantType: aws.String("refresh_token"), RefreshToken: out.RefreshToken,
	})
	if err != nil {
		t.Fatalf("renew: %v", err)
	}
	portal := sso.New(sso.Options{Region: "us-east-1", BaseEndpoint: aws.String(d.URL)})
	accounts, err := portal.ListAccounts(t.Context(), &sso.ListAccountsInput{AccessToken: renewed.AccessToken})
	if err != nil {
		t.Fatal(err)
	}
	if len(accounts.AccountList) != 2 {
		t.Errorf("notsure has %d accounts, want 2", len(accounts.AccountList))
	}
}

func TestAnAuthorizationCodeIsGoodOnceAndForItsProgramOnly(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	b := testkit.NewBrowser(t, d.URL)
	b.SignIn("notsure", d.Password(t, "notsure"))
	p := registerProgram(t, d, d.Session(t, viewer(t, d)))
	client := oidc(d)

	stolen := p.ask(t, b)
	stolen.CodeVerifier = aws.String(strings.Repeat("x", 64))
	if _, err := client.CreateToken(t.Context(), stolen); err == nil {
		t.Error("a code is good with another verifier")
	}
	request := p.ask(t, b)
	if _, err := client.CreateToken(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateToken(t.Context(), request); err == nil {
		t.Error("a code is good twice")
	}
}
