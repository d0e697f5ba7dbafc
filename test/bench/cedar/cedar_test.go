// Package cedar measures the policy engine beside cedar-go, in one run and on the same requests. It is a module of its own, so
// that the program does not depend on cedar-go:
//
//	cd test/bench/cedar && GOMAXPROCS=1 go test -bench .
//
// Cedar has neither patterns of actions nor layers. So a statement of IAM becomes one policy of Cedar, which compares the action
// and the resource by "like", and a layer (or a level of one) becomes one policy set; every set has to allow. Its context
// is made before the clock starts, as the engine's is.
package cedar

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"

	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/testkit/workload"
)

// document is what the translation reads of a policy.
type document struct{ Statement []statement }

type statement struct {
	Effect                                 string
	Action, NotAction, Resource, Principal any
	Condition                              map[string]map[string]any
}

func texts(v any) (list []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, one := range v {
			list = append(list, one.(string))
		}
	}
	return list
}

// like returns an expression that holds when an attribute of the context matches one of the patterns.
func like(attribute string, patterns []string) string {
	var list []string
	for _, p := range patterns {
		list = append(list, fmt.Sprintf("context[%q] like %q", attribute, p))
	}
	return "(" + strings.Join(list, " || ") + ")"
}

// translate returns the policy of Cedar for a statement.
func (s *statement) translate(t testing.TB) string {
	var when []string
	if s.Action != nil {
		when = append(when, like("action", lower(texts(s.Action))))
	} else {
		when = append(when, "!"+like("action", lower(texts(s.NotAction))))
	}
	if r := texts(s.Resource); len(r) > 0 && r[0] != "*" {
		when = append(when, like("resource", r))
	}
	if who, named := s.Principal.(map[string]any); named {
		account := strings.Split(texts(who["AWS"])[0], ":")[4]
		when = append(when, fmt.Sprintf("context[%q] == %q", "account", account))
	}
	for operator, keys := range s.Condition {
		for key, values := range keys {
			when = append(when, condition(t, operator, key, texts(values)))
		}
	}
	return map[string]string{"Allow": "permit", "Deny": "forbid"}[s.Effect] + "(principal, action, resource) when { " + strings.Join(when, " && ") + " };"
}

func lower(list []string) []string {
	for i := range list {
		list[i] = strings.ToLower(list[i])
	}
	return list
}

// condition returns the expression for a condition; all operators of the workload are here.
func condition(t testing.TB, operator, key string, values []string) string {
	has := fmt.Sprintf("context has %q", key)
	any := func(format string) string {
		var list []string
		for _, v := range values {
			list = append(list, fmt.Sprintf(format, key, v))
		}
		return "(" + strings.Join(list, " || ") + ")"
	}
	switch operator {
	case "StringEquals", "Bool":
		return has + " && " + any("context[%q] == %q")
	case "StringNotEquals":
		return "!(" + has + " && " + any("context[%q] == %q") + ")"
	case "StringLike":
		return has + " && " + any("context[%q] like %q")
	case "StringNotLike":
		return "!(" + has + " && " + any("context[%q] like %q") + ")"
	case "NumericLessThan":
		return has + " && " + any("context[%q].lessThan(decimal(\"%s.0\"))")
	case "DateGreaterThan":
		return has + " && " + any("context[%q] > datetime(%q)")
	case "IpAddress":
		return has + " && " + any("context[%q].isInRange(ip(%q))")
	case "NotIpAddress":
		return "!(" + has + " && " + any("context[%q].isInRange(ip(%q))") + ")"
	case "ForAllValues:StringEquals":
		return fmt.Sprintf("(!(%s) || [\"%s\"].containsAll(context[%q]))", has, strings.Join(values, `", "`), key)
	}
	t.Fatalf("%s is not translated", operator)
	return ""
}

