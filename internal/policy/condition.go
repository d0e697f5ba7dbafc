package policy

import "strings"

// outcome is the result of a condition.
type outcome uint8

const (
	no outcome = iota
	yes
	// failClosed: the policy holds something that cannot be compared; an Allow must not match and a Deny must.
	failClosed
)

// quantifier says how a condition treats the values of a multi-valued key.
type quantifier uint8

const (
	single quantifier = iota
	forAll
	forAny
)

// condition is one operator with one key and its values.
type condition struct {
	operator   string // as written, for printing
	key        string // as written
	lowerKey   string
	values     []string // as written
	quantifier quantifier
	ifExists   bool
	negated    bool
	null       bool // the operator Null
	operands   []operand
}

// operand is one value of a policy, compiled for its operator. It never knows about negation.
type operand interface {
	// compare compares the value with one value of the request.
	compare(e *evaluation, value string) comparison
}

// comparison is the result of comparing one value of the policy with one of the request.
type comparison uint8

const (
	differs comparison = iota
	equal
	incomparable // the request's value is nothing that the operator knows: neither the operator nor its negation holds
	malformed    // the policy's value is; see failClosed
)

func compared(same bool) comparison {
	if same {
		return equal
	}
	return differs
}

// holds evaluates the condition. Recorded on AWS: a multi-valued key without a set operator makes every operator false,
// negated and IfExists ones too, even when it has one value.
func (c *condition) holds(e *evaluation) outcome {
	found := e.context.find(c.lowerKey)
	if c.null {
		return c.holdsNull(found)
	}
	if found == nil {
		switch {
		case c.ifExists, c.quantifier == forAll, c.quantifier == single && c.negated:
			return yes
		}
		return no
	}
	switch c.quantifier {
	case forAll:
		for _, v := range found.values {
			if r := c.holdsFor(e, v); r != yes {
				return r
			}
		}
		return yes
	case forAny:
		result := no
		for _, v := range found.values {
			switch c.holdsFor(e, v) {
			case yes:
				return yes
			case failClosed:
				result = failClosed
			}
		}
		return result
	}
	if found.multi || len(found.values) != 1 {
		return no
	}
	return c.holdsFor(e, found.values[0])
}

// holdsNull: "true" asks that the key be absent, anything else that it be present; an empty string is present.
func (c *condition) holdsNull(found *entry) outcome {
	for _, v := range c.values {
		if strings.EqualFold(v, "true") == (found == nil) {
			return yes
		}
	}
	return no
}

// holdsFor evaluates one value of the request. The policy's values are tried in order, and a match ends the search.
func (c *condition) holdsFor(e *evaluation, value string) outcome {
	for _, o := range c.operands {
		switch o.compare(e, value) {
		case equal:
			return verdict(!c.negated)
		case incomparable:
			return no
		case malformed:
			return failClosed
		}
	}
	return verdict(c.negated)
}

func verdict(holds bool) outcome {
	if holds {
		return yes
	}
	return no
}

// operator is a row of the table of operators.
type operator struct {
	negated bool
	null    bool
	// compile makes an operand of a value; ok reports whether the value is what the operator expects.
	compile func(value string, variables bool) (o operand, ok bool)
}

// lookupOperator is the table of "IAM JSON policy elements: Condition operators", by base name.
func lookupOperator(name string) (operator, bool) {
	switch name {
	case "StringEquals":
		return operator{compile: newText}, true
	case "StringNotEquals":
		return operator{compile: newText, negated: true}, true
	case "StringEqualsIgnoreCase":
		return operator{compile: newFolded}, true
	case "StringNotEqualsIgnoreCase":
		return operator{compile: newFolded, negated: true}, true
	case "StringLike":
		return operator{compile: newLike}, true
	case "StringNotLike":
		return operator{compile: newLike, negated: true}, true
	case "Bool":
		return operator{compile: newBoolean}, true
	case "BinaryEquals":
		return operator{compile: newBinary}, true
	case "IpAddress":
		return operator{compile: newNetwork}, true
	case "NotIpAddress":
		return operator{compile: newNetwork, negated: true}, true
	case "ArnEquals", "ArnLike":
		return operator{compile: newARNPattern}, true
	case "ArnNotEquals", "ArnNotLike":
		return operator{compile: newARNPattern, negated: true}, true
	case "Null":
		return operator{null: true}, true
	}
	if relation, found := strings.CutPrefix(name, "Numeric"); found {
		return ordered(relation, newNumber)
	}
	if relation, found := strings.CutPrefix(name, "Date"); found {
		return ordered(relation, newDate)
	}
	return operator{}, false
}

// ordered returns one of the six operators of values with an order.
func ordered(name string, compile func(relation, string) (operand, bool)) (operator, bool) {
	r, negated := equals, false
	switch name {
	case "Equals":
	case "NotEquals":
		negated = true
	case "LessThan":
		r = less
	case "LessThanEquals":
		r = less | equals
	case "GreaterThan":
		r = greater
	case "GreaterThanEquals":
		r = greater | equals
	default:
		return operator{}, false
	}
	return operator{negated: negated, compile: func(v string, _ bool) (operand, bool) { return compile(r, v) }}, true
}

// newCondition compiles the operator and key of a condition; its values follow by add.
func newCondition(name, key string) (condition, operator, bool) {
	c := condition{operator: name, key: key, lowerKey: strings.ToLower(key)}
	base := name
	if rest, found := strings.CutPrefix(base, "ForAllValues:"); found {
		base, c.quantifier = rest, forAll
	} else if rest, found := strings.CutPrefix(base, "ForAnyValue:"); found {
		base, c.quantifier = rest, forAny
	}
	base, c.ifExists = strings.CutSuffix(base, "IfExists")
	op, known := lookupOperator(base)
	if !known || op.null && (c.ifExists || c.quantifier != single) {
		return c, op, false
	}
	c.negated, c.null = op.negated, op.null
	return c, op, true
}

// add compiles one value; it reports whether the value is what the operator expects.
func (c *condition) add(op operator, value string, variables bool) bool {
	c.values = append(c.values, value)
	if c.null {
		return true
	}
	o, ok := op.compile(value, variables)
	c.operands = append(c.operands, o)
	return ok
}
