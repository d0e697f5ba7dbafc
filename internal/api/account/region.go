package account

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/account/types"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
)

// pageLength is how many Regions a page has at most. See ListRegions.
const pageLength = 50

// regionNamed returns a Region, or the fault for one that AWS does not have.
func regionNamed(name *string) (account.Region, error) {
	for _, r := range account.Regions() {
		if r.Name == aws.ToString(name) {
			return r, nil
		}
	}
	return account.Region{}, invalid("invalidRegionOptTarget", "The Region %q is not valid.", aws.ToString(name))
}

// status is what an account has made of a Region.
func status(r account.Region, p *account.Profile) types.RegionOptStatus {
	switch {
	case !r.OptIn:
		return types.RegionOptStatusEnabledByDefault
	case p.Regions[r.Name] != "":
		return types.RegionOptStatusEnabled
	}
	return types.RegionOptStatusDisabled
}

func listRegions(ctx context.Context, c *api.Call, in *sdk.ListRegionsInput) (*sdk.ListRegionsOutput, error) {
	filter := []any{in.AccountId, in.RegionOptStatusContains}
	after, err := c.After(filter, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListRegionsOutput{Regions: []types.Region{}}
	return out, read(ctx, c, in.AccountId, func(_ *account.Account, p *account.Profile) error {
		limit := c.Limit(in.MaxResults, pageLength)
		for _, r := range account.Regions() {
			status := status(r, p)
			if r.Name <= after || len(in.RegionOptStatusContains) > 0 && !slices.Contains(in.RegionOptStatusContains, status) {
				continue
			}
			if len(out.Regions) == limit {
				out.NextToken = c.NextToken(filter, *out.Regions[limit-1].RegionName)
				return nil
			}
			out.Regions = append(out.Regions, types.Region{RegionName: aws.String(r.Name), RegionOptStatus: status})
		}
		return nil
	})
}

func getRegionStatus(ctx context.Context, c *api.Call, in *sdk.GetRegionOptStatusInput) (*sdk.GetRegionOptStatusOutput, error) {
	r, err := regionNamed(in.RegionName)
	if err != nil {
		return nil, err
	}
	out := &sdk.GetRegionOptStatusOutput{RegionName: in.RegionName}
	return out, read(ctx, c, in.AccountId, func(_ *account.Account, p *account.Profile) error {
		out.RegionOptStatus = status(r, p)
		return nil
	})
}

// enableRegion takes AWS minutes; here the Region is ENABLED when the answer arrives.
func enableRegion(ctx context.Context, c *api.Call, in *sdk.EnableRegionInput) (*sdk.EnableRegionOutput, error) {
	return &sdk.EnableRegionOutput{}, opt(ctx, c, in.AccountId, in.RegionName, types.RegionOptStatusEnabled)
}

func disableRegion(ctx context.Context, c *api.Call, in *sdk.DisableRegionInput) (*sdk.DisableRegionOutput, error) {
	return &sdk.DisableRegionOutput{}, opt(ctx, c, in.AccountId, in.RegionName, types.RegionOptStatusDisabled)
}

// opt writes down what an account wants of a Region that it may choose.
func opt(ctx context.Context, c *api.Call, named, name *string, status types.RegionOptStatus) error {
	r, err := regionNamed(name)
	if err != nil {
		return err
	}
	if !r.OptIn {
		return invalid("invalidRegionOptTarget", "The Region %s is enabled by default and can't be enabled or disabled.", r.Name)
	}
	return edit(ctx, c, named, func(p *account.Profile) error {
		if status == types.RegionOptStatusDisabled {
			delete(p.Regions, r.Name)
			return nil
		}
		if p.Regions == nil {
			p.Regions = map[string]string{}
		}
		p.Regions[r.Name] = string(status)
		return nil
	})
}
