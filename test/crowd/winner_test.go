package crowd

import (
	"fmt"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

const callers = 64

// race is what all callers want at once.
type race struct {
	service, operation string
	prepare            func(*testing.T, *site) // may be nil
	as                 func(n int) *authz.Principal
	in                 func(s *site, n int) any
	winners            int
	loser              string // the code that everybody else gets
}

// same spells a name in another case for every other caller.
func same(n int) *string {
	if n%2 == 0 {
		return aws.String("wanted")
	}
	return aws.String("Wanted")
}

func must(t *testing.T, s *site, service, operation string, in any) {
	t.Helper()
	if err := do(s, service, operation, in); err != nil {
		t.Fatal(err)
	}
}

// races, by what only so many callers can have.
var races = map[string]race{
	"an organization": {service: "organizations", operation: "CreateOrganization", winners: 1, loser: "AlreadyInOrganizationException",
		prepare: func(_ *testing.T, s *site) { s.Account(member(callers), "Outsider") },
		as:      func(int) *authz.Principal { return apitest.Root(member(callers)) },
		in:      func(*site, int) any { return &organizations.CreateOrganizationInput{} }},
	"the name of a unit": {service: "organizations", operation: "CreateOrganizationalUnit", winners: 1, loser: "DuplicateOrganizationalUnitException",
		in: func(s *site, _ int) any {
			return &organizations.CreateOrganizationalUnitInput{ParentId: s.root, Name: aws.String("wanted")}
		}},
	"the name of a service control policy": {service: "organizations", operation: "CreatePolicy", winners: 1, loser: "DuplicatePolicyException",
		in: func(*site, int) any { return guard(aws.String("wanted")) }},
	"the name of a permission set": {service: "sso-admin", operation: "CreatePermissionSet", winners: 1, loser: "ConflictException",
		in: func(s *site, _ int) any {
			return &ssoadmin.CreatePermissionSetInput{InstanceArn: s.instance, Name: aws.String("wanted")}
		}},
	"a user name": {service: "identitystore", operation: "CreateUser", winners: 1, loser: "ConflictException",
		in: func(s *site, n int) any { return person(s, *same(n), fmt.Sprintf("%d@acme.example", n)) }},
	"an e-mail address": {service: "identitystore", operation: "CreateUser", winners: 1, loser: "ConflictException",
		in: func(s *site, n int) any { return person(s, fmt.Sprint("user", n), *same(n)+"@acme.example") }},
	"the name of a group": {service: "identitystore", operation: "CreateGroup", winners: 1, loser: "ConflictException",
		in: func(s *site, n int) any {
			return &identitystore.CreateGroupInput{IdentityStoreId: s.directory, DisplayName: same(n)}
		}},
	"the name of an IAM user": {service: "iam", operation: "CreateUser", winners: 1, loser: "EntityAlreadyExists",
		in: func(_ *site, n int) any { return &iam.CreateUserInput{UserName: same(n)} }},
	"the name of a role": {service: "iam", operation: "CreateRole", winners: 1, loser: "EntityAlreadyExists",
		in: func(_ *site, n int) any {
			return &iam.CreateRoleInput{RoleName: same(n), AssumeRolePolicyDocument: aws.String(trust)}
		}},
	"the name of an IAM group": {service: "iam", operation: "CreateGroup", winners: 1, loser: "EntityAlreadyExists",
		in: func(_ *site, n int) any { return &iam.CreateGroupInput{GroupName: same(n)} }},
	"the name of an IAM policy": {service: "iam", operation: "CreatePolicy", winners: 1, loser: "EntityAlreadyExists",
		in: func(_ *site, n int) any {
			return &iam.CreatePolicyInput{PolicyName: same(n), PolicyDocument: aws.String(allow)}
		}},
	"the name of a service's role": {service: "iam", operation: "CreateServiceLinkedRole", winners: 1, loser: "InvalidInput",
		in: func(*site, int) any {
			return &iam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String("ecs.amazonaws.com")}
		}},
	"an alias, among accounts": {service: "iam", operation: "CreateAccountAlias", winners: 1, loser: "EntityAlreadyExists",
		prepare: func(_ *testing.T, s *site) {
			for n := range callers {
				s.Account(member(n), fmt.Sprint("Member", n))
			}
		},
		as: func(n int) *authz.Principal { return apitest.Root(member(n)) },
		in: func(*site, int) any { return &iam.CreateAccountAliasInput{AccountAlias: aws.String("wanted")} }},
	"the two access keys of a user": {service: "iam", operation: "CreateAccessKey", winners: 2, loser: "LimitExceeded",
		prepare: func(t *testing.T, s *site) {
			must(t, s, "iam", "CreateUser", &iam.CreateUserInput{UserName: aws.String("robot")})
		},
		in: func(*site, int) any { return &iam.CreateAccessKeyInput{UserName: aws.String("robot")} }},
	"the five versions of a policy": {service: "iam", operation: "CreatePolicyVersion", winners: 4, loser: "LimitExceeded",
		prepare: func(t *testing.T, s *site) {
			must(t, s, "iam", "CreatePolicy", &iam.CreatePolicyInput{PolicyName: aws.String("Audit"), PolicyDocument: aws.String(allow)})
		},
		in: func(*site, int) any {
			return &iam.CreatePolicyVersionInput{PolicyArn: aws.String("arn:aws:iam::111111111111:policy/Audit"), PolicyDocument: aws.String(allow)}
		}},
	"the ten groups of a user": {service: "iam", operation: "AddUserToGroup", winners: 10, loser: "LimitExceeded",
		prepare: func(t *testing.T, s *site) {
			must(t, s, "iam", "CreateUser", &iam.CreateUserInput{UserName: aws.String("android")})
			for n := range callers {
				must(t, s, "iam", "CreateGroup", &iam.CreateGroupInput{GroupName: aws.String(fmt.Sprint("g", n))})
			}
		},
		in: func(_ *site, n int) any {
			return &iam.AddUserToGroupInput{UserName: aws.String("android"), GroupName: aws.String(fmt.Sprint("g", n))}
		}},
}

