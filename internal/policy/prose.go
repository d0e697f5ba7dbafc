package policy

import (
	"fmt"
	"strings"
)

// String tells the whole explanation: the decision, a line for each layer, and what would allow the request.
func (x Explanation) String() string {
	var b strings.Builder
	b.WriteString(x.Decision.String() + "\n")
	for i := range x.Layers {
		x.Layers[i].write(&b)
	}
	if len(x.Changes) > 0 {
		b.WriteString("What would allow it, all of it and nothing less:\n")
		for _, c := range x.Changes {
			b.WriteString("  - " + c.String() + "\n")
		}
	}
	return b.String()
}

// String tells the decision and what made it.
func (d Decision) String() string {
	switch {
	case d.Allowed && d.StatementIndex < 0:
		return "Allowed: a root user has every permission of its account."
	case d.Allowed:
		return fmt.Sprintf("Allowed by %s of %s (%s).", statementName(d.Sid, d.StatementIndex, Position{}), policyName(d.PolicyARN, d.PolicyName), place(d.Layer, d.Level))
	case d.Explicit:
		return fmt.Sprintf("Denied by %s of %s (%s).", statementName(d.Sid, d.StatementIndex, Position{}), policyName(d.PolicyARN, d.PolicyName), place(d.Layer, d.Level))
	case d.Layer == LayerNone:
		return "Denied."
	}
	return fmt.Sprintf("Denied: nothing in %s allows it.", place(d.Layer, d.Level))
}

// Statement names the statement that decided: its number, and its Sid where it has one.
func (d Decision) Statement() string { return statementName(d.Sid, d.StatementIndex, Position{}) }

func (r *LayerReport) write(b *strings.Builder) {
	fmt.Fprintf(b, "  %-14s %s", place(r.Layer, r.Level), r.Verdict)
	if r.Blocks {
		b.WriteString(" (blocks)")
	}
	b.WriteByte('\n')
	for i := range r.Statements {
		s := &r.Statements[i]
		fmt.Fprintf(b, "    %s %s of %s", pick(s.Matches, pick(s.Deny, "denies:", "allows:"), pick(s.Deny, "would deny:", "would allow:")),
			statementName(s.Sid, s.Index, s.At), policyName(s.PolicyARN, s.PolicyName))
		for _, f := range s.Failures {
			b.WriteString("\n      but " + f.String())
		}
		b.WriteByte('\n')
	}
}

// String says what the request has and what the statement wants.
func (f Failure) String() string {
	want := enumerate(f.Want)
	if f.Element != "Condition" {
		return fmt.Sprintf("its %s at line %d, column %d is %s, and the request's %s", f.Element, f.At.Line, f.At.Column, want, enumerate(f.Got))
	}
	got := "has the value " + enumerate(f.Got)
	if f.Absent {
		got = "is absent"
	}
	return fmt.Sprintf("%s at line %d, column %d wants %s of %s, which %s", f.Operator, f.At.Line, f.At.Column, want, f.Key, got)
}

// most is how many values of a list are told.
const most = 5

func enumerate(values []string) string {
	told := values[:min(len(values), most)]
	text := `"` + strings.Join(told, `", "`) + `"`
	if len(values) > most {
		text += fmt.Sprintf(" and %d more", len(values)-most)
	}
	if len(values) == 0 {
		return "nothing"
	}
	return text
}

// place names a layer and its level.
func place(l Layer, level int) string {
	switch {
	case level == 0:
		return l.String() + " of root"
	case level > 0:
		return fmt.Sprintf("%s of level %d", l, level)
	}
	return l.String()
}

func statementName(sid string, index int, at Position) string {
	name := fmt.Sprintf("statement %d", index+1)
	if sid != "" {
		name += fmt.Sprintf(" %q", sid)
	}
	if at.Line > 0 {
		name += fmt.Sprintf(" (line %d)", at.Line)
	}
	return name
}

func policyName(arn, name string) string {
	switch {
	case arn != "":
		return arn
	case name != "":
		return fmt.Sprintf("the policy %q", name)
	}
	return "an inline policy"
}