// sets returns a policy set for each layer, and for each level of one.
func sets(t testing.TB, l *policy.Layers) (list []*cedar.PolicySet) {
	layers := [][]policy.Policy{l.Identity, l.Session}
	for _, one := range []*policy.Policy{l.Boundary, l.Resource} {
		if one != nil {
			layers = append(layers, []policy.Policy{*one})
		}
	}
	layers = append(append(layers, l.SCP...), l.RCP...)
	for _, layer := range layers {
		if len(layer) == 0 {
			continue
		}
		set := cedar.NewPolicySet()
		for i, p := range layer {
			var d document
			if err := json.Unmarshal([]byte(p.Doc.String()), &d); err != nil {
				// A statement that stands alone is printed in a list, so this is no document at all.
				t.Fatal(err)
			}
			for j := range d.Statement {
				var one cedar.Policy
				text := d.Statement[j].translate(t)
				if err := one.UnmarshalCedar([]byte(text)); err != nil {
					t.Fatalf("%s: %v", text, err)
				}
				set.Add(cedar.PolicyID(fmt.Sprintf("%d.%d", i, j)), &one)
			}
		}
		list = append(list, set)
	}
	return list
}

// request returns the request of Cedar, its values typed as its operators want them.
func request(t testing.TB, r *policy.Request) cedar.Request {
	context := cedar.RecordMap{"action": cedar.String(strings.ToLower(r.Action)), "resource": cedar.String(r.Resource), "account": cedar.String(r.Principal.Account)}
	for _, key := range []string{"aws:PrincipalArn", "aws:PrincipalOrgID", "aws:RequestedRegion", "aws:SourceIp", "aws:SecureTransport", "aws:MultiFactorAuthPresent",
		"aws:PrincipalTag/team", "aws:RequestTag/team", "ec2:InstanceType", "aws:ResourceTag/team", "aws:CurrentTime", "s3:max-keys", "aws:ResourceAccount", "aws:TagKeys"} {
		values, multi, _ := r.Context.Get(key)
		var value cedar.Value
		var err error
		switch {
		case multi:
			var list []cedar.Value
			for _, v := range values {
				list = append(list, cedar.String(v))
			}
			value = cedar.NewSet(list...)
		case key == "aws:SourceIp":
			value, err = types.ParseIPAddr(values[0])
		case key == "aws:CurrentTime":
			value, err = types.ParseDatetime(values[0])
		case key == "s3:max-keys":
			value, err = types.ParseDecimal(values[0] + ".0")
		default:
			value = cedar.String(values[0])
		}
		if err != nil {
			t.Fatal(err)
		}
		context[cedar.String(key)] = value
	}
	return cedar.Request{Principal: cedar.NewEntityUID("P", "p"), Action: cedar.NewEntityUID("A", "a"), Resource: cedar.NewEntityUID("R", "r"), Context: cedar.NewRecord(context)}
}

// decide asks every set.
func decide(sets []*cedar.PolicySet, r cedar.Request) bool {
	for _, set := range sets {
		if ok, _ := cedar.Authorize(set, types.EntityMap{}, r); !ok {
			return false
		}
	}
	return true
}

func TestBothDecideAsExpected(t *testing.T) {
	for _, s := range workload.Scenarios() {
		sets := sets(t, s.Layers)
		for _, r := range s.Requests()[:16] {
			if got := policy.Decide(r, s.Layers).Allowed; got != s.Allowed {
				t.Errorf("%s: the engine decides %v", s.Name, got)
			}
			if got := decide(sets, request(t, r)); got != s.Allowed {
				t.Errorf("%s: cedar decides %v", s.Name, got)
			}
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	for _, s := range workload.Scenarios() {
		requests, sets := s.Requests(), sets(b, s.Layers)
		translated := make([]cedar.Request, len(requests))
		for i, r := range requests {
			translated[i] = request(b, r)
		}
		b.Run(s.Name+"/gatehouse", func(b *testing.B) {
			workload.Turns(b, func(i int) {
				if policy.Decide(requests[i%len(requests)], s.Layers).Allowed != s.Allowed {
					b.Fatal("wrong decision")
				}
			})
		})
		b.Run(s.Name+"/cedar", func(b *testing.B) {
			workload.Turns(b, func(i int) {
				if decide(sets, translated[i%len(translated)]) != s.Allowed {
					b.Fatal("wrong decision")
				}
			})
		})
	}
}
