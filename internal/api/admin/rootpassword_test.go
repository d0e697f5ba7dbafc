package admin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	orgsdk "github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/organizations"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// company is a world with an organization, whose management account is its first.
func company(t *testing.T) *apitest.World {
	t.Helper()
	w := apitest.New(t, map[string]api.Table{admin.Name: admin.Table(), self.Name: self.Table(), "organizations": organizations.Table()})
	apitest.Call[orgsdk.CreateOrganizationOutput](w, "organizations", "CreateOrganization", &orgsdk.CreateOrganizationInput{})
	return w
}

// member makes an account in the organization.
func member(t *testing.T, w *apitest.World, caller api.Caller, email string) ident.AccountID {
	t.Helper()
	caller.Principal = apitest.Root(apitest.Management)
	made, err := api.Invoke[orgsdk.CreateAccountOutput](t.Context(), w.Corridor, caller, "organizations", "CreateAccount",
		&orgsdk.CreateAccountInput{AccountName: aws.String("Development"), Email: &email})
	if err != nil {
		t.Fatal(err)
	}
	out := apitest.Call[orgsdk.DescribeCreateAccountStatusOutput](w, "organizations", "DescribeCreateAccountStatus",
		&orgsdk.DescribeCreateAccountStatusInput{CreateAccountRequestId: made.CreateAccountStatus.Id})
	return ident.AccountID(aws.ToString(out.CreateAccountStatus.AccountId))
}

// newest is the letter that was queued last of one.
func newest(t *testing.T, w *apitest.World) *mail.Letter {
	t.Helper()
	letters := w.Letters()
	if len(letters) == 0 {
		return nil
	}
	return letters[len(letters)-1]
}

// TestCreateAccountMailsItsAddressALink makes accounts with a mail server, without one, and quietly.
func TestCreateAccountMailsItsAddressALink(t *testing.T) {
	t.Parallel()
	w := company(t)
	member(t, w, api.Caller{}, "none@acme.example")
	w.Mailbox = new(mail.Box)
	member(t, w, api.Caller{Quiet: true}, "quiet@acme.example")
	if n := letters(w); n != 0 {
		t.Fatalf("%d letters without mail, or of who is quiet", n)
	}
	id := member(t, w, api.Caller{}, "dev@acme.example")
	l := newest(t, w)
	if l == nil || l.Kind != mail.RootInvitation || l.To != "dev@acme.example" || l.Organization != "Development ("+string(id)+")" || !works(t, w, l.Link) {
		t.Fatalf("got %+v", l)
	}
	_, secret, _ := strings.Cut(l.Link, "secret=")
	w.Secret(secret, "six otters paint the quay")
	if _, err := api.Invoke[self.SignInOutput](t.Context(), w.Corridor, api.Caller{}, self.Name, "SpendLink",
		&self.SpendLinkInput{Secret: secret, Password: "six otters paint the quay"}); err != nil {
		t.Error(err)
	}
	if n := letters(w); n != 1 {
		t.Errorf("a first password was told of as a change: %d letters", n)
	}
	if leaks := w.Leaks(); leaks != nil {
		t.Error(leaks)
	}
}

// TestStandaloneAccountsHaveALinkToo makes an account as the operator, who is shown the link where no mail can be sent.
func TestStandaloneAccountsHaveALinkToo(t *testing.T) {
	t.Parallel()
	w := company(t)
	make := func(email string) *admin.CreateStandaloneAccountOutput {
		return apitest.CallAs[admin.CreateStandaloneAccountOutput](w, operator(), admin.Name, "CreateStandaloneAccount",
			&admin.CreateStandaloneAccountInput{AccountName: "Alone", Email: email})
	}
	if out := make("one@acme.example"); out.SentTo != "" || !works(t, w, out.Link) || out.ExpiresAt == nil {
		t.Errorf("without mail: %+v", out)
	}
	w.Mailbox = new(mail.Box)
	if out := make("two@acme.example"); out.SentTo != "two@acme.example" || out.Link != "" || letters(w) != 1 {
		t.Errorf("with mail: %+v", out)
	}
	w.ExternalURL = ""
	if out := make("three@acme.example"); out.Link != "" || out.SentTo != "" || out.ExpiresAt != nil {
		t.Errorf("without an address of its own: %+v", out)
	}
}

