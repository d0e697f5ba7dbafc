package admin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// lettered is a world with a person who has an address and no password.
func lettered(t *testing.T) (*apitest.World, *directory.User) {
	t.Helper()
	w := apitest.New(t, map[string]api.Table{admin.Name: admin.Table(), self.Name: self.Table()})
	u := w.Person(&permission.Instance{IdentityStoreID: apitest.StoreID}, "pcollins", "nobody knows this one")
	apitest.Change(w, store.Users, any(u.ID), func(u *directory.User) {
		u.PasswordHash, u.Emails = "", []directory.Email{{Value: "paula@acme.example", Primary: true}}
	})
	return w, u
}

func letters(w *apitest.World) (n int) {
	w.Update(func(tx *store.Tx) (err error) {
		n, err = store.Outbox.Count(tx, "all")
		return err
	})
	return n
}

// works reports whether a link that was answered may be used.
func works(t *testing.T, w *apitest.World, link string) bool {
	t.Helper()
	_, secret, _ := strings.Cut(link, "secret=")
	w.Secret(secret)
	_, err := api.Invoke[self.DescribeLinkOutput](t.Context(), w.Corridor, api.Caller{}, self.Name, "DescribeLink", &self.DescribeLinkInput{Secret: secret})
	return err == nil
}

// TestLinksAreMailedOrShownOnce invites and resets with and without a mail server.
func TestLinksAreMailedOrShownOnce(t *testing.T) {
	t.Parallel()
	w, u := lettered(t)
	invite := func(show bool) *admin.InviteUserOutput {
		return apitest.Call[admin.InviteUserOutput](w, admin.Name, "InviteUser", &admin.InviteUserInput{UserName: "PCollins", ShowLink: show})
	}
	first := invite(false)
	if !strings.HasPrefix(first.Link, apitest.Origin+"/signin/link?secret=") || first.SentTo != "" || letters(w) != 0 || first.ExpiresAt.Sub(w.Time.Now()) != 7*24*time.Hour {
		t.Fatalf("without mail: %+v", first)
	}
	if !works(t, w, first.Link) {
		t.Error("the link opens nothing")
	}
	second := invite(false)
	if works(t, w, first.Link) || !works(t, w, second.Link) {
		t.Error("an invitation that was sent again leaves the earlier one open")
	}
	w.Mailbox = new(mail.Box)
	if sent := invite(false); sent.SentTo != "paula@acme.example" || sent.Link != "" || letters(w) != 1 {
		t.Errorf("with mail: %+v, %d letters", sent, letters(w))
	}
	if shown := invite(true); shown.Link == "" || letters(w) != 1 {
		t.Errorf("shown though there is mail: %+v", shown)
	}
	apitest.Change(w, store.Users, any(u.ID), func(u *directory.User) { u.Emails[0].Value = "paula@acme.example, eve@evil.example" })
	if shown := invite(false); shown.Link == "" || letters(w) != 1 {
		t.Errorf("to an address that is none: %+v", shown)
	}
	reset := apitest.Call[admin.ResetUserPasswordOutput](w, admin.Name, "ResetUserPassword", &admin.ResetUserPasswordInput{UserName: "pcollins", OneTimePassword: true})
	w.Secret(reset.OneTimePassword)
	if len(reset.OneTimePassword) < 20 || reset.Link != "" || reset.ExpiresAt.Sub(w.Time.Now()) != api.OneTimeLife {
		t.Errorf("one-time: %+v", reset)
	}
	apitest.Refused(w, "ConflictException", admin.Name, "InviteUser", &admin.InviteUserInput{UserName: "pcollins"})
	in, err := api.Invoke[self.SignInOutput](t.Context(), w.Corridor, api.Caller{}, self.Name, "SignIn", &self.SignInInput{UserName: "pcollins", Password: reset.OneTimePassword})
	if err != nil || in.Next != "CHOOSE" || in.Secret != "" {
		t.Errorf("signing in with it: %+v, %v", in, err)
	}
	apitest.Change(w, store.Users, any(u.ID), func(u *directory.User) { u.Disabled = true })
	apitest.Refused(w, "ConflictException", admin.Name, "ResetUserPassword", &admin.ResetUserPasswordInput{UserName: "pcollins"})
	if leaks := w.Leaks(); leaks != nil {
		t.Error(leaks)
	}
}

// TestPasswordsThatAreSetMeetTheRules gives passwords as an administrator.
func TestPasswordsThatAreSetMeetTheRules(t *testing.T) {
	t.Parallel()
	w, _ := lettered(t)
	for word, good := range map[string]bool{
		"six otters paint the quay": true, "short but odd!": false, "Pcollins-Acme-12": false, "passwordpassword": false,
		"aaaaaaaaaaaaaaaaaaaa": false, strings.Repeat("long and longer ", 17): false, "with a \x00 in the midst": false,
	} {
		err := w.Do(admin.Name, "SetUserPassword", &admin.SetUserPasswordInput{UserName: "pcollins", Password: word})
		if (err == nil) != good || !good && !fault.Is(err, api.PasswordRefused) {
			t.Errorf("%q: %v", word, err)
		}
		if err != nil && strings.Contains(err.Error(), word) {
			t.Errorf("%q comes back: %v", word, err)
		}
	}
}

// TestWhoMayInviteIsAskedOfEachPerson keeps a help desk from the chief, and other accounts from everybody.
func TestWhoMayInviteIsAskedOfEachPerson(t *testing.T) {
	t.Parallel()
	w, u := lettered(t)
	member := w.Account("222222222222", "Dev")
	k := w.Key(w.User(apitest.Management, "desk", apitest.Inline(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"gatehouse:*","Resource":"*"},{"Effect":"Deny","Action":"gatehouse:*","Resource":"arn:aws:identitystore:::user/`+u.ID+`"}]}`)))
	for _, operation := range []string{"InviteUser", "ResetUserPassword", "RequirePasswordChange", "SetUserPassword"} {
		body := `{"UserName":"pcollins","Password":"short"}`
		if a := w.Call(k, admin.Name, apitest.JSON(admin.Name, operation, body)); a.Code() != "AccessDeniedException" {
			t.Errorf("%s of the chief: %d %s", operation, a.Status, a.Body)
		}
		body = `{"UserName":"pcollins","Password":"short","IdentityStoreId":"` + apitest.StoreID + `"}`
		if a := w.Call(w.Root(member), admin.Name, apitest.JSON(admin.Name, operation, body)); a.Status == http.StatusOK || a.Code() == api.PasswordRefused {
			t.Errorf("%s from another account: %d %s", operation, a.Status, a.Body)
		}
	}
}
