package permission

import (
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// Attribute is an attribute for access control: sessions of roles bear the value that the person has at Source as the
// tag Key. See AccessControlAttribute of the IAM Identity Center API.
type Attribute struct{ Key, Source string }

// AccessControl says that an instance passes attributes of people into their sessions, and which.
type AccessControl struct{ Attributes []Attribute }

// NewAccessControl checks the attributes. Tags are told apart without regard to letter case, so their keys must differ
// in more than that; known says whether a source exists.
func NewAccessControl(attributes []Attribute, known func(source string) bool) (*AccessControl, error) {
	seen := map[string]bool{}
	for _, a := range attributes {
		key := strings.ToLower(a.Key)
		switch {
		case seen[key]:
			return nil, fault.New(fault.Invalid, "ValidationException", "The attribute key %s is given more than once.", a.Key)
		case strings.HasPrefix(key, "aws:"):
			return nil, fault.New(fault.Invalid, "ValidationException", "The attribute key %s begins with aws:, which is reserved.", a.Key)
		case !known(a.Source):
			return nil, fault.New(fault.Invalid, "ValidationException", "The source %s of the attribute %s is not supported.", a.Source, a.Key)
		}
		seen[key] = true
	}
	return &AccessControl{Attributes: attributes}, nil
}
