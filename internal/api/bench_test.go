package api_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/sts"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	domain "github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/store"
	"github.com/gatehouse-sso/gatehouse/internal/testkit/workload"
)

// BenchmarkAuthorise decides calls that every layer has a say in: a session of a role with two policies, a boundary and a
// session policy, under five levels of service control policies, assumes a role of another account that a resource control
// policy guards and whose trust policy names the caller's account.
func BenchmarkAuthorise(b *testing.B) {
	w := apitest.Empty(b, map[string]api.Table{"sts": sts.Table()})
	home, away := w.Account("111111111111", "home"), w.Account("222222222222", "away")
	o := w.Organization(w.Account("999999999999", "management"), home, away)
	guarded(w, o)
	home.ParentID = "ou-root-deepest"
	apitest.Save(w, store.Accounts, home)
	power := "arn:aws:iam::aws:policy/PowerUserAccess"
	policies := apitest.Inline(workload.Twenty)
	policies.Managed, policies.Boundary = []string{power}, power
	role := w.Role(home.ID, "work", apitest.Trust(string(home.ID)), policies)
	bound, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:*","s3:*"],"Resource":"*"}]}`), policy.Session)
	if err != nil {
		b.Fatal(err)
	}
	var calls []func() error
	for i := range 256 {
		target := w.Role(away.ID, fmt.Sprintf("target%d", i), `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole"},
			{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`, domain.Policies{})
		p := &authz.Principal{Kind: authz.Role, Account: home.ID, ARN: ident.SessionARN(home.ID, role.Name, fmt.Sprintf("user%d", i)), RoleID: role.ID,
			SessionName: fmt.Sprintf("user%d", i), Temporary: true, IssuedAt: w.Time.Now(), MFAAt: w.Time.Now(), HasSession: true, SessionPolicies: []policy.Policy{{Doc: bound}}}
		decide, err := w.Corridor.Authorising(b.Context(), api.Caller{Principal: p, Address: netip.AddrFrom4([4]byte{10, 20, 30, byte(i)}), UserAgent: "bench"}, "sts", "AssumeRole",
			&sdk.AssumeRoleInput{RoleArn: aws.String(target.ARN()), RoleSessionName: aws.String("work")})
		if err != nil {
			b.Fatal(err)
		}
		calls = append(calls, decide)
	}
	workload.Turns(b, func(i int) {
		if err := calls[i%256](); err != nil {
			b.Fatal(err)
		}
	})
}

// guarded enables resource control policies, and puts three levels between the root and the deepest unit; every level has
// FullAWSAccess and a guardrail.
func guarded(w *apitest.World, o *organization.Organization) {
	o.Enabled = append(o.Enabled, organization.ResourceControlPolicy)
	apitest.Save(w, store.Organizations, o)
	apitest.Save(w, store.Policies, &organization.Policy{ID: "p-keep", OrganizationID: o.ID, Type: organization.ResourceControlPolicy, Name: "keep",
		Content: `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":["s3:*","sts:AssumeRole"],"Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"` + o.ID + `"}}}]}`})
	apitest.Save(w, store.Attachments, &organization.Attachment{OrganizationID: o.ID, PolicyID: "p-keep", TargetID: o.RootID})
	parent := "ou-root-workload"
	for _, id := range []string{"ou-root-deep", "ou-root-deepest"} {
		apitest.Save(w, store.Units, &organization.Unit{ID: id, OrganizationID: o.ID, ParentID: parent, Name: id, CreatedAt: w.Time.Now()})
		apitest.Save(w, store.Attachments, &organization.Attachment{OrganizationID: o.ID, PolicyID: organization.FullAccessID, TargetID: id})
		parent = id
	}
	for i, target := range []string{o.RootID, "ou-root-workload", "ou-root-deep", "ou-root-deepest", "111111111111"} {
		w.Guard(o, fmt.Sprintf("guard%d", i), `{"Version":"2012-10-17","Statement":[`+workload.Guardrails[i]+`]}`, target)
	}
}
