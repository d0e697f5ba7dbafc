package awsquery_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
	"github.com/gatehouse-sso/gatehouse/internal/wire/awsquery"
)

// post returns a form request.
func post(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func TestForms(t *testing.T) {
	t.Parallel()
	tag := func(k, v string) ststypes.Tag { return ststypes.Tag{Key: aws.String(k), Value: aws.String(v)} }
	for _, c := range []struct {
		name, body string
		want       sts.AssumeRoleInput
	}{
		{"text is decoded", "RoleArn=a%20b+c%C3%A9", sts.AssumeRoleInput{RoleArn: aws.String("a b cé")}},
		{"an empty text is given", "RoleArn=", sts.AssumeRoleInput{RoleArn: aws.String("")}},
		{"numbers", "DurationSeconds=900", sts.AssumeRoleInput{DurationSeconds: aws.Int32(900)}},
		{
			"lists are in the order of their numbers, with gaps",
			"Tags.member.10.Key=c&Tags.member.10.Value=3&Tags.member.2.Key=b&Tags.member.2.Value=2&Tags.member.1.Value=1&Tags.member.1.Key=a",
			sts.AssumeRoleInput{Tags: []ststypes.Tag{tag("a", "1"), tag("b", "2"), tag("c", "3")}},
		},
		{"lists of text", "TransitiveTagKeys.member.1=x&TransitiveTagKeys.member.2=y", sts.AssumeRoleInput{TransitiveTagKeys: []string{"x", "y"}}},
		{"an empty list", "TransitiveTagKeys=", sts.AssumeRoleInput{TransitiveTagKeys: []string{}}},
		{"a small name", "PolicyArns.member.1.arn=p", sts.AssumeRoleInput{PolicyArns: []ststypes.PolicyDescriptorType{{Arn: aws.String("p")}}}},
		{"unknown parameters", "Foo=1&Foo.Bar=2&RoleArn=a&&RoleArn-x=4&RoleArn.x=5", sts.AssumeRoleInput{RoleArn: aws.String("a")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got sts.AssumeRoleInput
			if err := awsquery.Decode(post(c.body), []byte(c.body), &got); err != nil {
				t.Fatal(err)
			}
			unexported := cmpopts.IgnoreUnexported(sts.AssumeRoleInput{}, ststypes.Tag{}, ststypes.PolicyDescriptorType{})
			if diff := cmp.Diff(c.want, got, unexported); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMapsAndUnionsInForms(t *testing.T) {
	t.Parallel()
	const prefix = "PolicyIdentifier."
	for body, good := range map[string]bool{
		prefix + "PolicyArn=x":                            true,
		prefix + "PolicyArn=x&" + prefix + "PolicyType=y": false,
		prefix + "Unknown=x":                              false,
		prefix + "InlinePolicyIdentifier.PolicyName=x":    true,
		strings.TrimSuffix(prefix, ".") + "=text":         false,
		prefix + "PolicyArn.member.1=x":                   false,
	} {
		var in struct{ PolicyIdentifier iamtypes.PolicyIdentifier }
		if err := awsquery.Decode(post(body), []byte(body), &in); (err == nil) != good {
			t.Errorf("%s: %v", body, err)
		}
	}
	var in struct{ M map[string]string }
	body := "M.entry.1.key=a&M.entry.1.value=x&M.entry.2.key=b&M.entry.2.value=y"
	if err := awsquery.Decode(post(body), []byte(body), &in); err != nil || in.M["a"] != "x" || in.M["b"] != "y" {
		t.Errorf("got %v, %v", in.M, err)
	}
	for _, body := range []string{"M.entry.1.value=x", "M.entry.1.key=a&M.entry.2.key=a", "M=x"} {
		if err := awsquery.Decode(post(body), []byte(body), &in); !fault.Is(err, "MalformedInput") {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestMalformedFormsAreFaults(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a parameter twice":        "RoleArn=a&RoleArn=b",
		"twice, encoded otherwise": "RoleArn=a&Role%41rn=b",
		"an unknown one twice":     "x=a&x=a",
		"bad percent-encoding":     "RoleArn=%zz",
		"bytes that are not UTF-8": "RoleArn=%ff",
		"a key that is not UTF-8":  "%ff=a",
		"no number":                "Tags.member.x.Key=a",
		"number zero":              "Tags.member.0.Key=a",
		"a leading zero":           "Tags.member.01.Key=a",
		"a sign":                   "Tags.member.+1.Key=a",
		"a large number":           "Tags.member.10001.Key=a",
		"a huge number":            "Tags.member.99999999999999999999.Key=a",
		"text for a list":          "Tags=x",
		"a list for text":          "RoleArn.member.1=x&RoleArn.member.2=x&DurationSeconds.x=1",
		"text for a number":        "DurationSeconds=x",
		"a number too large":       "DurationSeconds=99999999999",
		"too many parameters":      strings.Repeat("&", 20_000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := awsquery.Decode(post(body), []byte(body), &sts.AssumeRoleInput{})
			if f := fault.As(err); f == nil || f.Code != "MalformedInput" || f.Kind != fault.Invalid {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	const head = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">`
	for _, c := range []struct {
		service, operation string
		out                any
		want               string
	}{
		{
			"sts", "GetCallerIdentity", &sts.GetCallerIdentityOutput{Account: aws.String("1"), Arn: aws.String("a"), UserId: aws.String("u")},
			head + `<GetCallerIdentityResult><Account>1</Account><Arn>a</Arn><UserId>u</UserId></GetCallerIdentityResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
		},
		{
			"sts", "GetCallerIdentity", &sts.GetCallerIdentityOutput{Arn: aws.String("<&>\"\x00\ufffe\xff\r\n")},
			head + "<GetCallerIdentityResult><Arn>&lt;&amp;&gt;&#34;\ufffd\ufffd\ufffd&#xD;\n</Arn></GetCallerIdentityResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></GetCallerIdentityResponse>",
		},
		{
			"iam", "DeleteRole", &iam.DeleteRoleOutput{},
			`<DeleteRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></DeleteRoleResponse>`,
		},
		{
			"iam", "UpdateRole", &iam.UpdateRoleOutput{},
			`<UpdateRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><UpdateRoleResult></UpdateRoleResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></UpdateRoleResponse>`,
		},
		{
			"iam", "ListUsers", &iam.ListUsersOutput{},
			`<ListUsersResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListUsersResult><IsTruncated>false</IsTruncated><Users/></ListUsersResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></ListUsersResponse>`,
		},
		{
			"iam", "GetAccountSummary", &iam.GetAccountSummaryOutput{SummaryMap: map[string]int32{"b": 2, "a": 1}},
			`<GetAccountSummaryResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetAccountSummaryResult><SummaryMap><entry><key>a</key><value>1</value></entry><entry><key>b</key><value>2</value></entry></SummaryMap></GetAccountSummaryResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></GetAccountSummaryResponse>`,
		},
	} {
		got, err := awsquery.Encode(nil, wire.ServiceNamed(c.service), c.operation, "id", c.out)
		if err != nil || string(got) != c.want {
			t.Errorf("%v\ngot  %s\nwant %s", err, got, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		svc    string
		f      *fault.Fault
		status int
		want   string
	}{
		{"not found", "iam", fault.New(fault.NotFound, "NoSuchEntity", "No role <x>."), 404, `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>No role &lt;x&gt;.</Message></Error><RequestId>id</RequestId></ErrorResponse>`},
		{"denied", "sts", fault.New(fault.Denied, "AccessDenied", "No."), 403, `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>No.</Message></Error><RequestId>id</RequestId></ErrorResponse>`},
		{"conflict", "iam", fault.New(fault.Conflict, "EntityAlreadyExists", "x"), 409, ""},
		{"limit", "iam", fault.New(fault.Limit, "LimitExceeded", "x"), 409, ""},
		{"signature", "sts", fault.New(fault.Unauthenticated, "SignatureDoesNotMatch", "x"), 403, ""},
		{"invalid", "sts", fault.New(fault.Invalid, "ValidationError", "x"), 400, ""},
		{"throttled", "sts", fault.New(fault.Throttled, "Throttling", "x"), 400, ""},
		{"not built", "iam", wire.ServiceNamed("iam").NotBuilt("CreateSAMLProvider"), 501, `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Receiver</Type><Code>NotImplemented</Code><Message>Gatehouse does not implement iam:CreateSAMLProvider yet.</Message></Error><RequestId>id</RequestId></ErrorResponse>`},
		{"unavailable", "iam", fault.New(fault.Unavailable, "ServiceUnavailable", "x"), 503, ""},
		{"internal", "iam", nil, 500, `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Receiver</Type><Code>ServiceFailure</Code><Message>The request failed because of an error inside Gatehouse. Please try again.</Message></Error><RequestId>id</RequestId></ErrorResponse>`},
		{"unknown service", "", fault.New(fault.Invalid, "InvalidAction", "x"), 400, ""},
	} {
		w := httptest.NewRecorder()
		awsquery.WriteError(w, wire.ServiceNamed(c.svc), "id", c.f)
		if w.Code != c.status || c.want != "" && w.Body.String() != c.want {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
		if w.Header().Get("X-Amzn-Requestid") != "id" || w.Header().Get("Content-Type") != "text/xml" {
			t.Errorf("%s: headers %v", c.name, w.Header())
		}
	}
}

// FuzzDecode checks that forms never cause anything but inputs and faults.
func FuzzDecode(f *testing.F) {
	f.Add("Tags.member.1.Key=a&Tags.member.1.Value=b&PolicyArns.member.2.arn=c&DurationSeconds=5")
	f.Add("TransitiveTagKeys=&Tags.member.=&Tags.member=&.=&ProvidedContexts.member.1")
	f.Add("PolicyIdentifier.PolicyArn=x&M.entry.1.key=a&M.entry.1.value=b")
	f.Fuzz(func(t *testing.T, body string) {
		var own struct {
			PolicyIdentifier iamtypes.PolicyIdentifier
			M                map[string]string
			B                *bool
		}
		for _, in := range []any{&sts.AssumeRoleInput{}, &iam.SimulateCustomPolicyInput{}, &own} {
			if err := awsquery.Decode(post(""), []byte(body), in); err != nil && fault.As(err) == nil {
				t.Errorf("%v is no fault", err)
			}
		}
		r := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/", RawQuery: body}}
		if err := awsquery.Decode(r, nil, &sts.AssumeRoleInput{}); err != nil && fault.As(err) == nil {
			t.Errorf("%v is no fault", err)
		}
	})
}

// FuzzEncode checks that any text makes well-formed XML.
func FuzzEncode(f *testing.F) {
	f.Add("a<b>&\x00\ufffe]]>")
	f.Fuzz(func(t *testing.T, text string) {
		out := &iam.GetRoleOutput{Role: &iamtypes.Role{Description: &text, AssumeRolePolicyDocument: &text}}
		answer, err := awsquery.Encode(nil, wire.ServiceNamed("iam"), "GetRole", text, out)
		if err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(strings.NewReader(string(answer))); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%q: %v", answer, err)
			}
		}
	})
}

func BenchmarkEncodeGetCallerIdentity(b *testing.B) {
	svc := wire.ServiceNamed("sts")
	out := &sts.GetCallerIdentityOutput{
		Account: aws.String("111111111111"), UserId: aws.String("AROAEXAMPLE:pcollins"),
		Arn: aws.String("arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_Admin_f32254ff98a16ce4/pcollins"),
	}
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if buf, err = awsquery.Encode(buf[:0], svc, "GetCallerIdentity", "11111111-2222-3333-4444-555555555555", out); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeGetCallerIdentity(b *testing.B) {
	body := []byte("Action=GetCallerIdentity&Version=2011-06-15")
	r := post("")
	b.ReportAllocs()
	for b.Loop() {
		if err := awsquery.Decode(r, body, &sts.GetCallerIdentityInput{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodeLargestForm is the most work that a body of 1 MiB can ask for.
func BenchmarkDecodeLargestForm(b *testing.B) {
	var form strings.Builder
	for n := 1; n <= 8_000; n++ {
		fmt.Fprintf(&form, "Tags.member.%d.Key=a&Tags.member.%d.Value=%s&", n, n, strings.Repeat("v", 80))
	}
	body, r := []byte(form.String()), post("")
	b.ReportAllocs()
	for b.Loop() {
		if err := awsquery.Decode(r, body, &sts.AssumeRoleInput{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeAssumeRole(b *testing.B) {
	body := []byte("Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Fx&RoleSessionName=me&DurationSeconds=900&Tags.member.1.Key=a&Tags.member.1.Value=b&Tags.member.2.Key=c&Tags.member.2.Value=d")
	r := post("")
	b.ReportAllocs()
	for b.Loop() {
		if err := awsquery.Decode(r, body, &sts.AssumeRoleInput{}); err != nil {
			b.Fatal(err)
		}
	}
}
