package authz

import (
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/policy/managed"
)

// powers is what policies say of a user, group, role or version of a permission set. Inline policies and those that AWS
// manages are compiled with it; customer managed ones are looked up whenever it acts, so that a new default version
// counts at once and one policy is compiled once, whoever holds it.
type powers struct {
	grants   []policy.Policy
	boundary *policy.Policy
	held     *held // nil for most
	broken   bool  // a policy is missing or unreadable: grants nothing
}

// held names the customer managed policies of a holder, by ARN.
type held struct {
	policies []string
	boundary string
}

// managedPolicy is a customer managed policy: its default version, compiled, and what decisions about it need.
type managedPolicy struct {
	Account  ident.AccountID
	Tags     map[string]string
	compiled policy.Policy // without a document when it cannot be read
}

// group is an IAM group with its policies compiled.
type group struct {
	*iam.Group
	powers
}

func (l *library) customer(p *iam.ManagedPolicy) *managedPolicy {
	out := &managedPolicy{p.Account, p.Tags, policy.Policy{ARN: p.ARN(), Name: p.Name}}
	if v := p.InForce(); v != nil {
		if doc, err := policy.Parse([]byte(v.Document), policy.Identity); err == nil {
			out.compiled.Doc = doc
		}
	}
	return out
}

// powers compiles what is attached to a user, group or role.
func (l *library) powers(p *iam.Policies) powers {
	var out powers
	var attached, named []string
	for _, arn := range p.Managed {
		if isCustomer(arn) {
			named = append(named, arn)
		} else {
			attached = append(attached, arn)
		}
	}
	out.grants, out.broken = l.grants(attached, p.Inline)
	bounded := ""
	if isCustomer(p.Boundary) {
		bounded = p.Boundary
	} else {
		var broken bool
		out.boundary, broken = l.boundary(p.Boundary)
		out.broken = out.broken || broken
	}
	if len(named) > 0 || bounded != "" {
		out.held = &held{named, bounded}
	}
	return out
}

// isCustomer reports whether a policy is not one of AWS's.
func isCustomer(arn string) bool {
	return arn != "" && !strings.HasPrefix(arn, managed.Prefix+"/")
}

// powersOf returns the identity policies and the boundary of a principal. ok is false when one of them is missing or
// cannot be read. What is missing may be what denies, so nobody's policy grants such a principal anything, not even one
// that names it in person.
func (s *Snapshot) powersOf(a *actor) (grants []policy.Policy, boundary *policy.Policy, ok bool) {
	switch a.Kind {
	case IAMUser, Federated:
		if a.user == nil {
			return nil, nil, false
		}
		return s.userPowers(a.user)
	case Role:
		switch r := a.role; {
		case r == nil:
			return nil, nil, false
		case r.Reserved():
			return s.reservedPowers(r)
		default:
			return s.resolve(r.Account, &r.powers, r.held)
		}
	}
	return nil, nil, true
}

// userPowers joins what a user holds with what the user's groups hold. Groups have no say in the boundary.
func (s *Snapshot) userPowers(u *user) (grants []policy.Policy, boundary *policy.Policy, ok bool) {
	grants, boundary, ok = s.resolve(u.Account, &u.powers, u.held)
	if own := s.ownPassword.get(string(u.Account)); own != nil && ok {
		grants = append(grants[:len(grants):len(grants)], *own)
	}
	groups := s.iamGroupsOf.get(u.ID)
	if groups == nil || !ok {
		return grants, boundary, ok
	}
	grants = grants[:len(grants):len(grants)]
	for _, id := range *groups {
		g := s.iamGroups.get(id)
		if g == nil || g.Account != u.Account {
			return nil, nil, false
		}
		more, _, ok := s.resolve(g.Account, &g.powers, g.held)
		if !ok {
			return nil, nil, false
		}
		grants = append(grants, more...)
	}
	return grants, boundary, true
}

