package policy

import (
	"net/netip"
	"strings"
)

// outcome is the result of a condition.
type outcome uint8

const (
	no outcome = iota
	yes
	// failClosed: the policy holds something that cannot be compared; an Allow must not match and a Deny must.
	failClosed
	// perhaps: it depends on what an inquiry does not know. No condition is of this outcome in a decision.
	perhaps
)

// quantifier says how a condition treats the values of a multi-valued key.
type quantifier uint8

const (
	single quantifier = iota
	forAll
	forAny
)

// condition is one operator with one key, and its values compiled for the operator.
type condition struct {
	operator   string   // as written, for printing
	key        string   // as written
	values     []string // as written
	lowerKey   string
	at         Position // of the key
	hash       uint32   // of lowerKey
	quantifier quantifier
	ifExists   bool
	negated    bool
	test       test
	want       relation // of testNumber and testDate

	// The values, in the field of the test. What the test cannot read is left out, for it equals nothing.
	texts    []template          // testText, testFolded, testLike
	plain    map[string]struct{} // testText, instead of texts when there are many values and none has a variable
	arns     []arnPattern
	numbers  []decimal
	dates    []int64
	networks []netip.Prefix
	binaries []string
	truths   [2]bool // which of false and true are listed: testBool, testNull
}

// test says how values are compared, negation aside.
type test uint8

const (
	testText test = iota
	testFolded
	testLike
	testBool
	testBinary
	testNetwork
	testARN
	testNull
	testNumber
	testDate
)

// comparison is the result of comparing one value of the request with those of the policy.
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
	found := e.context.find(c.hash, c.lowerKey)
	if c.test == testNull {
		return verdict(c.truths[0] && found != nil || c.truths[1] && found == nil)
	}
	if found == nil {
		return verdict(c.ifExists || c.quantifier == forAll || c.quantifier == single && c.negated)
	}
	if !found.multi {
		return c.holdsFor(e, found.value)
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
	return no
}

// holdsFor evaluates one value of the request.
func (c *condition) holdsFor(e *evaluation, value string) outcome {
	if len(c.values) == 0 {
		return verdict(c.negated)
	}
	switch c.compare(e, value) {
	case equal:
		return verdict(!c.negated)
	case incomparable:
		return no
	case malformed:
		return failClosed
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
	test    test
	negated bool
	want    relation
}

// lookupOperator is the table of "IAM JSON policy elements: Condition operators", by base name.
func lookupOperator(name string) (operator, bool) {
	switch name {
	case "StringEquals":
		return operator{test: testText}, true
	case "StringNotEquals":
		return operator{test: testText, negated: true}, true
	case "StringEqualsIgnoreCase":
		return operator{test: testFolded}, true
	case "StringNotEqualsIgnoreCase":
		return operator{test: testFolded, negated: true}, true
	case "StringLike":
		return operator{test: testLike}, true
	case "StringNotLike":
		return operator{test: testLike, negated: true}, true
	case "Bool":
		return operator{test: testBool}, true
	case "BinaryEquals":
		return operator{test: testBinary}, true
	case "IpAddress":
		return operator{test: testNetwork}, true
	case "NotIpAddress":
		return operator{test: testNetwork, negated: true}, true
	case "ArnEquals", "ArnLike":
		return operator{test: testARN}, true
	case "ArnNotEquals", "ArnNotLike":
		return operator{test: testARN, negated: true}, true
	case "Null":
		return operator{test: testNull}, true
	}
	if relation, found := strings.CutPrefix(name, "Numeric"); found {
		return ordered(relation, testNumber)
	}
	if relation, found := strings.CutPrefix(name, "Date"); found {
		return ordered(relation, testDate)
	}
	return operator{}, false
}

// ordered returns one of the six operators of values with an order.
func ordered(name string, t test) (operator, bool) {
	o := operator{test: t, want: equals}
	switch name {
	case "Equals":
	case "NotEquals":
		o.negated = true
	case "LessThan":
		o.want = less
	case "LessThanEquals":
		o.want = less | equals
	case "GreaterThan":
		o.want = greater
	case "GreaterThanEquals":
		o.want = greater | equals
	default:
		return operator{}, false
	}
	return o, true
}

// newCondition compiles the operator and key of a condition; its values follow by add.
func newCondition(name, key string) (condition, bool) {
	c := condition{operator: name, key: key, lowerKey: strings.ToLower(key)}
	c.hash = hash(c.lowerKey)
	base := name
	if rest, found := strings.CutPrefix(base, "ForAllValues:"); found {
		base, c.quantifier = rest, forAll
	} else if rest, found := strings.CutPrefix(base, "ForAnyValue:"); found {
		base, c.quantifier = rest, forAny
	}
	base, c.ifExists = strings.CutSuffix(base, "IfExists")
	op, known := lookupOperator(base)
	if !known || op.test == testNull && (c.ifExists || c.quantifier != single) {
		return c, false
	}
	c.test, c.negated, c.want = op.test, op.negated, op.want
	return c, true
}
