package clients_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// TestADenialIsExplained: the AWS CLI is denied in AWS's words, opens the encoded message of the denial, and `gatehouse why`
// tells the rest.
func TestADenialIsExplained(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	p := viewer(t, d)
	account := p.Keys["sso_account_id"]
	signIn(t, d, "notsure").token(d.Session(t, p))
	decoder := decoderOf(t, d, account)

	res := testkit.AWS(t, d, p.Name, "iam", "create-user", "--user-name", "mallory", "--debug")
	const text = "because no identity-based policy allows the iam:CreateUser action"
	if res.Exit == 0 || !strings.Contains(res.Stderr, text) {
		t.Fatalf("got %d %s", res.Exit, res.Stderr)
	}
	sealed, id := header(t, res.Stderr, "X-Amzn-Authorization-Message"), header(t, res.Stderr, "X-Amzn-Requestid")

	res = testkit.AWS(t, d, decoder, "sts", "decode-authorization-message", "--encoded-message", sealed, "--query", "DecodedMessage", "--output", "text")
	var got struct {
		Allowed, ExplicitDeny bool
		Context               struct {
			Principal        struct{ ARN string }
			Action, Resource string
		}
	}
	if err := json.Unmarshal([]byte(res.Stdout), &got); err != nil || got.Allowed || got.ExplicitDeny || got.Context.Action != "iam:CreateUser" ||
		got.Context.Resource != "arn:aws:iam::"+account+":user/mallory" || !strings.HasSuffix(got.Context.Principal.ARN, "/notsure") {
		t.Errorf("%v: %d %s %s", err, res.Exit, res.Stdout, res.Stderr)
	}
	if res = testkit.AWS(t, d, p.Name, "sts", "decode-authorization-message", "--encoded-message", sealed); !strings.Contains(res.Stderr, "AccessDenied") {
		t.Errorf("who may only look opens the message: %+v", res)
	}
	if res = testkit.AWS(t, d, decoder, "sts", "decode-authorization-message", "--encoded-message", sealed[1:]); !strings.Contains(res.Stderr,
		"An error occurred (InvalidAuthorizationMessageException) when calling the DecodeAuthorizationMessage operation: Message is not valid") {
		t.Errorf("a message that was tampered with: %+v", res)
	}

	told := why(t, d, id)
	veiled := regexp.MustCompile(`service control policy at .*`).ReplaceAllString(told, "service control policy")
	if res = d.Command(t, "why", "--endpoint", d.URL, "--profile", decoder, id); res.Stdout != veiled {
		t.Errorf("over the network, to a member, whose organization's guardrails it may not read: %+v, want\n%s", res, veiled)
	}
	if res = d.Command(t, "why", "--endpoint", d.URL, "--profile", p.Name, id); res.Exit == 0 || !strings.Contains(res.Stderr, "gatehouse:ExplainRequest") {
		t.Errorf("who may only look is told: %+v", res)
	}
	for _, want := range []string{"iam CreateUser by arn:aws:sts::" + account + ":assumed-role/AWSReservedSSO_ViewOnlyAccess_", text,
		"\nDenied: no identity-based policy allows iam:CreateUser on arn:aws:iam::" + account + ":user/mallory.\n",
		"\n  silent   identity-based policy", "(root): statement 1 (line 1) of FullAWSAccess\n",
		"\nWhat would allow it:\n  - add to an identity-based policy: {\"Effect\":\"Allow\",\"Action\":\"iam:CreateUser\""} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not told:\n%s", want, told)
		}
	}
}

// why explains a request as the operator. A record is written within a moment of its answer.
func why(t *testing.T, d *testkit.Dev, id string) string {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; {
		res := d.Command(t, "why", "--data", d.Dir, id)
		if res.Exit == 0 {
			return res.Stdout
		}
		if time.Now().After(end) {
			t.Fatalf("gatehouse why: %+v", res)
		}
	}
}

// header finds a header of the last answer in what the AWS CLI tells with --debug.
func header(t *testing.T, debug, name string) string {
	t.Helper()
	found := regexp.MustCompile(`(?i)'`+name+`': '([^']+)'`).FindAllStringSubmatch(debug, -1)
	if len(found) == 0 {
		t.Fatalf("no header %s in %s", name, debug)
	}
	return found[len(found)-1][1]
}

// decoderOf returns a profile of the root user of an account.
func decoderOf(t *testing.T, d *testkit.Dev, account string) string {
	t.Helper()
	res := d.Command(t, "break-glass", "--data", d.Dir, "--account", account, "--format", "json")
	var k struct{ AccessKeyID, SecretAccessKey, SessionToken string }
	if err := json.Unmarshal([]byte(res.Stdout), &k); err != nil {
		t.Fatalf("%v in %+v", err, res)
	}
	d.AddProfile(t, "decoder", "aws_access_key_id = "+k.AccessKeyID, "aws_secret_access_key = "+k.SecretAccessKey, "aws_session_token = "+k.SessionToken,
		"region = us-east-1")
	return "decoder"
}
