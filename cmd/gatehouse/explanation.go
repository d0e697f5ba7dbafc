package main

import (
	"fmt"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/audit"
)

// layerNames are what the layers of policies are called for people.
var layerNames = map[string]string{
	"scp": "service control policy", "rcp": "resource control policy", "vpce": "VPC endpoint policy", "resource": "resource-based policy",
	"trust": "role trust policy", "boundary": "permissions boundary", "session": "session policy", "identity": "identity-based policy",
}

// telling writes explanations for people.
type telling struct{ strings.Builder }

// line writes a line that is indented by so many steps.
func (t *telling) line(steps int, format string, args ...any) {
	t.WriteString(strings.Repeat("  ", steps))
	fmt.Fprintf(t, format, args...)
	t.WriteByte('\n')
}

// decision tells one decision: in one sentence, then what each layer said, then what would change it.
func (t *telling) decision(d *admin.ExplainedDecision) {
	t.line(0, "%s", verdict(d.Then))
	if !d.Allowed {
		t.layers(d.Then)
		t.changes(d.Then)
		if d.Today != nil && d.Today.Allowed {
			t.line(0, "")
			t.line(0, "The policies have changed since. By today's, it is allowed.")
		}
		return
	}
	if d.Today == nil {
		return
	}
	t.line(0, "")
	t.line(0, "By today's policies:")
	if !d.Today.Allowed {
		t.line(0, "%s", verdict(d.Today))
	}
	t.layers(d.Today)
	t.changes(d.Today)
}

// verdict tells a decision in one sentence.
func verdict(x *audit.Explanation) string {
	what := x.Action + " on " + orElse(x.Resource, "*")
	layer, at := layerNames[x.Layer], ""
	if x.Target != "" {
		at = " at " + x.Target
	}
	switch {
	case x.Allowed && x.By != nil:
		return fmt.Sprintf("Allowed: %s of the %s %s allows %s.", statementName(x.By), layer, policyName(x.By), what)
	case x.Allowed && x.Layer == "none":
		return fmt.Sprintf("Allowed: the root user has every permission of its account, so %s too.", what)
	case x.Allowed:
		return fmt.Sprintf("Allowed: %s allows %s.", article(layer), what)
	case x.By != nil && x.Explicit && x.By.Statement == 0:
		return fmt.Sprintf("Denied: the %s %s denies %s.", layer, policyName(x.By), what)
	case x.By != nil && x.Explicit:
		return fmt.Sprintf("Denied: %s of the %s %s%s denies %s.", statementName(x.By), layer, policyName(x.By), at, what)
	case x.Explicit:
		return fmt.Sprintf("Denied: %s%s denies %s.", article(layer), at, what)
	case len(x.Layers) == 0 && x.Layer == "identity":
		return fmt.Sprintf("Denied: a policy of the caller is missing, or cannot be read, so nothing allows %s.", what)
	case layer == "":
		return "Denied: " + what + "."
	}
	return fmt.Sprintf("Denied: no %s%s allows %s.", layer, at, what)
}

// article puts the article before the name of a layer.
func article(name string) string {
	if strings.HasPrefix(name, "i") {
		return "an " + name
	}
	return "a " + name
}

// layers tells what each layer said: one line of a layer that allows, more of one that does not.
func (t *telling) layers(x *audit.Explanation) {
	if len(x.Layers) > 0 && !x.Allowed {
		t.line(0, "")
	}
	for i := range x.Layers {
		l := &x.Layers[i]
		name := layerNames[l.Layer]
		if l.Target != "" {
			name += " at " + l.Target
		}
		t.line(1, "%-7s  %s%s", l.Verdict, name, remark(x, l))
		if l.Verdict == "allows" && !l.Blocks {
			continue
		}
		for j := range l.Statements {
			t.statement(&l.Statements[j])
		}
		if l.Omitted > 0 {
			t.line(5, "and %d more statements that are not on record", l.Omitted)
		}
	}
}

// remark says what a layer means for the decision.
func remark(x *audit.Explanation, l *audit.ExplainedLayer) string {
	silent := ""
	if l.Verdict == "silent" && len(l.Statements)+l.Omitted == 0 && !l.Hidden {
		silent = ": nothing in it means the action"
	}
	switch {
	case l.Hidden:
		return ": its policies are another account's to show"
	case l.Verdict == "exempt":
		return ": does not bind the caller"
	case l.Blocks && l.Layer == x.Layer && l.Target == x.Target:
		return silent + ", and so it is denied"
	case l.Blocks:
		return silent + ", would have denied it as well"
	case l.Verdict == "allows":
		for i := range l.Statements {
			if s := &l.Statements[i]; s.Matches && s.By.Statement > 0 {
				return fmt.Sprintf(": %s of %s", statementName(&s.By), shortName(&s.By))
			}
		}
	}
	return silent
}

