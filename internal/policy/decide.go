package policy

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"

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
	Endpoint *Policy // of the VPC endpoint that the request came by
	// Session holds the session policies. HasSession says that there are some, even if none could be loaded.
	Session    []Policy
	HasSession bool
	Resource   *Policy
	// ResourceIsTrust says that Resource is the trust policy of the role that is the resource: it must allow, even within
	// one account.
	ResourceIsTrust bool
	// ResourceMustAllow says the same of a resource's policy that is not a role's: that of a key of KMS.
	ResourceMustAllow bool
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
	LayerEndpoint
	LayerResource
	LayerTrust
	LayerBoundary
	LayerSession
	LayerIdentity
)

var layerNames = [...]string{"none", "rcp", "scp", "vpce", "resource", "trust", "boundary", "session", "identity"}

// String names the layer for logs and explanations.
func (l Layer) String() string { return layerNames[l] }

// MarshalText writes the layer as String does.
func (l Layer) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (l *Layer) UnmarshalText(text []byte) error {
	at := slices.Index(layerNames[:], string(text))
	if at < 0 {
		return fmt.Errorf("no layer is called %q", text)
	}
	*l = Layer(at)
	return nil
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
	action    []byte // lower case
	hash      uint32 // of the action
	own       bool   // the action is one of Gatehouse itself
	resource  string
	bounded   bool      // the principal has a permissions boundary
	space     [128]byte // for texts with their variables replaced
	trail     *trail    // of Explain and Inquire; nil for Decide, which stops at the first Deny
	doubts    *doubts   // of Inquire; nil where everything is known
}

// ownActions begins the actions of Gatehouse itself, which AWS does not have.
const ownActions = "gatehouse:"

// Decide answers a request. See the package comment for the order. It allocates nothing unless a text of the request is
// unusually long, so everything that it works with lies in its own frame.
func Decide(r *Request, l *Layers) Decision {
	var lowered [128]byte
	e := newEvaluation(r, l, appendLower(lowered[:0], r.Action))
	f := e.gather(l)
	return f.judge(r, l)
}

// newEvaluation begins an evaluation, given the action in lower case.
func newEvaluation(r *Request, l *Layers, action []byte) evaluation {
	own := len(action) > len(ownActions) && string(action[:len(ownActions)]) == ownActions
	return evaluation{principal: &r.Principal, context: r.Context, action: action, hash: hash(action), own: own,
		resource: cmp.Or(r.Resource, "*"), bounded: l.Boundary != nil}
}

// bindsSCP reports whether service control policies apply to p: they do not to the management account, to service-linked
// roles, and to callers that belong to no account.
func bindsSCP(p *Principal) bool {
	return !p.isOutside() && !p.ManagementAccount && !p.ServiceLinkedRole
}

// findings is what the layers say of a request: all that a decision depends on.
type findings struct {
	denial   finding // the first Deny
	rcp, scp int     // the first level that allows nothing; -1 when all allow something
	endpoint, resource, boundary, session,
	identity finding // the strongest Allow of the layer
}

// finding is a statement that matches, and where it stands.
type finding struct {
	grant     grant // of an Allow; a Deny has none
	layer     Layer
	level     int
	policy    *Policy // nil: there is no such statement
	statement int
}

// gather asks the layers that bind, in the order in which a Deny is named.
func (e *evaluation) gather(l *Layers) (f findings) {
	f.rcp, f.scp = -1, -1
	if l.RCP != nil && e.bindsRCP() {
		f.rcp = e.levels(&f, LayerRCP, l.RCP)
	}
	if l.SCP != nil && !f.over(e) && bindsSCP(e.principal) {
		f.scp = e.levels(&f, LayerSCP, l.SCP)
	}
	if l.Endpoint != nil && !f.over(e) {
		e.trail.enter(LayerEndpoint, -1)
		e.weigh(&f, LayerEndpoint, -1, l.Endpoint, &f.endpoint)
	}
	if l.Resource != nil && !f.over(e) {
		e.trail.enter(resourceLayer(l), -1)
		e.weigh(&f, resourceLayer(l), -1, l.Resource, &f.resource)
	}
	if l.Boundary != nil && !f.over(e) {
		e.trail.enter(LayerBoundary, -1)
		e.weigh(&f, LayerBoundary, -1, l.Boundary, &f.boundary)
	}
	if l.bindsSession() {
		e.trail.enter(LayerSession, -1)
	}
	for i := 0; i < len(l.Session) && !f.over(e); i++ {
		e.weigh(&f, LayerSession, -1, &l.Session[i], &f.session)
	}
	e.trail.enter(LayerIdentity, -1)
	for i := 0; i < len(l.Identity) && !f.over(e); i++ {
		e.weigh(&f, LayerIdentity, -1, &l.Identity[i], &f.identity)
	}
	return f
}

// over reports whether what was found is enough: a Deny, unless all are wanted.
func (f *findings) over(e *evaluation) bool { return f.denial.policy != nil && e.trail == nil }

// levels asks every level, from the root down, and returns the first that allows nothing, or -1.
func (e *evaluation) levels(f *findings, layer Layer, levels [][]Policy) int {
	silent := -1
	for level, policies := range levels {
		e.trail.enter(layer, level)
		var allow finding
		for i := range policies {
			if e.weigh(f, layer, level, &policies[i], &allow); f.over(e) {
				return silent
			}
		}
		if allow.policy == nil && silent < 0 {
			silent = level
		}
	}
	return silent
}

