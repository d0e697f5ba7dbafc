package permission

import (
	"slices"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// Snapshot returns what the set says now, as the version that accounts are provisioned with.
func (s *Set) Snapshot() *Version {
	return &Version{SetARN: s.ARN, Number: s.Version, SessionDuration: s.SessionDuration, Grants: s.Grants.clone()}
}

// Raise lets every role of the set have a version at once, however many there are; their rows may follow. It reports whether
// it did: where the version refers to policies that each account has to hold, each account has to be looked at.
func (s *Set) Raise(v *Version) bool {
	g := &v.Grants
	if len(g.Customer) > 0 || g.Boundary != nil && g.Boundary.Customer != nil {
		return false
	}
	s.Floor = max(s.Floor, v.Number)
	return true
}

func (g Grants) clone() Grants {
	g.Managed, g.Customer = slices.Clone(g.Managed), slices.Clone(g.Customer)
	g.Boundary = g.Boundary.clone()
	return g
}

func (b *Boundary) clone() *Boundary {
	if b == nil {
		return nil
	}
	out := &Boundary{ManagedARN: b.ManagedARN}
	if b.Customer != nil {
		r := *b.Customer
		out.Customer = &r
	}
	return out
}

func (b *Boundary) equal(other *Boundary) bool {
	if b == nil || other == nil {
		return b == other
	}
	if b.Customer == nil || other.Customer == nil {
		return b.Customer == other.Customer && b.ManagedARN == other.ManagedARN
	}
	return *b.Customer == *other.Customer
}

// Attach adds an AWS managed policy to at most most policies of both sorts together.
func (s *Set) Attach(arn string, most int) error {
	if slices.Contains(s.Grants.Managed, arn) {
		return conflict("Permission set with ARN %s already has a typed link attachment to a managed policy with %s", s.ARN, arn)
	}
	if err := s.room(most); err != nil {
		return err
	}
	s.Grants.Managed = append(s.Grants.Managed, arn)
	s.Version++
	return nil
}

// room refuses one policy more than a permission set has at most.
func (s *Set) room(most int) error {
	if len(s.Grants.Managed)+len(s.Grants.Customer) < most {
		return nil
	}
	return fault.New(fault.Limit, "ServiceQuotaExceededException",
		"You have exceeded AWS SSO limits. Cannot attach more than %d policies to a permission set.", most)
}

// AttachReference adds a customer managed policy to at most most policies of both sorts together. Which accounts hold it
// is found out when the set is provisioned there.
func (s *Set) AttachReference(r PolicyReference, most int) error {
	if slices.Contains(s.Grants.Customer, r) {
		return conflict("Permission set with ARN %s already has a typed link attachment to a managed policy with %s", s.ARN, r.Path+r.Name)
	}
	if err := s.room(most); err != nil {
		return err
	}
	s.Grants.Customer = append(s.Grants.Customer, r)
	s.Version++
	return nil
}

// DetachReference removes a customer managed policy.
func (s *Set) DetachReference(r PolicyReference) error {
	at := slices.Index(s.Grants.Customer, r)
	if at < 0 {
		return fault.New(fault.NotFound, "ResourceNotFoundException",
			"The customer managed policy %s is not attached to the permission set %s.", r.Path+r.Name, s.ARN)
	}
	s.Grants.Customer = slices.Delete(s.Grants.Customer, at, at+1)
	s.Version++
	return nil
}

// Detach removes an AWS managed policy.
func (s *Set) Detach(arn string) error {
	at := slices.Index(s.Grants.Managed, arn)
	if at < 0 {
		return fault.New(fault.NotFound, "ResourceNotFoundException",
			"The managed policy %s is not attached to the permission set %s.", arn, s.ARN)
	}
	s.Grants.Managed = slices.Delete(s.Grants.Managed, at, at+1)
	s.Version++
	return nil
}

// SetInline replaces the inline policy by one of at most most characters, white space aside; an empty document removes it.
func (s *Set) SetInline(document string, most int) error {
	if policy.Letters(document) > most {
		return fault.New(fault.Limit, "ServiceQuotaExceededException",
			"The inline policy is too large: at most %d characters without white space are allowed.", most)
	}
	if s.Grants.Inline != document {
		s.Grants.Inline = document
		s.Version++
	}
	return nil
}

// SetBoundary replaces the permissions boundary; nil removes it.
func (s *Set) SetBoundary(b *Boundary) {
	if !s.Grants.Boundary.equal(b) {
		s.Grants.Boundary = b
		s.Version++
	}
}

func conflict(format string, args ...any) error {
	return fault.New(fault.Conflict, "ConflictException", format, args...)
}

// SetDuration changes how long sessions last, from the next provisioning on.
func (s *Set) SetDuration(d time.Duration) {
	if s.SessionDuration != d {
		s.SessionDuration = d
		s.Version++
	}
}
