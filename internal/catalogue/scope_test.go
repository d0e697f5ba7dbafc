package catalogue

import (
	"fmt"
	"strings"
	"testing"
)

// everyScope calls fn with every scope of the data.
func everyScope(t testing.TB, fn func(*Scope)) {
	t.Helper()
	all := names()
	if len(all) < 300 {
		t.Fatalf("%d scopes", len(all))
	}
	for _, name := range all {
		s := load(name)
		if s == nil || len(s.apis) == 0 || s.Name != name {
			t.Fatalf("%s cannot be read", name)
		}
		fn(s)
	}
}

func TestEveryScopeIsRead(t *testing.T) {
	t.Parallel()
	operations, known := 0, 0
	everyScope(t, func(s *Scope) {
		for _, a := range s.apis {
			for _, o := range a.operations {
				operations++
				if o.route == nil && !a.inForms() {
					t.Errorf("%s %s has no route", a.Name, o.Name)
				}
				if len(o.asked) > 0 || s.actions[strings.ToLower(a.prefix+":"+o.Name)] != nil {
					known++
				}
			}
		}
		for _, a := range s.actions {
			for _, r := range a.types {
				if s.resources[prefixOf(a.name)+":"+r.name] == "" {
					t.Errorf("%s: the type %s has no ARN", a.name, r.name)
				}
			}
		}
	})
	if operations < 15000 || known*100 < operations*94 {
		t.Errorf("of %d operations, the actions of %d are known", operations, known)
	}
}

func TestEveryExceptionNamesAnAction(t *testing.T) {
	t.Parallel()
	everyScope(t, func(s *Scope) {
		for _, a := range s.apis {
			for _, o := range a.operations {
				for _, x := range o.asked {
					if x.permission && x.arn == "" && s.actions[strings.ToLower(x.action)] == nil {
						t.Errorf("%s %s asks for %s, which nobody knows", a.Name, o.Name, x.action)
					}
				}
			}
		}
	})
}

// TestEveryRouteLeadsToItsOperation asks for every operation of a REST protocol by its own route. APIs of one scope may
// share a route; then they share the operation's name and with it the action.
func TestEveryRouteLeadsToItsOperation(t *testing.T) {
	t.Parallel()
	missed := []string{}
	everyScope(t, func(s *Scope) {
		for _, a := range s.apis {
			for _, o := range a.operations {
				if o.route == nil {
					continue
				}
				call, err := s.Recognise(request(o.route.example(o.Name), "", o.route.exampleHeaders()...), nil)
				if err != nil || call.Operation.Name != o.Name {
					missed = append(missed, fmt.Sprintf("%s %s: %v", a.Name, o.Name, err))
				}
			}
		}
	})
	if len(missed) > 0 {
		t.Errorf("%d operations are taken for others:\n%s", len(missed), strings.Join(missed, "\n"))
	}
}

// example is a request of a route, with the hint that SDKs give.
func (t *route) example(name string) string {
	var b strings.Builder
	b.WriteString(t.method + " ")
	for _, s := range t.segments {
		b.WriteString("/")
		if s.label {
			b.WriteString("x")
		} else {
			b.WriteString(s.text)
		}
	}
	if len(t.segments) == 0 {
		b.WriteString("/")
	}
	b.WriteString("?x-id=" + name)
	for _, p := range t.query {
		b.WriteString("&" + p.name + "=" + p.value)
	}
	return b.String()
}

func (t *route) exampleHeaders() (list []string) {
	for _, name := range t.headers {
		list = append(list, name+": x")
	}
	return list
}

func TestOnlyAFewScopesAreKept(t *testing.T) {
	t.Parallel()
	var c Catalogue
	for i := range 3 {
		for _, name := range []string{"ec2", "s3", "sqs", "sns", "lambda", "kms", "ecs", "ecr", "eks", "logs", "dynamodb"} {
			if s := c.Scope(name); s == nil || s.Name != name || len(c.kept) > most {
				t.Fatalf("round %d: %s: %d are kept", i, name, len(c.kept))
			}
		}
	}
	for _, bad := range []string{"", "iam", "sts", "nothing", "../data/ec2", "EC2", "ec2.txt"} {
		if c.Scope(bad) != nil {
			t.Errorf("%q is known", bad)
		}
	}
}
