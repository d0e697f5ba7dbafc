package clients_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

const (
	viewOnly   = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
	everything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
)

// caller is somebody with credentials.
type caller struct {
	url  string
	keys aws.CredentialsProvider
}

func (c caller) iam() *iam.Client {
	return iam.New(iam.Options{Region: "us-east-1", BaseEndpoint: &c.url, Credentials: c.keys})
}

func (c caller) sts() *sts.Client {
	return sts.New(sts.Options{Region: "us-east-1", BaseEndpoint: &c.url, Credentials: c.keys})
}

func (c caller) organizations() *organizations.Client {
	return organizations.New(organizations.Options{Region: "us-east-1", BaseEndpoint: &c.url, Credentials: c.keys})
}

func (c caller) arn(t *testing.T) string {
	t.Helper()
	out, err := c.sts().GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	return *out.Arn
}

// inRole gets credentials for a person's role from the portal.
func inRole(t *testing.T, d *testkit.Dev, user, account, role string) caller {
	t.Helper()
	tok := signIn(t, d, user).token(d.Session(t, d.Profile(t, "sso_role_name", role)))
	portal := sso.New(sso.Options{Region: "us-east-1", BaseEndpoint: aws.String(d.URL)})
	out, err := portal.GetRoleCredentials(t.Context(), &sso.GetRoleCredentialsInput{AccessToken: &tok.AccessToken, AccountId: &account, RoleName: &role})
	if err != nil {
		t.Fatal(err)
	}
	k := out.RoleCredentials
	return caller{url: d.URL, keys: credentials.NewStaticCredentialsProvider(*k.AccessKeyId, *k.SecretAccessKey, *k.SessionToken)}
}

// management acts for the organization by the profile that needs no sign-in.
func management(t *testing.T, d *testkit.Dev) caller {
	t.Helper()
	res := d.Command(t, "break-glass", "--data", d.Dir, "--account", "111111111111", "--format", "json")
	var k struct{ AccessKeyID, SecretAccessKey, SessionToken string }
	if err := json.Unmarshal([]byte(res.Stdout), &k); err != nil {
		t.Fatalf("%v: exit %d, %s", err, res.Exit, res.Stderr)
	}
	return caller{url: d.URL, keys: credentials.NewStaticCredentialsProvider(k.AccessKeyID, k.SecretAccessKey, k.SessionToken)}
}

// makeRole makes a role that may do everything and is trusted by its account.
func (c caller) makeRole(t *testing.T, account, name, boundary string) string {
	t.Helper()
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::` + account + `:root"}}]}`
	in := &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust}
	if boundary != "" {
		in.PermissionsBoundary = &boundary
	}
	out, err := c.iam().CreateRole(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.iam().PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("all"), PolicyDocument: aws.String(everything)})
	if err != nil {
		t.Fatal(err)
	}
	return *out.Role.Arn
}

func (c caller) assume(t *testing.T, in *sts.AssumeRoleInput) caller {
	t.Helper()
	out, err := c.sts().AssumeRole(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	k := out.Credentials
	return caller{url: c.url, keys: credentials.NewStaticCredentialsProvider(*k.AccessKeyId, *k.SecretAccessKey, *k.SessionToken)}
}

// wantDenied compares the whole message with AWS's ("Troubleshoot access
// denied error messages" in the IAM User Guide).
func wantDenied(t *testing.T, err error, want string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "AccessDenied" {
		t.Fatalf("got %v, want AccessDenied", err)
	}
	if got := api.ErrorMessage(); got != want {
		t.Errorf("the message is\n%s\nwant\n%s", got, want)
	}
}

func TestEachLayerDeniesInAWSsWords(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	account := d.Profile(t, "sso_role_name", "ViewOnlyAccess").Keys["sso_account_id"]
	admin := inRole(t, d, "pcollins", account, "AdministratorAccess")
	makeMallory := func(c caller) error {
		_, err := c.iam().CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("mallory")})
		return err
	}
	denied := func(who string) string {
		return "User: " + who + " is not authorized to perform: iam:CreateUser on resource: arn:aws:iam::" + account + ":user/mallory "
	}

	t.Run("identity policy", func(t *testing.T) {
		c := inRole(t, d, "notsure", account, "ViewOnlyAccess")
		wantDenied(t, makeMallory(c), denied(c.arn(t))+"because no identity-based policy allows the iam:CreateUser action")
	})
	t.Run("boundary", func(t *testing.T) {
		role := admin.makeRole(t, account, "bounded", viewOnly)
		c := admin.assume(t, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("me")})
		wantDenied(t, makeMallory(c), denied(c.arn(t))+"because no permissions boundary allows the iam:CreateUser action")
	})
	t.Run("session policy", func(t *testing.T) {
		role := admin.makeRole(t, account, "narrowed", "")
		c := admin.assume(t, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("me"),
			Policy: aws.String(strings.Replace(everything, `"Action":"*"`, `"Action":"iam:List*"`, 1))})
		wantDenied(t, makeMallory(c), denied(c.arn(t))+"because no session policy allows the iam:CreateUser action")
	})
	t.Run("trust policy", func(t *testing.T) {
		role := admin.makeRole(t, "111111111111", "of-others", "")
		_, err := admin.sts().AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("me")})
		wantDenied(t, err, "User: "+admin.arn(t)+" is not authorized to perform: sts:AssumeRole on resource: "+role+
			" because no role trust policy allows the sts:AssumeRole action")
	})
	// The last, since it takes the right from everybody in the account.
	t.Run("service control policy", func(t *testing.T) {
		orgs := management(t, d).organizations()
		policy, err := orgs.CreatePolicy(t.Context(), &organizations.CreatePolicyInput{Name: aws.String("NoUsers"), Description: aws.String(""),
			Type: types.PolicyTypeServiceControlPolicy, Content: aws.String(strings.NewReplacer("Allow", "Deny", `"Action":"*"`, `"Action":"iam:CreateUser"`).Replace(everything))})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := orgs.AttachPolicy(t.Context(), &organizations.AttachPolicyInput{PolicyId: policy.Policy.PolicySummary.Id, TargetId: &account}); err != nil {
			t.Fatal(err)
		}
		wantDenied(t, makeMallory(admin), denied(admin.arn(t))+"with an explicit deny in a service control policy: "+*policy.Policy.PolicySummary.Arn)
	})
}
