package clients_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// errand is what a program that reads no endpoint setting is run for, and what it comes back with.
type errand struct {
	StartURL string
	Account  string // whose role it wants
	Role     string

	ClientID, ClientSecret, DeviceCode, UserCode string // after it has asked for a sign-in

	Accounts []string
	Roles    []string
	Keys     [3]string
	ARN      string
}

// plainClient is the configuration that Granted makes its clients from: aws.NewConfig and a Region.
func plainClient() aws.Config {
	c := *aws.NewConfig()
	c.Region = "us-east-1"
	return c
}

// ask begins to sign in.
func (e *errand) ask(t *testing.T) {
	client := ssooidc.NewFromConfig(plainClient())
	reg := must[*ssooidc.RegisterClientOutput](t)(client.RegisterClient(t.Context(),
		&ssooidc.RegisterClientInput{ClientName: aws.String("Granted CLI"), ClientType: aws.String("public"), Scopes: []string{"sso-portal:*"}}))
	device := must[*ssooidc.StartDeviceAuthorizationOutput](t)(client.StartDeviceAuthorization(t.Context(),
		&ssooidc.StartDeviceAuthorizationInput{ClientId: reg.ClientId, ClientSecret: reg.ClientSecret, StartUrl: &e.StartURL}))
	e.ClientID, e.ClientSecret, e.DeviceCode, e.UserCode = *reg.ClientId, *reg.ClientSecret, *device.DeviceCode, *device.UserCode
}

// fetch gets the token that was allowed, and keys for it.
func (e *errand) fetch(t *testing.T) {
	token := must[*ssooidc.CreateTokenOutput](t)(ssooidc.NewFromConfig(plainClient()).CreateToken(t.Context(), &ssooidc.CreateTokenInput{
		ClientId: &e.ClientID, ClientSecret: &e.ClientSecret, DeviceCode: &e.DeviceCode, GrantType: aws.String("urn:ietf:params:oauth:grant-type:device_code")}))
	portal := sso.NewFromConfig(plainClient())
	for _, a := range must[*sso.ListAccountsOutput](t)(portal.ListAccounts(t.Context(), &sso.ListAccountsInput{AccessToken: token.AccessToken})).AccountList {
		e.Accounts = append(e.Accounts, *a.AccountId)
	}
	region := sso.New(sso.Options{Region: "us-east-1"}) // as aws-sso-cli makes it
	for _, r := range must[*sso.ListAccountRolesOutput](t)(region.ListAccountRoles(t.Context(),
		&sso.ListAccountRolesInput{AccessToken: token.AccessToken, AccountId: &e.Account})).RoleList {
		e.Roles = append(e.Roles, *r.RoleName)
	}
	k := must[*sso.GetRoleCredentialsOutput](t)(portal.GetRoleCredentials(t.Context(),
		&sso.GetRoleCredentialsInput{AccessToken: token.AccessToken, AccountId: &e.Account, RoleName: &e.Role})).RoleCredentials
	e.Keys = [3]string{*k.AccessKeyId, *k.SecretAccessKey, *k.SessionToken}
	c := plainClient()
	c.Credentials = credentials.NewStaticCredentialsProvider(e.Keys[0], e.Keys[1], e.Keys[2])
	e.ARN = *must[*sts.GetCallerIdentityOutput](t)(sts.NewFromConfig(c).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})).Arn
}

// errandFile names the file of an errand to the process that does it.
const errandFile = "GATEHOUSE_TEST_ERRAND"

// TestAnErrandOfAnotherProcess is the program that reads no endpoint setting: the proxy is in the environment of a process.
func TestAnErrandOfAnotherProcess(t *testing.T) {
	path := os.Getenv(errandFile)
	if path == "" {
		return // TestGrantedSignsInThroughTheProxy runs it
	}
	var e errand
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &e); err != nil {
		t.Fatal(err)
	}
	if e.DeviceCode == "" {
		e.ask(t)
	} else {
		e.fetch(t)
	}
	writeErrand(t, path, &e)
}

func writeErrand(t *testing.T, path string, e *errand) {
	t.Helper()
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// do runs an errand in a process with an environment of its own.
func (e *errand) do(t *testing.T, env []string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "errand")
	writeErrand(t, path, e)
	if res := testkit.Run(t, append(env, errandFile+"="+path), self, "-test.run=^TestAnErrandOfAnotherProcess$"); res.Exit != 0 {
		t.Fatalf("%+v", res)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, e); err != nil {
		t.Fatal(err)
	}
}

// throughProxy starts a development server with the proxy, and returns the environment of its clients: the proxy, its
// authority, and no setting of AWS at all.
func throughProxy(t *testing.T) (*testkit.Dev, []string) {
	t.Helper()
	proxy := fmt.Sprintf("127.0.0.1:%d", testkit.FreePort(t))
	d := testkit.StartDev(t, "--connect-listen", proxy)
	printed := d.Command(t, "ca", "print", "--data", d.Dir)
	if printed.Exit != 0 {
		t.Fatalf("%+v", printed)
	}
	ca := filepath.Join(d.Home, "ca.pem")
	if err := os.WriteFile(ca, []byte(printed.Stdout), 0o600); err != nil {
		t.Fatal(err)
	}
	return d, []string{"HOME=" + d.Home, "PATH=" + os.Getenv("PATH"), "HTTPS_PROXY=http://" + proxy, "SSL_CERT_FILE=" + ca, "AWS_CA_BUNDLE=" + ca}
}

func TestGrantedSignsInThroughTheProxy(t *testing.T) {
	t.Parallel()
	d, env := throughProxy(t)
	p := viewer(t, d)
	e := &errand{StartURL: d.Session(t, p).Keys["sso_start_url"], Account: p.Keys["sso_account_id"], Role: "ViewOnlyAccess"}
	e.do(t, env)
	signIn(t, d, "notsure").allow(e.UserCode)
	e.do(t, env)
	if len(e.Accounts) != 2 || !slices.Contains(e.Roles, "ViewOnlyAccess") || !strings.Contains(e.ARN, ":assumed-role/AWSReservedSSO_ViewOnlyAccess_") {
		t.Errorf("through the proxy the accounts are %v with the roles %v, and the caller is %s", e.Accounts, e.Roles, e.ARN)
	}
}

func TestTheAWSCLIGoesThroughTheProxyAndNowhereElse(t *testing.T) {
	t.Parallel()
	aws := testkit.AWSPath(t)
	d, env := throughProxy(t)
	k := rootKeys(t, d, "111111111111")
	env = append(env, "AWS_ACCESS_KEY_ID="+k[0], "AWS_SECRET_ACCESS_KEY="+k[1], "AWS_SESSION_TOKEN="+k[2], "AWS_REGION=eu-central-1",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "AWS_MAX_ATTEMPTS=1")
	for _, command := range []string{"sts get-caller-identity", "iam list-users", "organizations list-accounts", "sso-admin list-instances"} {
		if res := testkit.Run(t, env, aws, strings.Fields(command)...); res.Exit != 0 {
			t.Errorf("aws %s: %+v", command, res)
		}
	}
	if res := testkit.Run(t, env, aws, "s3api", "list-buckets"); res.Exit == 0 || !strings.Contains(res.Stderr, "proxy") {
		t.Errorf("aws s3api list-buckets: %+v", res)
	}
}
