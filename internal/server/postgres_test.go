package server

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/sample"
	"github.com/gatehouse-sso/gatehouse/internal/testkit/postgres"
)

var cluster *postgres.Cluster // set by TestMain; nil without PostgreSQL

func TestMain(m *testing.M) { os.Exit(postgres.Main(m, func(c *postgres.Cluster) { cluster = c })) }

const secret = "correct horse battery staple"

// node is a server of a database, and its address.
type node struct {
	*Server
	t   *testing.T
	url string
}

// start opens a node as "serve --database" does; stop ends it, and the end of the test does at the latest.
func start(t *testing.T, c Config) (n *node, stop func()) {
	t.Helper()
	n = open(t, c)
	return n, n.serve()
}

// open is start up to where the node begins to answer.
func open(t *testing.T, c Config) *node {
	t.Helper()
	c.Listen = "localhost:0"
	s, err := Open(t.Context(), c, true)
	if err != nil {
		t.Fatal(err)
	}
	return &node{s, t, s.URL.String()}
}

func (n *node) serve() (stop func()) {
	t, s := n.t, n.Server
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	var stopped atomic.Bool
	stop = func() {
		cancel()
		if !stopped.Swap(true) {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	t.Cleanup(stop)
	return stop
}

func (n *node) operate(operation string, in any) error {
	operator := api.Caller{Principal: &authz.Principal{Kind: authz.Operator, ARN: "operator"}}
	_, err := n.Corridor.Invoke(n.t.Context(), operator, admin.Name, operation, in)
	return err
}

func (n *node) oidc() *ssooidc.Client {
	return ssooidc.New(ssooidc.Options{Region: "us-east-1", BaseEndpoint: &n.url})
}

// signIn signs a person in by device code, as the AWS CLI does, and returns the token and a way to renew it.
func (n *node) signIn(user string) (out *ssooidc.CreateTokenOutput, renew func(*node) error) {
	n.t.Helper()
	client, err := n.oidc().RegisterClient(n.t.Context(), &ssooidc.RegisterClientInput{ClientName: aws.String("test"), ClientType: aws.String("public"),
		Scopes: []string{"sso:account:access"}})
	if err != nil {
		n.t.Fatal(err)
	}
	device, err := n.oidc().StartDeviceAuthorization(n.t.Context(), &ssooidc.StartDeviceAuthorizationInput{ClientId: client.ClientId,
		ClientSecret: client.ClientSecret, StartUrl: aws.String(n.url + "/start")})
	if err != nil {
		n.t.Fatal(err)
	}
	ask := &ssooidc.CreateTokenInput{ClientId: client.ClientId, ClientSecret: client.ClientSecret, DeviceCode: device.DeviceCode,
		GrantType: aws.String("urn:ietf:params:oauth:grant-type:device_code")}
	if _, err := n.oidc().CreateToken(n.t.Context(), ask); code(err) != "AuthorizationPendingException" {
		n.t.Errorf("before anybody has allowed it: %v", err)
	}
	in, err := api.Invoke[self.SignInOutput](n.t.Context(), n.Corridor, api.Caller{}, self.Name, "SignIn", &self.SignInInput{UserName: user, Password: secret})
	if err != nil {
		n.t.Fatal(err)
	}
	_, err = n.Corridor.Invoke(n.t.Context(), api.Caller{Session: in.Secret}, self.Name, "ApproveDevice", &self.ApproveDeviceInput{UserCode: *device.UserCode})
	if err != nil {
		n.t.Fatal(err)
	}
	if out, err = n.oidc().CreateToken(n.t.Context(), ask); err != nil {
		n.t.Fatal(err)
	}
	return out, func(n *node) error {
		_, err := n.oidc().CreateToken(n.t.Context(), &ssooidc.CreateTokenInput{ClientId: client.ClientId, ClientSecret: client.ClientSecret,
			RefreshToken: out.RefreshToken, GrantType: aws.String("refresh_token")})
		return err
	}
}

// keys fetches keys for a role.
func (n *node) keys(token *ssooidc.CreateTokenOutput, role sample.Role) aws.CredentialsProvider {
	n.t.Helper()
	portal := sso.New(sso.Options{Region: "us-east-1", BaseEndpoint: &n.url})
	out, err := portal.GetRoleCredentials(n.t.Context(), &sso.GetRoleCredentialsInput{AccessToken: token.AccessToken,
		AccountId: aws.String(string(role.Account)), RoleName: &role.Set})
	if err != nil {
		n.t.Fatal(err)
	}
	k := out.RoleCredentials
	return credentials.NewStaticCredentialsProvider(*k.AccessKeyId, *k.SecretAccessKey, *k.SessionToken)
}

// caller is a signed call that reads.
func (n *node) caller(k aws.CredentialsProvider) (arn string, err error) {
	out, err := sts.New(sts.Options{Region: "us-east-1", BaseEndpoint: &n.url, Credentials: k, Retryer: aws.NopRetryer{}}).
		GetCallerIdentity(n.t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", err
	}
	return *out.Arn, nil
}

// create is a signed call that changes something.
func (n *node) create(k aws.CredentialsProvider, user string) error {
	_, err := iam.New(iam.Options{Region: "us-east-1", BaseEndpoint: &n.url, Credentials: k, Retryer: aws.NopRetryer{}}).
		CreateUser(n.t.Context(), &iam.CreateUserInput{UserName: &user})
	return err
}

func code(err error) string {
	var e smithy.APIError
	if errors.As(err, &e) {
		return e.ErrorCode()
	}
	return ""
}

func status(err error) int {
	var e *smithyhttp.ResponseError
	if errors.As(err, &e) {
		return e.HTTPStatusCode()
	}
	return 0
}

// administrator makes the sample on a new node and returns the role of its administrator.
func (n *node) administrator() sample.Role {
	n.t.Helper()
	made, err := sample.Make(n.t.Context(), n.Corridor, func() string { return secret })
	if err != nil {
		n.t.Fatal(err)
	}
	for _, r := range made.Roles {
		if r.UserName == "pcollins" && r.AccountName == "Development" {
			return r
		}
	}
	n.t.Fatal("the sample has no administrator")
	return sample.Role{}
}

func TestTheWholeCorridorOnPostgreSQL(t *testing.T) {
	t.Parallel()
	postgres.Installed(t)
	c := config(shortDir(t))
	c.Database = cluster.Database(t)
	n, stop := start(t, c)
	role := n.administrator()
	token, renew := n.signIn("pcollins")
	k := n.keys(token, role)
	if arn, err := n.caller(k); err != nil || !strings.Contains(arn, ":assumed-role/AWSReservedSSO_AdministratorAccess_") {
		t.Fatalf("the caller is %s, %v", arn, err)
	}
	if err := n.create(k, "bob"); err != nil {
		t.Fatal(err)
	}
	stop()

	n, stop = start(t, c)
	if _, err := n.caller(k); err != nil {
		t.Errorf("keys from before the restart: %v", err)
	}
	if err := n.create(k, "bob"); code(err) != "EntityAlreadyExists" {
		t.Errorf("what was made before the restart: %v", err)
	}
	if err := renew(n); err != nil {
		t.Errorf("a refresh token from before the restart: %v", err)
	}
	if err := n.operate("DisableUser", &admin.DisableUserInput{UserName: "pcollins"}); err != nil {
		t.Fatal(err)
	}
	if _, err := n.caller(k); code(err) != "InvalidClientTokenId" {
		t.Errorf("the keys of a person who was disabled: %v", err)
	}
	stop()
	again, err := Open(t.Context(), c, false)
	if err != nil {
		t.Fatal(err)
	}
	closing(t, again)
	if _, err := again.verifyAudit(t.Context(), nil); err != nil {
		t.Errorf("the audit trail: %v", err)
	}
	other := config(shortDir(t))
	other.Database = c.Database
	if s, err := Open(t.Context(), other, false); err == nil {
		t.Error("a node without the root key opens the database", s.Close())
	}
	if _, err := os.Stat(filepath.Join(other.Data, rootKey)); !os.IsNotExist(err) {
		t.Error("a node that was refused leaves a root key behind")
	}
}

// What another node has revoked, this one may not know for a second. Its changes must not happen all the same.
func TestAChangeIsAuthorisedOnRowsThatAreCurrent(t *testing.T) {
	t.Parallel()
	postgres.Installed(t)
	c := config(shortDir(t))
	c.Database = cluster.Database(t)
	n, _ := start(t, c)
	role := n.administrator()
	token, _ := n.signIn("pcollins")
	k := n.keys(token, role)
	key, err := os.ReadFile(filepath.Join(c.Data, rootKey))
	if err != nil {
		t.Fatal(err)
	}
	c.Data = shortDir(t)
	if err := os.WriteFile(filepath.Join(c.Data, rootKey), key, 0o600); err != nil {
		t.Fatal(err)
	}
	second, _ := start(t, c)
	if err := second.create(k, "first"); err != nil {
		t.Fatal("another node of the same database:", err)
	}
	if err := second.operate("DisableUser", &admin.DisableUserInput{UserName: "pcollins"}); err != nil {
		t.Fatal(err)
	}
	if err := n.create(k, "late"); code(err) != "InvalidClientTokenId" {
		t.Errorf("a change by somebody who was disabled on the other node: %v", err)
	}
}

func TestDecisionsGoOnForTenSecondsWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	postgres.Installed(t)
	own, err := postgres.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(own.Stop)
	var passed atomic.Int64
	c := config(shortDir(t))
	c.Database = own.Database(t)
	c.Clock = func() time.Time { return time.Now().Add(time.Duration(passed.Load())) }
	n, stop := start(t, c)
	role := n.administrator()
	token, _ := n.signIn("pcollins")
	k := n.keys(token, role)

	own.Down(t)
	if _, err := n.caller(k); err != nil {
		t.Errorf("a decision right after the database went away: %v", err)
	}
	if err := n.create(k, "bob"); status(err) != http.StatusServiceUnavailable {
		t.Errorf("a change without the database: %v", err)
	}
	if n.ready() != http.StatusOK {
		t.Error("the server says that it is not ready")
	}
	passed.Store(int64(11 * time.Second))
	if _, err := n.caller(k); status(err) != http.StatusServiceUnavailable {
		t.Errorf("a decision eleven seconds after the database went away: %v", err)
	}
	if n.ready() != http.StatusServiceUnavailable {
		t.Error("the server says that it is ready")
	}

	own.Up(t)
	if err := n.touch(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if _, err := n.caller(k); err != nil {
		t.Errorf("a decision after the database came back: %v", err)
	}
	if err := n.create(k, "bob"); err != nil {
		t.Errorf("a change after the database came back: %v", err)
	}
	stop()
}

// ready asks as a load balancer does.
func (n *node) ready() int {
	n.t.Helper()
	answer, err := http.Get(n.url + "/readyz")
	if err != nil {
		n.t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}
