package policy

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawStatement draws a statement of a small vocabulary, in which matches are likely.
func drawStatement(t *rapid.T, effect string) string {
	actions := rapid.SampledFrom([]string{"*", "iam:*", "iam:Get*", "IAM:getuser", "sqs:*", "iam:?etUser"})
	resources := rapid.SampledFrom([]string{"*", "arn:aws:iam::111111111111:user/*", "arn:aws:iam::111111111111:user/${aws:username}", "arn:aws:sqs"})
	conditions := rapid.SampledFrom([]string{"", `,"Condition":{"StringEquals":{"aws:username":"a"}}`, `,"Condition":{"StringNotEquals":{"aws:username":"a"}}`,
		`,"Condition":{"ForAllValues:StringLike":{"aws:TagKeys":["a*","b"]}}`, `,"Condition":{"ArnNotLike":{"aws:PrincipalArn":"${aws:PrincipalTag/x}"}}`,
		`,"Condition":{"Null":{"aws:username":"true"}}`, `,"Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}`})
	return fmt.Sprintf(`{"Effect":%q,%q:%q,%q:%q%s}`, effect, rapid.SampledFrom([]string{"Action", "NotAction"}).Draw(t, "not action"),
		actions.Draw(t, "action"), rapid.SampledFrom([]string{"Resource", "NotResource"}).Draw(t, "not resource"),
		resources.Draw(t, "resource"), conditions.Draw(t, "condition"))
}

func drawDocument(t *rapid.T, kind Kind) Policy {
	var statements []string
	for range rapid.IntRange(1, 3).Draw(t, "statements") {
		statements = append(statements, drawStatement(t, rapid.SampledFrom([]string{"Allow", "Allow", "Deny"}).Draw(t, "effect")))
	}
	return compile(t, kind, statements)
}

func compile(t *rapid.T, kind Kind, statements []string) Policy {
	d, err := Parse([]byte(`{"Version":"2012-10-17","Statement":[`+strings.Join(statements, ",")+`]}`), kind)
	if err != nil {
		t.Fatal(err)
	}
	return Policy{Doc: d}
}

func drawRequest(t *rapid.T) *Request {
	r := request(rapid.SampledFrom([]Principal{user, role, root, federated, management, service, saml, {}}).Draw(t, "principal"),
		rapid.SampledFrom([]string{"iam:GetUser", "sqs:SendMessage"}).Draw(t, "action"), user.ARN)
	r.ResourceAccount = rapid.SampledFrom([]Principal{user, {Account: "222222222222"}}).Draw(t, "owner").Account
	for _, key := range []string{"aws:username", "aws:PrincipalArn", "aws:PrincipalTag/x", "aws:MultiFactorAuthPresent"} {
		if rapid.Bool().Draw(t, "has "+key) {
			r.Context.Set(key, rapid.SampledFrom([]string{"a", "*", "true", user.ARN}).Draw(t, key))
		}
	}
	if rapid.Bool().Draw(t, "tags") {
		r.Context.SetList("aws:TagKeys", rapid.SliceOfN(rapid.SampledFrom([]string{"a", "ab", "c"}), 0, 2).Draw(t, "tag keys"))
	}
	return r
}

func drawLayers(t *rapid.T) *Layers {
	l := &Layers{Identity: []Policy{drawDocument(t, Identity)}}
	if rapid.Bool().Draw(t, "boundary") {
		p := drawDocument(t, Boundary)
		l.Boundary = &p
	}
	if rapid.Bool().Draw(t, "session") {
		l.HasSession, l.Session = true, []Policy{drawDocument(t, Session)}
	}
	if rapid.Bool().Draw(t, "organization") {
		shared := drawDocument(t, SCP)
		l.SCP = [][]Policy{{drawDocument(t, SCP), shared}, {shared}}
	}
	if rapid.Bool().Draw(t, "owner's organization") {
		l.RCP = [][]Policy{{drawResource(t)}, {drawResource(t)}}
	}
	if rapid.IntRange(0, 3).Draw(t, "endpoint") == 0 {
		p := drawResource(t)
		l.Endpoint = &p
	}
	if rapid.Bool().Draw(t, "resource's policy") {
		p := drawResource(t)
		l.Resource = &p
	}
	l.ResourceIsTrust = rapid.IntRange(0, 3).Draw(t, "trust") == 0
	l.ResourceMustAllow = rapid.IntRange(0, 3).Draw(t, "must allow") == 0
	l.Admitted = rapid.IntRange(0, 3).Draw(t, "admitted") == 0
	return l
}

// drawResource draws a document whose statements name principals.
func drawResource(t *rapid.T) Policy {
	var statements []string
	for range rapid.IntRange(1, 3).Draw(t, "statements") {
		effect := rapid.SampledFrom([]string{"Allow", "Allow", "Deny"}).Draw(t, "effect")
		who := rapid.SampledFrom([]string{`"Principal":"*"`, `"Principal":{"AWS":"111111111111"}`, `"Principal":{"AWS":"` + user.ARN + `"}`,
			`"Principal":{"AWS":"` + role.RoleARN + `"}`, `"Principal":{"AWS":"` + role.ARN + `"}`, `"Principal":{"Service":"sso.amazonaws.com"}`,
			`"NotPrincipal":{"AWS":["111111111111","` + user.ARN + `"]}`, `"Principal":{"Federated":"` + saml.ARN + `"}`}).Draw(t, "who")
		statements = append(statements, strings.Replace(drawStatement(t, effect), "{", "{"+who+",", 1))
	}
	return compile(t, Resource, statements)
}

func TestAddingADenyNeverAllows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, l := drawRequest(t), drawLayers(t)
		before := Decide(r, l)
		deny := func(kind Kind) Policy { return compile(t, kind, []string{drawStatement(t, "Deny")}) }
		switch rapid.IntRange(0, 3).Draw(t, "layer") {
		case 0:
			l.Identity = append(l.Identity, deny(Identity))
		case 1:
			if l.SCP != nil {
				l.SCP[1] = append(l.SCP[1], deny(SCP))
			}
		case 2:
			if l.HasSession {
				l.Session = append(l.Session, deny(Session))
			}
		case 3:
			p := compile(t, Resource, []string{strings.Replace(drawStatement(t, "Deny"), "{", `{"Principal":"*",`, 1)})
			l.Resource = &p
		}
		if after := Decide(r, l); after.Allowed && !before.Allowed {
			t.Fatalf("a Deny turned %s into %s", sentence(before), sentence(after))
		}
	})
}

func TestADenyThatMatchesEverythingWins(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, l := drawRequest(t), drawLayers(t)
		l.Identity = append(l.Identity, compile(t, Identity, []string{`{"Effect":"Deny","Action":"*","Resource":"*"}`}))
		if d := Decide(r, l); d.Allowed || !d.Explicit {
			t.Fatalf("got %s", sentence(d))
		}
	})
}

func TestPrintingKeepsTheDecision(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, p := drawRequest(t), drawDocument(t, Identity)
		again, err := Parse([]byte(p.Doc.String()), Identity)
		if err != nil {
			t.Fatal(err)
		}
		a, b := Decide(r, &Layers{Identity: []Policy{p}}), Decide(r, &Layers{Identity: []Policy{{Doc: again}}})
		if a != b {
			t.Fatalf("%s decides %+v, reprinted %+v", p.Doc, a, b)
		}
	})
}
