package organizations

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// enableServiceAccess gives a service trusted access. Repeating it changes nothing, not even the date.
func enableServiceAccess(ctx context.Context, c *api.Call, in *sdk.EnableAWSServiceAccessInput) (*sdk.EnableAWSServiceAccessOutput, error) {
	principal := aws.ToString(in.ServicePrincipal)
	if integrationOf(principal) == nil {
		return nil, unknownService()
	}
	return &sdk.EnableAWSServiceAccessOutput{}, change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		if o.FeatureSet != organization.AllFeatures {
			return needsAllFeatures()
		}
		if !o.Trust(principal, tx.Now) {
			return nil
		}
		return store.Organizations.Save(tx, o)
	})
}

func disableServiceAccess(ctx context.Context, c *api.Call, in *sdk.DisableAWSServiceAccessInput) (*sdk.DisableAWSServiceAccessOutput, error) {
	principal := aws.ToString(in.ServicePrincipal)
	if integrationOf(principal) == nil {
		return nil, unknownService()
	}
	return &sdk.DisableAWSServiceAccessOutput{}, change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		if !o.Trusts(principal) {
			return nil
		}
		delete(o.Services, principal)
		return store.Organizations.Save(tx, o)
	})
}

func listServiceAccess(_ context.Context, c *api.Call, in *sdk.ListAWSServiceAccessForOrganizationInput) (*sdk.ListAWSServiceAccessForOrganizationOutput, error) {
	o, err := mine(c)
	if err != nil {
		return nil, err
	}
	if o.FeatureSet != organization.AllFeatures {
		return nil, needsAllFeatures()
	}
	after, err := c.After(o.ID, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListAWSServiceAccessForOrganizationOutput{EnabledServicePrincipals: []types.EnabledServicePrincipal{}}
	names, next := api.PageOf(slices.Sorted(maps.Keys(o.Services)), after, c.Limit(in.MaxResults, pageLength))
	for _, name := range names {
		out.EnabledServicePrincipals = append(out.EnabledServicePrincipals,
			types.EnabledServicePrincipal{ServicePrincipal: &name, DateEnabled: aws.Time(o.Services[name])})
	}
	out.NextToken = c.NextToken(o.ID, next)
	return out, nil
}

func unknownService() error {
	return invalidInput(types.InvalidInputExceptionReasonUnrecognizedServicePrincipal, "You specified an unrecognized service principal.")
}

func needsAllFeatures() error {
	return constraint(types.ConstraintViolationExceptionReasonOrganizationNotInAllFeaturesMode,
		"The request failed because the organization does not have all features enabled. Please enable all features in your organization and then retry.")
}
