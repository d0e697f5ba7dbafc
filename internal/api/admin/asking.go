package admin

import (
	"cmp"
	"context"
	"iter"
	"reflect"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// scope is what a caller may ask about. The management account and the delegated administrators of the identity center,
// who run the assignments, may ask about their organization; every other account about itself; operators about the
// organization of any account.
type scope struct {
	call         *api.Call
	base         *account.Account
	organization *organization.Organization // nil when only one account may be asked about
	instance     *permission.Instance       // may be nil
	only         *account.Account           // nil for all accounts
	guarded      []policy.Layer             // whose policies are not the caller's to read
}

// asking returns the scope of a caller. only narrows it to one account, by id or name.
func asking(c *api.Call, base, only string) (*scope, error) {
	a, err := own(c, base)
	if err != nil {
		return nil, err
	}
	s := &scope{call: c, base: a, instance: c.Snapshot.InstanceOf(a.ID)}
	if o := c.Snapshot.OrganizationOf(a.ID); o != nil {
		if o.Management == a.ID || c.Snapshot.AdministersInstance(a.ID, s.instance) || c.Principal.Kind == authz.Operator {
			s.organization = o
		}
		if c.Principal.Kind != authz.Operator {
			s.guarded = api.Guarded(c.Snapshot, a.ID)
		}
	}
	if s.organization == nil {
		s.only = a
	}
	if only == "" {
		return s, nil
	}
	return s, s.narrow(only)
}

// narrow keeps one account. What is out of the scope is answered as what does not exist.
func (s *scope) narrow(only string) error {
	for a := range s.accounts() {
		if string(a.ID) == only {
			s.only = a
			return nil
		}
	}
	var found []*account.Account
	for a := range s.accounts() {
		if directory.Fold(a.Name) == directory.Fold(only) {
			found = append(found, a)
		}
	}
	if len(found) != 1 {
		return fault.New(fault.NotFound, "ResourceNotFoundException", "There is no account %q that you may ask about, or there are several with this name.", only)
	}
	s.only = found[0]
	return nil
}

// accounts returns the accounts that are asked about.
func (s *scope) accounts() iter.Seq[*account.Account] {
	if s.only != nil {
		return func(yield func(*account.Account) bool) { yield(s.only) }
	}
	return s.call.Snapshot.AccountsOfOrganization(s.organization)
}

func (s *scope) has(id ident.AccountID) bool {
	if s.only != nil {
		return id == s.only.ID
	}
	a := s.call.Snapshot.Account(id)
	return a != nil && a.OrganizationID == s.organization.ID
}

// Bounds of a question.
const (
	longestResource = 2048
	mostKeys        = 50
	mostValues      = 50
)

// question checks what is asked, and returns the keys that are given.
func (s *scope) question(action, resource string, given []ContextKey) (*policy.Context, error) {
	service, operation, found := strings.Cut(action, ":")
	if !found || service == "" || operation == "" || strings.ContainsAny(action, "*? ") || len(action) > 128 {
		return nil, invalid("%q is not an action, such as s3:GetObject. It has no wildcards.", action)
	}
	if resource != "*" && !strings.HasPrefix(resource, "arn:") || len(resource) > longestResource {
		return nil, invalid(`%q is neither an ARN nor "*".`, resource)
	}
	x, err := keys(given)
	if err != nil {
		return nil, err
	}
	arn, _ := ident.ParseARN(resource) // "*" has no account
	for _, owner := range []ident.AccountID{arn.Account, ident.AccountID(x.Single("aws:ResourceAccount"))} {
		if !s.mayOwn(owner, action) {
			return nil, fault.New(fault.Denied, "AccessDeniedException", "You may not ask about resources of the account %s.", owner)
		}
	}
	return x, nil
}

// unpaged is a question without what differs from page to page, which the token of a page is bound to.
func unpaged[In any](in *In) In {
	question := *in
	for _, name := range []string{"NextToken", "MaxResults"} {
		reflect.ValueOf(&question).Elem().FieldByName(name).SetZero()
	}
	return question
}

// mayOwn reports whether the resources of an account may be asked about: trust policies and resource control policies of
// others are theirs to know. What the management account owns for all its members, these may ask about.
func (s *scope) mayOwn(owner ident.AccountID, action string) bool {
	if owner == "" || owner == "aws" || owner == s.base.ID {
		return true
	}
	o := s.call.Snapshot.OrganizationOf(s.base.ID)
	a := s.call.Snapshot.Account(owner)
	if o == nil || a == nil || a.OrganizationID != o.ID {
		return false
	}
	service, _, _ := strings.Cut(strings.ToLower(action), ":")
	return s.organization != nil || owner == o.Management && slices.Contains([]string{"organizations", "sso", "identitystore"}, service)
}

// keys reads the condition keys that a question gives.
func keys(given []ContextKey) (*policy.Context, error) {
	if len(given) > mostKeys {
		return nil, invalid("A question has at most %d keys.", mostKeys)
	}
	x := policy.NewContext()
	for _, k := range given {
		_, _, taken := x.Get(k.Key)
		switch {
		case k.Key == "" || !strings.Contains(k.Key, ":"):
			return nil, invalid("%q is not a condition key, such as aws:SourceIp.", k.Key)
		case taken:
			return nil, invalid("The key %s is given twice.", k.Key)
		case len(k.Values) > mostValues:
			return nil, invalid("A key has at most %d values.", mostValues)
		case k.List || policy.IsMultiValued(k.Key):
			x.SetList(k.Key, k.Values)
		case len(k.Values) == 1:
			x.Set(k.Key, k.Values[0])
		default:
			return nil, invalid("The key %s has one value. One that has several is a list.", k.Key)
		}
	}
	return x, nil
}

// person finds a person of the identity center by name.
func (s *scope) person(ctx context.Context, name string) (*directory.User, error) {
	missing := fault.New(fault.NotFound, "ResourceNotFoundException", "There is no person %q whom you may ask about.", name)
	if s.instance == nil {
		return nil, missing
	}
	u, err := api.Look(ctx, s.call, func(tx *store.Tx) (*directory.User, error) {
		return store.Users.By(tx, "name", s.instance.IdentityStoreID, directory.Fold(name))
	})
	if err != nil {
		return nil, store.Missing(err, missing)
	}
	known := slices.ContainsFunc(s.call.Snapshot.Grants(u.ID), func(g authz.Grant) bool { return s.has(g.Account) })
	if s.organization == nil && !known {
		return nil, missing // a member account learns of nobody who has nothing there
	}
	return u, nil
}

// entity finds who is named by an ARN, or by root, user/NAME or role/NAME in an account.
func (s *scope) entity(who string) (*authz.Principal, error) {
	missing := fault.New(fault.NotFound, "ResourceNotFoundException", "There is no %q that you may ask about.", who)
	id, text := s.base.ID, who
	if s.only != nil {
		id = s.only.ID
	}
	if strings.HasPrefix(who, "arn:") {
		arn, err := ident.ParseARN(who)
		if err != nil || arn.Service != "iam" && arn.Service != "sts" {
			return nil, missing
		}
		id, text = arn.Account, arn.Resource
	}
	if !s.has(id) {
		return nil, missing
	}
	p := s.named(id, text)
	if p == nil || strings.HasPrefix(who, "arn:") && p.ARN != who {
		return nil, missing
	}
	return p, nil
}

// named returns who has a name in an account, or nil.
func (s *scope) named(id ident.AccountID, text string) *authz.Principal {
	snap := s.call.Snapshot
	kind, rest, _ := strings.Cut(text, "/")
	name := rest[strings.LastIndexByte(rest, '/')+1:]
	switch kind {
	case "root":
		return authz.AsRoot(id)
	case "user":
		if u := snap.IAMUser(id, name); u != nil {
			return authz.AsIAMUser(u)
		}
	case "role":
		if r := snap.Role(id, name); r != nil {
			return authz.AsRole(r, "")
		}
	case "assumed-role":
		role, session, _ := strings.Cut(rest, "/")
		if r := snap.Role(id, role); r != nil && session != "" {
			return authz.AsRole(r, session)
		}
	}
	return nil
}

// isEntity reports whether a question is about no person.
func isEntity(who string) bool {
	return who == "root" || strings.HasPrefix(who, "arn:") || strings.HasPrefix(who, "user/") || strings.HasPrefix(who, "role/")
}

// told puts an answer into words.
func (s *scope) told(a *policy.Answer) Answer {
	out := Answer{Answer: a.Certainty.String()}
	if a.Certainty != policy.YesIf {
		out.Reason = s.reason(a.Decision)
	}
	for _, way := range a.Ways {
		list := make([]AnswerRequirement, len(way))
		for i, r := range way {
			list[i] = s.requirement(r)
		}
		out.Ways = append(out.Ways, AnswerWay{Requirements: list})
	}
	return out
}

// hides reports whether policies of a layer are the organization's own: accounts may know that they bind them, and how they
// are called, but not what is in them.
func (s *scope) hides(l policy.Layer) bool {
	return slices.Contains(s.guarded, l) || len(s.guarded) > 0 && l == policy.LayerResource // which is the delegation policy
}

func (s *scope) reason(d policy.Decision) string {
	if s.hides(d.Layer) {
		d.Sid, d.StatementIndex = "", 0
		if d.Explicit {
			return "Denied by " + cmp.Or(d.PolicyARN, "the organization's delegation policy") + "."
		}
	}
	return d.String()
}

func (s *scope) requirement(r policy.Requirement) AnswerRequirement {
	out := AnswerRequirement{Layer: r.Layer.String(), Level: int32(r.Level)}
	var texts []string
	for _, c := range r.Clauses {
		clause := AnswerClause{PolicyArn: c.PolicyARN, PolicyName: c.PolicyName, Effect: "Allow", Sid: c.Sid,
			Statement: int32(c.Index + 1), Line: int32(c.At.Line), Text: c.String()}
		if c.Deny {
			clause.Effect = "Deny"
		}
		for _, t := range c.Terms {
			clause.Terms = append(clause.Terms, AnswerTerm{Element: t.Element, Operator: t.Operator, Key: t.Key, Values: t.Values, MustHold: t.Holds, Text: t.String()})
		}
		if s.hides(r.Layer) {
			hide(&clause)
		}
		out.AnyOf = append(out.AnyOf, clause)
		texts = append(texts, clause.Text)
	}
	out.Text = strings.Join(texts, ", or ")
	return out
}

// hide leaves of a clause which policy has it.
func hide(c *AnswerClause) {
	c.Sid, c.Statement, c.Line, c.Terms = "", 0, 0, nil
	c.Text = "the request is as " + cmp.Or(c.PolicyArn, "the organization's delegation policy") + " wants it"
}
