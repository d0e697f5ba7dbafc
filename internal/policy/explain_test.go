package policy

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestExplainDecidesAsDecideDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, l := drawRequest(t), drawLayers(t)
		d, x := Decide(r, l), Explain(r, l)
		if x.Decision != d {
			t.Fatalf("Explain decides %+v, Decide %+v\n%s", x.Decision, d, x)
		}
		blocked := false
		for _, report := range x.Layers {
			blocked = blocked || report.Blocks
			if report.Blocks && report.Layer == d.Layer && report.Verdict == Denies && !d.Explicit {
				t.Fatalf("%s denies, and the decision is %+v", report.Layer, d)
			}
		}
		if blocked == d.Allowed {
			t.Fatalf("allowed %v, and a layer blocks: %v\n%s", d.Allowed, blocked, x)
		}
	})
}

func TestTheChangesAllowAndNoneCanBeLeftOut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, l := drawRequest(t), drawLayers(t)
		x := Explain(r, l)
		if x.Decision.Allowed {
			if x.Changes != nil {
				t.Fatalf("what is allowed needs no change: %s", x)
			}
			return
		}
		if d := Decide(r, Amend(l, x.Changes)); !d.Allowed {
			t.Fatalf("with all changes it is still decided %s\n%s", d, x)
		}
		for i := range x.Changes {
			var part []Change
			part = append(append(part, x.Changes[:i]...), x.Changes[i+1:]...)
			if d := Decide(r, Amend(l, part)); d.Allowed {
				t.Fatalf("change %d is not needed\n%s", i, x)
			}
		}
		if again := Explain(r, l); again.String() != x.String() {
			t.Fatalf("changes reach the layers that they were made for:\n%s\n%s", x, again)
		}
	})
}

// TestAnExplanationNamesWhatBlocks reads one explanation as a person does.
func TestAnExplanationNamesWhatBlocks(t *testing.T) {
	t.Parallel()
	named := func(p *Policy, name string) Policy { p.Name = name; return *p }
	l := &Layers{
		SCP: [][]Policy{{named(parse(t, SCP, allowAll), "FullAWSAccess")}, {named(parse(t, SCP, "{\"Version\":\"2012-10-17\",\n\"Statement\":[\n"+
			`{"Effect":"Allow","Action":"*","Resource":"*"},`+"\n"+`{"Sid":"NoIAM","Effect":"Deny","Action":"iam:*","Resource":"*"}]}`), "guard")}},
		Identity: []Policy{named(parse(t, Identity, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:Get*","Resource":"*",
			"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}`), "mfa")},
	}
	got := Explain(request(user, "iam:GetUser", user.ARN), l).String()
	want := `Denied by statement 2 "NoIAM" of the policy "guard" (scp of level 1).
  scp of root    allows
    allows: statement 1 (line 1) of the policy "FullAWSAccess"
  scp of level 1 denies (blocks)
    allows: statement 1 (line 3) of the policy "guard"
    denies: statement 2 "NoIAM" (line 4) of the policy "guard"
  identity       silent (blocks)
    would allow: statement 1 (line 1) of the policy "mfa"
      but Bool at line 2, column 25 wants "true" of aws:MultiFactorAuthPresent, which is absent
What would allow it, all of it and nothing less:
  - Take statement 2 "NoIAM" (line 4) out of the policy "guard" (layer scp of level 1), or except the request from it.
  - Add to a policy of the layer identity: {"Effect":"Allow","Action":"iam:GetUser","Resource":"arn:aws:iam::111111111111:user/a"}
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAnExplanationTellsWhomItDoesNotBind(t *testing.T) {
	t.Parallel()
	x := Explain(request(management, "iam:GetUser", user.ARN), &Layers{SCP: [][]Policy{{}}, Identity: list(t, Identity, allowAll)})
	if !x.Decision.Allowed || !strings.Contains(x.String(), "scp            exempt") {
		t.Errorf("got %s", x)
	}
}
