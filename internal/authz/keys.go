package authz

import (
	"strconv"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// The condition keys that follow from who asks and whose the resource is, so that a call and a question about one that
// nobody has made see the same. See "AWS global condition context keys" in the IAM User Guide.

// timeForm is how condition keys write times.
const timeForm = "2006-01-02T15:04:05Z"

// PrincipalKeys sets the keys that say who p is.
func (s *Snapshot) PrincipalKeys(p *Principal, x *policy.Context) {
	x.Set("aws:PrincipalAccount", string(p.Account))
	x.Set("aws:PrincipalIsAWSService", "false")
	if p.Kind != Role || p.SessionName != "" { // else nobody knows whose session it is
		x.Set("aws:userid", p.ID())
	}
	x.Set("aws:PrincipalArn", p.ARN)
	if a, o := s.membership(p.Account); o != nil {
		x.Set("aws:PrincipalOrgID", o.ID)
		x.SetList("aws:PrincipalOrgPaths", []string{s.over(a, o).path})
	}
	if p.SourceIdentity != "" {
		x.Set("aws:SourceIdentity", p.SourceIdentity)
	}
	tags := p.SessionTags
	switch p.Kind {
	case Root:
		x.Set("aws:PrincipalType", "Account")
	case IAMUser:
		x.Set("aws:PrincipalType", "User")
		if u := s.IAMUserByID(p.IAMUserID); u != nil {
			x.Set("aws:username", u.Name)
			tags = u.Tags
		}
	case Federated:
		x.Set("aws:PrincipalType", "FederatedUser")
		if u := s.IAMUserByID(p.IAMUserID); u != nil {
			setTags(x, "aws:PrincipalTag/", u.Tags)
		}
	case Role:
		x.Set("aws:PrincipalType", "AssumedRole")
		if r := s.roleWithID(p.RoleID); r != nil {
			x.Set("aws:PrincipalArn", r.ARN())
			setTags(x, "aws:PrincipalTag/", r.Tags)
			s.personKeys(p, r.Role, x)
		}
	}
	setTags(x, "aws:PrincipalTag/", tags)
}

// personKeys sets the keys that say whose session of a permission set's role this is. See "Condition keys for
// identity-enhanced IAM role sessions" in the IAM User Guide.
func (s *Snapshot) personKeys(p *Principal, r *iam.Role, x *policy.Context) {
	if p.UserID == "" || !r.Reserved() {
		return
	}
	set := s.Set(r.PermissionSet)
	if set == nil {
		return
	}
	x.Set("identitystore:UserId", p.UserID)
	if i := s.Instance(set.InstanceARN); i != nil {
		x.Set("identitystore:IdentityStoreArn", i.StoreARN())
		x.Set("identitycenter:InstanceArn", i.ARN)
	}
}

// SessionKeys sets the keys that say how old the credentials of p are and how it signed in. Long-term keys have none.
func (p *Principal) SessionKeys(now time.Time, x *policy.Context) {
	if !p.Temporary {
		return
	}
	x.Set("aws:TokenIssueTime", p.IssuedAt.UTC().Format(timeForm))
	x.Set("aws:MultiFactorAuthPresent", strconv.FormatBool(!p.MFAAt.IsZero()))
	if !p.MFAAt.IsZero() {
		x.Set("aws:MultiFactorAuthAge", strconv.FormatInt(int64(now.Sub(p.MFAAt)/time.Second), 10))
	}
}

// OwnerKeys sets the keys that say whose a resource is. A resource without an owner has none.
func (s *Snapshot) OwnerKeys(owner ident.AccountID, x *policy.Context) {
	if owner == "" {
		return
	}
	x.Set("aws:ResourceAccount", string(owner))
	if a, o := s.membership(owner); o != nil {
		x.Set("aws:ResourceOrgID", o.ID)
		x.SetList("aws:ResourceOrgPaths", []string{s.over(a, o).path})
	}
}

// TimeKeys sets the keys of the time of a request.
func TimeKeys(now time.Time, x *policy.Context) {
	x.Set("aws:CurrentTime", now.Format(timeForm))
	x.Set("aws:EpochTime", strconv.FormatInt(now.Unix(), 10))
}

func setTags(x *policy.Context, prefix string, tags map[string]string) {
	for k, v := range tags {
		x.Set(prefix+k, v)
	}
}
