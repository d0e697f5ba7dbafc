package authz

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

const (
	management ident.AccountID = "111111111111"
	inUnit     ident.AccountID = "222222222222"
	below      ident.AccountID = "333333333333"
	outside    ident.AccountID = "444444444444"
)

const (
	ann      = "90676f9b-0000-4000-8000-000000000001"
	adminSet = "arn:aws:sso:::permissionSet/ssoins-1/ps-1"
)

// acme is an organization of three accounts, one in a unit and one in a unit below that, where a person has a permission
// set; every account has a user and a role that anybody may assume.
func acme() *State {
	s := NewState()
	both := []string{organization.ServiceControlPolicy, organization.ResourceControlPolicy}
	s.Apply(saved(&organization.Organization{ID: "o-a", Management: management, RootID: "r-a", FeatureSet: organization.AllFeatures, Enabled: both},
		&organization.Unit{ID: "ou-a-1", OrganizationID: "o-a", ParentID: "r-a"}, &organization.Unit{ID: "ou-a-2", OrganizationID: "o-a", ParentID: "ou-a-1"},
		&organization.Policy{ID: "p-noiam", OrganizationID: "o-a", Type: organization.ServiceControlPolicy, Name: "noiam", Content: statement("Deny", "iam:*")},
		&directory.User{ID: ann, StoreID: "d-1", UserName: "ann"},
		&permission.Set{ARN: adminSet, InstanceARN: "i", Name: "Admin", Version: 2, Grants: permission.Grants{Inline: statement("Allow", "*")}},
		&permission.Version{SetARN: adminSet, Number: 1, Grants: permission.Grants{Inline: statement("Allow", "iam:*")}}))
	for target, parent := range map[string]string{"r-a": "", "ou-a-1": "", "ou-a-2": "", string(management): "r-a", string(inUnit): "ou-a-1", string(below): "ou-a-2", string(outside): ""} {
		if target != string(outside) {
			s.Apply(saved(&organization.Attachment{OrganizationID: "o-a", PolicyID: organization.FullAccessID, TargetID: target}))
		}
		id, err := ident.ParseAccountID(target)
		if err != nil {
			continue
		}
		a := &account.Account{ID: id, Name: target, Email: target + "@example.com", Status: account.Active, ParentID: parent}
		if parent != "" {
			a.OrganizationID = "o-a"
		}
		s.Apply(saved(a, &iam.User{ID: "AIDA" + target, Account: id, Name: "bob", Policies: iam.Policies{Inline: map[string]string{"all": statement("Allow", "*")}}},
			&iam.Role{ID: "AROA" + target, Account: id, Name: "open", Trust: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}`,
				Policies: iam.Policies{Inline: map[string]string{"some": statement("Allow", "s3:*")}}},
			&permission.Provisioned{InstanceARN: "i", SetARN: adminSet, SetName: "Admin", Account: id, Version: 1, Generation: 1},
			&permission.Assignment{SetARN: adminSet, Account: id, PrincipalType: permission.UserPrincipal, PrincipalID: ann}))
	}
	s.publish()
	return s
}

// callers are those who can call in an account of acme.
func callers(s *Snapshot, id ident.AccountID) []*Principal {
	reserved := s.places.role(s.places.list(id)[0], id)
	return []*Principal{
		{Kind: Root, Account: id, ARN: ident.RootARN(id)},
		{Kind: IAMUser, Account: id, ARN: "arn:aws:iam::" + string(id) + ":user/bob", IAMUserID: "AIDA" + string(id)},
		{Kind: Role, Account: id, ARN: "arn:aws:sts::" + string(id) + ":assumed-role/open/x", RoleID: "AROA" + string(id), SessionName: "x"},
		{Kind: Role, Account: id, ARN: "arn:aws:sts::" + string(id) + ":assumed-role/" + reserved.Name + "/ann", RoleID: reserved.ID, SessionName: "ann", UserID: ann},
	}
}

func TestAHypothesisIsRefusedWhereAWSRefusesTheChange(t *testing.T) {
	t.Parallel()
	s := acme()
	scp := NewPolicy{"o-a", organization.ServiceControlPolicy, "new", statement("Deny", "s3:*"), "ou-a-1"}
	edit := func(change func(*NewPolicy)) NewPolicy { p := scp; change(&p); return p }
	for name, c := range map[string]struct {
		changes []Change
		code    string
	}{
		"a document that is none":        {[]Change{edit(func(p *NewPolicy) { p.Content = "{" })}, "MalformedPolicyDocumentException"},
		"a policy of no such type":       {[]Change{edit(func(p *NewPolicy) { p.Type = "TAG_POLICY" })}, "InvalidInputException"},
		"an identity policy as an RCP":   {[]Change{edit(func(p *NewPolicy) { p.Type = organization.ResourceControlPolicy })}, "MalformedPolicyDocumentException"},
		"a unit that is not there":       {[]Change{edit(func(p *NewPolicy) { p.Target = "ou-a-9" })}, "TargetNotFoundException"},
		"an account of nobody's":         {[]Change{edit(func(p *NewPolicy) { p.Target = string(outside) })}, "TargetNotFoundException"},
		"a policy that is not there":     {[]Change{Attachment{"o-a", "p-none", "r-a"}}, "PolicyNotFoundException"},
		"one that is attached already":   {[]Change{Attachment{"o-a", organization.FullAccessID, "r-a"}}, "DuplicatePolicyAttachmentException"},
		"one that is not attached":       {[]Change{Detachment{"o-a", "p-noiam", "r-a"}}, "PolicyNotAttachedException"},
		"the last policy of a target":    {[]Change{Detachment{"o-a", organization.FullAccessID, "ou-a-1"}}, "ConstraintViolationException"},
		"what AWS attaches to all":       {[]Change{Detachment{"o-a", "p-RCPFullAWSAccess", "r-a"}}, "InvalidInputException"},
		"what AWS wrote":                 {[]Change{Rewriting{"o-a", organization.FullAccessID, statement("Deny", "*")}}, "InvalidInputException"},
		"a permission set of nobody's":   {[]Change{InlinePolicy{"arn:aws:sso:::permissionSet/ssoins-1/ps-9", ""}}, "ResourceNotFoundException"},
		"a policy that is none of AWS's": {[]Change{ManagedPolicy{Set: adminSet, ARN: readOnly + "Not"}}, "ResourceNotFoundException"},
		"one that a set does not hold":   {[]Change{ManagedPolicy{adminSet, readOnly, true}}, "ResourceNotFoundException"},
		"an inline policy that is none":  {[]Change{InlinePolicy{adminSet, "[]"}}, "MalformedPolicyDocument"},
	} {
		if _, err := s.Hypothesis(s.Current(), c.changes...); !fault.Is(err, c.code) {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	if _, err := s.Hypothesis(s.Current(), Detachment{"o-a", organization.FullAccessID, "ou-a-1"}, edit(func(p *NewPolicy) { p.Content = statement("Allow", "s3:*") })); err != nil {
		t.Errorf("the last policy cannot be replaced by another: %v", err)
	}
}

func TestAnInlinePolicyIsProvisionedEverywhere(t *testing.T) {
	t.Parallel()
	s := acme()
	next, err := s.Hypothesis(s.Current(), InlinePolicy{adminSet, statement("Allow", "sqs:*")})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []ident.AccountID{management, inUnit, below} {
		p := callers(s.Current(), id)[3]
		if may(next, p, "iam:GetUser") || !may(next, p, "sqs:SendMessage") || !may(s.Current(), p, "iam:GetUser") || may(s.Current(), p, "sqs:SendMessage") {
			t.Errorf("in %s: the new policy does not decide, or decides today", id)
		}
	}
}

func TestAManagedPolicyIsAttachedAndDetachedEverywhere(t *testing.T) {
	t.Parallel()
	s := acme()
	with, err := s.Hypothesis(s.Current(), InlinePolicy{adminSet, ""}, ManagedPolicy{Set: adminSet, ARN: readOnly})
	if err != nil {
		t.Fatal(err)
	}
	without, err := s.Hypothesis(with, ManagedPolicy{adminSet, readOnly, true})
	if err != nil {
		t.Fatal(err)
	}
	p := callers(s.Current(), inUnit)[3]
	if !may(with, p, "s3:ListAllMyBuckets") || may(with, p, "s3:DeleteBucket") || may(without, p, "s3:ListAllMyBuckets") {
		t.Error("a managed policy that was attached does not decide, or one that was detached does")
	}
}

// drawChange draws a change, and the rows that make it.
func drawChange(t *rapid.T) (Change, []any) {
	target := rapid.SampledFrom([]string{"r-a", "ou-a-1", "ou-a-2", string(management), string(inUnit), string(below)}).Draw(t, "target")
	action := rapid.SampledFrom([]string{"*", "iam:*", "sts:AssumeRole", "s3:GetObject"}).Draw(t, "action")
	unique := fmt.Sprint("p-", rapid.IntRange(1, 1<<30).Draw(t, "id"))
	switch rapid.IntRange(0, 4).Draw(t, "change") {
	case 0:
		p := &organization.Policy{ID: unique, OrganizationID: "o-a", Type: organization.ServiceControlPolicy, Name: unique, Content: statement("Deny", action)}
		return NewPolicy{"o-a", p.Type, unique, p.Content, target}, []any{p, &organization.Attachment{OrganizationID: "o-a", PolicyID: unique, TargetID: target}}
	case 1:
		p := &organization.Policy{ID: unique, OrganizationID: "o-a", Type: organization.ResourceControlPolicy, Name: unique,
			Content: `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}]}`}
		return NewPolicy{"o-a", p.Type, unique, p.Content, target}, []any{p, &organization.Attachment{OrganizationID: "o-a", PolicyID: unique, TargetID: target}}
	case 2:
		return Attachment{"o-a", "p-noiam", target}, []any{&organization.Attachment{OrganizationID: "o-a", PolicyID: "p-noiam", TargetID: target}}
	case 3:
		p := &organization.Policy{ID: "p-noiam", OrganizationID: "o-a", Type: organization.ServiceControlPolicy, Name: "noiam", Content: statement("Deny", action)}
		return Rewriting{"o-a", "p-noiam", p.Content}, []any{p}
	}
	set := &permission.Set{ARN: adminSet, InstanceARN: "i", Name: "Admin", Version: 1, Grants: permission.Grants{Inline: statement("Allow", action)}}
	return InlinePolicy{adminSet, set.Grants.Inline}, []any{set, set.Snapshot()}
}

// TestAHypothesisDecidesAsTheChangeItself also has a comparison answer for both snapshots, and what it does not touch is
// decided alike.
func TestAHypothesisDecidesAsTheChangeItself(t *testing.T) {
	t.Parallel()
	accounts := []ident.AccountID{management, inUnit, below, outside}
	rapid.Check(t, func(t *rapid.T) {
		s := acme()
		if rapid.Bool().Draw(t, "attached before") {
			s.Apply(saved(&organization.Attachment{OrganizationID: "o-a", PolicyID: "p-noiam", TargetID: "ou-a-2"}))
		}
		before := s.Draft()
		change, rows := drawChange(t)
		after, err := s.Hypothesis(before, change)
		if err != nil {
			if a, ok := change.(Attachment); ok && a.Target == "ou-a-2" {
				return // it is there
			}
			t.Fatal(err)
		}
		s.Apply(saved(rows...))
		made, comparison := s.Draft(), NewComparison(before, after)
		for _, from := range accounts {
			for _, p := range callers(before, from) {
				standing := comparison.Of(p)
				for _, owner := range accounts {
					q := Question{Principal: p, Action: rapid.SampledFrom([]string{"iam:GetUser", "s3:GetObject", "sqs:SendMessage"}).Draw(t, "action"),
						Resource: "*", Owner: owner, Context: policy.NewContext()}
					if rapid.Bool().Draw(t, "assume") {
						q.Action, q.Resource, q.Trust = "sts:AssumeRole", "arn:aws:iam::"+string(owner)+":role/open", "AROA"+string(owner)
					}
					was, _ := before.Decide(q)
					would, _ := after.Decide(q)
					is, _ := made.Decide(q)
					if would.Allowed != is.Allowed {
						t.Fatalf("%+v: %s asks for %s of %s: the hypothesis says %v, the change %v", change, p.ARN, q.Action, owner, would, is)
					}
					first, second := comparison.Decide(standing, &q)
					if first != was || second != would {
						t.Fatalf("%+v: %s asks for %s of %s: the comparison says %v and %v, want %v and %v", change, p.ARN, q.Action, owner, first, second, was, would)
					}
					if !comparison.Touched(standing, owner) && was != would {
						t.Fatalf("%+v: %s asks for %s of %s: not touched, but %v and %v", change, p.ARN, q.Action, owner, was, would)
					}
				}
			}
		}
	})
}

func TestWhoIsGoneDoesNotExist(t *testing.T) {
	t.Parallel()
	s := acme()
	all := callers(s.Current(), inUnit)
	for _, p := range all {
		if !s.Current().Exists(p) {
			t.Errorf("%s does not exist", p.ARN)
		}
	}
	s.Apply(deleted(&permission.Assignment{SetARN: adminSet, Account: inUnit, PrincipalType: permission.UserPrincipal, PrincipalID: ann}))
	s.Apply(deleted(&iam.User{ID: "AIDA" + string(inUnit), Account: inUnit, Name: "bob"}))
	s.Apply(deleted(&iam.Role{ID: "AROA" + string(inUnit), Account: inUnit, Name: "open"}))
	exist := slices.DeleteFunc(all, func(p *Principal) bool { return !s.Draft().Exists(p) })
	if len(exist) != 1 || exist[0].Kind != Root {
		t.Errorf("%v exist still", exist)
	}
}
