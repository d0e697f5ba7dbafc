package policy

import (
	"fmt"
	"strings"
)

// String tells the answer: for a YesIf each way, a line for each requirement.
func (a Answer) String() string {
	if a.Certainty != YesIf {
		return a.Certainty.String() + ": " + a.Decision.String()
	}
	var b strings.Builder
	b.WriteString("yes, if\n")
	for i, way := range a.Ways {
		if i > 0 {
			b.WriteString("or if\n")
		}
		for j, r := range way {
			b.WriteString("  " + pick(j > 0, "and ", "") + r.String() + "\n")
		}
	}
	return b.String()
}

// String tells what has to hold, and which statements ask for it.
func (r Requirement) String() string {
	texts := make([]string, len(r.Clauses))
	for i, c := range r.Clauses {
		texts[i] = c.String()
	}
	return strings.Join(texts, ", or ")
}

// String tells what has to hold, and which statement asks for it.
func (c Clause) String() string {
	texts := make([]string, len(c.Terms))
	for i, t := range c.Terms {
		texts[i] = t.String()
	}
	return fmt.Sprintf("%s (%s of %s)", strings.Join(texts, pick(c.Deny, " or ", " and ")),
		statementName(c.Sid, c.Index, c.At), policyName(c.PolicyARN, c.PolicyName))
}

// String says it in the words of a request: "aws:SourceIp is in "10.0.0.0/8"".
func (t Term) String() string {
	if t.condition == nil {
		return fmt.Sprintf("the resource is %s%s", pick(t.Holds == (t.Element == "Resource"), "", "not "), alternatives(t.Values))
	}
	return t.condition.sentence(t.Holds)
}

// sentence says what the condition, or its failing, means for the request.
func (c *condition) sentence(holds bool) string {
	if c.test == testNull {
		return c.key + pick(c.truths[1] == holds, " is absent", " is present")
	}
	matches := holds != c.negated
	subject := c.key + " "
	switch c.quantifier {
	case forAll:
		subject = pick(holds, "every value of ", "some value of ") + subject
	case forAny:
		subject = pick(holds, "some value of ", "no value of ") + subject
		matches = !c.negated // "no value of" says it
	}
	text := subject + "is " + pick(matches, "", "not ") + c.test.like(c.want) + alternatives(c.values)
	if c.test == testBool && !matches && len(c.values) == 1 {
		text = subject + `is "` + pick(c.truths[0], "true", "false") + `"`
	}
	// Without the key, the operators say no, but for negations, IfExists and ForAllValues.
	without := c.ifExists || c.quantifier == forAll || c.quantifier == single && c.negated
	switch {
	case c.quantifier == forAny && !holds:
		return text
	case without == holds:
		return text + ", or " + c.key + " is absent"
	case c.quantifier == single && !matches && c.test != testBool:
		return text + ", and present"
	}
	return text
}

// like says how values are compared.
func (t test) like(want relation) string {
	switch t {
	case testFolded:
		return "in any letter case "
	case testLike, testARN:
		return "like "
	case testNetwork:
		return "in "
	case testNumber, testDate:
		return map[relation]string{less: "less than ", less | equals: "at most ", greater: "greater than ", greater | equals: "at least "}[want]
	}
	return ""
}

// alternatives lists some values, of which one is enough.
func alternatives(values []string) string {
	told := values[:min(len(values), most)]
	text := `"` + strings.Join(told, `" or "`) + `"`
	if len(values) > most {
		text += fmt.Sprintf(" or %d more", len(values)-most)
	}
	return text
}
