package iam

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// ManagedPolicy is a customer managed policy: a policy in its own right, which users, groups, roles and permissions
// boundaries name by its ARN. One of its versions is in force. See "Managed policies and inline policies" and
// "Versioning IAM policies" in the IAM User Guide.
type ManagedPolicy struct {
	ID          string // ANPA…
	Account     ident.AccountID
	Name        string // unique in its account, letter case aside, whatever the path
	Path        string
	Description string
	Tags        map[string]string
	Versions    []PolicyVersion // oldest first
	Default     int             // number of the version in force
	Made        int             // versions ever made: numbers are not used again
	CreatedAt   time.Time
	UpdatedAt   time.Time // when another version came into force
}

// PolicyVersion is what a customer managed policy says, or said. It never changes once made.
type PolicyVersion struct {
	Number    int
	Document  string
	CreatedAt time.Time
}

// ID returns the version's name, such as v3.
func (v *PolicyVersion) ID() string { return "v" + strconv.Itoa(v.Number) }

// PolicyARN returns the ARN of the customer managed policy that an account has, or would have, at a path under a name.
func PolicyARN(account ident.AccountID, path, name string) string {
	return ident.IAM(account, "policy"+path+name)
}

// ARN returns the policy's ARN.
func (p *ManagedPolicy) ARN() string { return PolicyARN(p.Account, p.Path, p.Name) }

// Version returns the version with an id such as v3, or nil.
func (p *ManagedPolicy) Version(id string) *PolicyVersion {
	for i := range p.Versions {
		if p.Versions[i].ID() == id {
			return &p.Versions[i]
		}
	}
	return nil
}

// DefaultID returns the id of the version in force.
func (p *ManagedPolicy) DefaultID() string { return (&PolicyVersion{Number: p.Default}).ID() }

// InForce returns the version in force, or nil when the policy has lost it.
func (p *ManagedPolicy) InForce() *PolicyVersion { return p.Version(p.DefaultID()) }

// CheckPolicySize refuses a version of more than most characters, white space aside.
func CheckPolicySize(document string, most int) error {
	if policy.Letters(document) > most {
		return fault.New(fault.Limit, "LimitExceeded", "Cannot exceed quota for PolicySize: %d", most)
	}
	return nil
}

// Room refuses one version more than most.
func (p *ManagedPolicy) Room(most int) error {
	if len(p.Versions) >= most {
		return fault.New(fault.Limit, "LimitExceeded", "A managed policy can have up to %d versions. Before you create a new "+
			"version, you must delete an existing version.", most)
	}
	return nil
}

// AddVersion adds a version, in force from now on when asked for, as the first always is.
func (p *ManagedPolicy) AddVersion(document string, inForce bool, now time.Time) *PolicyVersion {
	p.Made++
	p.Versions = append(p.Versions, PolicyVersion{Number: p.Made, Document: document, CreatedAt: now})
	if inForce || p.Made == 1 {
		p.Default, p.UpdatedAt = p.Made, now
	}
	return &p.Versions[len(p.Versions)-1]
}

// SetDefault puts another version into force.
func (p *ManagedPolicy) SetDefault(id string, now time.Time) error {
	v := p.Version(id)
	if v == nil {
		return p.NoVersion(id)
	}
	p.Default, p.UpdatedAt = v.Number, now
	return nil
}

// DeleteVersion deletes a version that is not in force.
func (p *ManagedPolicy) DeleteVersion(id string) error {
	v := p.Version(id)
	switch {
	case v == nil:
		return p.NoVersion(id)
	case v.Number == p.Default:
		return fault.New(fault.Conflict, "DeleteConflict", "Cannot delete the default version of a policy.")
	}
	number := v.Number
	p.Versions = slices.DeleteFunc(p.Versions, func(v PolicyVersion) bool { return v.Number == number })
	return nil
}

// NoVersion is the fault for a version that the policy does not have.
func (p *ManagedPolicy) NoVersion(id string) error { return NoVersion(p.ARN(), id) }

// NoVersion is the fault for a version of a policy when one of them does not exist.
func NoVersion(arn, id string) error {
	return fault.New(fault.NotFound, "NoSuchEntity", "Policy %s version %s does not exist or is not attachable.", arn, id)
}

// ParsePolicyARN takes the ARN of a customer managed policy apart; ok is false for every other ARN.
func ParsePolicyARN(text string) (account ident.AccountID, path, name string, ok bool) {
	arn, err := ident.ParseARN(text)
	rest, is := strings.CutPrefix(arn.Resource, "policy/")
	if err != nil || !is || arn.Partition != ident.Partition || arn.Service != "iam" || arn.Region != "" {
		return "", "", "", false
	}
	if _, err := ident.ParseAccountID(string(arn.Account)); err != nil {
		return "", "", "", false
	}
	at := strings.LastIndexByte(rest, '/') + 1
	return arn.Account, "/" + rest[:at], rest[at:], rest[at:] != ""
}
