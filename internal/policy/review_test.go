package policy

import (
	"fmt"
	"strings"
	"testing"
)

func TestAReviewSaysWhatValidatePolicyWould(t *testing.T) {
	t.Parallel()
	const head = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",`
	for _, c := range []struct {
		kind      Kind
		doc, want string // code and place; nothing when there is nothing to say
	}{
		{Identity, allowRead, ""},
		{Identity, strings.Replace(allowRead, `"Version":"2012-10-17",`, "", 1), "WARNING MISSING_VERSION 1:1"},
		{Identity, head + `"Action":["iam:Get*","iam:GetUser"],"Resource":"*"}]}`, "SUGGESTION REDUNDANT_ACTION 1:56"},
		{Identity, head + `"Action":["iam:GetUser","IAM:getuser"],"Resource":"*"}]}`, "SUGGESTION REDUNDANT_ACTION 1:56"},
		{Identity, head + `"Action":["iam:Get*","iam:*User"],"Resource":"*"}]}`, ""},
		{Identity, head + "\n" + `"Action":"iam:PassRole","Resource":"*"}]}`, "SECURITY_WARNING PASS_ROLE_WITH_STAR_IN_RESOURCE 2:1"},
		{Identity, head + `"Action":"iam:PassRole","Resource":"arn:aws:iam::111111111111:role/*"}]}`, "SECURITY_WARNING PASS_ROLE_WITH_STAR_IN_RESOURCE 1:56"},
		{Identity, head + `"Action":"iam:PassRole","Resource":"arn:aws:iam::111111111111:role/a"}]}`, ""},
		{Identity, head + `"Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}}]}`, ""},
		{Identity, head + `"Action":"iam:*","Resource":"*"}]}`, "SECURITY_WARNING PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE 1:56"},
		{Identity, head + `"Action":"iam:CreateServiceLinkedRole","Resource":"*"}]}`, "WARNING CREATE_SLR_WITH_STAR_IN_RESOURCE 1:56"},
		{Identity, head + `"Action":"s3:GetObject","Resource":["arn:aws:s3:::a/*","arn:aws:s3:::a/b"]}]}`, "SUGGESTION REDUNDANT_RESOURCE 1:80"},
		{Session, head + `"Action":"s3:GetObject","Resource":"arn:aws:s3:::${aws:username"}]}`, "ERROR MISSING_BRACE_IN_VARIABLE 1:80"},
		{SCP, `{"Version":"2008-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username}"}]}`, "ERROR VARIABLE_UNSUPPORTED_IN_VERSION 1:71"},
		{Identity, head + `"Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:TagKeys":"a"}}}]}`, "ERROR MISSING_QUALIFIER 1:116"},
		{Identity, head + `"Action":"s3:*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":"a"}}}]}`, ""},
		{Identity, head + `"Action":"s3:*","Resource":"*","Condition":{"Null":{"aws:TagKeys":"false"}}}]}`, ""},
		{Identity, head + `"Action":"s3:*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:PrincipalTag/a":"a"}}}]}`, "SECURITY_WARNING FORALLVALUES_WITH_SINGLE_VALUED_KEY 1:129"},
		{Identity, head + `"Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag":"a"}}}]}`, "WARNING INVALID_GLOBAL_CONDITION_KEY 1:116"},
		{Identity, head + `"Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"s3:prefix":"a*"}}}]}`, "WARNING WILDCARD_WITHOUT_LIKE_OPERATOR 1:116"},
		{Identity, head + `"Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"s3:prefix":"a${*}"}}}]}`, ""},
		{Identity, head + `"Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"s3:prefix":[]}}}]}`, "SUGGESTION EMPTY_ARRAY_CONDITION 1:116"},
		{Resource, head + `"NotPrincipal":{"AWS":"111111111111"},"Action":"s3:*","Resource":"*"}]}`, "SECURITY_WARNING ALLOW_WITH_NOT_PRINCIPAL 1:56"},
	} {
		got := []string{}
		for _, r := range Check([]byte(c.doc), c.kind).Remarks {
			got = append(got, fmt.Sprintf("%s %s %d:%d", r.Severity, r.Code, r.At.Line, r.At.Column))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("Check(%s): %s, want %s", c.doc, got, c.want)
		}
	}
}

func TestAReviewSaysWhereADocumentIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind           Kind
		doc, text, why string
		at             Position
	}{
		{Identity, "{\n\"Statement\":{\"Effect\":\"Allow\",\"Action\":\n\"Get\",\"Resource\":\"*\"}}",
			"Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.", `"Get" is not an action: actions are "*" or must be prefaced by a vendor, as in "iam:GetUser"`, Position{3, 1}},
		{SCP, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}}`, wordsOfType, "Has prohibited field Principal", Position{1, 14}},
		{RCP, `{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}`, wordsOfType,
			"a resource control policy denies named actions of supported services to everyone", Position{1, 14}},
		{Trust, "{\"Statement\":\n{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"nobody\"},\"Action\":\"sts:AssumeRole\"}}",
			`Invalid principal in policy: "AWS":"nobody"`, "", Position{2, 38}},
		{Trust, "{\"Statement\":\n{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"111111111111\"},\"Action\":\"sts:*\"}}",
			"AssumeRole policy may only specify STS AssumeRole actions.", "", Position{2, 1}},
		{Trust, `{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"111111111111"},"Resource":"*"}}`,
			"Has prohibited field Resource", "", Position{1, 14}},
		{Inline, `{`, "Syntax errors in policy. See line 1, column 2: expected a name in double quotes.", "", Position{1, 2}},
	} {
		got := Check([]byte(c.doc), c.kind)
		if len(got.Remarks) != 1 || got.Document != nil {
			t.Errorf("Check(%s) = %+v", c.doc, got)
			continue
		}
		if r := got.Remarks[0]; r.Text != c.text || r.Why != c.why || r.At != c.at || r.Severity != Error {
			t.Errorf("Check(%s)\n got %+v\nwant %s, %s, %v", c.doc, r, c.text, c.why, c.at)
		}
	}
}

func TestAReviewMeasures(t *testing.T) {
	t.Parallel()
	spaced := strings.Replace(denyIAM, ",", ",\n  ", 1)
	if got := Check([]byte(spaced), SCP).Sizes; len(got) != 1 || got[0].Used != len(spaced) || got[0].Left() != 10240-len(spaced) {
		t.Errorf("a service control policy: %+v", got)
	}
	if got := Check([]byte(spaced), Identity).Sizes; len(got) != 4 || got[0].Used != len(denyIAM) || got[0].Allowed != 6144 {
		t.Errorf("an identity policy: %+v", got)
	}
}
