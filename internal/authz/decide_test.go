package authz

import (
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// TestResourceControlPoliciesBindTheOwner: what may be done with a role is for the organization of its account to bound,
// whoever asks.
func TestResourceControlPoliciesBindTheOwner(t *testing.T) {
	t.Parallel()
	const management, member, outside = "111111111111", "222222222222", "333333333333"
	both := []string{organization.ServiceControlPolicy, organization.ResourceControlPolicy}
	for _, c := range []struct {
		name    string
		enabled []string
		caller  ident.AccountID
		owner   ident.AccountID
		want    policy.Layer // that denies; none when allowed
	}{
		{"not enabled", both[:1], outside, member, policy.LayerNone},
		{"a caller from outside", both, outside, member, policy.LayerRCP},
		{"the management account's caller", both, management, member, policy.LayerRCP},
		{"a role of the management account", both, member, management, policy.LayerNone},
		{"a role outside the organization", both, member, outside, policy.LayerNone},
	} {
		s := NewState()
		for _, id := range []ident.AccountID{management, member, outside} {
			a := &account.Account{ID: id, Name: string(id), Email: string(id) + "@example.com", Status: account.Active}
			if id != outside {
				a.OrganizationID, a.ParentID = "o-a", "r-a"
			}
			s.Apply(saved(a))
			s.Apply(saved(&iam.Role{ID: "AROA" + string(id), Account: id, Name: "target",
				Trust: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}`}))
		}
		s.Apply(saved(&organization.Organization{ID: "o-a", Management: management, RootID: "r-a", FeatureSet: organization.AllFeatures, Enabled: c.enabled}))
		s.Apply(saved(&organization.Policy{ID: "p-guard", OrganizationID: "o-a", Type: organization.ResourceControlPolicy, Name: "guard",
			Content: `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}]}`}))
		for _, target := range []string{"r-a", management, member} {
			s.Apply(saved(&organization.Attachment{OrganizationID: "o-a", PolicyID: organization.FullAccessID, TargetID: target}))
		}
		s.Apply(saved(&organization.Attachment{OrganizationID: "o-a", PolicyID: "p-guard", TargetID: "r-a"}))
		s.publish()
		d, _ := s.Current().Decide(Question{Principal: &Principal{Kind: Root, Account: c.caller, ARN: "arn:aws:iam::" + string(c.caller) + ":root"},
			Action: "sts:AssumeRole", Resource: "arn:aws:iam::" + string(c.owner) + ":role/target", Owner: c.owner,
			Context: policy.NewContext(), Trust: "AROA" + string(c.owner)})
		if denied := c.want != policy.LayerNone; d.Allowed == denied || denied && d.Layer != c.want {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}
