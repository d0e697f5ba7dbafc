package admin_test

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	storesdk "github.com/aws/aws-sdk-go-v2/service/identitystore"
	orgsdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	ssosdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	iamapi "github.com/gatehouse-sso/gatehouse/internal/api/iam"
	"github.com/gatehouse-sso/gatehouse/internal/api/identitystore"
	"github.com/gatehouse-sso/gatehouse/internal/api/organizations"
	"github.com/gatehouse-sso/gatehouse/internal/api/ssoadmin"
	"github.com/gatehouse-sso/gatehouse/internal/api/sts"
	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/sample"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// acme is the sample organization with a guardrail about MFA, and those who call in it. It is the same every time.
func acme(t *testing.T) (w *apitest.World, callers []*authz.Principal) {
	t.Helper()
	w = apitest.Empty(t, map[string]api.Table{admin.Name: admin.Table(), "iam": iamapi.Table(), "organizations": organizations.Table(),
		"sso-admin": ssoadmin.Table(), "identitystore": identitystore.Table(), "sts": sts.Table()})
	if _, err := sample.Make(t.Context(), w.Corridor, func() string { return "correct horse battery staple" }); err != nil {
		t.Fatal(err)
	}
	o := w.State.Current().OrganizationOf(sample.Management)
	w.Guard(o, "mfa", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}},
		{"Effect":"Deny","Action":"sso:*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/25"}}}]}`, o.RootID)
	snap := w.State.Current()
	var pat *directory.User
	err := w.Store.View(t.Context(), func(tx *store.Tx) (err error) {
		pat, err = store.Users.By(tx, "name", snap.InstanceAt("").IdentityStoreID, "pcollins")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range snap.Grants(pat.ID) {
		r, _ := snap.Reserved(g.Set.ARN, g.Account)
		p, err := authz.AsPerson(pat, snap.InstanceAt(""), r)
		if err != nil {
			t.Fatal(err)
		}
		p.UserGeneration = pat.Generation
		callers = append(callers, session(w, p, r.Generation))
	}
	for a := range snap.AccountsOfOrganization(o) {
		root := authz.AsRoot(a.ID)
		root.RoleGeneration = a.RootGeneration
		u := w.User(a.ID, "u"+string(a.ID), apitest.Inline(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:Get*","organizations:*","sso:*","identitystore:*","sts:*"],"Resource":"*"},
			{"Effect":"Deny","Action":"iam:GetRole","Resource":"arn:aws:iam::*:role/aws-reserved/*"}]}`))
		user := authz.AsIAMUser(u)
		user.RoleGeneration = u.Generation
		callers = append(callers, root, user)
		if r := snap.Role(a.ID, "OrganizationAccountAccessRole"); r != nil {
			callers = append(callers, session(w, authz.AsRole(r, "work"), r.Generation))
		}
	}
	return w, callers
}

// session makes p a session that was begun without MFA, and is good for an hour.
func session(w *apitest.World, p *authz.Principal, generation uint64) *authz.Principal {
	p.RoleGeneration, p.IssuedAt, p.ExpiresAt = generation, w.Time.Now(), w.Time.Now().Add(time.Hour)
	return p
}

// TestCanSaysWhatTheCorridorDecides makes random calls on one sample organization, and asks another that is the same about
// what was decided, with all keys that the calls had.
func TestCanSaysWhatTheCorridorDecides(t *testing.T) {
	t.Parallel()
	w, callers := acme(t)
	d := rand.New(rand.NewPCG(9, 10))
	snap := w.State.Current()
	i := snap.InstanceAt("")
	name, arn := "OrganizationAccountAccessRole", ""
	for a := range snap.AccountsOfOrganization(snap.OrganizationOf(sample.Management)) {
		if r := snap.Role(a.ID, name); r != nil {
			arn = r.ARN()
		}
	}
	user, work := "nobody", "work"
	calls := []struct {
		service, operation string
		in                 any
	}{
		{"iam", "ListUsers", &iamsdk.ListUsersInput{}}, {"iam", "GetRole", &iamsdk.GetRoleInput{RoleName: &name}}, {"iam", "GetUser", &iamsdk.GetUserInput{UserName: &user}},
		{"iam", "DeleteUser", &iamsdk.DeleteUserInput{UserName: &user}}, {"organizations", "ListAccounts", &orgsdk.ListAccountsInput{}},
		{"organizations", "DescribeOrganization", &orgsdk.DescribeOrganizationInput{}}, {"organizations", "ListRoots", &orgsdk.ListRootsInput{}},
		{"sso-admin", "ListPermissionSets", &ssosdk.ListPermissionSetsInput{InstanceArn: &i.ARN}}, {"identitystore", "ListUsers", &storesdk.ListUsersInput{IdentityStoreId: &i.IdentityStoreID}},
		{"sts", "AssumeRole", &stssdk.AssumeRoleInput{RoleArn: &arn, RoleSessionName: &work}},
	}
	for range 400 {
		c, p := calls[d.IntN(len(calls))], callers[d.IntN(len(callers))]
		address := netip.AddrFrom4([4]byte{192, 0, 2, byte(d.IntN(256))})
		_, _ = w.Corridor.Invoke(t.Context(), api.Caller{Principal: p, Address: address, UserAgent: "test"}, c.service, c.operation, c.in)
	}
	again, _ := acme(t)
	operator := api.Caller{Principal: &authz.Principal{Kind: authz.Operator, ARN: "operator"}}
	count := map[string]int{}
	for _, r := range w.Records() {
		for _, x := range r.Decisions {
			if r.UserAgent != "test" {
				continue
			}
			out, err := api.Invoke[admin.CanOutput](t.Context(), again.Corridor, operator, admin.Name, "Can", &admin.CanInput{Who: r.Principal.ARN, Action: x.Action, Resource: x.Resource, Context: given(&x)})
			if err != nil {
				t.Fatalf("%s: %v", r.Principal.ARN, err)
			}
			got := out.Answers[0].Answer
			count[got.Answer]++
			if want := map[bool]string{true: "yes", false: "no"}[x.Allowed]; got.Answer != want && got.Answer != "yes-if" {
				t.Errorf("%s %s on %s: can says %+v, the corridor %+v", r.Principal.ARN, x.Action, x.Resource, got, x.Decision)
			}
		}
	}
	if count["yes"] < 50 || count["no"] < 50 || count["yes-if"] > count["yes"] {
		t.Errorf("got %v: the calls prove little", count)
	}
}

// given are all keys of a decision.
func given(d *audit.Decision) (list []admin.ContextKey) {
	for _, key := range d.Context.Keys() {
		values, multi, _ := d.Context.Get(key)
		list = append(list, admin.ContextKey{Key: key, Values: values, List: multi})
	}
	return list
}
