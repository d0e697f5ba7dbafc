package policy

import (
	"strings"
	"testing"
)

// TestWhatIsNotKnown asks with nothing known but aws:PrincipalTag/team, which is "red", and aws:username, which is absent.
func TestWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	statement := func(effect, resource, condition string) string {
		return `{"Effect":"` + effect + `","Action":"s3:GetObject","Resource":` + resource + `,"Condition":{` + condition + `}}`
	}
	const everything = `{"Effect":"Allow","Action":"*","Resource":"*"}`
	for _, c := range []struct {
		name       string
		statements []string
		want       string // "yes", "no", or what has to hold
	}{
		{"a plain Allow", []string{everything}, "yes"},
		{"nothing", []string{statement("Deny", `"arn:aws:s3:::other/*"`, `"Bool":{"aws:SecureTransport":"false"}`)}, "no"},
		{"a Deny without MFA", []string{everything, statement("Deny", `"*"`, `"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}`)}, `aws:MultiFactorAuthPresent is "true"`},
		{"a Deny with MFA that is false", []string{everything, statement("Deny", `"*"`, `"Bool":{"aws:MultiFactorAuthPresent":"false"}`)}, `aws:MultiFactorAuthPresent is "true", or aws:MultiFactorAuthPresent is absent`},
		{"an Allow with MFA", []string{statement("Allow", `"*"`, `"Bool":{"aws:MultiFactorAuthPresent":"true"}`)}, `aws:MultiFactorAuthPresent is "true"`},
		{"an Allow from a network", []string{statement("Allow", `"*"`, `"IpAddress":{"aws:SourceIp":["10.0.0.0/8","192.0.2.0/24"]}`)}, `aws:SourceIp is in "10.0.0.0/8" or "192.0.2.0/24"`},
		{"a Deny from elsewhere", []string{everything, statement("Deny", `"*"`, `"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}`)}, `aws:SourceIp is in "10.0.0.0/8"`},
		{"a known tag", []string{statement("Allow", `"*"`, `"StringEquals":{"aws:PrincipalTag/Team":"red"}`)}, "yes"},
		{"a known tag of another value", []string{statement("Allow", `"*"`, `"StringEquals":{"aws:PrincipalTag/team":"blue"}`)}, "no"},
		{"an unknown tag", []string{statement("Allow", `"*"`, `"StringEquals":{"aws:ResourceTag/env":"dev"}`)}, `aws:ResourceTag/env is "dev"`},
		{"a tag that is as another", []string{statement("Allow", `"*"`, `"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}`)}, `aws:ResourceTag/team is "${aws:PrincipalTag/team}"`},
		{"tag keys within a set", []string{statement("Allow", `"*"`, `"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}`)}, `every value of aws:TagKeys is "a" or "b", or aws:TagKeys is absent`},
		{"a tag key that denies", []string{everything, statement("Deny", `"*"`, `"ForAnyValue:StringEquals":{"aws:TagKeys":"a"}`)}, `no value of aws:TagKeys is "a"`},
		{"a key that has to be absent", []string{statement("Allow", `"*"`, `"Null":{"aws:RequestTag/x":"true"}`)}, `aws:RequestTag/x is absent`},
		{"a Deny without a tag", []string{everything, statement("Deny", `"*"`, `"Null":{"aws:RequestTag/x":"true"}`)}, `aws:RequestTag/x is present`},
		{"a Null that is always so", []string{statement("Allow", `"*"`, `"Null":{"aws:RequestTag/x":["true","false"]}`)}, "yes"},
		{"a key that is known to be absent", []string{statement("Allow", `"*"`, `"Null":{"aws:username":"true"}`)}, "yes"},
		{"a variable in the resource", []string{statement("Allow", `"arn:aws:s3:::home/${aws:SourceIdentity}/*"`, ``)}, `the resource is "arn:aws:s3:::home/${aws:SourceIdentity}/*"`},
		{"a variable in another resource", []string{statement("Allow", `"arn:aws:s3:::shared/${aws:SourceIdentity}/*"`, ``)}, "no"},
		{"a variable known to be absent", []string{statement("Allow", `"arn:aws:s3:::home/${aws:username}/*"`, ``)}, "no"},
		{"a default for a variable known to be absent", []string{statement("Allow", `"arn:aws:s3:::home/${aws:username, 'ann'}/*"`, ``)}, "yes"},
		{"a variable in an ARN", []string{statement("Allow", `"*"`, `"ArnLike":{"aws:SourceArn":"arn:aws:iam::1:role/${aws:SourceIdentity}"}`)}, `aws:SourceArn is like "arn:aws:iam::1:role/${aws:SourceIdentity}"`},
		{"all but a resource", []string{`{"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::home/*"}`}, "no"},
		{"all but another action", []string{`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`}, "yes"},
		{"two that exclude each other", []string{statement("Allow", `"*"`, `"StringEquals":{"aws:RequestedRegion":"a"}`), statement("Deny", `"*"`, `"StringEquals":{"aws:RequestedRegion":"a"}`)}, "no"},
		{"two that leave nothing out", []string{statement("Allow", `"*"`, `"Bool":{"aws:ViaAWSService":"true"}`), statement("Allow", `"*"`, `"Null":{"aws:ViaAWSService":"true"}`),
			statement("Allow", `"*"`, `"Bool":{"aws:ViaAWSService":"false"}`)}, "yes"},
		{"a date", []string{statement("Allow", `"*"`, `"DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}`)}, `aws:CurrentTime is less than "2030-01-01T00:00:00Z"`},
		{"a pattern that must not match", []string{everything, statement("Deny", `"*"`, `"StringLike":{"aws:UserAgent":"*curl*"}`)}, `aws:UserAgent is not like "*curl*", or aws:UserAgent is absent`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			q := &Inquiry{Request: *request(role, "s3:GetObject", "arn:aws:s3:::home/ann/x"), Absent: []string{"AWS:username"}}
			q.Context.Set("aws:PrincipalTag/team", "red")
			doc := `{"Version":"2012-10-17","Statement":[` + strings.Join(c.statements, ",") + `]}`
			a := Inquire(q, &Layers{Identity: list(t, Identity, strings.ReplaceAll(doc, `,"Condition":{}`, ""))})
			got := a.Certainty.String()
			if a.Certainty == YesIf {
				got = strings.TrimPrefix(a.String(), "yes, if\n  ")
				got, _, _ = strings.Cut(got, " (")
			}
			if got != c.want {
				t.Errorf("got %s\nwant %s\n%s", got, c.want, a)
			}
		})
	}
}

func TestPrefixesOfKeysAreAbsent(t *testing.T) {
	t.Parallel()
	q := &Inquiry{Request: *request(role, "s3:GetObject", "*"), Absent: []string{"aws:PrincipalTag/*"}}
	l := &Layers{Identity: list(t, Identity, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:principaltag/X":"y"}}}]}`)}
	if a := Inquire(q, l); a.Certainty != Yes {
		t.Errorf("got %s", a)
	}
}

// TestEachStrengthOfAResourcesPolicyIsAWay: a policy that perhaps names the caller in person spares the identity policy,
// which otherwise perhaps allows too.
func TestEachStrengthOfAResourcesPolicyIsAWay(t *testing.T) {
	t.Parallel()
	const mfa = `"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`
	l := &Layers{Identity: list(t, Identity, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]}`),
		Resource: parse(t, Resource, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+user.ARN+`"},"Action":"*","Resource":"*",`+mfa+`}]}`)}
	a := Inquire(&Inquiry{Request: *request(user, "s3:GetObject", "*")}, l)
	if a.Certainty != YesIf || len(a.Ways) != 2 || a.Ways[0][0].Layer != LayerIdentity || a.Ways[1][0].Layer != LayerResource {
		t.Errorf("got %s", a)
	}
}
