package authz

import (
	"cmp"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// Inquiry is a question about a request that nobody has made. What follows from who asks and from the resource is known;
// every other condition key is unknown unless it is given.
type Inquiry struct {
	Principal *Principal
	Action    string
	Resource  string // an ARN, literally, or "*"
	Given     *policy.Context
	Reach     Reach
}

// Reach is how a request gets to a resource of another account, where a service has rules of its own for that.
type Reach struct {
	Owner        ident.AccountID // empty: the resource's ARN says it
	Organization string          // whose delegation policy has a say
	Admitted     bool
}

// Inquire answers q by the policies of s.
func (s *Snapshot) Inquire(q *Inquiry) policy.Answer {
	if needsNothing(q.Action) {
		return policy.Answer{Certainty: policy.Yes, Decision: policy.Decision{Allowed: true, StatementIndex: -1, Level: -1}}
	}
	asked, layers, ok := s.inquiry(q)
	if !ok || q.Principal.Kind == Root && strings.EqualFold(q.Action, assumeRole) {
		return policy.Answer{Decision: unreadable}
	}
	return policy.Inquire(asked, &layers)
}

// assumeRole is closed to root users, whatever policies say. See AssumeRole in the AWS STS API Reference.
const assumeRole = "sts:AssumeRole"

// needsNothing reports whether no policy can refuse an action to who has credentials. See GetCallerIdentity in the AWS STS
// API Reference.
func needsNothing(action string) bool { return strings.EqualFold(action, "sts:GetCallerIdentity") }

// inquiry is what is known of the request, and the policies that bear on it, as gather returns them.
func (s *Snapshot) inquiry(q *Inquiry) (*policy.Inquiry, policy.Layers, bool) {
	about := s.subject(q)
	full := Question{Principal: q.Principal, Action: q.Action, Resource: q.Resource, Owner: about.owner, Trust: about.trust,
		Organization: q.Reach.Organization, Admitted: q.Reach.Admitted, Context: policy.NewContext()}
	x := full.Context
	s.PrincipalKeys(q.Principal, x)
	absent := s.absent(q.Principal)
	if about.owned {
		s.OwnerKeys(about.owner, x)
		if s.OrganizationOf(about.owner) == nil {
			absent = append(absent, "aws:ResourceOrgID", "aws:ResourceOrgPaths")
		}
	}
	if about.known {
		setTags(x, "aws:ResourceTag/", about.tags)
		setTags(x, "iam:ResourceTag/", about.tags)
		absent = append(absent, "aws:ResourceTag/*", "iam:ResourceTag/*")
	}
	x.Merge(q.Given)
	r, layers, ok := s.gather(&full)
	return &policy.Inquiry{Request: *r, Absent: absent}, layers, ok
}

// absent lists the keys that requests of p do not have, beside those that they do. What somebody else's session of a role
// was given when it was made, only that session knows; people's have the tags that their identity center gives them.
func (s *Snapshot) absent(p *Principal) []string {
	list := []string{"aws:PrincipalServiceName", "aws:PrincipalServiceNamesList"}
	if p.Kind != IAMUser {
		list = append(list, "aws:username")
	}
	r := s.RoleOf(p)
	if r == nil || r.Reserved() {
		list = append(list, "aws:SourceIdentity")
	}
	if r == nil || p.UserID != "" || r.Reserved() && !s.tags(r.PermissionSet) {
		list = append(list, "aws:PrincipalTag/*")
	}
	if s.OrganizationOf(p.Account) == nil {
		list = append(list, "aws:PrincipalOrgID", "aws:PrincipalOrgPaths")
	}
	return list
}

// tags reports whether the identity center of a permission set gives sessions tags.
func (s *Snapshot) tags(set string) bool {
	if at := s.sets.get(set); at != nil {
		i := s.instances.get(at.InstanceARN)
		return i != nil && i.AccessControl != nil && len(i.AccessControl.Attributes) > 0
	}
	return true
}

// subject is what is known of a resource.
type subject struct {
	owner ident.AccountID
	owned bool // the owner is known, rather than taken to be the caller's own account
	trust string
	known bool // the tags are, which may be none
	tags  map[string]string
}

// subject tells what is known of the resource: its owner stands in the ARN, or in the given key aws:ResourceAccount. What
// IAM has is in the snapshot.
func (s *Snapshot) subject(q *Inquiry) subject {
	out := subject{owner: q.Principal.Account, owned: q.Resource == "*"}
	arn, err := ident.ParseARN(q.Resource)
	given := ident.AccountID(q.Given.Single("aws:ResourceAccount"))
	if at := cmp.Or(q.Reach.Owner, given, arn.Account); at != "" && at != "aws" {
		out.owner, out.owned = at, true
	}
	if err == nil && arn.Service == "iam" {
		out.known, out.tags = s.tagsOf(arn, q.Resource)
	}
	if strings.HasPrefix(strings.ToLower(q.Action), "sts:assumerole") {
		out.trust = "none"
		if r := s.Role(arn.Account, afterSlash(arn.Resource)); err == nil && r != nil && r.ARN() == q.Resource {
			out.trust = r.ID
		}
	}
	return out
}

// tagsOf returns the tags of a user, role or policy of IAM; known is false when there is none with the ARN.
func (s *Snapshot) tagsOf(arn ident.ARN, text string) (known bool, tags map[string]string) {
	kind, _, _ := strings.Cut(arn.Resource, "/")
	name := afterSlash(arn.Resource)
	switch kind {
	case "user":
		if u := s.IAMUser(arn.Account, name); u != nil && u.ARN() == text {
			return true, u.Tags
		}
	case "role":
		if r := s.Role(arn.Account, name); r != nil && r.ARN() == text {
			return true, r.Tags
		}
	case "policy":
		if p := s.managed.get(text); p != nil && p.Account == arn.Account {
			return true, p.Tags
		}
	}
	return false, nil
}

func afterSlash(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }

// AsRoot is the root user of an account.
func AsRoot(id ident.AccountID) *Principal {
	return &Principal{Kind: Root, Account: id, ARN: ident.RootARN(id)}
}

// AsIAMUser is an IAM user.
func AsIAMUser(u *iam.User) *Principal {
	return &Principal{Kind: IAMUser, Account: u.Account, ARN: u.ARN(), IAMUserID: u.ID}
}

// AsRole is somebody's session of a role. Without a name, whose it is stays unknown, and no policy names it in person.
func AsRole(r *iam.Role, session string) *Principal {
	p := &Principal{Kind: Role, Account: r.Account, ARN: r.ARN(), RoleID: r.ID, SessionName: session, Temporary: true}
	if session != "" {
		p.ARN = r.SessionARN(session)
	}
	return p
}

// AsPerson is a person's session of the role of a permission set. It fails where the person cannot have one, because of an
// attribute for access control that is no tag.
func AsPerson(u *directory.User, i *permission.Instance, r *iam.Role) (*Principal, error) {
	tags, err := SessionTags(i, u)
	if err != nil {
		return nil, err
	}
	p := AsRole(r, SessionName(u))
	p.UserID, p.StoreID, p.SessionTags = u.ID, u.StoreID, map[string]string{}
	for _, t := range tags {
		p.SessionTags[t.Key] = t.Value
	}
	return p, nil
}
