package catalogue

import (
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// Caller is what of a caller goes into the ARNs of what they speak of.
type Caller struct {
	Account ident.AccountID
	Region  string
}

// Need is one permission that a call needs.
type Need struct {
	Action string // "ec2:StartInstances"
	// Resource is an ARN, or "*" for an action that is about no resource. Where Unknown, it is a pattern of ARNs whose
	// stars stand for what the request does not tell.
	Resource string
	Unknown  bool
	Account  ident.AccountID // whose the resource is, as far as its ARN tells; else the caller's
	Keys     []string        // the condition keys of the service that AWS would know of
	Context  map[string][]string
}

// Bounds of what a call may ask to be decided. AWS lets a resource have 50 tags.
const (
	mostNeeds = 1000
	mostTags  = 100
)

// Needs returns the permissions that the call needs. It is empty for an operation that needs none. ok is false when no
// action is known for the operation.
func (c *Call) Needs(by Caller) (needs []Need, ok bool, err error) {
	if len(c.in.tags()) > mostTags {
		return nil, true, fault.New(fault.Invalid, "LimitExceededException", "A call may hand over %d tags at most.", mostTags)
	}
	if c.in.torn {
		return nil, true, malformed("A tag of the request has several keys or values.")
	}
	list := c.Operation.asked
	if len(list) == 0 {
		list = []asked{{action: c.API.prefix + ":" + c.Operation.Name, permission: true}}
	}
	known := false
	for i := range list {
		a := &list[i]
		if !a.permission {
			known = true
			continue
		}
		act := c.Scope.actions[strings.ToLower(a.action)]
		if act == nil && a.arn == "" {
			continue
		}
		known = true
		if a.when != "" && !c.in.has(a.when) || a.not != "" && c.in.hasExactly(a.not) {
			continue
		}
		for _, n := range c.needsOf(a, act, by) {
			if len(n.Resource) > longestARN {
				return nil, true, fault.New(fault.Invalid, "ValidationException", "The request names a resource whose ARN is longer than %d characters.", longestARN)
			}
			needs = append(needs, n)
		}
		if len(needs) > mostNeeds {
			return nil, true, fault.New(fault.Invalid, "LimitExceededException", "A call may speak of %d resources at most.", mostNeeds)
		}
	}
	return needs, known, nil
}

// needsOf are the needs of one action: one for each of its resources, and those of the roles that are handed over.
func (c *Call) needsOf(a *asked, act *action, by Caller) []Need {
	d := &derivation{call: c, by: by, asked: a}
	if a.arn != "" {
		return append(d.need(a.action, d.stated(act)), c.passed(by)...)
	}
	return append(d.resources(act), c.passed(by)...)
}
