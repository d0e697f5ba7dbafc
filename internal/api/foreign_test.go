package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/smithy-go/encoding/cbor"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/audit"
)

// The media types of the protocols.
const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/x-amz-json-1.0"
)

// noBody is the hash of a body that is empty, which requests of Amazon S3 state.
const noBody = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// post is a request of a service that is called at "/".
func post(mediaType, body string, headers ...string) *http.Request {
	return withHeaders(apitest.Request(http.MethodPost, "/", mediaType, body), headers)
}

func get(target string, headers ...string) *http.Request {
	return withHeaders(apitest.Request(http.MethodGet, target, "", ""), headers)
}

func withHeaders(r *http.Request, headers []string) *http.Request {
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// foreignCalls are calls of every protocol, and how the service words a denial.
var foreignCalls = []struct {
	name, scope string
	request     func() *http.Request
	status      int
	code        string
	denied      string // after "User: … "
	notBuilt    string // the code of an answer that is allowed
}{
	{"ec2", "ec2", func() *http.Request { return post(formType, "Action=DescribeInstances&Version=2016-11-15") }, 403, "UnauthorizedOperation",
		"is not authorized to perform: ec2:DescribeInstances because no identity-based policy allows the ec2:DescribeInstances action", "NotImplemented"},
	{"awsJson", "dynamodb", func() *http.Request {
		return post(jsonType, `{"TableName":"t"}`, "X-Amz-Target", "DynamoDB_20120810.DescribeTable")
	}, 400, "AccessDeniedException",
		"is not authorized to perform: dynamodb:DescribeTable on resource: arn:aws:dynamodb:us-east-1:222222222222:table/t because no identity-based policy allows the dynamodb:DescribeTable action",
		"NotImplementedException"},
	{"awsQuery", "cloudformation", func() *http.Request { return post(formType, "Action=ListStacks&Version=2010-05-15") }, 403, "AccessDenied",
		"is not authorized to perform: cloudformation:ListStacks on resource: * because no identity-based policy allows the cloudformation:ListStacks action", "NotImplemented"},
	{"sns", "sns", func() *http.Request {
		return post(formType, "Action=Publish&Version=2010-03-31&TopicArn=arn:aws:sns:us-east-1:222222222222:t")
	}, 403, "AuthorizationError",
		"is not authorized to perform: SNS:Publish on resource: arn:aws:sns:us-east-1:222222222222:t because no identity-based policy allows the SNS:Publish action", "NotImplemented"},
	{"sqs", "sqs", func() *http.Request { return post(jsonType, `{}`, "X-Amz-Target", "AmazonSQS.ListQueues") }, 400, "AccessDeniedException",
		"is not authorized to perform: sqs:listqueues on resource: arn:aws:sqs:us-east-1:222222222222: because no identity-based policy allows the sqs:listqueues action", "NotImplementedException"},
	{"restJson", "lambda", func() *http.Request { return get("/2015-03-31/functions/") }, 403, "AccessDeniedException",
		"is not authorized to perform: lambda:ListFunctions on resource: * because no identity-based policy allows the lambda:ListFunctions action", "NotImplementedException"},
	{"restXml", "route53", func() *http.Request { return get("/2013-04-01/hostedzone") }, 403, "AccessDenied",
		"is not authorized to perform: route53:ListHostedZones because no identity-based policy allows the route53:ListHostedZones action", "NotImplemented"},
	{"S3", "s3", func() *http.Request { return get("/bucket?list-type=2", "X-Amz-Content-Sha256", noBody) }, 403, "AccessDenied",
		`is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::bucket" because no identity-based policy allows the s3:ListBucket action`, "NotImplemented"},
	{"RPC v2 CBOR", "monitoring", func() *http.Request {
		return withHeaders(apitest.Request(http.MethodPost, "/service/GraniteServiceVersion20100801/operation/ListDashboards", "application/cbor", "\xa0"), []string{"Smithy-Protocol", "rpc-v2-cbor"})
	}, 400, "AccessDeniedException",
		"is not authorized to perform: cloudwatch:ListDashboards because no identity-based policy allows the cloudwatch:ListDashboards action", "NotImplementedException"},
}

// told is an error's code and message, whatever the protocol.
func told(t *testing.T, a *apitest.Answer) (code, message string) {
	t.Helper()
	if a.Header.Get("Content-Type") == "application/cbor" {
		v, err := cbor.Decode([]byte(a.Body))
		m, ok := v.(cbor.Map)
		if err != nil || !ok {
			t.Fatalf("%v: %q", err, a.Body)
		}
		return string(m["__type"].(cbor.String)), string(m["message"].(cbor.String))
	}
	return a.Code(), html.UnescapeString(a.Message())
}

func TestForeignCallsAreDecidedAndNotDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	nobody := w.Key(w.User(member, "nobody", apitest.Inline(apitest.Allow("iam:*"))))
	power := w.Key(w.User(member, "power", apitest.Inline(apitest.Allow("*"))))
	for _, c := range foreignCalls {
		t.Run(c.name, func(t *testing.T) {
			a := w.Send(w.Sign(c.request(), nobody, c.scope, 0))
			want := "User: arn:aws:iam::222222222222:user/nobody " + c.denied
			if c.scope == "ec2" {
				want = "You are not authorized to perform this operation. " + want
			}
			if code, message := told(t, a); a.Status != c.status || code != c.code || message != want {
				t.Errorf("denied: %d %s\n %s\nwant %d %s\n %s", a.Status, code, message, c.status, c.code, want)
			}
			a = w.Send(w.Sign(c.request(), power, c.scope, 0))
			want = "Allowed by inline (statement 1). Gatehouse decides; it does not run " + c.scope + "."
			if code, message := told(t, a); a.Status != http.StatusNotImplemented || code != c.notBuilt || message != want {
				t.Errorf("allowed: %d %s\n %s\nwant %s\n %s", a.Status, code, message, c.notBuilt, want)
			}
			a = w.Send(w.Sign(c.request(), apitest.Keys{ID: power.ID, Secret: "wrong"}, c.scope, 0))
			if a.Status == http.StatusNotImplemented || a.Status/100 != 4 {
				t.Errorf("with a wrong secret: %d %s", a.Status, a.Body)
			}
		})
	}
}

func TestForeignCallsThatCannotBeTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := func(name, document string) apitest.Keys { return w.Key(w.User(member, name, apitest.Inline(document))) }
	statement := func(text string) string { return `{"Version":"2012-10-17","Statement":[` + text + `]}` }
	tagged := key("tagged", statement(`{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"a"}}}`))
	one := key("one", statement(`{"Effect":"Allow","Action":"eks:*","Resource":"arn:aws:eks:*:*:nodegroup/c/n/1"}`))
	all := key("all", statement(`{"Effect":"Allow","Action":"*","Resource":"*"}`))
	start := func() *http.Request {
		return post(formType, "Action=StartInstances&Version=2016-11-15&InstanceId.1=i-1")
	}
	for name, test := range map[string]struct {
		answer *apitest.Answer
		status int
		want   string
	}{
		"a tag of the resource": {w.Send(w.Sign(start(), tagged, "ec2", 0)), 501,
			`Undetermined: whether ec2:StartInstances is allowed depends on what the request does not tell: aws:ResourceTag/team is "a" (statement 1 (line 1) of the policy "inline"). Gatehouse decides; it does not run ec2.`},
		"an id that the request does not have": {w.Send(w.Sign(withHeaders(apitest.Request(http.MethodDelete, "/clusters/c/node-groups/n", "", ""), nil), one, "eks", 0)), 501,
			`Undetermined: whether eks:DeleteNodegroup is allowed depends on what the request does not tell: the resource is "arn:aws:eks:*:*:nodegroup/c/n/1" (statement 1 (line 1) of the policy "inline"). Gatehouse decides; it does not run eks.`},
		"an id that does not matter": {w.Send(w.Sign(withHeaders(apitest.Request(http.MethodDelete, "/clusters/c/node-groups/n", "", ""), nil), all, "eks", 0)), 501,
			`Allowed by inline (statement 1). Gatehouse decides; it does not run eks.`},
		"another cluster": {w.Send(w.Sign(withHeaders(apitest.Request(http.MethodDelete, "/clusters/d/node-groups/n", "", ""), nil), one, "eks", 0)), 403,
			`User: arn:aws:iam::222222222222:user/one is not authorized to perform: eks:DeleteNodegroup on resource: arn:aws:eks:us-east-1:222222222222:nodegroup/d/n/* because no identity-based policy allows the eks:DeleteNodegroup action`},
		"a resource of another account": {w.Send(w.Sign(post(formType, "Action=Publish&Version=2010-03-31&TopicArn=arn:aws:sns:us-east-1:999999999999:t"), all, "sns", 0)), 501,
			`Undetermined: arn:aws:sns:us-east-1:999999999999:t is of account 999999999999, whose own policy on it has to allow sns:Publish too. Gatehouse decides; it does not run sns.`},
		"an operation without an action": {w.Send(w.Sign(post(jsonType, `{}`, "X-Amz-Target", "AWSGlue.GetAsset"), all, "glue", 0)), 400,
			`No action is known for glue GetAsset, so that no policy can allow it.`},
		"a root user": {w.Send(w.Sign(start(), w.Root(w.accounts[member]), "ec2", 0)), 501,
			`Allowed: a root user has every permission of its account. Gatehouse decides; it does not run ec2.`},
	} {
		if _, message := told(t, test.answer); test.answer.Status != test.status || message != test.want {
			t.Errorf("%s: %d\n %s\nwant %d\n %s", name, test.answer.Status, message, test.status, test.want)
		}
	}
}

func TestForeignCallsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := w.Key(w.User(member, "all", apitest.Inline(apitest.Allow("*"))))
	for name, test := range map[string]struct {
		request *http.Request
		status  int
		code    string
	}{
		"a service that nobody knows":     {w.Sign(get("/start"), all, "nothing", 0), 400, "InvalidSignatureException"},
		"an own call for a foreign scope": {w.Sign(apitest.Query("sts", "GetCallerIdentity"), all, "s3", 0), 400, "IncompleteSignature"},
		"no operation":                    {w.Sign(post(formType, "Action=Nothing&Version=2016-11-15"), all, "ec2", 0), 400, "InvalidAction"},
		"JSON that is none":               {w.Sign(post(jsonType, `{`, "X-Amz-Target", "DynamoDB_20120810.GetItem"), all, "dynamodb", 0), 400, "SerializationException"},
		"a body without end":              {w.Sign(post(jsonType, `{"a":"`+strings.Repeat("x", 1<<20)+`"}`, "X-Amz-Target", "DynamoDB_20120810.GetItem"), all, "dynamodb", 0), 400, "RequestEntityTooLargeException"},
		"an ARN without end":              {w.Sign(post(jsonType, `{"TableName":"`+strings.Repeat("x", 1<<16)+`"}`, "X-Amz-Target", "DynamoDB_20120810.GetItem"), all, "dynamodb", 0), 400, "ValidationException"},
		"more resources than may be":      {w.Sign(post(formType, "Action=StartInstances&Version=2016-11-15&"+numbered("InstanceId.", 1001)), all, "ec2", 0), 400, "LimitExceededException"},
		"more tags than may be":           {w.Sign(post(formType, "Action=CreateTags&Version=2016-11-15&ResourceId.1=i-1&"+numbered("Tag.", 101, ".Key")), all, "ec2", 0), 400, "LimitExceededException"},
		"more readings than may be":       {w.Sign(post(formType, "Action=StartInstances&Version=2016-11-15&"+numbered("InstanceId.", 900)+"&Tag.1.Key=abc&Tag.2.Key=Abc&Tag.3.Key=aBc&Tag.4.Key=abC&Tag.5.Key=ABc"), all, "ec2", 0), 400, "LimitExceededException"},
		"a key of S3 that is none":        {w.Sign(get("/b", "X-Amz-Content-Sha256", noBody), apitest.Keys{ID: "AKIANOTHING", Secret: "x"}, "s3", 0), 403, "InvalidAccessKeyId"},
		"a secret of EC2 that is wrong":   {w.Sign(post(formType, "Action=DescribeInstances&Version=2016-11-15"), apitest.Keys{ID: all.ID, Secret: "x"}, "ec2", 0), 403, "AuthFailure"},
		"a body that was not signed":      {unsignedBody(w, all), 400, "InvalidSignatureException"},
	} {
		a := w.Send(test.request)
		if code, _ := told(t, a); a.Status != test.status || code != test.code {
			t.Errorf("%s: got %d %s, want %d %s\n%.300s", name, a.Status, code, test.status, test.code, a.Body)
		}
	}
	r := w.Sign(withHeaders(apitest.Request(http.MethodHead, "/b/k", "", ""), []string{"X-Amz-Content-Sha256", noBody}), all, "s3", 0)
	if a := w.Send(r); a.Status != http.StatusNotImplemented || a.Body != "" {
		t.Errorf("HEAD: %d %q", a.Status, a.Body)
	}
}

