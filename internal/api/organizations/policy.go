package organizations

import (
	"context"
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/lifecycle"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// first stands in a page token for the place behind the policy that belongs to AWS, which is in no table.
const first = "!"

func createPolicy(ctx context.Context, c *api.Call, in *sdk.CreatePolicyInput) (*sdk.CreatePolicyOutput, error) {
	tags, err := tagMap(c, in.Tags)
	if err != nil {
		return nil, err
	}
	p := &organization.Policy{ID: "p-" + c.IDs.Lower(8), Type: string(in.Type), Name: aws.ToString(in.Name),
		Description: aws.ToString(in.Description), Content: aws.ToString(in.Content), Tags: tags}
	if err := settle(c, p); err != nil {
		return nil, err
	}
	out := &sdk.CreatePolicyOutput{}
	return out, change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		if o.FeatureSet != organization.AllFeatures {
			return otherType(p.Type)
		}
		n, err := store.Policies.Count(tx, "organization", o.ID, p.Type)
		if err != nil {
			return err
		}
		if most := c.Most(&limits[quotas[p.Type].policies]); n >= most {
			return constraint(types.ConstraintViolationExceptionReasonPolicyNumberLimitExceeded, "You have exceeded the allowed number of policies: %d.", most)
		}
		p.OrganizationID, p.CreatedAt = o.ID, tx.Now
		out.Policy = describePolicyOf(o, p)
		return store.Taken(store.Policies.Save(tx, p), duplicatePolicy())
	})
}

func duplicatePolicy() error {
	return conflict("DuplicatePolicyException", "A policy with the same name already exists.")
}

// settle refuses types that are not built and documents that are not understood, and brings a document into the form in
// which it is kept.
func settle(c *api.Call, p *organization.Policy) error {
	provided := organization.Provided(p.Type)
	if provided == nil {
		return otherType(p.Type)
	}
	if p.Name == provided.Name {
		return duplicatePolicy()
	}
	if most := c.Most(&limits[quotas[p.Type].size]); utf8.RuneCountInString(p.Content) > most {
		return constraint(types.ConstraintViolationExceptionReasonPolicyContentLimitExceeded, "The policy is longer than %d characters.", most)
	}
	if p.Type == organization.ResourceControlPolicy {
		return settleControl(p)
	}
	if _, err := policy.Parse([]byte(p.Content), policy.SCP); err != nil {
		return malformed(err)
	}
	return nil
}

func describePolicy(ctx context.Context, c *api.Call, in *sdk.DescribePolicyInput) (*sdk.DescribePolicyOutput, error) {
	o, err := mine(c)
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribePolicyOutput{}
	return out, c.View(ctx, func(tx *store.Tx) error {
		p, err := findPolicy(tx, o, aws.ToString(in.PolicyId))
		if err == nil {
			out.Policy = describePolicyOf(o, p)
		}
		return err
	})
}

// updatePolicy answers of the summary only what it changed, and its ids, as AWS does.
func updatePolicy(ctx context.Context, c *api.Call, in *sdk.UpdatePolicyInput) (*sdk.UpdatePolicyOutput, error) {
	out := &sdk.UpdatePolicyOutput{}
	return out, change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		p, err := findPolicy(tx, o, aws.ToString(in.PolicyId))
		if err != nil {
			return err
		}
		if p.AWSManaged {
			return immutable()
		}
		for field, value := range map[*string]*string{&p.Name: in.Name, &p.Description: in.Description, &p.Content: in.Content} {
			if value != nil {
				*field = *value
			}
		}
		if err := settle(c, p); err != nil {
			return err
		}
		out.Policy = describePolicyOf(o, p)
		out.Policy.PolicySummary.Name, out.Policy.PolicySummary.Description = in.Name, in.Description
		return store.Taken(store.Policies.Save(tx, p), duplicatePolicy())
	})
}

func immutable() error {
	return invalidInput(types.InvalidInputExceptionReasonImmutablePolicy, "You can't modify or delete a policy that AWS manages.")
}

func deletePolicy(ctx context.Context, c *api.Call, in *sdk.DeletePolicyInput) (*sdk.DeletePolicyOutput, error) {
	return &sdk.DeletePolicyOutput{}, change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		p, err := findPolicy(tx, o, aws.ToString(in.PolicyId))
		if err != nil {
			return err
		}
		if p.AWSManaged {
			return immutable()
		}
		n, err := store.Attachments.Count(tx, "policy", o.ID, p.ID)
		if err != nil {
			return err
		}
		if n > 0 {
			return conflict("PolicyInUseException", "The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts before performing this operation.")
		}
		return store.Policies.Delete(tx, p)
	})
}

