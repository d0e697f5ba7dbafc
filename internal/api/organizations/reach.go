package organizations

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// reach says from which accounts an operation may be called. Its comment in the API Reference says which.
type reach uint8

const (
	management reach = iota // the management account, and whom its delegation policy names
	delegates               // delegated administrators, too
	members                 // every account
)

// subject is what a request is about: things by their ids, a type of policy, a service, and tags that it sets or drops.
type subject struct {
	ids        []string
	policyType string
	principal  *string
	tags       []types.Tag
	keys       []string
}

func ids(list ...*string) []string {
	var out []string
	for _, id := range list {
		out = append(out, aws.ToString(id))
	}
	return out
}

// delegationPolicy stands for the id of the organization's delegation policy, which no request names.
const delegationPolicy = "rp-"

// nothing is the subject of operations on the organization as a whole.
func nothing[In any](*In) subject { return subject{} }

// op makes the row of an operation.
func op[In, Out any](r reach, name string, handler func(context.Context, *api.Call, *In) (*Out, error), of func(*In) subject) api.Row {
	return api.Op(name, "organizations:"+name, handler, api.On(func(_ context.Context, c *api.Call, in *In) ([]api.Target, error) {
		return targets(c, r, of(in)), nil
	}))
}

// targets are the resources of a decision: all belong to the management account, FullAWSAccess too.
func targets(c *api.Call, r reach, s subject) []api.Target {
	o := c.Snapshot.OrganizationOf(c.Principal.Account)
	if o == nil {
		return []api.Target{{ARN: "*", Account: c.Principal.Account}}
	}
	if len(s.ids) == 0 {
		s.ids = []string{"*"}
	}
	list := make([]api.Target, len(s.ids))
	for i, id := range s.ids {
		if id == delegationPolicy {
			id += cmp.Or(c.Snapshot.DelegationPolicy(o.ID), "*")
		}
		list[i] = api.Target{ARN: arnIn(c, o, id), Account: o.Management, Tags: tagsOf(c, o, id), Context: s.context(c, o), Organization: o.ID,
			Admitted: r == members || r == delegates && c.Snapshot.Administers(c.Principal.Account, "")}
		if keys := s.tagKeys(); len(keys) > 0 {
			list[i].Lists = map[string][]string{"aws:TagKeys": keys}
		}
	}
	if len(s.tags) == 0 || c.Operation == "TagResource" {
		return list
	}
	for _, t := range list[:len(list):len(list)] { // what is made with tags is tagged, which is a permission of its own
		t.Action = "organizations:TagResource"
		list = append(list, t)
	}
	return list
}

// context are the condition keys of the request: of a request about a policy, what it names besides has the policy's type
// too. See "Condition keys for AWS Organizations" in the Service Authorization Reference.
func (s *subject) context(c *api.Call, o *organization.Organization) map[string][]string {
	keys := map[string][]string{}
	kind := s.policyType
	if at := slices.IndexFunc(s.ids, func(id string) bool { return strings.HasPrefix(id, "p-") }); kind == "" && at >= 0 {
		kind = policyOf(c, o, s.ids[at]).Type
	}
	if kind != "" {
		keys["organizations:PolicyType"] = []string{kind}
	}
	if s.principal != nil {
		keys["organizations:ServicePrincipal"] = []string{*s.principal}
	}
	for _, t := range s.tags {
		keys["aws:RequestTag/"+aws.ToString(t.Key)] = []string{aws.ToString(t.Value)}
	}
	return keys
}

func (s *subject) tagKeys() []string {
	keys := s.keys
	for _, t := range s.tags {
		keys = append(keys, aws.ToString(t.Key))
	}
	return keys
}

// tagsOf returns the tags of the thing with this id, as the snapshot has them.
func tagsOf(c *api.Call, o *organization.Organization, id string) map[string]string {
	switch {
	case id == o.RootID:
		return o.RootTags
	case strings.HasPrefix(id, "ou-"):
		if u := c.Snapshot.Unit(id); u != nil && u.OrganizationID == o.ID {
			return u.Tags
		}
	case strings.HasPrefix(id, "p-"):
		return policyOf(c, o, id).Tags
	default:
		if a := c.Snapshot.Account(ident.AccountID(id)); a != nil && a.OrganizationID == o.ID {
			return a.Tags
		}
	}
	return nil
}

// policyOf returns the policy with this id, as the snapshot has it. One that nobody has is taken for a service control
// policy.
func policyOf(c *api.Call, o *organization.Organization, id string) *organization.Policy {
	if p := organization.ProvidedByID(id); p != nil {
		return p
	}
	if p := c.Snapshot.OrganizationPolicy(o.ID, id); p != nil {
		return p
	}
	return &organization.Policy{ID: id, Type: organization.ServiceControlPolicy}
}

// arnIn is arnOf for policies, too.
func arnIn(c *api.Call, o *organization.Organization, id string) string {
	if strings.HasPrefix(id, "p-") {
		return o.PolicyARN(policyOf(c, o, id))
	}
	return arnOf(o, id)
}

// arnOf returns the ARN of the thing with this id, which is no policy. The id's form tells what it is.
func arnOf(o *organization.Organization, id string) string {
	switch {
	case id == "*":
		return id
	case strings.HasPrefix(id, "r-"):
		return "arn:aws:organizations::" + string(o.Management) + ":root/" + o.ID + "/" + id
	case strings.HasPrefix(id, "ou-"):
		return o.UnitARN(id)
	case strings.HasPrefix(id, "rp-"):
		return o.ResourcePolicyARN(id)
	}
	return o.AccountARN(ident.AccountID(id))
}

// mine returns the caller's organization. That the caller may do in it what it asks for has been decided before.
func mine(c *api.Call) (*organization.Organization, error) {
	o := c.Snapshot.OrganizationOf(c.Principal.Account)
	if o == nil {
		return nil, notInUse()
	}
	return o, nil
}

// change runs fn with the caller's organization as the changes before this one left it.
func change(ctx context.Context, c *api.Call, fn func(*store.Tx, *organization.Organization) error) error {
	o, err := mine(c)
	if err != nil {
		return err
	}
	return c.Update(ctx, func(tx *store.Tx) error {
		fresh, err := store.Organizations.Get(tx, o.ID)
		if errors.Is(err, store.ErrNotFound) {
			return notInUse()
		}
		if err != nil {
			return err
		}
		return fn(tx, fresh)
	})
}
