package constraint

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// Constraint is a kind of constraint.
type Constraint uint8

// The kinds of constraints.
const (
	Required Constraint = iota + 1
	Max
	Min
	Pattern
	Enum
)

// Violation is one constraint that an input breaks.
type Violation struct {
	Path   string // such as "tags.1.member.key"
	Kind   Constraint
	Ranged bool // Min and Max are about a number, not about a length
	value  string
	phrase string
}

// String is the violation in AWS's words.
func (v Violation) String() string {
	return "Value" + v.value + " at '" + v.Path + "' failed to satisfy constraint: " + v.phrase
}

// Fault words violations for a service: its code, and one sentence for all of them. It returns nil for none.
func Fault(service string, vs []Violation) *fault.Fault {
	if len(vs) == 0 {
		return nil
	}
	sentences := make([]string, len(vs))
	for i, v := range vs {
		sentences[i] = v.String()
	}
	count := "1 validation error detected: "
	if len(vs) > 1 {
		count = fmt.Sprintf("%d validation errors detected: ", len(vs))
	}
	f := fault.New(fault.Invalid, code(service), "%s", count+strings.Join(sentences, "; "))
	switch service {
	case "organizations":
		return vs[0].organizations(f)
	case "account":
		return f.With("reason", "fieldValidationFailed")
	}
	return f
}

// code is the error that the model of a service has for an input that is not valid.
func code(service string) string {
	switch service {
	case "organizations":
		return "InvalidInputException"
	case "sso", "sso-oidc":
		return "InvalidRequestException"
	case "iam", "sts":
		return "ValidationError"
	}
	return "ValidationException"
}

// organizations words a violation as AWS Organizations does: it names the first one only, in a sentence without its value,
// and the member at the end of the reason.
func (v Violation) organizations(f *fault.Fault) *fault.Fault {
	reason := v.reason()
	switch v.Kind {
	case Required:
		f.Message = "You must provide a value for the parameter."
	case Pattern:
		f.Message = "You provided a value that does not match the required pattern."
	case Enum:
		f.Message = "You specified an invalid value."
	default:
		return f.With("Reason", reason)
	}
	return f.With("Reason", reason+":"+upperSnake(v.Path))
}

// upperSnake writes a path as reasons have it: "filter.actionType" is FILTER_ACTION_TYPE.
func upperSnake(path string) string {
	var b strings.Builder
	for i, c := range path {
		switch {
		case c == '.':
			b.WriteByte('_')
			continue
		case unicode.IsUpper(c) && i > 0:
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(c))
	}
	return b.String()
}

// reason is the InvalidInputExceptionReason of AWS Organizations.
func (v Violation) reason() string {
	switch {
	case v.Kind == Required:
		return "INPUT_REQUIRED"
	case v.Kind == Max && v.Ranged:
		return "MAX_VALUE_EXCEEDED"
	case v.Kind == Max:
		return "MAX_LENGTH_EXCEEDED"
	case v.Kind == Min && v.Ranged:
		return "MIN_VALUE_EXCEEDED"
	case v.Kind == Min:
		return "MIN_LENGTH_EXCEEDED"
	case v.Kind == Enum:
		return "INVALID_ENUM"
	}
	return "INVALID_PATTERN"
}
