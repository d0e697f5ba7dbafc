package policy

import "testing"

// TestAServiceAdmitsByRule holds what a rule of a service may stand in for: the consent of the resource's owner, and
// nothing else.
func TestAServiceAdmitsByRule(t *testing.T) {
	t.Parallel()
	parse := func(text string, kind Kind) *Document {
		doc, err := Parse([]byte(text), kind)
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	allow := []Policy{{Doc: parse(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"organizations:List*","Resource":"*"}]}`, Identity)}}
	deny := &Policy{Doc: parse(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"organizations:ListAccounts","Resource":"*"}]}`, Resource)}
	everyone := &Policy{Doc: parse(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"organizations:ListAccounts","Resource":"*"}]}`, Resource)}
	guard := [][]Policy{{{Doc: parse(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}`, SCP)}}}
	for name, c := range map[string]struct {
		layers Layers
		want   bool
	}{
		"an account that is not admitted":           {Layers{Identity: allow}, false},
		"one that is, and whose own policy agrees":  {Layers{Identity: allow, Admitted: true}, true},
		"one whose own policy does not":             {Layers{Admitted: true}, false},
		"one that the owner's policy denies":        {Layers{Identity: allow, Admitted: true, Resource: deny}, false},
		"one that a guardrail does not let":         {Layers{Identity: allow, Admitted: true, SCP: guard}, false},
		"one whose session is allowed nothing":      {Layers{Identity: allow, Admitted: true, HasSession: true}, false},
		"the owner's policy without one's own":      {Layers{Admitted: true, Resource: everyone}, false},
		"the owner's policy in place of the rule":   {Layers{Identity: allow, Resource: everyone}, true},
		"a role's trust policy is not stood in for": {Layers{Identity: allow, Admitted: true, ResourceIsTrust: true}, false},
	} {
		r := &Request{Principal: Principal{Kind: User, Account: "222222222222", ARN: "arn:aws:iam::222222222222:user/bob"},
			Action: "organizations:ListAccounts", Resource: "*", ResourceAccount: "111111111111"}
		if got := Decide(r, &c.layers); got.Allowed != c.want {
			t.Errorf("%s: allowed is %v, want %v", name, got.Allowed, c.want)
		}
	}
}
