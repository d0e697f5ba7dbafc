package policy

import (
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// Request is one action on one resource. An API call that needs several is several requests.
type Request struct {
	Principal Principal
	Action    string // "service:Operation"; letter case is free
	// Resource is the ARN; "*" for an action without resource-level permissions, which only a Resource of "*" matches.
	Resource        string
	ResourceAccount ident.AccountID // empty means the principal's own
	Context         *Context        // may be nil
}

// Layers are the policies that apply to a request.
type Layers struct {
	Identity []Policy // attached, inline, and of the user's groups
	Boundary *Policy
	// Session holds the session policies. HasSession says that there are some, even if none could be loaded.
	Session    []Policy
	HasSession bool
	Resource   *Policy
	// ResourceIsTrust says that Resource is the trust policy of the role that is the resource: it must allow, even within
	// one account.
	ResourceIsTrust bool
	// Admitted says that the owner of the resource admits the principal's account by a rule of the service, so that no
	// policy of the resource has to. The principal's own account still has to agree.
	Admitted bool
	SCP      [][]Policy // root, each unit, account, of the principal's path; nil outside an organization
	RCP      [][]Policy // the same of the resource's account
}

// Layer is a layer of policies.
type Layer uint8

// The layers; LayerNone is that of a decision which no policy made, such as a root user's own right.
const (
	LayerNone Layer = iota
	LayerRCP
	LayerSCP
	LayerResource
	LayerTrust
	LayerBoundary
	LayerSession
	LayerIdentity
)

// String names the layer for logs and explanations.
func (l Layer) String() string {
	return [...]string{"none", "rcp", "scp", "resource", "trust", "boundary", "session", "identity"}[l]
}

// Decision is the answer to a request, and the statement that decided it.
type Decision struct {
	Allowed  bool
	Explicit bool  // a Deny statement matched
	Layer    Layer // which denied, or whose Allow was decisive
	// The policy and statement, when one was decisive: none is for an implicit denial.
	PolicyARN      string
	PolicyName     string
	Sid            string
	StatementIndex int // -1 when there is none
	Level          int // of an SCP or RCP: 0 is the root; -1 otherwise
}

// evaluation is the state of one Decide.
type evaluation struct {
	principal *Principal
	context   *Context
	action    string // lower case
	resource  string
	bounded   bool   // the principal has a permissions boundary
	buf       []byte // for texts with their variables replaced
}

// Decide answers a request. See the package comment for the order.
func Decide(r *Request, l *Layers) Decision {
	e := &evaluation{principal: &r.Principal, context: r.Context, action: strings.ToLower(r.Action), resource: r.Resource,
		bounded: l.Boundary != nil}
	if e.resource == "" {
		e.resource = "*"
	}
	scp, rcp := l.SCP, l.RCP
	if !bindsSCP(&r.Principal) {
		scp = nil
	}
	if !bindsRCP(e.action) {
		rcp = nil
	}
	if d, denied := e.explicit(l, scp, rcp); denied {
		return d
	}
	if d, denied := e.levels(LayerSCP, scp); denied {
		return d
	}
	if d, denied := e.levels(LayerRCP, rcp); denied {
		return d
	}
	return e.grant(r, l)
}

// bindsSCP reports whether service control policies apply to p: they do not to the management account, to service-linked
// roles, and to callers that belong to no account.
func bindsSCP(p *Principal) bool {
	switch p.Kind {
	case Service, Anonymous, Federated:
		return false
	}
	return !p.ManagementAccount && !p.ServiceLinkedRole
}

// explicit looks for a Deny. The order in which layers are asked decides only which one is named.
func (e *evaluation) explicit(l *Layers, scp, rcp [][]Policy) (Decision, bool) {
	for level, policies := range rcp {
		if d, found := e.find(LayerRCP, policies, true); found {
			d.Level = level
			return d, true
		}
	}
	for level, policies := range scp {
		if d, found := e.find(LayerSCP, policies, true); found {
			d.Level = level
			return d, true
		}
	}
	if l.Resource != nil {
		if d, found := e.findIn(resourceLayer(l), l.Resource, true); found {
			return d, true
		}
	}
	if l.Boundary != nil {
		if d, found := e.findIn(LayerBoundary, l.Boundary, true); found {
			return d, true
		}
	}
	if d, found := e.find(LayerSession, l.Session, true); found {
		return d, true
	}
	return e.find(LayerIdentity, l.Identity, true)
}

// levels checks that every level has an Allow that matches.
func (e *evaluation) levels(layer Layer, levels [][]Policy) (Decision, bool) {
	for level, policies := range levels {
		if _, found := e.find(layer, policies, false); !found {
			d := implicit(layer)
			d.Level = level
			return d, true
		}
	}
	return Decision{}, false
}

// grant looks for the Allows that are needed, once nothing denies and the organization agrees.
func (e *evaluation) grant(r *Request, l *Layers) Decision {
	granted, byResource := e.resourceGrant(l)
	switch r.Principal.Kind {
	case Service, Anonymous, Federated:
		if granted == notNamed {
			return implicit(resourceLayer(l))
		}
		return byResource
	}
	crossAccount := r.ResourceAccount != "" && r.ResourceAccount != r.Principal.Account
	if granted == notNamed && (crossAccount && !l.Admitted || l.ResourceIsTrust) {
		return implicit(resourceLayer(l))
	}
	if crossAccount {
		granted = viaAccount // whoever is named, the caller's own account must agree
	}
	if granted == inPerson {
		return byResource
	}
	decisive := byResource
	if granted != viaRole {
		var allowed bool
		if decisive, allowed = e.identity(l); !allowed {
			return implicit(LayerIdentity)
		}
	}
	if l.Boundary != nil {
		if _, found := e.findIn(LayerBoundary, l.Boundary, false); !found {
			return implicit(LayerBoundary)
		}
	}
	if l.HasSession || len(l.Session) > 0 {
		if _, found := e.find(LayerSession, l.Session, false); !found {
			return implicit(LayerSession)
		}
	}
	return decisive
}

// identity looks for an Allow among the identity policies; a root user has every permission of its account without one.
func (e *evaluation) identity(l *Layers) (Decision, bool) {
	if e.principal.Kind == Root || e.principal.Kind == AssumedRoot {
		return Decision{Allowed: true, StatementIndex: -1, Level: -1}, true
	}
	return e.find(LayerIdentity, l.Identity, false)
}

// resourceGrant returns the strongest grant of the resource's policy and the decision that it would make.
func (e *evaluation) resourceGrant(l *Layers) (grant, Decision) {
	best, at := notNamed, -1
	if l.Resource == nil {
		return best, Decision{}
	}
	for i := range l.Resource.Doc.statements {
		s := &l.Resource.Doc.statements[i]
		if s.deny || s.notPrincipal || s.principal == nil {
			continue // Allow with NotPrincipal is not supported, and would admit the whole world
		}
		if g := s.principal.grants(e.principal); g > best && s.matches(e) {
			best, at = g, i
		}
	}
	if at < 0 {
		return best, Decision{}
	}
	return best, decision(resourceLayer(l), l.Resource, at)
}

func (e *evaluation) find(layer Layer, policies []Policy, deny bool) (Decision, bool) {
	for i := range policies {
		if d, found := e.findIn(layer, &policies[i], deny); found {
			return d, true
		}
	}
	return Decision{}, false
}

// findIn returns the first statement of the effect that matches.
func (e *evaluation) findIn(layer Layer, p *Policy, deny bool) (Decision, bool) {
	for i := range p.Doc.statements {
		s := &p.Doc.statements[i]
		if s.deny == deny && (s.principal == nil || e.speaksOf(s)) && s.matches(e) {
			return decision(layer, p, i), true
		}
	}
	return Decision{}, false
}

// speaksOf reports whether a statement's Principal or NotPrincipal means the caller. A Deny with NotPrincipal always means
// a caller with a permissions boundary (documented under "NotPrincipal").
func (e *evaluation) speaksOf(s *statement) bool {
	if s.notPrincipal {
		return s.deny && (e.bounded || !s.principal.exempts(e.principal))
	}
	return s.principal.grants(e.principal) != notNamed
}

func resourceLayer(l *Layers) Layer {
	if l.ResourceIsTrust {
		return LayerTrust
	}
	return LayerResource
}

func implicit(layer Layer) Decision {
	return Decision{Layer: layer, StatementIndex: -1, Level: -1}
}

func decision(layer Layer, p *Policy, i int) Decision {
	s := &p.Doc.statements[i]
	return Decision{Allowed: !s.deny, Explicit: s.deny, Layer: layer, PolicyARN: p.ARN, PolicyName: p.Name, Sid: s.sid,
		StatementIndex: i, Level: -1}
}