// TestWhoMaySendRootLinks sends links again: as the operator, who may see them, and as accounts, which may not, for
// themselves and for the members of their organization.
func TestWhoMaySendRootLinks(t *testing.T) {
	t.Parallel()
	w := company(t)
	id, stranger := member(t, w, api.Caller{}, "dev@acme.example"), w.Account("222222222222", "Stranger").ID
	send := func(p *authz.Principal, to ident.AccountID, show bool) (*admin.SendRootPasswordLinkOutput, error) {
		return apitest.As[admin.SendRootPasswordLinkOutput](w, p, admin.Name, "SendRootPasswordLink",
			&admin.SendRootPasswordLinkInput{AccountId: string(to), ShowLink: show})
	}
	first, err := send(operator(), id, false)
	if err != nil || !works(t, w, first.Link) {
		t.Fatalf("got %+v, %v", first, err)
	}
	if _, err := send(apitest.Root(apitest.Management), id, false); !fault.Is(err, "ServiceUnavailable") || !works(t, w, first.Link) {
		t.Errorf("without mail, to the management account: %v", err)
	}
	w.Mailbox = new(mail.Box)
	for name, c := range map[string]struct {
		as   *authz.Principal
		to   ident.AccountID
		show bool
		code string
	}{
		"the management account, of its member":      {apitest.Root(apitest.Management), id, false, ""},
		"a member, of itself":                        {apitest.Root(id), id, false, ""},
		"a member, of the management account":        {apitest.Root(id), apitest.Management, false, "ResourceNotFoundException"},
		"a stranger, of a member":                    {apitest.Root(stranger), id, false, "ResourceNotFoundException"},
		"the management account, of a stranger":      {apitest.Root(apitest.Management), stranger, false, "ResourceNotFoundException"},
		"the management account, to see it":          {apitest.Root(apitest.Management), id, true, "AccessDeniedException"},
		"the operator, of nobody":                    {operator(), "999999999999", false, "ResourceNotFoundException"},
		"the operator, of what is no account at all": {operator(), "'; --", false, "ResourceNotFoundException"},
	} {
		out, err := send(c.as, c.to, c.show)
		if c.code == "" && (err != nil || out.Link != "" || out.SentTo == "") || c.code != "" && !fault.Is(err, c.code) {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
	}
	if works(t, w, first.Link) {
		t.Error("an earlier link is still open")
	}
	w.Time.Pass(time.Minute)
	apitest.Save(w, store.Logins, &iam.Login{Owner: string(id), Account: id, Hash: "x"})
	if _, err := send(operator(), id, false); err != nil || newest(t, w).Kind != mail.Reset {
		t.Errorf("to who has a password: %v, %+v", err, newest(t, w))
	}
	apitest.Change(w, store.Accounts, any(id), func(a *account.Account) { a.Status = account.Suspended })
	if _, err := send(operator(), id, false); !fault.Is(err, "ResourceNotFoundException") {
		t.Errorf("of a closed account: %v", err)
	}
}

// TestSettingARootPasswordTells has the operator set it: the root user's links end, and a mail tells of it.
func TestSettingARootPasswordTells(t *testing.T) {
	t.Parallel()
	w := company(t)
	w.Mailbox = new(mail.Box)
	set := func(word string) {
		apitest.CallAs[admin.SetRootPasswordOutput](w, operator(), admin.Name, "SetRootPassword",
			&admin.SetRootPasswordInput{AccountId: string(apitest.Management), Password: word})
	}
	shown := apitest.CallAs[admin.SendRootPasswordLinkOutput](w, operator(), admin.Name, "SendRootPasswordLink",
		&admin.SendRootPasswordLinkInput{AccountId: string(apitest.Management), ShowLink: true})
	set("six otters paint the quay")
	if works(t, w, shown.Link) || letters(w) != 0 {
		t.Errorf("a link is open still, or the first password was told of: %d letters", letters(w))
	}
	set("a lantern by the north gate")
	if l := newest(t, w); l == nil || l.Kind != mail.PasswordChanged || l.To != "root@acme.example" {
		t.Errorf("got %+v", l)
	}
}
