package authz

import (
	"fmt"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/store"
	"github.com/gatehouse-sso/gatehouse/internal/testkit/workload"
)

// spread is an organization whose accounts all have the same ten permission sets.
func spread(accounts int) (*Snapshot, []*Principal) {
	s := NewState()
	var changes []store.Change
	add := func(rows ...any) { changes = append(changes, saved(rows...)...) }
	add(&organization.Organization{ID: "o-a", Management: here, RootID: "r-a", FeatureSet: organization.AllFeatures, Enabled: []string{organization.ServiceControlPolicy}},
		&organization.Attachment{OrganizationID: "o-a", PolicyID: organization.FullAccessID, TargetID: "r-a"})
	for n := range 10 {
		add(&permission.Version{SetARN: fmt.Sprintf("set%d", n), Number: 1, SessionDuration: time.Hour,
			Grants: permission.Grants{Managed: []string{"arn:aws:iam::aws:policy/PowerUserAccess"}, Inline: workload.Twenty}})
	}
	var callers []*Principal
	for i := range accounts {
		id := ident.AccountID(fmt.Sprintf("5%011d", i*7919))
		add(&account.Account{ID: id, Name: fmt.Sprintf("account%d", i), Email: string(id) + "@example.com", Status: account.Active, OrganizationID: "o-a", ParentID: "r-a"},
			&organization.Attachment{OrganizationID: "o-a", PolicyID: organization.FullAccessID, TargetID: string(id)})
		for n := range 10 {
			set := fmt.Sprintf("set%d", n)
			add(&permission.Provisioned{InstanceARN: "i", SetARN: set, SetName: set, Account: id, Region: "us-east-1", Version: 1, Generation: 1})
			r := iam.Reserved{Instance: "i", Set: set, SetName: set, Account: id, Region: "us-east-1"}
			callers = append(callers, &Principal{Kind: Role, Account: id, ARN: ident.SessionARN(id, r.Name(), "bob"), RoleID: r.ID(), SessionName: "bob"})
		}
	}
	s.Apply(changes)
	s.publish()
	return s.Current(), callers
}

// BenchmarkDecideIn decides for roles of permission sets that few and many accounts share.
func BenchmarkDecideIn(b *testing.B) {
	for _, accounts := range []int{10, 10_000} {
		b.Run(fmt.Sprintf("%d_accounts", accounts), func(b *testing.B) {
			s, callers := spread(accounts)
			questions := make([]Question, 256)
			for i := range questions {
				p := callers[i*7919%len(callers)]
				x := policy.NewContext()
				s.PrincipalKeys(p, x)
				x.Set("aws:SourceIp", fmt.Sprintf("10.0.0.%d", i))
				x.Set("ec2:InstanceType", "t3.micro")
				questions[i] = Question{Principal: p, Action: "ec2:RunInstances", Resource: fmt.Sprintf("arn:aws:ec2:eu-west-1:%s:instance/i-%d", p.Account, i),
					Owner: p.Account, Context: x}
			}
			workload.Turns(b, func(i int) {
				if d, _ := s.Decide(questions[i%256]); !d.Allowed {
					b.Fatal("wrong decision")
				}
			})
		})
	}
}
