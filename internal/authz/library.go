package authz

import (
	"sync"

	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/policy/managed"
)

// library compiles policies. AWS's managed ones are compiled once, when first asked for, and shared by all.
type library struct {
	mu      sync.Mutex
	managed map[string]*policy.Document
}

func newLibrary() *library { return &library{managed: map[string]*policy.Document{}} }

// awsManaged returns a managed policy; ok is false when there is none or it cannot be read.
func (l *library) awsManaged(arn string) (p policy.Policy, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	doc := l.managed[arn]
	if doc == nil {
		source, found := managed.ByARN(arn)
		if !found {
			return policy.Policy{}, false
		}
		parsed, err := policy.Parse([]byte(source.Document()), policy.Identity)
		if err != nil {
			return policy.Policy{}, false
		}
		doc = parsed
		l.managed[arn] = doc
	}
	return policy.Policy{ARN: arn, Doc: doc}, true
}

// grants compiles what is attached to a principal. broken says that something could not be: the principal may then
// do nothing, since the part that is missing may be the part that denies.
func (l *library) grants(arns []string, inline map[string]string) (list []policy.Policy, broken bool) {
	for _, arn := range arns {
		p, ok := l.awsManaged(arn)
		if !ok {
			return nil, true
		}
		list = append(list, p)
	}
	for name, text := range inline {
		doc, err := policy.Parse([]byte(text), policy.Identity)
		if err != nil {
			return nil, true
		}
		list = append(list, policy.Policy{Name: name, Doc: doc})
	}
	return list, false
}

func (l *library) boundary(arn string) (p *policy.Policy, broken bool) {
	if arn == "" {
		return nil, false
	}
	b, ok := l.awsManaged(arn)
	return &b, !ok
}

func (l *library) guard(p *organization.Policy, arn string) *guard {
	kind := policy.SCP
	if p.Type == organization.ResourceControlPolicy {
		kind = policy.RCP
	}
	doc, err := policy.Parse([]byte(p.Content), kind)
	if err != nil {
		doc = nil // allows nothing: see Snapshot.guards
	}
	return &guard{p, policy.Policy{ARN: arn, Name: p.Name, Doc: doc}}
}

// delegation compiles a delegation policy. One that cannot be read might have denied: in its place stands one that
// denies everything.
func (l *library) delegation(p *organization.ResourcePolicy) *policy.Policy {
	doc, err := policy.Parse([]byte(p.Content), policy.Resource)
	if err != nil {
		doc = nobody
	}
	return &policy.Policy{Name: p.ID, Doc: doc}
}

// nobody denies everything to everyone.
var nobody = func() *policy.Document {
	doc, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}`), policy.Resource)
	if err != nil {
		panic(err)
	}
	return doc
}()

func (l *library) version(v *permission.Version) *version {
	out := &version{Version: *v}
	inline := map[string]string{}
	if v.Grants.Inline != "" {
		inline[""] = v.Grants.Inline
	}
	out.grants, out.broken = l.grants(v.Grants.Managed, inline)
	if b := v.Grants.Boundary; b != nil {
		var broken bool
		out.boundary, broken = l.boundary(b.ManagedARN)
		out.broken = out.broken || broken || b.ManagedARN == "" && b.Customer == nil
	}
	return out
}

func (l *library) user(u *iam.User) *user { return &user{u, l.powers(&u.Policies)} }

func (l *library) group(g *iam.Group) *group { return &group{g, l.powers(&g.Policies)} }

func (l *library) role(r *iam.Role) *role {
	out := &role{Role: r, arn: r.ARN(), powers: l.powers(&r.Policies)}
	if doc, err := policy.Parse([]byte(r.Trust), policy.Trust); err == nil {
		out.trust = &policy.Policy{Doc: doc}
	}
	return out
}