func (t *telling) statement(s *audit.ExplainedStatement) {
	verb := strings.ToLower(s.Effect) + "s"
	if verb == "denys" {
		verb = "denies"
	}
	if !s.Matches {
		verb = "would " + strings.ToLower(s.Effect)
	}
	name := policyName(&s.By)
	if s.Matches && s.Effect == "Allow" {
		name = shortName(&s.By) // nothing has to be changed there
	}
	if statement := statementName(&s.By); statement != "" {
		name = statement + " of " + name
	}
	t.line(5, "%s: %s", verb, name)
	for i := range s.Failures {
		t.line(6, "but %s", failure(&s.Failures[i]))
	}
}

// failure says what the request has and what the statement wants.
func failure(f *audit.ExplainedFailure) string {
	where := fmt.Sprintf("at line %d, column %d", f.Line, f.Column)
	switch {
	case f.Element != "Condition":
		return fmt.Sprintf("its %s %s is %s, and the request's is %s", f.Element, where, valueList(f.Want), valueList(f.Got))
	case f.Absent:
		return fmt.Sprintf("%s %s wants %s of %s, which the request does not have", f.Operator, where, valueList(f.Want), f.Key)
	}
	return fmt.Sprintf("%s %s wants %s of %s, which is %s", f.Operator, where, valueList(f.Want), f.Key, valueList(f.Got))
}

func valueList(values []string) string {
	if len(values) == 0 {
		return "nothing"
	}
	return `"` + strings.Join(values, `", "`) + `"`
}

// changes tells what would allow a request.
func (t *telling) changes(x *audit.Explanation) {
	if len(x.Changes) == 0 {
		return
	}
	t.line(0, "")
	switch n := len(x.Changes) + x.Omitted; n {
	case 1:
		t.line(0, "What would allow it:")
	case 2:
		t.line(0, "What would allow it, both together:")
	default:
		t.line(0, "What would allow it, all %d together:", n)
	}
	for i := range x.Changes {
		c := &x.Changes[i]
		at := ""
		if c.Target != "" {
			at = " at " + c.Target
		}
		switch {
		case c.Remove == nil:
			t.line(1, "- add to %s%s: %s", article(layerNames[c.Layer]), at, c.Add)
		case c.Remove.Statement == 0 && *c.Remove != (audit.ExplainedBy{}):
			t.line(1, "- the %s %s has to stop denying it: ask who manages the organization", layerNames[c.Layer], policyName(c.Remove))
		case c.Remove.Statement == 0:
			t.line(1, "- the %s of the resource has to stop denying it", layerNames[c.Layer])
		default:
			t.line(1, "- take %s out of the %s %s%s, or except the request from it", statementName(c.Remove), layerNames[c.Layer], policyName(c.Remove), at)
		}
	}
	if x.Omitted > 0 {
		t.line(1, "- and %d more that are not on record", x.Omitted)
	}
}

// statementName names a statement; it is empty where a viewer learns only which policy it is of.
func statementName(by *audit.ExplainedBy) string {
	if by.Statement == 0 {
		return ""
	}
	name := fmt.Sprintf("statement %d", by.Statement)
	if by.Sid != "" {
		name += fmt.Sprintf(" %q", by.Sid)
	}
	if by.Line > 0 {
		name += fmt.Sprintf(" (line %d)", by.Line)
	}
	return name
}

// policyName names a policy for people, with its ARN if it has one.
func policyName(by *audit.ExplainedBy) string {
	switch {
	case by.ARN == "":
		return shortName(by)
	case by.Name == "":
		return by.ARN
	}
	return by.Name + " (" + by.ARN + ")"
}

// shortName names a policy without its ARN, unless it has no other name. The names of inline policies stand in quotes: they
// are anybody's choice.
func shortName(by *audit.ExplainedBy) string {
	switch {
	case by.Name == "" && by.ARN == "":
		return "without a name"
	case by.Name == "":
		return by.ARN
	case by.ARN == "":
		return fmt.Sprintf("%q", by.Name)
	}
	return by.Name
}