func TestOnlySoManyOfManyCallersWin(t *testing.T) {
	t.Parallel()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, e)
			for name, r := range races {
				t.Run(name, func(t *testing.T) { s.race(t, r) })
			}
		})
	}
}

// race lets all callers want the same and counts who got it.
func (s *site) race(t *testing.T, r race) {
	t.Helper()
	if r.prepare != nil {
		r.prepare(t, s)
	}
	codes := s.run(t, callers, r)
	if codes[""] != r.winners || codes[r.loser] != callers-r.winners {
		t.Errorf("got %v, want %d winners and %s for the others", codes, r.winners, r.loser)
	}
}

// run lets n callers go at one moment and counts the codes of their errors, "" for success.
func (s *site) run(t *testing.T, n int, r race) map[string]int {
	t.Helper()
	var wg sync.WaitGroup
	start, answers := make(chan struct{}), make([]error, n)
	for i := range n {
		caller := api.Caller{Principal: apitest.Root(apitest.Management)}
		if r.as != nil {
			caller.Principal = r.as(i)
		}
		in := r.in(s, i)
		wg.Go(func() {
			<-start
			_, answers[i] = s.Corridor.Invoke(t.Context(), caller, r.service, r.operation, in)
		})
	}
	close(start)
	wg.Wait()
	codes := map[string]int{}
	for _, err := range answers {
		code := ""
		if err != nil {
			code = fault.As(err).Code
		}
		codes[code]++
	}
	return codes
}

// TestOneOfTheLastPoliciesStays detaches every policy of a unit at once, each caller another one.
func TestOneOfTheLastPoliciesStays(t *testing.T) {
	t.Parallel()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			detachAll(t, newSite(t, e))
		})
	}
}

func detachAll(t *testing.T, s *site) {
	t.Helper()
	unit, err := createUnit(s)
	if err != nil {
		t.Fatal(err)
	}
	policies := []*string{aws.String("p-FullAWSAccess")}
	for range 7 {
		id, err := createGuard(s)
		if err != nil {
			t.Fatal(err)
		}
		must(t, s, "organizations", "AttachPolicy", &organizations.AttachPolicyInput{PolicyId: &id, TargetId: &unit})
		policies = append(policies, &id)
	}
	codes := s.run(t, len(policies), race{service: "organizations", operation: "DetachPolicy", in: func(_ *site, n int) any {
		return &organizations.DetachPolicyInput{PolicyId: policies[n], TargetId: &unit}
	}})
	if codes[""] != len(policies)-1 || codes["ConstraintViolationException"] != 1 {
		t.Errorf("got %v", codes)
	}
}
