package policy

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestAnOpenResource(t *testing.T) {
	t.Parallel()
	allow := func(statement string) string { return `{"Version":"2012-10-17","Statement":[` + statement + `]}` }
	for _, test := range []struct {
		name, document, resource string
		want                     Certainty
	}{
		{"any resource is allowed", allow(`{"Effect":"Allow","Action":"*","Resource":"*"}`), "arn:aws:ec2:us-east-1:1:instance/*", Yes},
		{"the whole type is allowed", allow(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:ec2:*:*:instance/*"}`), "arn:aws:ec2:us-east-1:1:instance/*", Yes},
		{"one of the type is allowed", allow(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:ec2:*:*:instance/i-1"}`), "arn:aws:ec2:us-east-1:1:instance/*", YesIf},
		{"a question mark is not whatever", allow(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:ec2:*:*:instance/?"}`), "arn:aws:ec2:us-east-1:1:instance/*", YesIf},
		{"another type is allowed", allow(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:ec2:*:*:volume/*"}`), "arn:aws:ec2:us-east-1:1:instance/*", No},
		{"one is denied", allow(`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"arn:aws:ec2:*:*:*/i-1"}`), "arn:aws:ec2:us-east-1:1:instance/*", YesIf},
		{"another type is denied", allow(`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"arn:aws:*:*:*:volume/?*"}`), "arn:aws:ec2:us-east-1:1:instance/*", Yes},
		{"all but one are allowed", allow(`{"Effect":"Allow","Action":"*","NotResource":"arn:aws:ec2:*:*:*/i-1"}`), "arn:aws:ec2:us-east-1:1:instance/*", YesIf},
		{"all but another type are allowed", allow(`{"Effect":"Allow","Action":"*","NotResource":"arn:aws:ec2:us-east-1:1:volume/*"}`), "arn:aws:ec2:us-east-1:1:instance/*", Yes},
		{"all but the type are allowed", allow(`{"Effect":"Allow","Action":"*","NotResource":"arn:aws:ec2:*:*:instance/*"}`), "arn:aws:ec2:us-east-1:1:instance/*", No},
		{"nothing is known, and one is allowed", allow(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b"}`), "*", YesIf},
		{"a variable is known", allow(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:ec2:*:*:instance/${aws:username}*"}`), "arn:aws:ec2:us-east-1:1:instance/ann-*", Yes},
		{"a variable has no value", allow(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:ec2:*:*:instance/${aws:nobody}*"}`), "arn:aws:ec2:us-east-1:1:instance/ann-*", No},
		{"a variable is unknown", allow(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:ec2:*:*:instance/${ec2:unknown}"}`), "arn:aws:ec2:us-east-1:1:instance/ann-*", YesIf},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			doc, err := Parse([]byte(test.document), Identity)
			if err != nil {
				t.Fatal(err)
			}
			x := NewContext()
			x.Set("aws:username", "ann")
			q := &Inquiry{Request: Request{Principal: Principal{Kind: User, Account: "1"}, Action: "ec2:StartInstances", Resource: test.resource,
				ResourceAccount: "1", Context: x}, Unknown: []string{"ec2:*"}, Open: true}
			if a := Inquire(q, &Layers{Identity: []Policy{{Name: "p", Doc: doc}}}); a.Certainty != test.want {
				t.Errorf("got %s", a)
			}
		})
	}
}

func TestOnlyListedKeysAreUnknown(t *testing.T) {
	t.Parallel()
	doc, err := Parse([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"a"}}}]}`), Identity)
	if err != nil {
		t.Fatal(err)
	}
	for want, keys := range map[Certainty][]string{YesIf: {"aws:ResourceTag/*"}, No: {}} {
		q := &Inquiry{Request: Request{Principal: Principal{Kind: User, Account: "1"}, Action: "a:b", ResourceAccount: "1"}, Unknown: keys}
		if a := Inquire(q, &Layers{Identity: []Policy{{Doc: doc}}}); a.Certainty != want {
			t.Errorf("%q: %s", keys, a)
		}
	}
}

// TestCoversAndTouches: what a pattern covers, it matches however the stars are filled in, and what it does not touch it
// matches in no way.
func TestCoversAndTouches(t *testing.T) {
	t.Parallel()
	d := rand.New(rand.NewPCG(1, 2))
	text := func(letters string) string {
		var b strings.Builder
		for range d.IntN(8) {
			b.WriteByte(letters[d.IntN(len(letters))])
		}
		return b.String()
	}
	covered, touched := 0, 0
	for range 200_000 {
		p, s := wild(text("ab*?")), wild(text("ab*"))
		c, m := coversOpen(p, s), touches(p, s)
		if c && !m {
			t.Fatalf("%q covers %q and does not touch it", p, s)
		}
		covered += count(c)
		touched += count(m)
		var filled strings.Builder
		for i := range len(s) {
			if s[i] == star {
				filled.WriteString(text("abc"))
			} else {
				filled.WriteByte(s[i])
			}
		}
		if got := match(p, filled.String()); c && !got || !m && got {
			t.Fatalf("%q covers %q: %v, touches it: %v, matches %q: %v", p, s, c, m, filled.String(), got)
		}
	}
	if covered < 1000 || touched < 2*covered {
		t.Errorf("%d covered, %d touched", covered, touched)
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// TestHostileGlobsAreComparedWithOpenResourcesAtABoundedCost: what is not compared is a doubt, of an Allow and of a Deny.
func TestHostileGlobsAreComparedWithOpenResourcesAtABoundedCost(t *testing.T) {
	t.Parallel()
	glob := "arn:aws:eks:*:*:*" + strings.Repeat("a*", 1000) + "z"
	for _, effect := range []string{"Allow", "Deny"} {
		statement := `{"Effect":"` + effect + `","Action":"eks:*","Resource":["` + glob + `","` + glob + `y","` + glob + `x"]}`
		doc, err := Parse([]byte(`{"Version":"2012-10-17","Statement":[`+strings.Repeat(statement+",", 9)+statement+`]}`), Identity)
		if err != nil {
			t.Fatal(err)
		}
		q := Inquiry{Request: Request{Action: "eks:DeleteNodegroup", Resource: "arn:aws:eks:eu-west-1:111122223333:nodegroup/" + strings.Repeat("a", 1900) + "/n/*",
			Context: NewContext()}, Unknown: []string{}, Open: true}
		d := q.doubts()
		e := newEvaluation(&q.Request, &Layers{}, []byte("eks:deletenodegroup"))
		e.doubts = &d
		for i := range doc.statements {
			out := d.openResource(&e, &doc.statements[i])
			if again := d.openResource(&e, &doc.statements[i]); again != out {
				t.Errorf("%s %d: %v, and then %v", effect, i, out, again)
			}
			if i > 0 && out != perhaps {
				t.Errorf("%s %d: %v", effect, i, out)
			}
		}
		if d.steps > mostSteps {
			t.Errorf("%d steps", d.steps)
		}
	}
}
