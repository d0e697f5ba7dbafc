package iam

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/policy/managed"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func createPolicyVersion(ctx context.Context, c *api.Call, in *sdk.CreatePolicyVersionInput) (*sdk.CreatePolicyVersionOutput, error) {
	if err := own(c, in.PolicyArn, "Cannot create versions for policies outside your own account."); err != nil {
		return nil, err
	}
	document := aws.ToString(in.PolicyDocument)
	if err := checkManaged(c, document); err != nil {
		return nil, err
	}
	out := &sdk.CreatePolicyVersionOutput{}
	return out, editPolicy(ctx, c, in.PolicyArn, func(tx *store.Tx, p *iam.ManagedPolicy) error {
		if err := p.Room(c.Most(&limits[maxVersions])); err != nil {
			return err
		}
		out.PolicyVersion = describeVersion(p, p.AddVersion(document, in.SetAsDefault, tx.Now))
		return nil
	})
}

func setDefaultPolicyVersion(ctx context.Context, c *api.Call, in *sdk.SetDefaultPolicyVersionInput) (*sdk.SetDefaultPolicyVersionOutput, error) {
	if err := own(c, in.PolicyArn, "Cannot update policies outside your own account."); err != nil {
		return nil, err
	}
	err := editPolicy(ctx, c, in.PolicyArn, func(tx *store.Tx, p *iam.ManagedPolicy) error {
		return p.SetDefault(aws.ToString(in.VersionId), tx.Now)
	})
	return nil, ofVersion(err, in.PolicyArn, in.VersionId)
}

func deletePolicyVersion(ctx context.Context, c *api.Call, in *sdk.DeletePolicyVersionInput) (*sdk.DeletePolicyVersionOutput, error) {
	if err := own(c, in.PolicyArn, "Cannot delete policy versions for policies outside your own account."); err != nil {
		return nil, err
	}
	err := editPolicy(ctx, c, in.PolicyArn, func(_ *store.Tx, p *iam.ManagedPolicy) error {
		return p.DeleteVersion(aws.ToString(in.VersionId))
	})
	return nil, ofVersion(err, in.PolicyArn, in.VersionId)
}

// getPolicyVersion knows of a policy that AWS manages the default version only: older ones are not kept.
func getPolicyVersion(ctx context.Context, c *api.Call, in *sdk.GetPolicyVersionInput) (*sdk.GetPolicyVersionOutput, error) {
	arn, id := aws.ToString(in.PolicyArn), aws.ToString(in.VersionId)
	if p, ok := managed.ByARN(arn); ok {
		if id != p.DefaultVersionID {
			return nil, iam.NoVersion(arn, id)
		}
		v := managedVersion(p)
		v.Document = aws.String(p.Document())
		return &sdk.GetPolicyVersionOutput{PolicyVersion: v}, nil
	}
	p, err := readPolicy(ctx, c, arn)
	if err != nil {
		return nil, ofVersion(err, in.PolicyArn, in.VersionId)
	}
	v := p.Version(id)
	if v == nil {
		return nil, iam.NoVersion(arn, id)
	}
	d := describeVersion(p, v)
	d.Document = &v.Document
	return &sdk.GetPolicyVersionOutput{PolicyVersion: d}, nil
}

// listPolicyVersions lists the newest first.
func listPolicyVersions(ctx context.Context, c *api.Call, in *sdk.ListPolicyVersionsInput) (*sdk.ListPolicyVersionsOutput, error) {
	arn := aws.ToString(in.PolicyArn)
	after, err := c.After(arn, in.Marker)
	if err != nil {
		return nil, err
	}
	var versions []types.PolicyVersion
	if p, ok := managed.ByARN(arn); ok {
		versions = append(versions, *managedVersion(p))
	} else {
		p, err := readPolicy(ctx, c, arn)
		if err != nil {
			return nil, err
		}
		for i := range p.Versions {
			versions = append(versions, *describeVersion(p, &p.Versions[i]))
		}
		slices.Reverse(versions)
	}
	page := newPage[types.PolicyVersion](c, in.MaxItems)
	reached := after == ""
	for _, v := range versions {
		if reached && !page.add(v, *v.VersionId) {
			break
		}
		reached = reached || *v.VersionId == after
	}
	out := &sdk.ListPolicyVersionsOutput{Versions: page.items}
	out.Marker, out.IsTruncated = page.marker(c, arn)
	return out, nil
}

// ofVersion says of a policy that does not exist what is said of a version that does not exist, as AWS does.
func ofVersion(err error, arn, id *string) error {
	return whenMissing(err, iam.NoVersion(aws.ToString(arn), aws.ToString(id)))
}

func describeVersion(p *iam.ManagedPolicy, v *iam.PolicyVersion) *types.PolicyVersion {
	return &types.PolicyVersion{VersionId: aws.String(v.ID()), IsDefaultVersion: v.Number == p.Default, CreateDate: &v.CreatedAt}
}

func managedVersion(p managed.Policy) *types.PolicyVersion {
	return &types.PolicyVersion{VersionId: &p.DefaultVersionID, IsDefaultVersion: true, CreateDate: &p.UpdateDate}
}
