package authz

import (
	"slices"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const elsewhere ident.AccountID = "222222222222"

const readOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess"

func statement(effect, action string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"` + effect + `","Action":"` + action + `","Resource":"*"}]}`
}

// customer is a policy that allows an action.
func customer(account ident.AccountID, name, action string) *iam.ManagedPolicy {
	p := &iam.ManagedPolicy{ID: "ANPA" + name, Account: account, Name: name, Path: "/team/"}
	p.AddVersion(statement("Allow", action), true, time.Time{})
	return p
}

// may asks whether p may take an action on anything in its own account.
func may(s *Snapshot, p *Principal, action string) bool {
	d, _ := s.Decide(Question{Principal: p, Action: action, Resource: "*", Owner: p.Account})
	return d.Allowed
}

var bob = &Principal{Kind: IAMUser, Account: here, ARN: "arn:aws:iam::111111111111:user/bob", IAMUserID: "AIDAbob"}

func user1(p iam.Policies) *iam.User {
	return &iam.User{ID: "AIDAbob", Account: here, Name: "bob", Path: "/", Policies: p}
}

func TestANewDefaultVersionCountsAtOnce(t *testing.T) {
	t.Parallel()
	s := NewState()
	p := customer(here, "work", "s3:*")
	s.Apply(saved(user1(iam.Policies{Managed: []string{p.ARN()}})))
	if may(s.Draft(), bob, "s3:GetObject") {
		t.Error("a policy that does not exist grants")
	}
	s.Apply(saved(p))
	if !may(s.Draft(), bob, "s3:GetObject") || may(s.Draft(), bob, "sqs:SendMessage") {
		t.Error("the default version does not decide")
	}
	before := s.Draft()
	next := *p
	next.AddVersion(statement("Allow", "sqs:*"), true, time.Time{})
	s.Apply(saved(&next))
	if may(s.Draft(), bob, "s3:GetObject") || !may(s.Draft(), bob, "sqs:SendMessage") || !may(before, bob, "s3:GetObject") {
		t.Error("the new default version does not decide, or decides in an older snapshot")
	}
	s.Apply(deleted(&next))
	if may(s.Draft(), bob, "sqs:SendMessage") {
		t.Error("a deleted policy grants")
	}
}

func TestAPolicyOfAnotherAccountBreaksItsHolder(t *testing.T) {
	t.Parallel()
	s := NewState()
	theirs := customer(elsewhere, "open", "*")
	s.Apply(saved(theirs, user1(iam.Policies{Managed: []string{theirs.ARN()}, Inline: map[string]string{"own": statement("Allow", "s3:*")}})))
	if may(s.Draft(), bob, "s3:GetObject") || may(s.Draft(), bob, "iam:CreateUser") {
		t.Error("another account's policy grants, or what it would have denied is allowed")
	}
}

func TestABoundaryIsACustomersToo(t *testing.T) {
	t.Parallel()
	s := NewState()
	bound := customer(here, "bound", "s3:*")
	grants := map[string]string{"all": statement("Allow", "*")}
	s.Apply(saved(user1(iam.Policies{Inline: grants, Boundary: bound.ARN()})))
	if may(s.Draft(), bob, "s3:GetObject") {
		t.Error("a boundary that does not exist does not bound")
	}
	s.Apply(saved(bound))
	if !may(s.Draft(), bob, "s3:GetObject") || may(s.Draft(), bob, "iam:CreateUser") {
		t.Error("the boundary does not decide")
	}
}

func TestGroupsGrantToTheirMembers(t *testing.T) {
	t.Parallel()
	s := NewState()
	p := customer(here, "work", "s3:*")
	staff := &iam.Group{ID: "AGPAstaff", Account: here, Name: "staff", Path: "/", Policies: iam.Policies{Managed: []string{p.ARN()}}}
	in := &iam.Membership{GroupID: staff.ID, UserID: "AIDAbob", Account: here}
	s.Apply(saved(p, staff, user1(iam.Policies{})))
	if may(s.Draft(), bob, "s3:GetObject") {
		t.Error("a group grants to those who are not in it")
	}
	s.Apply(saved(in))
	if !may(s.Draft(), bob, "s3:GetObject") {
		t.Error("a group does not grant to its member")
	}
	s.Apply(append(deleted(staff), saved(&iam.Group{ID: staff.ID, Account: here, Name: "people", Path: "/x/", Policies: staff.Policies})...))
	if !may(s.Draft(), bob, "s3:GetObject") || s.Draft().IAMGroup(here, "staff") != nil || s.Draft().IAMGroup(here, "People") == nil {
		t.Error("a group that was renamed lost its members or kept its name")
	}
	s.Apply(saved(&iam.Group{ID: staff.ID, Account: elsewhere, Name: "people", Policies: staff.Policies}))
	if may(s.Draft(), bob, "s3:GetObject") {
		t.Error("a group of another account grants")
	}
	s.Apply(append(saved(staff), deleted(in)...))
	if may(s.Draft(), bob, "s3:GetObject") {
		t.Error("a group grants to those who have left it")
	}
}

func TestAGroupsDenialHoldsForItsMembers(t *testing.T) {
	t.Parallel()
	s := NewState()
	s.Apply(saved(user1(iam.Policies{Inline: map[string]string{"all": statement("Allow", "*")}}),
		&iam.Group{ID: "AGPA1", Account: here, Name: "g", Policies: iam.Policies{Inline: map[string]string{"no": statement("Deny", "iam:*")}}},
		&iam.Membership{GroupID: "AGPA1", UserID: "AIDAbob", Account: here}))
	if !may(s.Draft(), bob, "s3:GetObject") || may(s.Draft(), bob, "iam:CreateUser") {
		t.Error("the group's denial does not hold")
	}
}

// reservedRole applies a permission set, its version and its role in two accounts.
func reservedRole(s *State, g permission.Grants) (one, two *Principal) {
	set := &permission.Set{ARN: "set", InstanceARN: "i", Name: "Work", Version: 1, Grants: g}
	s.Apply(saved(set, set.Snapshot()))
	var who []*Principal
	for _, id := range []ident.AccountID{here, elsewhere} {
		p := &permission.Provisioned{InstanceARN: "i", SetARN: "set", SetName: "Work", Account: id, Version: 1}
		s.Apply(saved(p))
		r := store.ReservedRole(p)
		who = append(who, &Principal{Kind: Role, Account: id, RoleID: r.ID, ARN: r.SessionARN("s")})
	}
	return who[0], who[1]
}

func TestReferencesMeanThePolicyOfEachAccount(t *testing.T) {
	t.Parallel()
	s := NewState()
	ref := permission.PolicyReference{Name: "work", Path: "/team/"}
	one, two := reservedRole(s, permission.Grants{Managed: []string{readOnly}, Customer: []permission.PolicyReference{ref}})
	mine, theirs := customer(here, "work", "sqs:*"), customer(elsewhere, "work", "sns:*")
	s.Apply(saved(mine))
	if !may(s.Draft(), one, "sqs:SendMessage") || !may(s.Draft(), one, "s3:GetObject") {
		t.Error("the reference does not grant")
	}
	if may(s.Draft(), two, "sqs:SendMessage") || may(s.Draft(), two, "s3:GetObject") {
		t.Error("a role grants although its account lacks a policy")
	}
	s.Apply(saved(theirs))
	if may(s.Draft(), two, "sqs:SendMessage") || !may(s.Draft(), two, "sns:Publish") || may(s.Draft(), one, "sns:Publish") {
		t.Error("the policy of the wrong account decides")
	}
	if got := s.Draft().UsageIn(elsewhere).Attached(theirs.ARN()); !slices.Equal(got, []string{two.RoleID}) {
		t.Errorf("the policy is attached to %v", got)
	}
}

func TestAReferencedBoundaryBounds(t *testing.T) {
	t.Parallel()
	s := NewState()
	bound := customer(here, "bound", "s3:*")
	one, two := reservedRole(s, permission.Grants{Inline: statement("Allow", "*"),
		Boundary: &permission.Boundary{Customer: &permission.PolicyReference{Name: "bound", Path: "/team/"}}})
	s.Apply(saved(bound))
	if !may(s.Draft(), one, "s3:GetObject") || may(s.Draft(), one, "iam:CreateUser") || may(s.Draft(), two, "s3:GetObject") {
		t.Error("the boundary does not bound, or is missed nowhere")
	}
	if got := s.Draft().UsageIn(here).Bounded(bound.ARN()); !slices.Equal(got, []string{one.RoleID}) {
		t.Errorf("the policy bounds %v", got)
	}
}

func TestUsageFollowsWhatIsAttached(t *testing.T) {
	t.Parallel()
	s := NewState()
	s.Apply(saved(user1(iam.Policies{Managed: []string{readOnly}, Boundary: readOnly}),
		&iam.Group{ID: "AGPA1", Account: here, Name: "g", Policies: iam.Policies{Managed: []string{readOnly}}},
		&iam.Role{ID: "AROA1", Account: elsewhere, Name: "r", Policies: iam.Policies{Managed: []string{readOnly}}}))
	check := func(attached, bounded []string) {
		t.Helper()
		u := s.Draft().UsageIn(here)
		if got := u.Attached(readOnly); !slices.Equal(got, attached) {
			t.Errorf("attached to %v, want %v", got, attached)
		}
		if got := u.Bounded(readOnly); !slices.Equal(got, bounded) {
			t.Errorf("bounds %v, want %v", got, bounded)
		}
	}
	check([]string{"AGPA1", "AIDAbob"}, []string{"AIDAbob"})
	s.Apply(saved(user1(iam.Policies{})))
	check([]string{"AGPA1"}, nil)
	s.Apply(deleted(&iam.Group{ID: "AGPA1", Account: here, Name: "g"}))
	check(nil, nil)
}

// BenchmarkDecideByCustomerPolicy measures a decision by a user's own, a group's and a customer managed policy.
func BenchmarkDecideByCustomerPolicy(b *testing.B) {
	s := NewState()
	p := customer(here, "work", "s3:*")
	s.Apply([]store.Change{{Row: p}, {Row: user1(iam.Policies{Managed: []string{p.ARN()}})},
		{Row: &iam.Group{ID: "AGPA1", Account: here, Name: "g", Policies: iam.Policies{Managed: []string{p.ARN()}}}},
		{Row: &iam.Membership{GroupID: "AGPA1", UserID: "AIDAbob", Account: here}}})
	snap := s.Draft()
	b.ReportAllocs()
	for b.Loop() {
		if !may(snap, bob, "s3:GetObject") {
			b.Fatal("denied")
		}
	}
}

func TestAFederatedUserHasWhatBothGive(t *testing.T) {
	t.Parallel()
	s := NewState()
	s.Apply(saved(user1(iam.Policies{Inline: map[string]string{"own": statement("Allow", "s3:*")}})))
	compiled := func(action string) policy.Policy {
		doc, err := policy.Parse([]byte(statement("Allow", action)), policy.Session)
		if err != nil {
			t.Fatal(err)
		}
		return policy.Policy{Doc: doc}
	}
	fed := Principal{Kind: Federated, Account: here, ARN: ident.FederatedARN(here, "fed"), IAMUserID: "AIDAbob", SessionName: "fed", HasSession: true}
	if may(s.Draft(), &fed, "s3:GetObject") {
		t.Error("without session policies something is allowed")
	}
	fed.SessionPolicies = []policy.Policy{compiled("s3:Get*"), compiled("sqs:*")}
	if !may(s.Draft(), &fed, "s3:GetObject") || may(s.Draft(), &fed, "s3:PutObject") || may(s.Draft(), &fed, "sqs:SendMessage") {
		t.Error("the session does not have what the user and the session policies have in common")
	}
	fed.IAMUserID = "AIDAgone"
	if may(s.Draft(), &fed, "s3:GetObject") {
		t.Error("the user is gone and the session acts")
	}
}
