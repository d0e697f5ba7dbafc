package provider

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// delegate makes an account that administers the identity center, and is its root user.
func (p *provider) delegate(t *testing.T) *provider {
	t.Helper()
	id, err := p.createAccount(t, "Identity", *p.root(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.organizations.RegisterDelegatedAdministrator(t.Context(), &organizations.RegisterDelegatedAdministratorInput{AccountId: &id, ServicePrincipal: aws.String("sso.amazonaws.com")})
	if err != nil {
		t.Fatal(err)
	}
	return p.as(id, p.Root(p.State.Current().Account(ident.AccountID(id))))
}

func TestADelegatedAdministratorRunsTheIdentityCenter(t *testing.T) {
	t.Parallel()
	p := organized(t)
	d := p.delegate(t)
	instances, err := all(t.Context(), sdk.NewListInstancesPaginator(d.ssoadmin, &sdk.ListInstancesInput{}), func(o *sdk.ListInstancesOutput) []types.InstanceMetadata { return o.Instances })
	if i, err := single(instances, err); err != nil || *i.InstanceArn != *p.instance {
		t.Fatalf("aws_ssoadmin_instances: %v, %v", i, err)
	}
	livePermissionSet(t, d)
	set, err := d.createSet(t, permissionSet{Name: "Operator"})
	if err != nil {
		t.Fatal(err)
	}
	group := d.group(t, "Operators")
	resource[assignment]{
		create: func() (string, error) {
			return d.assign(t, assignment{group, types.PrincipalTypeGroup, d.home, set})
		},
		read: func(string) (assignment, error) {
			return d.readAssignment(t, assignment{group, types.PrincipalTypeGroup, d.home, set})
		},
		want: assignment{group, types.PrincipalTypeGroup, d.home, set},
		delete: func(string) error {
			return d.unassign(t, assignment{group, types.PrincipalTypeGroup, d.home, set})
		},
		once: true,
	}.live(t)
	if _, err := d.assign(t, assignment{group, types.PrincipalTypeGroup, management, set}); err == nil {
		t.Error("a delegate gave somebody the management account")
	}
	if o, err := d.readOrganization(t); err != nil || o.MasterID != management {
		t.Errorf("aws_organizations_organization as data: %+v, %v", o, err)
	}
}

// TestAMemberAccountByItsRole is a provider block with assume_role: an IAM user of the management account takes the role
// that a new account has for it.
func TestAMemberAccountByItsRole(t *testing.T) {
	t.Parallel()
	p := organized(t)
	id, err := p.createAccount(t, "Shop", *p.root(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.createUser(t, iamUser{Name: "terraform", Path: "/"}); err != nil {
		t.Fatal(err)
	}
	_, err = p.iam.AttachUserPolicy(t.Context(), &iam.AttachUserPolicyInput{UserName: aws.String("terraform"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")})
	if err != nil {
		t.Fatal(err)
	}
	key, err := p.iam.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String("terraform")})
	if err != nil {
		t.Fatal(err)
	}
	user := p.as(management, apitest.Keys{ID: *key.AccessKey.AccessKeyId, Secret: *key.AccessKey.SecretAccessKey})
	role := "arn:aws:iam::" + id + ":role/OrganizationAccountAccessRole"
	session, err := user.sts.AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("terraform"), DurationSeconds: aws.Int32(3600)})
	if err != nil {
		t.Fatal(err)
	}
	c := session.Credentials
	shop := p.as(id, apitest.Keys{ID: *c.AccessKeyId, Secret: *c.SecretAccessKey, Token: *c.SessionToken})
	me, err := shop.sts.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil || *me.Account != id || !strings.HasSuffix(*me.Arn, ":assumed-role/OrganizationAccountAccessRole/terraform") {
		t.Errorf("aws_caller_identity: %+v, %v", me, err)
	}
	// aws_iam_session_context looks up the role that an ARN of a session names.
	if r, err := shop.findRole(t, "OrganizationAccountAccessRole"); err != nil || *r.Arn != role {
		t.Errorf("aws_iam_session_context: %v, %v", r, err)
	}
	liveRole(t, shop)
	if _, err := p.readRole(t, "Auditor"); err != errGone {
		t.Errorf("the role is in the management account: %v", err)
	}
}