// usersChange is what an account grants all its IAM users whose password policy lets them change their own password: ChangePassword
// is about nobody else's. See AllowUsersToChangePassword of "PasswordPolicy" in the IAM API Reference.
var usersChange = func() policy.Policy {
	doc, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":[{"Sid":"AllowUsersToChangePassword","Effect":"Allow",`+
		`"Action":["iam:ChangePassword","iam:GetAccountPasswordPolicy"],"Resource":"*"}]}`), policy.Identity)
	if err != nil {
		panic(err)
	}
	return policy.Policy{Name: "AccountPasswordPolicy", Doc: doc}
}()

// reservedPowers is what the version of a permission set says, with its references to customer managed policies looked
// up in the role's account.
func (s *Snapshot) reservedPowers(r *role) (grants []policy.Policy, boundary *policy.Policy, ok bool) {
	v := s.versions.get(versionKey(r.PermissionSet, r.Version))
	if v == nil {
		return nil, nil, false
	}
	return s.resolve(r.Account, &v.powers, referenced(r.Account, &v.Grants))
}

// referenced turns references into the ARNs that they mean in an account.
// See "Customer managed policies" under "Permission sets" in the IAM Identity Center User Guide.
func referenced(account ident.AccountID, g *permission.Grants) *held {
	bounded := g.Boundary != nil && g.Boundary.Customer != nil
	if len(g.Customer) == 0 && !bounded {
		return nil
	}
	h := &held{policies: make([]string, len(g.Customer))}
	for i, ref := range g.Customer {
		h.policies[i] = iam.PolicyARN(account, ref.Path, ref.Name)
	}
	if bounded {
		h.boundary = iam.PolicyARN(account, g.Boundary.Customer.Path, g.Boundary.Customer.Name)
	}
	return h
}

// resolve adds the customer managed policies that are held to those compiled with the holder.
func (s *Snapshot) resolve(account ident.AccountID, p *powers, h *held) (grants []policy.Policy, boundary *policy.Policy, ok bool) {
	if p.broken {
		return nil, nil, false
	}
	if h == nil {
		return p.grants, p.boundary, true
	}
	grants, boundary = p.grants[:len(p.grants):len(p.grants)], p.boundary
	for _, arn := range h.policies {
		c := s.customer(account, arn)
		if c == nil {
			return nil, nil, false
		}
		grants = append(grants, *c)
	}
	if h.boundary != "" {
		if boundary = s.customer(account, h.boundary); boundary == nil {
			return nil, nil, false
		}
	}
	return grants, boundary, true
}

// customer returns the default version of a customer managed policy of an account, or nil when the account has none
// such or it cannot be read. A policy of another account counts for nobody here, whatever names it.
func (s *Snapshot) customer(account ident.AccountID, arn string) *policy.Policy {
	p := s.managed.get(arn)
	if p == nil || p.Account != account || p.compiled.Doc == nil {
		return nil
	}
	return &p.compiled
}

// CustomerPolicy returns the default version of a customer managed policy of an account, compiled; ok is false when the
// account has none such or it cannot be read.
func (s *Snapshot) CustomerPolicy(account ident.AccountID, arn string) (p policy.Policy, ok bool) {
	if c := s.customer(account, arn); c != nil {
		return *c, true
	}
	return policy.Policy{}, false
}

// PolicyTags returns the tags of a customer managed policy of an account.
func (s *Snapshot) PolicyTags(account ident.AccountID, arn string) map[string]string {
	if p := s.managed.get(arn); p != nil && p.Account == account {
		return p.Tags
	}
	return nil
}

// IAMGroup returns the IAM group of an account with this name, letter case aside, or nil.
func (s *Snapshot) IAMGroup(id ident.AccountID, name string) *iam.Group {
	if gid := s.iamGroupNames.get(nameKey(id, name)); gid != nil {
		return s.IAMGroupByID(*gid)
	}
	return nil
}

// IAMGroupByID returns an IAM group, or nil.
func (s *Snapshot) IAMGroupByID(id string) *iam.Group {
	if g := s.iamGroups.get(id); g != nil {
		return g.Group
	}
	return nil
}
