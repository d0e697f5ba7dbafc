package iam

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/policy/managed"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func createPolicy(ctx context.Context, c *api.Call, in *sdk.CreatePolicyInput) (*sdk.CreatePolicyOutput, error) {
	document := aws.ToString(in.PolicyDocument)
	if err := checkManaged(c, document); err != nil {
		return nil, err
	}
	tags, err := withPolicyTags(c, nil, in.Tags)
	if err != nil {
		return nil, err
	}
	p := &iam.ManagedPolicy{ID: c.IDs.IAM(ident.PolicyPrefix), Account: c.Principal.Account, Name: aws.ToString(in.PolicyName),
		Path: pathOf(in.Path), Description: aws.ToString(in.Description), Tags: tags}
	p.AddVersion(document, true, c.Now)
	err = c.Update(ctx, func(tx *store.Tx) error {
		n, err := store.ManagedPolicies.Count(tx, "account", p.Account)
		if err != nil {
			return err
		}
		if most := c.Most(&limits[maxPolicies]); n >= most {
			return limitExceeded("Cannot exceed quota for PoliciesPerAccount: %d", most)
		}
		_, err = store.ManagedPolicies.Get(tx, p.Account, p.Name)
		if err := free(err, entityExists("A policy called %s already exists. Duplicate names are not allowed.", p.Name)); err != nil {
			return err
		}
		p.CreatedAt, p.UpdatedAt, p.Versions[0].CreatedAt = tx.Now, tx.Now, tx.Now
		return store.ManagedPolicies.Save(tx, p)
	})
	if err != nil {
		return nil, err
	}
	d := describePolicy(p, c.Snapshot.UsageIn(p.Account))
	d.Description = nil // only GetPolicy tells it
	if len(p.Tags) == 0 {
		d.Tags = nil
	}
	return &sdk.CreatePolicyOutput{Policy: d}, nil
}

// checkManaged refuses what is no identity policy in the present version of the language, which managed policies have
// to be written in.
func checkManaged(c *api.Call, document string) error {
	d, err := policy.Parse([]byte(document), policy.Identity)
	if err != nil {
		return err
	}
	if d.Version() != "2012-10-17" {
		return malformed("Policy document must be version 2012-10-17 or greater.")
	}
	return iam.CheckPolicySize(document, c.Most(&limits[maxPolicySize]))
}

func getPolicy(ctx context.Context, c *api.Call, in *sdk.GetPolicyInput) (*sdk.GetPolicyOutput, error) {
	arn, use := aws.ToString(in.PolicyArn), c.Snapshot.UsageIn(c.Principal.Account)
	if p, ok := managed.ByARN(arn); ok {
		return &sdk.GetPolicyOutput{Policy: describeManaged(p, use)}, nil
	}
	p, err := readPolicy(ctx, c, arn)
	if err != nil {
		return nil, err
	}
	return &sdk.GetPolicyOutput{Policy: describePolicy(p, use)}, nil
}

// deletePolicy deletes a policy with its default version, which is the last to go.
func deletePolicy(ctx context.Context, c *api.Call, in *sdk.DeletePolicyInput) (*sdk.DeletePolicyOutput, error) {
	if err := own(c, in.PolicyArn, "Cannot delete policies outside your own account."); err != nil {
		return nil, err
	}
	return nil, c.Update(ctx, func(tx *store.Tx) error {
		p, err := findPolicy(tx, c, aws.ToString(in.PolicyArn))
		if err != nil {
			return err
		}
		use := c.State.Draft().UsageIn(p.Account)
		switch arn := p.ARN(); {
		case len(use.Attached(arn))+len(use.Bounded(arn)) > 0:
			return deleteConflict("Cannot delete a policy attached to entities.")
		case len(p.Versions) > 1:
			return deleteConflict("This policy has more than one version. Before you delete a policy, you must delete the policy's " +
				"versions. The default version is deleted with the policy.")
		}
		return store.ManagedPolicies.Delete(tx, p)
	})
}

func tagPolicy(ctx context.Context, c *api.Call, in *sdk.TagPolicyInput) (*sdk.TagPolicyOutput, error) {
	return nil, labelPolicy(ctx, c, in.PolicyArn, func(p *iam.ManagedPolicy) (err error) {
		p.Tags, err = withPolicyTags(c, p.Tags, in.Tags)
		return err
	})
}

func untagPolicy(ctx context.Context, c *api.Call, in *sdk.UntagPolicyInput) (*sdk.UntagPolicyOutput, error) {
	return nil, labelPolicy(ctx, c, in.PolicyArn, func(p *iam.ManagedPolicy) error {
		maps.DeleteFunc(p.Tags, func(key, _ string) bool { return slices.Contains(in.TagKeys, key) })
		return nil
	})
}

