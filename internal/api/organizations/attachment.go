package organizations

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func attachPolicy(ctx context.Context, c *api.Call, in *sdk.AttachPolicyInput) (*sdk.AttachPolicyOutput, error) {
	return &sdk.AttachPolicyOutput{}, attachment(ctx, c, in.PolicyId, in.TargetId, notEnabled(), func(tx *store.Tx, o *organization.Organization, p *organization.Policy, a *organization.Attachment) error {
		there, err := exists(tx, a)
		if err != nil {
			return err
		}
		if there {
			return conflict("DuplicatePolicyAttachmentException", "A policy with the specified name and type already exists.")
		}
		on, err := attached(tx, o, a.TargetID, p.Type)
		if err != nil {
			return err
		}
		if len(on) >= c.Most(&limits[quotas[p.Type].attached]) {
			return constraint(types.ConstraintViolationExceptionReasonMaxPolicyTypeAttachmentLimitExceeded,
				"You have attached the maximum number of policies to the specified target.")
		}
		return store.Attachments.Save(tx, a)
	})
}

// detachPolicy never takes the last policy of a type from a target, since nothing would be allowed there, by accident more
// often than not, and RCPFullAWSAccess from none.
func detachPolicy(ctx context.Context, c *api.Call, in *sdk.DetachPolicyInput) (*sdk.DetachPolicyOutput, error) {
	return &sdk.DetachPolicyOutput{}, attachment(ctx, c, in.PolicyId, in.TargetId, notAttached(), func(tx *store.Tx, o *organization.Organization, p *organization.Policy, a *organization.Attachment) error {
		if p.ID == organization.FullResourceAccessID {
			return immutable()
		}
		there, err := exists(tx, a)
		if err != nil {
			return err
		}
		if !there {
			return notAttached()
		}
		on, err := attached(tx, o, a.TargetID, p.Type)
		if err != nil {
			return err
		}
		if len(on) <= 1 {
			return constraint(types.ConstraintViolationExceptionReasonMinPolicyTypeAttachmentLimitExceeded,
				"You cannot remove the last policy attached to the specified target.")
		}
		return store.Attachments.Delete(tx, a)
	})
}

func notAttached() error {
	return conflict("PolicyNotAttachedException", "The policy isn't attached to the specified target in the specified root.")
}

// attached returns the policies of a type that are attached to a target, by their ids. There are few.
func attached(tx *store.Tx, o *organization.Organization, target, policyType string) ([]*organization.Policy, error) {
	rows, _, err := store.Attachments.List(tx, "target", []any{o.ID, target}, "", 0)
	if err != nil {
		return nil, err
	}
	var list []*organization.Policy
	for _, a := range rows {
		p, err := findPolicy(tx, o, a.PolicyID)
		if err != nil {
			return nil, err
		}
		if p.Type == policyType {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *organization.Policy) int { return strings.Compare(a.ID, b.ID) })
	return list, nil
}

// attachment does what attaching and detaching have in common. disabled is the answer where the policy's type is not
// enabled; nothing is attached there.
func attachment(ctx context.Context, c *api.Call, policyID, target *string, disabled error,
	fn func(*store.Tx, *organization.Organization, *organization.Policy, *organization.Attachment) error) error {
	return change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		p, err := findPolicy(tx, o, aws.ToString(policyID))
		if err != nil {
			return err
		}
		if _, err := findTarget(tx, o, aws.ToString(target)); err != nil {
			return err
		}
		if !o.Enables(p.Type) {
			return disabled
		}
		return fn(tx, o, p, &organization.Attachment{OrganizationID: o.ID, PolicyID: p.ID, TargetID: aws.ToString(target)})
	})
}

func listPoliciesFor(ctx context.Context, c *api.Call, in *sdk.ListPoliciesForTargetInput) (*sdk.ListPoliciesForTargetOutput, error) {
	o, err := mine(c)
	if err != nil {
		return nil, err
	}
	filter := []string{aws.ToString(in.TargetId), string(in.Filter)}
	after, err := c.After(filter, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListPoliciesForTargetOutput{Policies: []types.PolicySummary{}}
	return out, c.View(ctx, func(tx *store.Tx) error {
		if _, err := findTarget(tx, o, aws.ToString(in.TargetId)); err != nil {
			return err
		}
		list, err := attached(tx, o, aws.ToString(in.TargetId), string(in.Filter))
		if err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(p *organization.Policy) bool { return p.ID <= after })
		if limit := c.Limit(in.MaxResults, pageLength); len(list) > limit {
			list = list[:limit]
			out.NextToken = c.NextToken(filter, list[limit-1].ID)
		}
		for _, p := range list {
			out.Policies = append(out.Policies, summary(o, p))
		}
		return nil
	})
}

func listTargets(ctx context.Context, c *api.Call, in *sdk.ListTargetsForPolicyInput) (*sdk.ListTargetsForPolicyOutput, error) {
	o, err := mine(c)
	if err != nil {
		return nil, err
	}
	after, err := c.After(aws.ToString(in.PolicyId), in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListTargetsForPolicyOutput{Targets: []types.PolicyTargetSummary{}}
	return out, c.View(ctx, func(tx *store.Tx) error {
		p, err := findPolicy(tx, o, aws.ToString(in.PolicyId))
		if err != nil {
			return err
		}
		rows, next, err := store.Attachments.List(tx, "policy", []any{o.ID, p.ID}, after, c.Limit(in.MaxResults, pageLength))
		if err != nil {
			return err
		}
		for _, a := range rows {
			t, err := findTarget(tx, o, a.TargetID)
			if isMissing(err) {
				continue // an account that is closed for good, and not cleaned away yet
			}
			if err != nil {
				return err
			}
			out.Targets = append(out.Targets, t)
		}
		out.NextToken = c.NextToken(aws.ToString(in.PolicyId), next)
		return nil
	})
}

// findTarget returns what a policy can be attached to: the root, a unit or an account of the organization.
func findTarget(tx *store.Tx, o *organization.Organization, id string) (types.PolicyTargetSummary, error) {
	t := types.PolicyTargetSummary{TargetId: &id, Arn: aws.String(arnOf(o, id))}
	switch {
	case id == o.RootID:
		t.Type, t.Name = types.TargetTypeRoot, aws.String("Root")
		return t, nil
	case strings.HasPrefix(id, "ou-"):
		u, err := findUnit(tx, o, id)
		if err != nil {
			return t, missingCode(err, noTarget())
		}
		t.Type, t.Name = types.TargetTypeOrganizationalUnit, &u.Name
		return t, nil
	}
	a, err := findAccount(tx, o, id)
	if err != nil {
		return t, missingCode(err, noTarget())
	}
	t.Type, t.Name = types.TargetTypeAccount, &a.Name
	return t, nil
}
