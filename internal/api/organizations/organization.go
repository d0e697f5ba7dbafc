package organizations

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// createOrganization makes the caller's account the management account of a new organization.
func createOrganization(ctx context.Context, c *api.Call, in *sdk.CreateOrganizationInput) (*sdk.CreateOrganizationOutput, error) {
	o := organization.New(c.IDs, c.Principal.Account, c.Now)
	if in.FeatureSet != "" {
		o.FeatureSet = string(in.FeatureSet)
	}
	var a *account.Account
	err := c.Update(ctx, func(tx *store.Tx) (err error) {
		a, err = work(tx, c).Found(o)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &sdk.CreateOrganizationOutput{Organization: describe(o, a.Email)}, nil
}

func describeOrganization(_ context.Context, c *api.Call, _ *sdk.DescribeOrganizationInput) (*sdk.DescribeOrganizationOutput, error) {
	o := c.Snapshot.OrganizationOf(c.Principal.Account)
	if o == nil {
		return nil, notInUse()
	}
	email := ""
	if a := c.Snapshot.Account(o.Management); a != nil {
		email = a.Email
	}
	return &sdk.DescribeOrganizationOutput{Organization: describe(o, email)}, nil
}

func listRoots(_ context.Context, c *api.Call, in *sdk.ListRootsInput) (*sdk.ListRootsOutput, error) {
	o, err := mine(c)
	if err != nil {
		return nil, err
	}
	if _, err := c.After(o.ID, in.NextToken); err != nil {
		return nil, err
	}
	return &sdk.ListRootsOutput{Roots: []types.Root{*root(o)}}, nil
}

func describe(o *organization.Organization, email string) *types.Organization {
	return &types.Organization{
		Id: &o.ID, Arn: aws.String(o.ARN()), FeatureSet: types.OrganizationFeatureSet(o.FeatureSet),
		MasterAccountId: aws.String(string(o.Management)), MasterAccountArn: aws.String(o.AccountARN(o.Management)),
		MasterAccountEmail: &email, AvailablePolicyTypes: available(o),
	}
}

func root(o *organization.Organization) *types.Root {
	return &types.Root{Id: &o.RootID, Arn: aws.String(o.RootARN()), Name: aws.String("Root"), PolicyTypes: policyTypes(o)}
}

// available is a member that AWS keeps for old programs: what the feature set could enable, whatever is enabled.
func available(o *organization.Organization) []types.PolicyTypeSummary {
	if o.FeatureSet != organization.AllFeatures {
		return []types.PolicyTypeSummary{}
	}
	return []types.PolicyTypeSummary{{Type: types.PolicyTypeServiceControlPolicy, Status: types.PolicyTypeStatusEnabled}}
}

func policyTypes(o *organization.Organization) []types.PolicyTypeSummary {
	list := []types.PolicyTypeSummary{}
	for _, t := range slices.Sorted(slices.Values(o.Enabled)) {
		list = append(list, types.PolicyTypeSummary{Type: types.PolicyType(t), Status: types.PolicyTypeStatusEnabled})
	}
	return list
}