// weigh asks one policy for a Deny and for an Allow that is stronger than the one there is.
func (e *evaluation) weigh(f *findings, layer Layer, level int, p *Policy, allow *finding) {
	if !p.Doc.denies && allow.grant == inPerson && e.trail == nil {
		return
	}
	for i := range p.Doc.blocks {
		b := &p.Doc.blocks[i]
		found := b.candidates(e)
		if e.trail != nil {
			e.trail.note(e, p, b, found)
		}
		for m := found & b.denies; m != 0; m &= m - 1 {
			at := bits.TrailingZeros64(m)
			if s := &b.statements[at]; f.denial.policy == nil && e.speaksOf(s) != notNamed && s.matches(e) {
				f.denial = finding{layer: layer, level: level, policy: p, statement: b.first + at}
				if e.trail == nil {
					return
				}
			}
		}
		for m := found &^ b.denies; m != 0 && allow.grant != inPerson; m &= m - 1 {
			at := bits.TrailingZeros64(m)
			s := &b.statements[at]
			if g := e.speaksOf(s); g > allow.grant && s.matches(e) {
				*allow = finding{g, layer, level, p, b.first + at}
			}
		}
	}
}

// speaksOf says how strongly a statement's Principal or NotPrincipal means the caller; where the kind of document has none,
// whoever has the policy is meant. A Deny with NotPrincipal always means a caller with a permissions boundary (documented
// under "NotPrincipal"); an Allow with it is not supported, and would admit the whole world.
func (e *evaluation) speaksOf(s *statement) grant {
	if s.principal == nil {
		return inPerson
	}
	if s.notPrincipal {
		return pickGrant(s.deny && (e.bounded || !s.principal.exempts(e.principal)))
	}
	return s.principal.grants(e.principal)
}

// judge makes the decision of what was found. The order in which layers are asked decides only which one is named.
func (f *findings) judge(r *Request, l *Layers) Decision {
	if f.denial.policy != nil {
		return f.denial.decision()
	}
	if lacking := f.lacking(r, l); lacking != 0 {
		return f.implicit(lacking)
	}
	return f.allowance(r).decision()
}

// layers is a set of layers.
type layers uint16

func (s layers) has(l Layer) bool { return s>>l&1 == 1 }

// silent adds a layer that has to allow, if nothing in it does.
func (s *layers) silent(l Layer, allow finding) {
	if allow.policy == nil {
		*s |= 1 << l
	}
}

// lacking returns the layers that would have to allow the request and do not.
func (f *findings) lacking(r *Request, l *Layers) (s layers) {
	if f.scp >= 0 {
		s |= 1 << LayerSCP
	}
	if f.rcp >= 0 {
		s |= 1 << LayerRCP
	}
	if l.Endpoint != nil {
		s.silent(LayerEndpoint, f.endpoint)
	}
	granted := f.grant(r)
	if granted == notNamed && f.needsResource(r, l) {
		s |= 1 << resourceLayer(l)
		if r.Principal.isOutside() || !r.crossesAccounts() && !r.Principal.isRoot() {
			return s // one that names the caller in person would do alone
		}
	}
	if granted == inPerson {
		return s
	}
	if granted != viaRole && !r.Principal.isRoot() {
		s.silent(LayerIdentity, f.identity)
	}
	if l.Boundary != nil {
		s.silent(LayerBoundary, f.boundary)
	}
	if l.bindsSession() {
		s.silent(LayerSession, f.session)
	}
	return s
}

// grant says how far the resource's policy speaks for the caller. Whoever it names, a caller from another account needs
// that account to agree.
func (f *findings) grant(r *Request) grant {
	if r.crossesAccounts() && !r.Principal.isOutside() {
		return min(f.resource.grant, viaAccount)
	}
	return f.resource.grant
}

// needsResource reports whether the resource's own policy has to allow.
func (f *findings) needsResource(r *Request, l *Layers) bool {
	return r.Principal.isOutside() || l.ResourceIsTrust || l.ResourceMustAllow || r.crossesAccounts() && !l.Admitted
}

// allowance is the statement that is named for having allowed the request.
func (f *findings) allowance(r *Request) *finding {
	switch granted := f.grant(r); {
	case granted >= viaRole:
		return &f.resource
	case r.Principal.isRoot():
		return &finding{level: -1}
	}
	return &f.identity
}

// implicit is the decision when layers are silent: the first of them in this order is named.
func (f *findings) implicit(lacking layers) Decision {
	for _, layer := range [...]Layer{LayerSCP, LayerRCP, LayerEndpoint, LayerResource, LayerTrust, LayerIdentity, LayerBoundary, LayerSession} {
		if !lacking.has(layer) {
			continue
		}
		d := Decision{Layer: layer, StatementIndex: -1, Level: -1}
		switch layer {
		case LayerSCP:
			d.Level = f.scp
		case LayerRCP:
			d.Level = f.rcp
		}
		return d
	}
	return Decision{StatementIndex: -1, Level: -1}
}

// crossesAccounts reports whether the resource belongs to another account than the caller.
func (r *Request) crossesAccounts() bool {
	return r.ResourceAccount != "" && r.ResourceAccount != r.Principal.Account
}

// bindsSession reports whether session policies have to allow.
func (l *Layers) bindsSession() bool { return l.HasSession || len(l.Session) > 0 }

func resourceLayer(l *Layers) Layer {
	if l.ResourceIsTrust {
		return LayerTrust
	}
	return LayerResource
}

// decision is the one that the statement makes.
func (f *finding) decision() Decision {
	if f.policy == nil { // a root user's own right
		return Decision{Allowed: true, StatementIndex: -1, Level: -1}
	}
	deny := f.policy.Doc.statements[f.statement].deny
	return Decision{Allowed: !deny, Explicit: deny, Layer: f.layer, PolicyARN: f.policy.ARN, PolicyName: f.policy.Name,
		Sid: f.policy.Doc.Sid(f.statement), StatementIndex: f.statement, Level: f.level}
}
