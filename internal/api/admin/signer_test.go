package admin_test

import (
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// doors is a world whose root user and one of whose IAM users sign in with a password.
func doors(t *testing.T) (*apitest.World, *iam.User) {
	t.Helper()
	w := apitest.New(t, map[string]api.Table{admin.Name: admin.Table(), door.Name: door.Table()})
	u := w.User(apitest.Management, "ana", iam.Policies{})
	for _, owner := range []string{u.ID, string(apitest.Management)} {
		hash, err := w.Passwords.Hash(t.Context(), "a lantern by the north gate")
		if err != nil {
			t.Fatal(err)
		}
		apitest.Save(w, store.Logins, &iam.Login{Owner: owner, Account: apitest.Management, Hash: hash})
	}
	return w, u
}

func enter(t *testing.T, w *apitest.World, user, word string) error {
	t.Helper()
	in := &door.SignInInput{Door: door.Root, Name: "root@acme.example", Password: word}
	if user != "" {
		in.Door, in.Account, in.Name = door.IAM, string(apitest.Management), user
	}
	out, err := api.Invoke[door.SignInOutput](t.Context(), w.Corridor, api.Caller{}, door.Name, "SignIn", in)
	if err == nil {
		w.Secret(out.Secret)
	}
	return err
}

// TestUsersOfAccountsAreSignedOutAndForgiven ends sessions of a root user and an IAM user, and the pauses after their tries.
func TestUsersOfAccountsAreSignedOutAndForgiven(t *testing.T) {
	t.Parallel()
	w, _ := doors(t)
	for _, user := range []string{"", "ana"} {
		id, right := string(apitest.Management), "a lantern by the north gate"
		sessions := func() []admin.UserSession {
			return apitest.CallAs[admin.ListSessionsOutput](w, operator(), admin.Name, "ListSessions", &admin.ListSessionsInput{AccountId: id, IamUserName: user}).Sessions
		}
		for range 2 {
			if err := enter(t, w, user, right); err != nil {
				t.Fatal(err)
			}
		}
		list := sessions()
		if len(list) != 2 {
			t.Fatalf("%q: got %+v", user, list)
		}
		end := &admin.BatchDeleteSessionInput{AccountId: id, IamUserName: user, SessionIds: []string{list[0].SessionId}}
		apitest.CallAs[admin.BatchDeleteSessionOutput](w, operator(), admin.Name, "BatchDeleteSession", end)
		if got := sessions(); len(got) != 1 || got[0].SessionId != list[1].SessionId {
			t.Errorf("%q: got %+v", user, got)
		}
		end.SessionIds = nil
		apitest.CallAs[admin.BatchDeleteSessionOutput](w, operator(), admin.Name, "BatchDeleteSession", end)
		if got := sessions(); len(got) != 0 {
			t.Errorf("%q: got %+v", user, got)
		}
		for range 8 {
			_ = enter(t, w, user, "wrong")
		}
		delay := apitest.CallAs[admin.DescribeSignInDelayOutput](w, operator(), admin.Name, "DescribeSignInDelay", &admin.DescribeSignInDelayInput{AccountId: id, IamUserName: user})
		if delay.FailedAttempts == 0 || delay.Seconds == 0 || enter(t, w, user, right) == nil {
			t.Errorf("%q: there is no delay: %+v", user, delay)
		}
		apitest.CallAs[admin.ClearSignInDelayOutput](w, operator(), admin.Name, "ClearSignInDelay", &admin.ClearSignInDelayInput{AccountId: id, IamUserName: user})
		if err := enter(t, w, user, right); err != nil {
			t.Errorf("%q: %v", user, err)
		}
	}
}

// TestWhoLooksAfterUsersOfAccounts keeps other accounts, those without permission, and administrators from the root user's
// pauses: else they could guess at its password.
func TestWhoLooksAfterUsersOfAccounts(t *testing.T) {
	t.Parallel()
	w, ana := doors(t)
	chief := w.User(apitest.Management, "chief", apitest.Inline(apitest.Allow("gatehouse:*")))
	bound := w.User(apitest.Management, "bound", apitest.Inline(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"gatehouse:*","Resource":"*"},
		{"Effect":"Deny","Action":"gatehouse:*","Resource":"`+ana.ARN()+`"}]}`))
	stranger := w.Account("222222222222", "Stranger")
	user := func(u *iam.User) *authz.Principal {
		return &authz.Principal{Kind: authz.IAMUser, Account: u.Account, ARN: u.ARN(), IAMUserID: u.ID}
	}
	for name, c := range map[string]struct {
		as      *authz.Principal
		account ident.AccountID
		iamUser string
		code    string
	}{
		"an administrator, of an IAM user":   {user(chief), apitest.Management, "ana", ""},
		"an administrator, of the root user": {user(chief), apitest.Management, "", "AccessDeniedException"},
		"who may not, of an IAM user":        {user(bound), apitest.Management, "ana", "AccessDeniedException"},
		"who may not, of another":            {user(bound), apitest.Management, "chief", ""},
		"an IAM user, of itself":             {user(ana), apitest.Management, "ana", "AccessDeniedException"},
		"the root user, of itself":           {apitest.Root(apitest.Management), apitest.Management, "", ""},
		"another account, of the root user":  {apitest.Root(stranger.ID), apitest.Management, "", "ResourceNotFoundException"},
		"another account, of an IAM user":    {apitest.Root(stranger.ID), apitest.Management, "ana", "ResourceNotFoundException"},
		"the operator, of nobody":            {operator(), apitest.Management, "nobody", "ResourceNotFoundException"},
		"the operator, of no account":        {operator(), "999999999999", "", "ResourceNotFoundException"},
	} {
		for operation, in := range map[string]any{
			"ListSessions":        &admin.ListSessionsInput{AccountId: string(c.account), IamUserName: c.iamUser},
			"BatchDeleteSession":  &admin.BatchDeleteSessionInput{AccountId: string(c.account), IamUserName: c.iamUser},
			"DescribeSignInDelay": &admin.DescribeSignInDelayInput{AccountId: string(c.account), IamUserName: c.iamUser},
			"ClearSignInDelay":    &admin.ClearSignInDelayInput{AccountId: string(c.account), IamUserName: c.iamUser},
		} {
			_, err := w.Corridor.Invoke(t.Context(), api.Caller{Principal: c.as}, admin.Name, operation, in)
			if c.code == "" && err != nil || c.code != "" && !fault.Is(err, c.code) {
				t.Errorf("%s: %s: got %v, want %q", name, operation, err, c.code)
			}
		}
	}
	_, err := apitest.As[admin.ClearSignInDelayOutput](w, operator(), admin.Name, "ClearSignInDelay", &admin.ClearSignInDelayInput{AccountId: string(apitest.Management), UserName: "ana"})
	if !fault.Is(err, "ValidationException") {
		t.Errorf("two named at once: %v", err)
	}
}
