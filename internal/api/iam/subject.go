package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// subject is what a request is about: one user, role, group or policy, or all of a kind.
type subject struct {
	user, role, group *string
	self              bool    // no user name means the caller
	arn               *string // of a managed policy
	newPolicy         *string // name of a managed policy that is being made
	device            *string // a serial number, or the name of a virtual device that is being made
	all               string  // "user/", "role/", "group/", "policy/"

	fresh    bool // the user, role or group is being made, with this path
	path     *string
	tags     []types.Tag
	untag    []string // keys of the tags that the request removes
	boundary *string  // that the request sets
	policy   *string  // that the request attaches or detaches
}

// on makes the resource of a decision out of a subject, with the condition keys that IAM adds.
// See "Actions, resources, and condition keys for AWS Identity and Access Management".
func on[In any](of func(*In) subject) api.Option {
	return api.On(func(_ context.Context, c *api.Call, in *In) ([]api.Target, error) {
		return of(in).targets(c), nil
	})
}

// targets are the resource, and again for its tags where it is made with some: that takes a permission of its own. See "Tags
// for AWS Identity and Access Management resources" in the IAM User Guide.
func (s subject) targets(c *api.Call) []api.Target {
	t := s.target(c)
	list := []api.Target{t}
	if len(s.tags) == 0 || !s.fresh && s.newPolicy == nil {
		return list
	}
	switch {
	case s.newPolicy != nil:
		t.Action = "iam:TagPolicy"
	case s.device != nil:
		t.Action = "iam:TagMFADevice"
	case s.role != nil:
		t.Action = "iam:TagRole"
	default:
		t.Action = "iam:TagUser"
	}
	return append(list, t)
}

// target is the resource with its condition keys.
func (s subject) target(c *api.Call) api.Target {
	t := api.Target{Account: c.Principal.Account, Context: map[string][]string{}, Lists: map[string][]string{}}
	boundary := aws.ToString(s.boundary)
	switch {
	case s.arn != nil:
		t.ARN, t.Tags = *s.arn, c.Snapshot.PolicyTags(t.Account, *s.arn)
	case s.newPolicy != nil:
		t.ARN = iam.PolicyARN(t.Account, pathOf(s.path), *s.newPolicy)
	case s.device != nil:
		aboutDevice(c, s, &t)
	case s.all != "":
		t.ARN = ident.IAM(t.Account, s.all)
	case s.group != nil:
		t.ARN = ident.IAM(t.Account, "group"+pathOf(s.path)+*s.group)
		if g := c.Snapshot.IAMGroup(t.Account, *s.group); g != nil && !s.fresh {
			t.ARN = g.ARN()
		}
	case s.role != nil:
		t.ARN = ident.IAM(t.Account, "role"+pathOf(s.path)+*s.role)
		if r := c.Snapshot.Role(t.Account, *s.role); r != nil && !s.fresh {
			t.ARN, t.Tags = r.ARN(), r.Tags
			boundary = first(boundary, r.Policies.Boundary)
		}
	default:
		boundary = first(boundary, aboutUser(c, s, &t))
	}
	if boundary != "" {
		t.Context["iam:PermissionsBoundary"] = []string{boundary}
	}
	if s.policy != nil {
		t.Context["iam:PolicyARN"] = []string{*s.policy}
	}
	for key, value := range t.Tags {
		t.Context["iam:ResourceTag/"+key] = []string{value}
	}
	for _, tag := range s.tags {
		key := aws.ToString(tag.Key)
		t.Context["aws:RequestTag/"+key] = []string{aws.ToString(tag.Value)}
		t.Lists["aws:TagKeys"] = append(t.Lists["aws:TagKeys"], key)
	}
	if len(s.untag) > 0 {
		t.Lists["aws:TagKeys"] = s.untag
	}
	return t
}

// aboutDevice fills in the target for a virtual MFA device. What is called by no ARN is called by the account's.
func aboutDevice(c *api.Call, s subject, t *api.Target) {
	t.ARN = *s.device
	if arn, err := ident.ParseARN(t.ARN); s.fresh || err != nil || arn.Account != t.Account {
		t.ARN = factor.VirtualSerial(t.Account, pathOf(s.path), *s.device)
	}
	if v := c.Snapshot.Virtual(t.Account, t.ARN); v != nil && !s.fresh {
		t.Tags = v.Tags
	}
}

// aboutUser fills in the target for a user and returns the user's boundary.
func aboutUser(c *api.Call, s subject, t *api.Target) string {
	name := aws.ToString(s.user)
	if name == "" && s.self {
		t.ARN = c.Principal.ARN
		if c.Principal.Kind == authz.IAMUser {
			if u := c.Snapshot.IAMUserByID(c.Principal.IAMUserID); u != nil {
				name = u.Name
			}
		}
	}
	if name == "" {
		return ""
	}
	t.ARN = ident.IAM(t.Account, "user"+pathOf(s.path)+name)
	if u := c.Snapshot.IAMUser(t.Account, name); u != nil && !s.fresh {
		t.ARN, t.Tags = u.ARN(), u.Tags
		return u.Policies.Boundary
	}
	return ""
}

// pathOf is the path of a new thing: "/" unless told otherwise.
func pathOf(p *string) string { return first(aws.ToString(p), "/") }

// first returns a, or b when a is empty.
func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