func listPolicyTags(ctx context.Context, c *api.Call, in *sdk.ListPolicyTagsInput) (*sdk.ListPolicyTagsOutput, error) {
	arn := aws.ToString(in.PolicyArn)
	var tags map[string]string
	if _, ok := managed.ByARN(arn); !ok {
		p, err := readPolicy(ctx, c, arn)
		if err != nil {
			return nil, err
		}
		tags = p.Tags
	}
	out := &sdk.ListPolicyTagsOutput{}
	var err error
	out.Tags, out.Marker, err = tagPage(c, arn, tags, in.Marker, in.MaxItems)
	out.IsTruncated = out.Marker != nil
	return out, err
}

// labelPolicy changes the tags of a policy. Those that AWS manages have none.
func labelPolicy(ctx context.Context, c *api.Call, arn *string, fn func(*iam.ManagedPolicy) error) error {
	if strings.HasPrefix(aws.ToString(arn), managed.Prefix+"/") {
		return invalidInput("Tags not supported for policies in this domain")
	}
	return editPolicy(ctx, c, arn, func(_ *store.Tx, p *iam.ManagedPolicy) error { return fn(p) })
}

// withPolicyTags adds tags. Unlike those of users and roles, their keys are told apart by letter case.
func withPolicyTags(c *api.Call, have map[string]string, list []types.Tag) (map[string]string, error) {
	return addTags(c, have, list, func(a, b string) bool { return a == b }, "Duplicate tag keys found.")
}

// own refuses a policy that is not the caller's account's, whether it exists or not, in the words of the operation.
func own(c *api.Call, arn *string, words string) error {
	parsed, err := ident.ParseARN(aws.ToString(arn))
	if err == nil && parsed.Account != "" && parsed.Account != c.Principal.Account {
		return denied(words)
	}
	return nil
}

// findPolicy finds a customer managed policy of the caller's account.
func findPolicy(tx *store.Tx, c *api.Call, arn string) (*iam.ManagedPolicy, error) {
	if err := checkARN(c, arn); err != nil {
		return nil, err
	}
	account, path, name, ok := iam.ParsePolicyARN(arn)
	if !ok {
		return nil, noPolicy(arn)
	}
	p, err := store.PolicyAt(tx, account, path, name)
	return p, store.Missing(err, noPolicy(arn))
}

// checkARN refuses what is not the ARN of a policy of the caller's account or of AWS.
func checkARN(c *api.Call, arn string) error {
	parsed, err := ident.ParseARN(arn)
	switch {
	case err != nil:
		return validation("Invalid ARN:  Could not be parsed!")
	case parsed.Partition != ident.Partition:
		return validation("Invalid ARN partition")
	case parsed.Service != "iam" || !strings.HasPrefix(parsed.Resource, "policy/"):
		return invalidInput("ARN %s is not valid.", arn)
	case parsed.Account != c.Principal.Account && !strings.HasPrefix(arn, managed.Prefix+"/"):
		return denied("Policy is outside your own account.")
	}
	return nil
}

// readPolicy reads a customer managed policy.
func readPolicy(ctx context.Context, c *api.Call, arn string) (*iam.ManagedPolicy, error) {
	return read(ctx, c, findPolicy, &arn)
}

// editPolicy changes a customer managed policy.
func editPolicy(ctx context.Context, c *api.Call, arn *string, fn func(*store.Tx, *iam.ManagedPolicy) error) error {
	return edit(ctx, c, store.ManagedPolicies, findPolicy, arn, fn)
}

func describePolicy(p *iam.ManagedPolicy, use *authz.Usage) *types.Policy {
	d := &types.Policy{Arn: aws.String(p.ARN()), PolicyName: &p.Name, PolicyId: &p.ID, Path: &p.Path, IsAttachable: true,
		DefaultVersionId: aws.String(p.DefaultID()), CreateDate: &p.CreatedAt, UpdateDate: &p.UpdatedAt, Tags: tagList(p.Tags)}
	if p.Description != "" {
		d.Description = &p.Description
	}
	return counted(d, use)
}

// counted fills in how often a policy is used.
func counted(d *types.Policy, use *authz.Usage) *types.Policy {
	d.AttachmentCount = aws.Int32(int32(len(use.Attached(*d.Arn))))
	d.PermissionsBoundaryUsageCount = aws.Int32(int32(len(use.Bounded(*d.Arn))))
	return d
}
