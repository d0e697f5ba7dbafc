package policy

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

var stacks = flag.Int("stacks", 20_000, "how many random stacks of policies TestTwoEvaluatorsAgree decides")

// twin is a document for both evaluators.
type twin struct {
	text   string
	engine Policy
	naive  naiveDocument
}

// dice draws documents and requests from a small vocabulary, in which matches are likely.
type dice struct{ *rand.Rand }

func pickOne[T any](d dice, list ...T) T { return list[d.IntN(len(list))] }

// some draws up to most of a list, at least one.
func some(d dice, most int, list ...string) []string {
	out := make([]string, 1+d.IntN(most))
	for i := range out {
		out[i] = pickOne(d, list...)
	}
	return out
}

func (d dice) statement(kind Kind) map[string]any {
	s := map[string]any{"Effect": pickOne(d, "Allow", "Allow", "Allow", "Deny")}
	s[pickOne(d, "Action", "Action", "Action", "NotAction")] = some(d, 2, "*", "sqs:*", "s3:*", "iam:*", "S3:Get*", "s3:getobject", "s3:?etObject", "s3:*Object", "sqs:SendMessage", "iam:GetUser", "*:*")
	s[pickOne(d, "Resource", "Resource", "Resource", "NotResource")] = some(d, 2, "*", "*", "arn:aws:s3:::*", "arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::?/*", "arn:aws:sqs",
		"arn:aws:sqs:*:222222222222:q", "arn:aws:iam::*:user/*", "arn:aws:s3:::b/${aws:PrincipalTag/team, 'k'}", "arn:aws:s3:::b/${*}", "arn:aws:*:b/?")
	if kind == Resource {
		who := pickOne[any](d, "*", map[string]any{"AWS": some(d, 3, "*", "111111111111", "arn:aws:iam::111111111111:root", user.ARN, role.ARN, role.RoleARN, federated.ARN, "222222222222")},
			map[string]any{"AWS": some(d, 2, user.ARN, role.RoleARN, role.ARN, "111111111111")}, map[string]any{"Service": service.Service, "Federated": saml.ARN})
		s["Principal"] = who
		if d.IntN(8) == 0 {
			delete(s, "Principal")
			s["NotPrincipal"] = map[string]any{"AWS": some(d, 4, "111111111111", user.ARN, role.ARN, role.RoleARN)}
		}
	}
	if d.IntN(2) == 0 {
		condition := map[string]any{}
		for range 1 + d.IntN(2) {
			d.condition(condition)
		}
		s["Condition"] = condition
	}
	return s
}

// operands are values that an operator knows, mostly.
func (d dice) operands(base string) []string {
	switch base {
	case "String":
		return some(d, 2, "a", "A", "a*", "b?", "${aws:username}", "${none}", "${none, 'a'}", "*", "${*}", "é")
	case "Numeric":
		return some(d, 2, "1", "1.0", "2", "-1", "x", "10")
	case "Date":
		return some(d, 2, "2030-01-01T00:00:00Z", "1893456000", "2030-01-02", "x", "2029-12-31T23:00:00-01:00")
	case "Arn":
		return some(d, 2, "arn:aws:iam::*:role/*", "arn:aws:iam::111111111111:user/a", "x", "arn:aws:iam::${aws:username}:user/a", "arn:aws:*:role/a", "${none}")
	case "Ip":
		return some(d, 2, "10.0.0.0/8", "192.0.2.0/24", "x", "2001:db8::/32")
	case "Binary":
		return some(d, 2, "YQ==", "Yg==")
	}
	return some(d, 2, "true", "false", "x")
}

func (d dice) condition(into map[string]any) {
	base := pickOne(d, "String", "String", "String", "Numeric", "Date", "Arn", "Ip", "Binary", "Bool", "Null")
	name := map[string][]string{
		"String":  {"StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"},
		"Numeric": {"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"},
		"Date":    {"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"},
		"Arn":     {"ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"}, "Ip": {"IpAddress", "NotIpAddress"},
		"Binary": {"BinaryEquals"}, "Bool": {"Bool"}, "Null": {"Null"},
	}[base]
	operator := pickOne(d, name...)
	if base != "Null" {
		operator = pickOne(d, "", "", "ForAllValues:", "ForAnyValue:") + operator + pickOne(d, "", "", "IfExists")
	}
	into[operator] = map[string]any{pickOne(d, "key:One", "KEY:one", "key:two", "aws:TagKeys", "aws:username"): d.operands(base)}
}

func (d dice) document(t *testing.T, kind Kind) twin {
	doc := map[string]any{}
	if v := pickOne(d, "2012-10-17", "2012-10-17", "2008-10-17", ""); v != "" {
		doc["Version"] = v
	}
	var list []any
	for range 1 + d.IntN(3) {
		list = append(list, d.statement(kind))
	}
	doc["Statement"] = list
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	// As session policies, documents may hold values that their operators cannot read.
	parsedAs := kind
	if kind != Resource {
		parsedAs = Session
	}
	compiled, err := Parse(text, parsedAs)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return twin{string(text), Policy{Doc: compiled}, naiveParse(string(text))}
}

