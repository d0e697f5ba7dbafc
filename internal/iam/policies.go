package iam

import (
	"maps"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// MaxManaged is how many managed policies a user or role has at most. See "IAM and AWS STS quotas" in the IAM User Guide.
const MaxManaged = 10

// Attach adds a managed policy. Attaching what is attached already changes nothing, as on AWS.
func (p *Policies) Attach(arn, quota string) error {
	if slices.Contains(p.Managed, arn) {
		return nil
	}
	if len(p.Managed) >= MaxManaged {
		return fault.New(fault.Limit, "LimitExceeded", "Cannot exceed quota for %s: %d", quota, MaxManaged)
	}
	p.Managed = append(p.Managed, arn)
	return nil
}

// Detach removes a managed policy, and reports whether it was there.
func (p *Policies) Detach(arn string) bool {
	at := slices.Index(p.Managed, arn)
	if at >= 0 {
		p.Managed = slices.Delete(p.Managed, at, at+1)
	}
	return at >= 0
}

// Put adds or replaces an inline policy. limit bounds the inline policies together, white space aside.
func (p *Policies) Put(name, document string, limit int) error {
	total := letters(document)
	for n, d := range p.Inline {
		if n != name {
			total += letters(d)
		}
	}
	if total > limit {
		return fault.New(fault.Limit, "LimitExceeded", "Maximum policy size of %d bytes exceeded", limit)
	}
	if p.Inline == nil {
		p.Inline = map[string]string{}
	}
	p.Inline[name] = document
	return nil
}

// Delete removes an inline policy, and reports whether it was there.
func (p *Policies) Delete(name string) bool {
	_, ok := p.Inline[name]
	delete(p.Inline, name)
	return ok
}

// Names returns the names of the inline policies in order.
func (p *Policies) Names() []string { return slices.Sorted(maps.Keys(p.Inline)) }

// Removable refuses to let go of a user or role that still has policies.
func (p *Policies) Removable() error {
	switch {
	case len(p.Managed) > 0:
		return fault.New(fault.Conflict, "DeleteConflict", "Cannot delete entity, must detach all policies first.")
	case len(p.Inline) > 0:
		return fault.New(fault.Conflict, "DeleteConflict", "Cannot delete entity, must delete policies first.")
	}
	return nil
}

// letters counts what is not white space, which is what the quotas count.
func letters(s string) int {
	return len(s) - strings.Count(s, " ") - strings.Count(s, "\n") - strings.Count(s, "\t") - strings.Count(s, "\r")
}