// TestForeignDenialsAreExplained: EC2 has the encoded message in its text too, of what can be allowed by resource.
func TestForeignDenialsAreExplained(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.Key(w.User(member, "decoder", apitest.Inline(apitest.Allow("sts:DecodeAuthorizationMessage"))))
	a := w.Send(w.Sign(post(formType, "Action=StartInstances&Version=2016-11-15&InstanceId.1=i-1"), k, "ec2", 0))
	encoded := a.Header.Get("X-Amzn-Authorization-Message")
	want := "You are not authorized to perform this operation. User: arn:aws:iam::222222222222:user/decoder is not authorized to perform: " +
		"ec2:StartInstances on resource: arn:aws:ec2:us-east-1:222222222222:instance/i-1 because no identity-based policy allows the " +
		"ec2:StartInstances action. Encoded authorization failure message: " + encoded
	if _, message := told(t, a); encoded == "" || message != want {
		t.Errorf("got\n%s\nwant\n%s", message, want)
	}
	decoded := w.Call(k, "sts", apitest.Query("sts", "DecodeAuthorizationMessage", "EncodedMessage", encoded))
	if decoded.Status != http.StatusOK || !strings.Contains(html.UnescapeString(decoded.Body), `"action":"ec2:StartInstances"`) {
		t.Errorf("decoded: %d %s", decoded.Status, decoded.Body)
	}
	a = w.Send(w.Sign(get("/2015-03-31/functions/"), k, "lambda", 0))
	if a.Header.Get("X-Amzn-Authorization-Message") == "" {
		t.Error("a denial of Lambda carries no message")
	}
}

// numbered are n parameters of a list.
func numbered(name string, n int, end ...string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "&%s%d%s=x%d", name, i+1, strings.Join(end, ""), i)
	}
	return b.String()[1:]
}

func unsignedBody(w *world, k apitest.Keys) *http.Request {
	r := w.Sign(post(jsonType, `{"TableName":"a"}`, "X-Amz-Target", "DynamoDB_20120810.GetItem"), k, "dynamodb", 0)
	other := post(jsonType, `{"TableName":"b"}`)
	other.Header = r.Header
	return other
}

func TestForeignCallsAreOnTheRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.Key(w.User(member, "s3only", apitest.Inline(apitest.Allow("s3:*"))))
	w.Send(w.Sign(post(formType, "Action=TerminateInstances&Version=2016-11-15&InstanceId.1=i-1"), k, "ec2", 0))
	w.Send(w.Sign(get("/b?list-type=2&prefix=x", "X-Amz-Content-Sha256", noBody), k, "s3", 0))
	records := w.Records()
	if len(records) != 2 {
		t.Fatalf("%d records", len(records))
	}
	for i, want := range []struct {
		kind                                 audit.Kind
		service, operation, action, resource string
		allowed                              bool
	}{
		{audit.Denial, "ec2", "TerminateInstances", "ec2:TerminateInstances", "arn:aws:ec2:us-east-1:222222222222:instance/i-1", false},
		{audit.Read, "s3", "ListObjectsV2", "s3:ListBucket", "arn:aws:s3:::b", true},
	} {
		e := records[i]
		if e.Kind != want.kind || e.Service != want.service || e.Operation != want.operation || e.Action != want.action ||
			len(e.Resources) != 1 || e.Resources[0] != want.resource || len(e.Decisions) != 1 || e.Decisions[0].Allowed != want.allowed ||
			e.Decisions[0].Action != want.action || e.Decisions[0].Resource != want.resource {
			t.Errorf("%+v", e.Event)
		}
	}
	if prefix := records[1].Decisions[0].Context.Single("s3:prefix"); prefix != "x" {
		t.Errorf("s3:prefix is %q", prefix)
	}
}

// TestForeignCallsCannotFloodTheRecord: what every decision of a call looks at is on its record with each of them.
func TestForeignCallsCannotFloodTheRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := w.Key(w.User(member, "all", apitest.Inline(apitest.Allow("*"))))
	for name, body := range map[string]string{
		"a long tag":  "Action=StartInstances&Version=2016-11-15&" + numbered("InstanceId.", 100) + "&Tag.1.Key=a&Tag.1.Value=" + strings.Repeat("x", 500_000),
		"a long name": "Action=StartInstances&Version=2016-11-15&" + numbered("InstanceId.", 100) + "&Tag.1.Value=b&Tag.1.Key=" + strings.Repeat("x", 500_000),
		"much of many": "Action=StartInstances&Version=2016-11-15&" + numbered("InstanceId.", 900) + "&" + numbered("Tag.", 90, ".Key") + "&" +
			strings.ReplaceAll(numbered("Tag.", 90, ".Value"), "=x", "="+strings.Repeat("x", 200)),
	} {
		a := w.Send(w.Sign(post(formType, body), all, "ec2", 0))
		size := 0
		for _, r := range w.Records() {
			text, err := r.Event.Encode()
			if err != nil {
				t.Fatal(err)
			}
			size = max(size, len(text))
		}
		if a.Status == http.StatusNotImplemented || size > 10<<20 {
			t.Errorf("%s: %d %.200s, and %d bytes on the record", name, a.Status, a.Body, size)
		}
	}
}

// TestForeignCallsOfS3SignWhatCounts: whoever holds a presigned request cannot make another of it.
func TestForeignCallsOfS3SignWhatCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := w.Key(w.User(member, "all", apitest.Inline(apitest.Allow("*"))))
	r := w.Sign(withHeaders(apitest.Request(http.MethodPut, "/b/k", "", ""), []string{"X-Amz-Content-Sha256", noBody}), all, "s3", 0)
	r.Header.Set("X-Amz-Copy-Source", "/secret/k")
	if a := w.Send(r); a.Status != http.StatusForbidden || a.Code() != "AccessDenied" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

func hashOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// TestForeignBodiesThatAreNotReadAreUnknown: a tag in one may be what a policy forbids.
func TestForeignBodiesThatAreNotReadAreUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.Key(w.User(member, "tagger", apitest.Inline(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
		{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"prod"}}}]}`)))
	for scope, r := range map[string]*http.Request{
		"s3":         withHeaders(apitest.Request(http.MethodPut, "/b", "application/xml", "<x/>"), []string{"X-Amz-Content-Sha256", hashOf("<x/>")}),
		"cloudfront": apitest.Request(http.MethodPost, "/2020-05-31/streaming-distribution?WithTags", "application/xml", "<x/>"),
	} {
		if a := w.Send(w.Sign(r, k, scope, 0)); a.Status != http.StatusNotImplemented || !strings.Contains(a.Body, "Undetermined") {
			t.Errorf("%s: %d %s", scope, a.Status, a.Body)
		}
	}
}
