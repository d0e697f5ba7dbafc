package authz

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// Change is something that could be changed about policies: a NewPolicy, an Attachment, a Detachment, a Rewriting, an
// InlinePolicy or a ManagedPolicy.
type Change interface {
	apply(h *hypothesis) error
}

// NewPolicy is a policy that an organization does not have yet, attached to a target.
type NewPolicy struct {
	Organization  string
	Type          string
	Name, Content string
	Target        string // r-…, ou-…, or an account id
}

// Attachment attaches one of an organization's policies to a target.
type Attachment struct{ Organization, Policy, Target string }

// Detachment detaches a policy from a target.
type Detachment struct{ Organization, Policy, Target string }

// Rewriting gives one of an organization's policies other content, wherever it is attached.
type Rewriting struct{ Organization, Policy, Content string }

// InlinePolicy gives a permission set another inline policy, or none when it is empty, and provisions the set in every
// account where it is provisioned.
type InlinePolicy struct{ Set, Document string }

// ManagedPolicy attaches an AWS managed policy to a permission set, or detaches it, and provisions the set as InlinePolicy
// does.
type ManagedPolicy struct {
	Set, ARN string
	Detached bool
}

// Hypothesis returns what s would be after changes. What AWS would refuse is refused, with AWS's words.
func (s *State) Hypothesis(from *Snapshot, changes ...Change) (*Snapshot, error) {
	next := *from
	h := hypothesis{to: &next, lib: s.library}
	for _, c := range changes {
		if err := c.apply(&h); err != nil {
			return nil, err
		}
	}
	for _, t := range h.bared {
		if !next.guarded(t.Organization, t.Target) {
			return nil, fault.New(fault.Limit, "ConstraintViolationException",
				"You cannot remove the last policy attached to the specified target.").With("Reason", "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
		}
	}
	return &next, nil
}

// hypothesis is a snapshot in the making.
type hypothesis struct {
	to    *Snapshot
	lib   *library
	made  int
	bared []Detachment // targets that must not be left without a policy, once all is done
}

func (c NewPolicy) apply(h *hypothesis) error {
	h.made++
	p := &organization.Policy{ID: fmt.Sprintf("p-new-%d", h.made), OrganizationID: c.Organization, Type: c.Type, Name: c.Name, Content: c.Content}
	if err := h.save(p); err != nil {
		return err
	}
	h.to.policies = h.to.policies.with(p.OrganizationID+"/"+p.ID, h.lib.guard(p, "")) // it has no ARN yet, only its name
	return Attachment{c.Organization, p.ID, c.Target}.apply(h)
}

func (c Attachment) apply(h *hypothesis) error {
	a, _, err := h.attachment(c.Organization, c.Policy, c.Target)
	if err != nil {
		return err
	}
	if h.to.isAttached(a) {
		return fault.New(fault.Conflict, "DuplicatePolicyAttachmentException", "A policy with the specified name and type already exists.")
	}
	h.to.apply(a, false, h.lib)
	return nil
}

func (c Detachment) apply(h *hypothesis) error {
	a, p, err := h.attachment(c.Organization, c.Policy, c.Target)
	if err != nil {
		return err
	}
	if !h.to.isAttached(a) {
		return fault.New(fault.Conflict, "PolicyNotAttachedException", "The policy isn't attached to the specified target in the specified root.")
	}
	h.to.apply(a, true, h.lib)
	if p.Type == organization.ServiceControlPolicy {
		h.bared = append(h.bared, c)
	}
	return nil
}

func (c Rewriting) apply(h *hypothesis) error {
	p, err := h.policy(c.Organization, c.Policy)
	if err != nil {
		return err
	}
	if p.AWSManaged {
		return immutable()
	}
	next := *p
	next.Content = c.Content
	return h.save(&next)
}

func (c InlinePolicy) apply(h *hypothesis) error {
	if c.Document != "" {
		if _, err := policy.Parse([]byte(c.Document), policy.Inline); err != nil {
			return err
		}
	}
	return h.edit(c.Set, func(set *permission.Set) error { return set.SetInline(c.Document, math.MaxInt) })
}

func (c ManagedPolicy) apply(h *hypothesis) error {
	if _, ok := h.lib.awsManaged(c.ARN); !ok {
		return fault.New(fault.NotFound, "ResourceNotFoundException", "Managed policy with ARN %s was not found.", c.ARN)
	}
	return h.edit(c.Set, func(set *permission.Set) error {
		if c.Detached {
			return set.Detach(c.ARN)
		}
		return set.Attach(c.ARN, math.MaxInt)
	})
}

// edit changes a permission set and provisions it. Quotas do not count here: they bound documents, not access.
func (h *hypothesis) edit(arn string, change func(*permission.Set) error) error {
	set := h.to.Set(arn)
	if set == nil {
		return fault.New(fault.NotFound, "ResourceNotFoundException", "Could not find PermissionSet with id %s", arn[strings.LastIndexByte(arn, '/')+1:])
	}
	next := *set
	next.Grants = set.Snapshot().Grants // lists of its own
	if err := change(&next); err != nil {
		return err
	}
	h.to.apply(&next, false, h.lib)
	h.provision(&next)
	return nil
}

// provision makes every version of a set that a role may have say what the set says.
func (h *hypothesis) provision(set *permission.Set) {
	now := h.lib.version(set.Snapshot())
	var keys []string
	h.to.versions.all(func(key string, v *version) bool {
		if v.SetARN == set.ARN {
			keys = append(keys, key)
		}
		return true
	})
	for _, key := range keys {
		h.to.versions = h.to.versions.with(key, now)
	}
}

// save puts a policy that can be read into the snapshot.
func (h *hypothesis) save(p *organization.Policy) error {
	kind := policy.SCP
	switch p.Type {
	case organization.ServiceControlPolicy:
	case organization.ResourceControlPolicy:
		kind = policy.RCP
	default:
		return fault.New(fault.Invalid, "InvalidInputException", "%q is not a type of policy that takes part in decisions.", p.Type)
	}
	if _, err := policy.Parse([]byte(p.Content), kind); err != nil {
		return malformed(err)
	}
	h.to.apply(p, false, h.lib)
	return nil
}

// malformed is what Organizations says of any document that it refuses, and the reason, which it leaves to be guessed.
func malformed(cause error) error {
	const words = "The provided policy document does not meet the requirements of the specified policy type."
	message := words
	if f := fault.As(cause); f != nil && f.Message != words {
		message += " " + f.Message
	}
	return fault.New(fault.Invalid, "MalformedPolicyDocumentException", "%s", message).Because(cause)
}

func immutable() error {
	return fault.New(fault.Invalid, "InvalidInputException", "You can't modify or delete a policy that AWS manages.").With("Reason", "IMMUTABLE_POLICY")
}

// policy returns a policy of an organization, or one that AWS attaches.
func (h *hypothesis) policy(organizationID, id string) (*organization.Policy, error) {
	for _, p := range []*organization.Policy{organization.FullAccess(), organization.FullResourceAccess()} {
		if p.ID == id {
			return p, nil
		}
	}
	if p := h.to.OrganizationPolicy(organizationID, id); p != nil {
		return p, nil
	}
	return nil, fault.New(fault.NotFound, "PolicyNotFoundException", "You specified a policy that doesn't exist.")
}

// attachment is that of a policy, which it returns too, to a target of its organization, where its type is enabled.
func (h *hypothesis) attachment(organizationID, id, target string) (*organization.Attachment, *organization.Policy, error) {
	p, err := h.policy(organizationID, id)
	if err != nil {
		return nil, nil, err
	}
	o := h.to.organizations.get(organizationID)
	if o == nil || !h.to.isTarget(o, target) {
		return nil, nil, fault.New(fault.NotFound, "TargetNotFoundException", "You specified a target that doesn't exist.")
	}
	if !o.Enables(p.Type) {
		return nil, nil, fault.New(fault.Invalid, "PolicyTypeNotEnabledException", "This operation can be performed only for enabled policy types.")
	}
	if id == organization.FullResourceAccessID {
		return nil, nil, immutable() // it stands at every level
	}
	return &organization.Attachment{OrganizationID: organizationID, PolicyID: id, TargetID: target}, p, nil
}

// isTarget reports whether policies can be attached to what has this id: the root, a unit or an account of o.
func (s *Snapshot) isTarget(o *organization.Organization, id string) bool {
	if u := s.units.get(id); u != nil {
		return u.OrganizationID == o.ID
	}
	if a := s.accounts.get(id); a != nil {
		return a.OrganizationID == o.ID
	}
	return id == o.RootID
}

func (s *Snapshot) isAttached(a *organization.Attachment) bool {
	ids := s.attached.get(a.OrganizationID + "/" + a.TargetID)
	return ids != nil && slices.Contains(*ids, a.PolicyID)
}

// guarded reports whether a service control policy is attached to a target: without any, nothing is allowed there.
func (s *Snapshot) guarded(organizationID, target string) bool {
	ids := s.attached.get(organizationID + "/" + target)
	if ids == nil {
		return false
	}
	return slices.ContainsFunc(*ids, func(id string) bool {
		g := s.policies.get(organizationID + "/" + id)
		return id == organization.FullAccessID || g != nil && g.Type == organization.ServiceControlPolicy
	})
}
