package clients_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc/types"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// TestAProgramIsLetInSeenAndEnded: the AWS CLI shows a link that has the code in it, and still somebody has to confirm; the
// page of the person's security has the program, and ends it with its token, its refresh token and its keys. See RFC 8628
// sections 3.3.1 and 5.4, and OWASP ASVS 5.0 section 7.5.2.
func TestAProgramIsLetInSeenAndEnded(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	b := testkit.NewBrowser(t, d.URL)
	b.SignIn("notsure", d.Password(t, "notsure"))
	p := viewer(t, d)
	cli := testkit.StartAWS(t, d, p.Name, "sso", "login", "--no-browser")
	b.Open(cli.Find(`(?m)^(http\S+user_code=\S+)$`)[1])
	b.Shows("Is this your code?", "Same as this browser")
	b.Open("/start/security") // having looked at it lets nothing in
	if text := b.Text(); strings.Contains(text, "You allowed it") {
		t.Errorf("a look let the program in:\n%s", text)
	}
	b.ApproveDevice("/device?user_code="+cli.Find(`(?m)^([A-Z0-9]{4}-[A-Z0-9]{4})$`)[1], "")
	if res := cli.Wait(); res.Exit != 0 {
		t.Fatalf("aws sso login: %+v", res)
	}
	whoami := func() testkit.Result { return testkit.AWS(t, d, p.Name, "sts", "get-caller-identity") }
	if res := whoami(); res.Exit != 0 {
		t.Fatalf("before: %+v", res)
	}
	token := readToken(t, d, d.Session(t, p).Name)

	b.Open("/start/security")
	b.Shows("AWS CLI ", " on ", "You allowed it")
	b.Press("End")
	if text := b.Text(); strings.Contains(text, "You allowed it") {
		t.Errorf("it is still there:\n%s", text)
	}
	if res := whoami(); res.Exit == 0 {
		t.Errorf("its keys still work: %s", res.Stdout)
	}
	os.RemoveAll(filepath.Join(d.Home, ".aws", "cli"))
	if res := whoami(); res.Exit == 0 {
		t.Errorf("its token still gives keys: %s", res.Stdout)
	}
	_, err := oidc(d).CreateToken(t.Context(), &ssooidc.CreateTokenInput{ClientId: &token.ClientID, ClientSecret: &token.ClientSecret,
		GrantType: aws.String("refresh_token"), RefreshToken: &token.RefreshToken})
	if invalid := (*types.InvalidGrantException)(nil); !errors.As(err, &invalid) {
		t.Errorf("its refresh token answers %v", err)
	}
}

// TestTheBackButtonShowsNothingAfterSigningOut. See OWASP ASVS 5.0 section 14.3.1.
func TestTheBackButtonShowsNothingAfterSigningOut(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	b := testkit.NewBrowser(t, d.URL)
	b.SignIn("notsure", d.Password(t, "notsure"))
	b.Shows("AWS accounts", "Production")
	b.Click("details.menu summary")
	b.Press("Sign out")
	b.Shows("You are signed out.")
	b.Open("/signin/forgot")
	b.WaitFor("Sign in with a passkey", func() { b.Eval(`(history.go(-2), "")`) })
	if text := b.Text(); strings.Contains(text, "Production") {
		t.Errorf("the back button shows\n%s", text)
	}
}
