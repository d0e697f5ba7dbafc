package iam

import (
	"maps"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// Attach adds a managed policy to at most most of them. Attaching what is attached already changes nothing, as on AWS.
func (p *Policies) Attach(arn, quota string, most int) error {
	if slices.Contains(p.Managed, arn) {
		return nil
	}
	if len(p.Managed) >= most {
		return fault.New(fault.Limit, "LimitExceeded", "Cannot exceed quota for %s: %d", quota, most)
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

// inline returns the name that an inline policy has, whose name is given in any letter case.
func (p *Policies) inline(name string) (string, bool) {
	if _, ok := p.Inline[name]; ok {
		return name, true
	}
	for n := range p.Inline {
		if strings.EqualFold(n, name) {
			return n, true
		}
	}
	return name, false
}

// Get returns the document of an inline policy. Names of inline policies are found in any letter case.
func (p *Policies) Get(name string) (document string, ok bool) {
	name, ok = p.inline(name)
	return p.Inline[name], ok
}

// Put adds or replaces an inline policy. limit bounds the inline policies together, white space aside.
func (p *Policies) Put(name, document string, limit int) error {
	name, _ = p.inline(name)
	total := policy.Letters(document)
	for n, d := range p.Inline {
		if n != name {
			total += policy.Letters(d)
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
	name, ok := p.inline(name)
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
