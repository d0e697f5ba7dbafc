package clients_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// unsetAWS removes the developer's AWS variables until the test ends. Empty is
// not enough: the SDK asks whether AWS_ENDPOINT_URL exists.
func unsetAWS(t *testing.T) {
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, value) // puts it back
			os.Unsetenv(name)
		}
	}
}

// Not parallel: the SDK reads the environment of this process.
func TestTheGoSDKTakesCredentialsFromAProfileAndRenewsItsToken(t *testing.T) {
	d := testkit.StartDev(t)
	p := viewer(t, d)
	session := d.Session(t, p)
	before := signIn(t, d, "notsure").token(session)
	// The Go SDK renews a token once it has expired.
	aged := before
	aged.ExpiresAt = stamp(time.Now().Add(-time.Minute))
	writeToken(t, d, session.Name, aged)
	unsetAWS(t)
	for _, pair := range d.Env() {
		name, value, _ := strings.Cut(pair, "=")
		if name != "PATH" {
			t.Setenv(name, value)
		}
	}
	cfg, err := config.LoadDefaultConfig(t.Context(), config.WithSharedConfigProfile(p.Name))
	if err != nil {
		t.Fatal(err)
	}
	out, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(*out.Arn, ":assumed-role/AWSReservedSSO_ViewOnlyAccess_") {
		t.Errorf("the caller is %s", *out.Arn)
	}
	if readToken(t, d, session.Name).AccessToken == before.AccessToken {
		t.Error("the SDK has not renewed the token")
	}
}

func TestTheJavaScriptSDKTakesCredentialsFromAProfile(t *testing.T) {
	t.Parallel()
	modules := testkit.NodeModules(t)
	d := testkit.StartDev(t)
	p := viewer(t, d)
	signIn(t, d, "notsure").token(d.Session(t, p))
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal(err)
	}
	script := `const {STSClient, GetCallerIdentityCommand} = require("@aws-sdk/client-sts");
		const {fromNodeProviderChain} = require("@aws-sdk/credential-providers");
		new STSClient({credentials: fromNodeProviderChain()}).send(new GetCallerIdentityCommand({})).then(r => console.log(r.Arn));`
	res := testkit.Run(t, d.Env("NODE_PATH="+modules, "AWS_PROFILE="+p.Name), node, "-e", script)
	if res.Exit != 0 || !strings.Contains(res.Stdout, ":assumed-role/AWSReservedSSO_ViewOnlyAccess_") {
		t.Errorf("JavaScript: %+v", res)
	}
}