func (d dice) request() *Request {
	r := &Request{Principal: pickOne(d, user, role, role, root, federated, management, service, saml, Principal{}), Context: NewContext(),
		Action:          pickOne(d, "s3:GetObject", "S3:getobject", "sqs:SendMessage", "iam:GetUser"),
		Resource:        pickOne(d, "*", "arn:aws:s3:::b/k", "arn:aws:s3:::b/a", "arn:aws:s3:::b/*", "arn:aws:sqs:eu-west-1:222222222222:q", user.ARN),
		ResourceAccount: pickOne[ident.AccountID](d, "111111111111", "111111111111", "222222222222")}
	texts := []string{"a", "A", "ab", "*", "1", "1.00", "x", "true", "10.1.2.3", "192.0.2.1", "2030-01-01T00:00:00Z", "1893456000", "YQ==", user.ARN, "arn:aws:iam::111111111111:role/a", "b𐐀", "é", ""}
	for _, key := range []string{"key:one", "key:Two", "aws:PrincipalTag/team", "aws:username"} {
		switch d.IntN(4) {
		case 0:
		case 1:
			if key == "key:Two" {
				r.Context.SetList(key, some(d, 3, texts...))
			}
		default:
			r.Context.Set(key, pickOne(d, texts...))
		}
	}
	switch d.IntN(3) {
	case 0:
		r.Context.SetList("aws:TagKeys", nil)
	case 1:
		r.Context.SetList("aws:TagKeys", some(d, 3, texts...))
	}
	return r
}

// stack draws layers for both evaluators from pools of documents.
func (d dice) stack(plain, naming []twin) (*Layers, *naiveLayers) {
	l, n := &Layers{}, &naiveLayers{}
	one := func(pool []twin, to **Policy, too **naiveDocument, chance int) {
		if d.IntN(chance) == 0 {
			t := pickOne(d, pool...)
			*to, *too = &t.engine, &t.naive
		}
	}
	several := func(pool []twin, most int) (list []Policy, docs []naiveDocument) {
		for range d.IntN(most + 1) {
			t := pickOne(d, pool...)
			list, docs = append(list, t.engine), append(docs, t.naive)
		}
		return list, docs
	}
	levels := func(pool []twin) (list [][]Policy, docs [][]naiveDocument) {
		for range 1 + d.IntN(2) {
			level, texts := several(pool, 2)
			list, docs = append(list, level), append(docs, texts)
		}
		return list, docs
	}
	one(plain, &l.Boundary, &n.boundary, 4)
	one(naming, &l.Resource, &n.resource, 2)
	one(naming, &l.Endpoint, &n.endpoint, 8)
	l.Identity, n.identity = several(plain, 3)
	if l.HasSession = d.IntN(4) == 0; l.HasSession {
		l.Session, n.session = several(plain, 2)
		n.hasSession = true
	}
	if d.IntN(4) == 0 {
		l.SCP, n.scp = levels(plain)
	}
	if d.IntN(4) == 0 {
		l.RCP, n.rcp = levels(naming)
	}
	l.ResourceIsTrust, l.ResourceMustAllow, l.Admitted = d.IntN(8) == 0, d.IntN(8) == 0, d.IntN(8) == 0
	n.trust, n.mustAllow, n.admitted = l.ResourceIsTrust, l.ResourceMustAllow, l.Admitted
	return l, n
}

// TestTwoEvaluatorsAgree decides random stacks with the engine and with the naive evaluator. A million takes a minute or two:
//
//	go test ./internal/policy -run TwoEvaluators -stacks 1000000
func TestTwoEvaluatorsAgree(t *testing.T) {
	t.Parallel()
	d := dice{rand.New(rand.NewPCG(1, 2))}
	var plain, naming []twin
	for range 200 + *stacks/100 {
		plain, naming = append(plain, d.document(t, Identity)), append(naming, d.document(t, Resource))
	}
	count := map[string]int{}
	for range *stacks {
		r := d.request()
		l, n := d.stack(plain, naming)
		decision := Decide(r, l)
		got := "implicit"
		if decision.Allowed {
			got = "allowed"
		} else if decision.Explicit {
			got = "explicit"
		}
		want := (&naive{r, n}).decide()
		if got != want {
			stack, _ := json.Marshal(n.describe())
			t.Fatalf("%s, and naively %s\n%+v\n%s\n%s", got, want, r, stack, Explain(r, l))
		}
		count[got]++
	}
	for _, outcome := range []string{"allowed", "explicit", "implicit"} {
		if count[outcome] < *stacks/20 {
			t.Errorf("only %d of %d are %s: the draws prove little", count[outcome], *stacks, outcome)
		}
	}
}

// describe returns the stack for people.
func (n *naiveLayers) describe() map[string]any {
	return map[string]any{"identity": n.identity, "session": n.session, "boundary": n.boundary, "resource": n.resource, "endpoint": n.endpoint,
		"scp": n.scp, "rcp": n.rcp, "trust": n.trust, "mustAllow": n.mustAllow, "admitted": n.admitted}
}