// listPolicies begins with the policy that belongs to AWS.
func listPolicies(ctx context.Context, c *api.Call, in *sdk.ListPoliciesInput) (*sdk.ListPoliciesOutput, error) {
	o, err := mine(c)
	if err != nil {
		return nil, err
	}
	filter := []string{o.ID, string(in.Filter)}
	after, err := c.After(filter, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListPoliciesOutput{Policies: []types.PolicySummary{}}
	provided := organization.Provided(string(in.Filter))
	if provided == nil {
		return out, nil
	}
	limit := c.Limit(in.MaxResults, pageLength)
	if after == "" {
		out.Policies = append(out.Policies, summary(o, provided))
		if limit--; limit == 0 {
			out.NextToken = c.NextToken(filter, first)
			return out, nil
		}
	}
	if after == first {
		after = ""
	}
	return out, c.View(ctx, func(tx *store.Tx) error {
		rows, next, err := store.Policies.List(tx, "organization", []any{o.ID, string(in.Filter)}, after, limit)
		for _, p := range rows {
			out.Policies = append(out.Policies, summary(o, p))
		}
		out.NextToken = c.NextToken(filter, next)
		return err
	})
}

// enablePolicyType answers of resource control policies that they will be enabled, as AWS does, though they are.
func enablePolicyType(ctx context.Context, c *api.Call, in *sdk.EnablePolicyTypeInput) (*sdk.EnablePolicyTypeOutput, error) {
	out := &sdk.EnablePolicyTypeOutput{}
	return out, switchType(ctx, c, in.RootId, in.PolicyType, func(tx *store.Tx, o *organization.Organization) error {
		if o.Enables(string(in.PolicyType)) {
			return conflict("PolicyTypeAlreadyEnabledException", "The specified policy type is already enabled.")
		}
		o.Enabled = append(o.Enabled, string(in.PolicyType))
		if out.Root = root(o); in.PolicyType == types.PolicyTypeResourceControlPolicy {
			at := slices.IndexFunc(out.Root.PolicyTypes, func(t types.PolicyTypeSummary) bool { return t.Type == in.PolicyType })
			out.Root.PolicyTypes[at].Status = types.PolicyTypeStatusPendingEnable
		}
		if err := store.Organizations.Save(tx, o); err != nil {
			return err
		}
		return guardAll(tx, o, string(in.PolicyType))
	})
}

// disablePolicyType drops all attachments; enabling the type again does not bring them back.
func disablePolicyType(ctx context.Context, c *api.Call, in *sdk.DisablePolicyTypeInput) (*sdk.DisablePolicyTypeOutput, error) {
	out := &sdk.DisablePolicyTypeOutput{}
	return out, switchType(ctx, c, in.RootId, in.PolicyType, func(tx *store.Tx, o *organization.Organization) error {
		if !o.Enables(string(in.PolicyType)) {
			return notEnabled()
		}
		o.Enabled = slices.DeleteFunc(o.Enabled, func(t string) bool { return t == string(in.PolicyType) })
		out.Root = root(o)
		if err := store.Organizations.Save(tx, o); err != nil {
			return err
		}
		return lifecycle.DetachType(tx, o, string(in.PolicyType))
	})
}

// switchType does what enabling and disabling a policy type have in common.
func switchType(ctx context.Context, c *api.Call, rootID *string, kind types.PolicyType, fn func(*store.Tx, *organization.Organization) error) error {
	return change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		if o.RootID != aws.ToString(rootID) {
			return notFound("RootNotFoundException", "You specified a root that doesn't exist.")
		}
		if o.FeatureSet != organization.AllFeatures || organization.Provided(string(kind)) == nil {
			return otherType(string(kind))
		}
		return fn(tx, o)
	})
}

// guardAll attaches AWS's policy of a type to the root, every unit and every account.
func guardAll(tx *store.Tx, o *organization.Organization, policyType string) error {
	targets := []string{o.RootID}
	units, _, err := store.Units.List(tx, "organization", []any{o.ID}, "", 0)
	if err != nil {
		return err
	}
	for _, u := range units {
		targets = append(targets, u.ID)
	}
	members, _, err := store.Accounts.List(tx, "organization", []any{o.ID}, "", 0)
	if err != nil {
		return err
	}
	for _, a := range members {
		targets = append(targets, string(a.ID))
	}
	for _, t := range targets {
		if err := lifecycle.GuardBy(tx, o, t, policyType); err != nil {
			return err
		}
	}
	return nil
}

// findPolicy returns a policy of the organization, or one that AWS owns.
func findPolicy(tx *store.Tx, o *organization.Organization, id string) (*organization.Policy, error) {
	if p := organization.ProvidedByID(id); p != nil {
		return p, nil
	}
	p, err := store.Policies.Get(tx, o.ID, id)
	return p, store.Missing(err, noPolicy())
}

func describePolicyOf(o *organization.Organization, p *organization.Policy) *types.Policy {
	s := summary(o, p)
	return &types.Policy{PolicySummary: &s, Content: aws.String(p.Content)}
}

func summary(o *organization.Organization, p *organization.Policy) types.PolicySummary {
	return types.PolicySummary{Id: aws.String(p.ID), Arn: aws.String(o.PolicyARN(p)), Name: aws.String(p.Name),
		Description: aws.String(p.Description), Type: types.PolicyType(p.Type), AwsManaged: p.AWSManaged}
}

// exists reports whether an attachment is there.
func exists(tx *store.Tx, a *organization.Attachment) (bool, error) {
	_, err := store.Attachments.Get(tx, a.OrganizationID, a.PolicyID, a.TargetID)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
