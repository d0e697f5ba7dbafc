package policy

import (
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// PrincipalKind says what sort of caller a principal is.
type PrincipalKind uint8

// The kinds of principals. The zero kind is Anonymous, so that forgetting to say who calls gives nothing away.
const (
	Anonymous     PrincipalKind = iota
	Root                        // root user of an account
	User                        // IAM user
	RoleSession                 // session of a role
	FederatedUser               // session of GetFederationToken
	AssumedRoot                 // session of AssumeRoot
	Service                     // AWS service
	Federated                   // SAML or OIDC provider, on behalf of whom AssumeRoleWith... asks
)

// Principal is who makes a request.
type Principal struct {
	ARN     string // of the IAM user or root user, the assumed-role session of STS, or the provider
	RoleARN string // of a session's role, with path; of a federated user, the IAM user's ARN
	Account ident.AccountID
	Kind    PrincipalKind
	Service string // for Service, such as "sso.amazonaws.com"
	// UniqueID is the stable id of the user or role: AIDA... or AROA..., without session name.
	UniqueID string
	// ManagementAccount and ServiceLinkedRole free the principal from service control policies.
	ManagementAccount bool
	ServiceLinkedRole bool
}

// isOutside reports whether the caller has no policies of its own, since it belongs to no account.
func (p *Principal) isOutside() bool {
	return p.Kind == Service || p.Kind == Anonymous || p.Kind == Federated
}

// isRoot reports whether the caller has every permission of its account by itself.
func (p *Principal) isRoot() bool { return p.Kind == Root || p.Kind == AssumedRoot }

// grant says how strongly an Allow of a resource's policy speaks for a principal: the higher, the fewer other layers must
// agree. See "Permissions boundaries for IAM entities" and "How IAM resource-based policies are evaluated".
type grant uint8

const (
	notNamed   grant = iota
	viaAccount       // the account is named: it may delegate to its own identity policies
	viaRole          // the role (or user) behind the session is named: boundary and session policy still bind
	inPerson         // the user or session is named, or everyone: nothing else of the account needs to agree
)

// principals is a compiled Principal or NotPrincipal element.
type principals struct {
	everyone  bool // written "*"
	aws       []awsPrincipal
	services  []string
	federated []string
	canonical []string
}

// awsPrincipal is one entry under "AWS".
type awsPrincipal struct {
	text    string
	account ident.AccountID // when a whole account is meant
}

// newAWSPrincipal compiles an account number, ARN, unique id or "*".
func newAWSPrincipal(text string) awsPrincipal {
	if id, err := ident.ParseAccountID(text); err == nil {
		return awsPrincipal{text, id}
	}
	if arn, err := ident.ParseARN(text); err == nil && arn.Service == "iam" && arn.Resource == "root" {
		return awsPrincipal{text, arn.Account}
	}
	return awsPrincipal{text: text}
}

// grants returns the strongest grant of the element to p.
func (s *principals) grants(p *Principal) grant {
	if s.everyone {
		return inPerson
	}
	switch p.Kind {
	case Service:
		return pickGrant(contains(s.services, p.Service) || s.anyAWS())
	case Federated:
		return pickGrant(contains(s.federated, p.ARN)) // "*" under AWS admits no SAML caller
	}
	best := notNamed
	for i := range s.aws {
		best = max(best, s.aws[i].grants(p))
	}
	return best
}

// anyAWS reports whether "*" is listed under "AWS".
func (s *principals) anyAWS() bool {
	for i := range s.aws {
		if s.aws[i].text == "*" {
			return true
		}
	}
	return false
}

func (a *awsPrincipal) grants(p *Principal) grant {
	switch {
	case a.text == "*":
		return inPerson
	case p.Kind == Anonymous:
		return notNamed
	case a.account != "":
		if a.account == p.Account {
			return viaAccount
		}
	case a.text == p.ARN:
		return inPerson
	case p.UniqueID != "" && a.text == p.UniqueID:
		if p.Kind == User {
			return inPerson
		}
		return viaRole
	case p.Kind == RoleSession && (a.text == p.RoleARN || p.RoleARN == "" && isRoleOf(a.text, p)),
		p.Kind == FederatedUser && a.text == p.RoleARN:
		return viaRole
	}
	return notNamed
}

// isRoleOf reports whether a role's ARN may be that of session p, whose own ARN does not hold the role's path.
func isRoleOf(role string, p *Principal) bool {
	r, err := ident.ParseARN(role)
	if err != nil || r.Service != "iam" || r.Account != p.Account || !strings.HasPrefix(r.Resource, "role/") {
		return false
	}
	s, err := ident.ParseARN(p.ARN)
	if err != nil {
		return false
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(s.Resource, "assumed-role/"), "/")
	return r.Resource[strings.LastIndexByte(r.Resource, '/')+1:] == name
}

// exempts reports whether the element, as a NotPrincipal, lists everything that p is: the account, and the user, or the role
// and the session. What is not listed in full is denied ("AWS JSON policy elements: NotPrincipal").
func (s *principals) exempts(p *Principal) bool {
	if s.everyone {
		return true
	}
	switch p.Kind {
	case Service, Federated:
		return s.grants(p) != notNamed
	}
	var account, self, role bool
	for i := range s.aws {
		switch g := s.aws[i].grants(p); {
		case s.aws[i].text == "*":
			return true
		case g == viaAccount:
			account = true
		case g == viaRole:
			role = true
		case g == inPerson:
			self = true
		}
	}
	switch p.Kind {
	case Root, AssumedRoot:
		return account
	case RoleSession, FederatedUser:
		return account && self && role
	}
	return account && self
}

func pickGrant(yes bool) grant {
	if yes {
		return inPerson
	}
	return notNamed
}

func contains(list []string, s string) bool {
	for i := range list {
		if list[i] == s {
			return true
		}
	}
	return false
}

// isAWSPrincipal checks the form of a principal under "AWS": a wildcard cannot be part of one.
func isAWSPrincipal(text string) bool {
	if text == "*" {
		return true
	}
	if strings.ContainsAny(text, "*? ") {
		return false
	}
	if strings.HasPrefix(text, "arn:") {
		arn, err := ident.ParseARN(text)
		return err == nil && (arn.Service == "iam" || arn.Service == "sts")
	}
	if _, err := ident.ParseAccountID(text); err == nil {
		return true
	}
	return strings.HasPrefix(text, ident.UserPrefix) || strings.HasPrefix(text, ident.RolePrefix)
}
