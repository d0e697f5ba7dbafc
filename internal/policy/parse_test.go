package policy

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

func TestParseSaysWhatIsWrongAndWhere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind      Kind
		doc, want string
	}{
		{Identity, ``, "line 1, column 1: unexpected end"},
		{Identity, `[]`, "a policy is a JSON object"},
		{Identity, `{}`, "the policy has no Statement"},
		{Identity, `{"Statement":[]}`, "the policy has no statements"},
		{Identity, "{\n \"Statement\": [\n  {\"Effect\": \"allow\"}]}", "line 3, column 14: Effect must be"},
		{Identity, `{"Statement":[],"Statement":[]}`, `"Statement" appears twice`},
		{Identity, `{"Version":"2013-10-17","Statement":[]}`, "Version must be"},
		{Identity, `{"Statement":{"Effect":"Allow","Resource":"*"}}`, "Policy statement must contain actions."},
		{Identity, `{"Statement":{"Effect":"Allow","Action":"*"}}`, "Policy statement must contain resources."},
		{Identity, `{"Statement":{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}}`, "both Action and NotAction"},
		{Identity, `{"Statement":{"Effect":"Allow","Action":"GetUser","Resource":"*"}}`, "prefaced by a vendor"},
		{Identity, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"bucket"}}`, "must be in ARN format"},
		{Identity, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}}`, "Policy document should not specify a principal."},
		{Trust, `{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"111111111111"},"Resource":"*"}}`, "Has prohibited field Resource"},
		{Trust, `{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole"}}`, "must have Principal"},
		{Trust, `{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::111111111111:user/*"}}}`, "Invalid principal in policy"},
		{Trust, `{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Principal":{"AWS":"111111111111"}}}`, "may only specify STS AssumeRole actions"},
		{Identity, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringIs":{"a":"b"}}}}`, "invalid condition type: StringIs"},
		{Identity, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NullIfExists":{"a":"true"}}}}`, "invalid condition type"},
		{Identity, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a":null}}}}`, "must be a string, number or boolean"},
		{Identity, `{"Statement":[{"Sid":"A","Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"A","Effect":"Allow","Action":"*","Resource":"*"}]}`, "must be unique"},
		{Identity, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Comment":"x"}}`, `"Comment" is no element`},
		{Identity, `{"Id":"\ud800","Statement":[]}`, "escape that means no character"},
		{Identity, `{"Id":"\ud800x\udc00","Statement":[]}`, "escape that means no character"},
		{Identity, "{\"Id\":\"\xff\"}", "not valid UTF-8"},
		{Identity, `{"Id":` + strings.Repeat("[", 100_000), "nested too deeply"},
		{Identity, `{"Statement":[]} x`, "unexpected text after"},
		{Identity, strings.Repeat(" ", MaxSize+1), "larger than"},
	} {
		d, err := Parse([]byte(c.doc), c.kind)
		f := fault.As(err)
		if f == nil || f.Kind != fault.Invalid || f.Code != "MalformedPolicyDocument" || !strings.Contains(f.Message, c.want) {
			t.Errorf("Parse(%.80s) = %v, %v, want ... %s", c.doc, d, err, c.want)
		}
	}
}

// The documents and what IAM says of them were recorded on AWS.
func TestStoredPoliciesAreRefusedInIAMsWords(t *testing.T) {
	t.Parallel()
	statement := func(action, resource string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":` + action + `,"Resource":` + resource + `}}`
	}
	for _, c := range []struct{ doc, want string }{
		{`This is not a json document`, "Syntax errors in policy."},
		{`{"Version":"2012-10-17","Statement":{"Effect":"invalid","Action":"s3:*","Resource":"*"}}`, "Syntax errors in policy."},
		{statement(`"invalid"`, `"*"`), "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."},
		{statement(`""`, `"*"`), "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."},
		{statement(`"a a:ListBucket"`, `"*"`), "Vendor a a is not valid"},
		{statement(`"s3:List:Bucket"`, `"*"`), "Actions/Condition can contain only one colon."},
		{statement(`[]`, `"*"`), "Policy statement must contain actions."},
		{statement(`"s3:*"`, `[]`), "Policy statement must contain resources."},
		{statement(`"s3:*"`, `"invalid resource"`), `Resource invalid resource must be in ARN format or "*".`},
		{statement(`"s3:*"`, `""`), `Resource  must be in ARN format or "*".`},
		{statement(`"s3:*"`, `"a:bsdfdsafsad"`), `Partition "bsdfdsafsad" is not valid for resource "arn:bsdfdsafsad:*:*:*:*".`},
		{statement(`"s3:*"`, `"a:b:c:d:e:f:g:h"`), `Partition "b" is not valid for resource "arn:b:c:d:e:f:g:h".`},
		{statement(`"s3:*"`, `"aws:s3:::example_bucket"`), `Partition "s3" is not valid for resource "arn:s3:::example_bucket:*".`},
		{statement(`"s3:*"`, `"arn:error:s3:::example_bucket"`), `Partition "error" is not valid for resource "arn:error:s3:::example_bucket".`},
		{statement(`"s3:*"`, `"arn:aws"`), "Resource vendor must be fully qualified and cannot contain regexes."},
		{statement(`"s3:*"`, `"arn:aws:iam:::example_bucket"`), `IAM resource path must either be "*", root, or start with user/, federated-user/, role/, ` +
			"group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/."},
		{statement(`"s3:*"`, `"arn:aws:iam:us-east-1::example_bucket"`), "IAM resource arn:aws:iam:us-east-1::example_bucket cannot contain region information."},
		{statement(`"s3:*"`, `"arn:aws:s3:us-east-1::example_bucket"`), "Resource arn:aws:s3:us-east-1::example_bucket can not contain region information."},
		{statement(`"s3:*"`, `"arn:aws:s3::example_bucket"`), "The policy failed legacy parsing"},
		{statement(`"s3:*"`, `"arn:aws::::example_bucket"`), "The policy failed legacy parsing"},
		{`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateGreaterThan":{"a":"sdfdsf"}}}}`, "The policy failed legacy parsing"},
		{`{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Deny","Action":"*","Resource":"*"},{"Sid":"a","Effect":"Deny","Action":"*","Resource":"*"}]}`,
			"Statement IDs (SID) in a single policy must be unique."},
		{statement(`"iam: asdf safdsf af "`, `"arn:aws:s3:::b"`), ""},
		{statement(`"s3.s:ListBucket"`, `["arn:aws:s33:::b","arn:aws:fdsasf","arn:aws:ec2:us-east-1::b"]`), ""},
		{statement(`"s3:*"`, `["arn:aws:s3:us-west-2:123456789012:accesspoint/p","arn:aws:iam:::user/b","arn:aws:iam::*:*","arn:*:s3:::b"]`), ""},
		{statement(`"iam:*"`, `["arn:aws:iam::111111111111:root","arn:aws:iam::*:u*","arn:aws:iam::*:user/${aws:username}"]`), ""},
	} {
		_, err := Parse([]byte(c.doc), Identity)
		got := ""
		if f := fault.As(err); f != nil {
			got, _, _ = strings.Cut(f.Message, " See line")
		}
		if strings.TrimSuffix(got, ".") != strings.TrimSuffix(c.want, ".") {
			t.Errorf("Parse(%s): %q, want %q", c.doc, got, c.want)
		}
	}
}

func TestLargeDocumentsAreReadInLinearTime(t *testing.T) {
	t.Parallel()
	many := func(head, each, tail string) string {
		return head + strings.Repeat(each, (MaxSize-len(head)-len(tail))/len(each)) + tail
	}
	for _, doc := range []string{
		many(`{"Statement":[`, `{"Effect":"Deny","Action":"*","Resource":"*"},`, `{"Effect":"Deny","Action":"*","Resource":"*"}]}`),
		many(`{"Statement":{"Effect":"Deny","Resource":"*","Action":[`, `"a:*",`, `"*"]}}`),
		many(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":["`, `${`, `"]}}`),
		many(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":["`, `${'}'`, `"]}}`),
		many(`{"Statement":{"Effect":"Deny","Action":"a:`, `*?`, `","Resource":"*"}}`),
	} {
		d, err := Parse([]byte(doc), SCP)
		if err != nil {
			t.Errorf("Parse(%.60s): %v", doc, err)
			continue
		}
		Decide(request(user, "a:"+strings.Repeat("b", 100), "x"), &Layers{SCP: [][]Policy{{{Doc: d}}}})
	}
}

func TestAStatementKnowsItsPlace(t *testing.T) {
	t.Parallel()
	d := parse(t, Identity, "{\"Statement\": [\n  {\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"},\n  {\"Sid\":\"B\",\"Effect\":\"Deny\",\n   \"Action\":\"*\",\"Resource\":\"*\"}]}").Doc
	start, end := d.Span(1)
	if start != (Position{3, 3}) || end != (Position{4, 32}) || d.Len() != 2 || d.Sid(1) != "B" {
		t.Errorf("Span(1) = %v, %v; Sid %q", start, end, d.Sid(1))
	}
	if at, ok := d.Element(1, "Action"); !ok || at != (Position{4, 4}) {
		t.Errorf("Element(1, Action) = %v, %v", at, ok)
	}
	if _, ok := d.Element(0, "Sid"); ok {
		t.Error("the first statement has a Sid")
	}
}

func TestStringIsCanonical(t *testing.T) {
	t.Parallel()
	doc := `{ "Statement": {"Condition": {"Bool":{"aws:SecureTransport":[true]},"NumericLessThan":{"a:b":5,"c:d":["1","2"]}},
		"Resource":["*"], "Action":["iam:Get*"], "Effect":"Allow", "Sid":"A<"}, "Id":"x", "Version":"2012-10-17" }`
	want := `{"Version":"2012-10-17","Id":"x","Statement":[{"Sid":"A<","Effect":"Allow","Action":"iam:Get*","Resource":"*",` +
		`"Condition":{"Bool":{"aws:SecureTransport":"true"},"NumericLessThan":{"a:b":"5","c:d":["1","2"]}}}]}`
	if got := parse(t, SCP, doc).Doc.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func FuzzParse(f *testing.F) {
	for kind, doc := range []string{allowAll, `{"Statement":{"Effect":"Allow","Principal":{"AWS":["*","111111111111"],"Service":"a.b"},"NotAction":"a:*","NotResource":"arn:aws:s3"}}`,
		`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":{"Federated":"a.b"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringLike":{"k":["${a, 'b'}","${*}"]}}}}`,
		denyIAM, `{"Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}}`, allowRead, `{"Id":"\ud83d\ude00","Statement":[]}`} {
		f.Add([]byte(doc), uint8(kind))
	}
	f.Fuzz(func(t *testing.T, doc []byte, kind uint8) {
		d, err := Parse(doc, Kind(kind%8))
		if err != nil {
			if fault.As(err) == nil {
				t.Fatalf("Parse(%q) fails with %v, which is no fault", doc, err)
			}
			return
		}
		again, err := Parse([]byte(d.String()), d.Kind())
		if err != nil {
			t.Fatalf("Parse(%q) is printed as %s: %v", doc, d, err)
		}
		if again.String() != d.String() {
			t.Fatalf("printed as %s, then as %s", d, again)
		}
	})
}

func FuzzMatch(f *testing.F) {
	f.Add("a*?b", "a𐐀b")
	f.Add("**?*", "é\xff")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		got := match(wild(pattern), s)
		if at := matchAtOnce(wild(pattern), s); utf8.ValidString(pattern) && at != got {
			t.Fatalf("%q on %q: %v one by one, %v at once", pattern, s, got, at)
		}
		if !match(wild("*"), s) || !match(s, s) && strings.IndexByte(s, 0xfe) < 0 && strings.IndexByte(s, 0xff) < 0 {
			t.Errorf("%q does not match itself or *", s)
		}
	})
}
