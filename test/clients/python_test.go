package clients_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

const whoAmI = `import boto3; print(boto3.client("sts").get_caller_identity()["Arn"])`

func TestBoto3TakesCredentialsFromAProfileAndRenewsItsToken(t *testing.T) {
	t.Parallel()
	python := testkit.Tool(t, "venv/bin/python")
	d := testkit.StartDev(t)
	p := viewer(t, d)
	session := d.Session(t, p)
	before := signIn(t, d, "notsure").token(session)

	// botocore renews a token that has less than 15 minutes left.
	aged := before
	aged.ExpiresAt = stamp(time.Now().Add(time.Minute))
	writeToken(t, d, session.Name, aged)

	res := testkit.Run(t, d.Env("AWS_PROFILE="+p.Name), python, "-c", whoAmI)
	if res.Exit != 0 || !strings.Contains(res.Stdout, ":assumed-role/AWSReservedSSO_ViewOnlyAccess_") {
		t.Fatalf("boto3: %+v", res)
	}
	after := readToken(t, d, session.Name)
	if after.AccessToken == before.AccessToken {
		t.Error("boto3 has not renewed the token")
	}
	if after.RefreshToken == "" {
		t.Error("the renewed token cannot be renewed again")
	}
}

func TestAWSSSOUtilSignsInListsRolesAndRunsAsOne(t *testing.T) {
	t.Parallel()
	util := testkit.Tool(t, "venv/bin/aws-sso-util")
	d := testkit.StartDev(t)
	p := viewer(t, d)
	start := d.Session(t, p).Keys["sso_start_url"]
	env := d.Env("AWS_ENDPOINT_URL="+d.URL, "AWS_DEFAULT_SSO_START_URL="+start, "AWS_DEFAULT_SSO_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1")
	me := signIn(t, d, "notsure")

	login := testkit.Start(t, env, util, "login", "--headless")
	me.allow(login.FindError(`\b([A-Z0-9]{4}-[A-Z0-9]{4})\b`)[1])
	if res := login.Wait(); res.Exit != 0 {
		t.Fatalf("aws-sso-util login: %+v", res)
	}
	roles := testkit.Run(t, env, util, "roles")
	for _, want := range []string{"ViewOnlyAccess", "PowerUserAccess", "Production", "Development"} {
		if !strings.Contains(roles.Stdout, want) {
			t.Errorf("aws-sso-util roles lacks %s: %+v", want, roles)
		}
	}
	res := testkit.Run(t, env, util, "run-as", "--account-id", p.Keys["sso_account_id"], "--role-name", "ViewOnlyAccess",
		"--", testkit.Tool(t, "venv/bin/python"), "-c", whoAmI)
	if res.Exit != 0 || !strings.Contains(res.Stdout, "AWSReservedSSO_ViewOnlyAccess_") {
		t.Errorf("aws-sso-util run-as: %+v", res)
	}
}

func TestAWSExportCredentialsExportsAProfile(t *testing.T) {
	t.Parallel()
	export := testkit.Tool(t, "export/bin/aws-export-credentials")
	d := testkit.StartDev(t)
	p := viewer(t, d)
	signIn(t, d, "notsure").token(d.Session(t, p))
	res := testkit.Run(t, d.Env(), export, "--profile", p.Name, "--json")
	var out struct{ AccessKeyId, SecretAccessKey, SessionToken, Expiration string }
	if err := json.Unmarshal([]byte(res.Stdout), &out); err != nil {
		t.Fatalf("%v: %+v", err, res)
	}
	if !strings.HasPrefix(out.AccessKeyId, "ASIA") || out.SecretAccessKey == "" || out.SessionToken == "" || out.Expiration == "" {
		t.Errorf("some value is missing, or the access key ID %q is not a temporary one", out.AccessKeyId)
	}
}
