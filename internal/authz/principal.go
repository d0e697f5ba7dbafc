package authz

import (
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// Kind is what sort of caller a principal is.
type Kind uint8

// The kinds of callers.
const (
	Nobody    Kind = iota // nothing was proved: Open operations only
	Root                  // the root user of an account
	IAMUser               // an IAM user with a long-term key
	Role                  // a session of a role
	Person                // a person of an identity store, by browser or bearer token
	Operator              // who may read the data directory, by the control socket
	Federated             // a federated user: a session of GetFederationToken, on an IAM user's permissions
)

// Principal is who calls. It is made by authentication only and says nothing of what the caller may do.
type Principal struct {
	Kind    Kind
	Account ident.AccountID
	ARN     string // as AWS prints it: the session's for sessions

	IAMUserID   string // AIDA…, for IAMUser, and for Federated the user who asked
	RoleID      string // AROA…, for Role
	SessionName string // of Role and Federated

	// Person and the sessions that a person's sign-in made.
	UserID    string // of the identity store
	StoreID   string
	SessionID string // of the portal

	UserGeneration, RoleGeneration uint64

	AccessKeyID     string
	SessionPolicies []policy.Policy
	HasSession      bool     // session policies bound the session, even when the list is empty
	SessionTexts    []string // what SessionPolicies was made from, for the record: documents and ARNs
	SessionTags     map[string]string
	TransitiveTags  []string
	SourceIdentity  string
	IssuedAt        time.Time // of temporary credentials
	ExpiresAt       time.Time
	MFAAt           time.Time // zero when there was none
	Temporary       bool
}

// ID returns AWS's aws:userid: the account for root, AIDA… for users, AROA…:session for roles,
// account:name for federated users.
func (p *Principal) ID() string {
	switch p.Kind {
	case Root:
		return string(p.Account)
	case IAMUser:
		return p.IAMUserID
	case Role:
		return p.RoleID + ":" + p.SessionName
	case Federated:
		return string(p.Account) + ":" + p.SessionName
	case Person:
		return p.UserID
	}
	return ""
}

// Live reports whether everything that the principal stands on still stands: the account is open; the role, user and
// session exist with the generations that the credentials carry; the person is not disabled and still assigned.
// Revocation is by generation, so it does not depend on anybody's clock.
func (s *Snapshot) Live(p *Principal, now time.Time) bool {
	if p.Kind == Operator || p.Kind == Nobody {
		return true
	}
	if p.Temporary && !now.Before(p.ExpiresAt) {
		return false
	}
	if p.UserID != "" && !s.personLive(p, now) {
		return false
	}
	if p.Kind == Person {
		return true
	}
	if p.UserID == "" && p.SessionID != "" && !s.doorLive(p, now) {
		return false
	}
	a := s.Account(p.Account)
	if a == nil || a.Status != "ACTIVE" {
		return false
	}
	switch p.Kind {
	case Root:
		return a.RootGeneration == p.RoleGeneration
	case IAMUser, Federated:
		u := s.iamUsers.get(p.IAMUserID)
		return u != nil && u.Account == p.Account && u.Generation == p.RoleGeneration && s.keyLive(p)
	case Role:
		r := s.roleWithID(p.RoleID)
		if r == nil || r.Account != p.Account || r.Generation != p.RoleGeneration {
			return false
		}
		return !r.Reserved() || s.Assigned(p.UserID, r.PermissionSet, r.Account)
	}
	return false
}

// keyLive reports whether the long-term key is still there that an IAM user signed with.
func (s *Snapshot) keyLive(p *Principal) bool {
	if p.Temporary || p.AccessKeyID == "" {
		return true
	}
	k := s.keys.get(p.AccessKeyID)
	return k != nil && k.Status == "Active" && k.UserID == p.IAMUserID
}

func (s *Snapshot) personLive(p *Principal, now time.Time) bool {
	u := s.people.person(p.UserID)
	if u == nil || u.row == "" || u.disabled || u.generation != p.UserGeneration {
		return false
	}
	if p.SessionID == "" {
		return true
	}
	// Keys outlive the sign-in that fetched them, as on AWS, unless the sign-in was ended on purpose.
	session := s.portals.get(p.SessionID)
	if session == nil || session.UserID != p.UserID {
		return false
	}
	return p.Kind != Person || session.Live(now)
}

// doorLive reports whether the sign-in of a root user or an IAM user lasts, or for keys that were fetched in it, was not
// ended on purpose.
func (s *Snapshot) doorLive(p *Principal, now time.Time) bool {
	session := s.portals.get(p.SessionID)
	switch {
	case session == nil || session.Account == "":
		return false
	case p.Kind == Root:
		return session.IsRoot() && session.Account == p.Account && session.Live(now)
	case p.Kind == IAMUser:
		return session.UserID == p.IAMUserID && session.Live(now)
	}
	return true
}

// actor is a principal with what there is of it, looked up once for a decision.
type actor struct {
	*Principal
	user         *user // of IAMUser and Federated
	role         *role // of Role
	account      *account.Account
	organization *organization.Organization
}

func (s *Snapshot) actor(p *Principal) actor {
	a := actor{Principal: p}
	a.account, a.organization = s.membership(p.Account)
	switch p.Kind {
	case IAMUser, Federated:
		a.user = s.iamUsers.get(p.IAMUserID)
	case Role:
		a.role = s.roleWithID(p.RoleID)
	}
	return a
}

// speaker is what policies speak of.
func (a *actor) speaker() policy.Principal {
	out := policy.Principal{ARN: a.ARN, Account: a.Account}
	out.ManagementAccount = a.organization != nil && a.organization.Management == a.Account
	switch a.Kind {
	case Root:
		out.Kind = policy.Root
	case IAMUser:
		out.Kind, out.UniqueID = policy.User, a.IAMUserID
	case Federated:
		out.Kind, out.UniqueID = policy.FederatedUser, a.IAMUserID
		if a.user != nil {
			out.RoleARN = a.user.ARN()
		}
	case Role:
		out.Kind, out.UniqueID = policy.RoleSession, a.RoleID
		if a.role != nil {
			out.RoleARN = a.role.ARN()
			out.ServiceLinkedRole = strings.HasPrefix(a.role.Path, "/aws-service-role/")
		}
	default:
		out.Kind = policy.Anonymous
	}
	return out
}

// RoleOf returns the role that p is a session of, or nil.
func (s *Snapshot) RoleOf(p *Principal) *iam.Role { return s.RoleByID(p.RoleID) }
