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

// region is a Region of the partition aws.
type region struct {
	name  string
	optIn bool // disabled until somebody enables it
}

// all are the Regions in the order of their names. See "Enable or disable AWS Regions in your account" in the AWS
// Account Management Reference Guide.
var all = [...]region{
	{"af-south-1", true}, {"ap-east-1", true}, {"ap-east-2", true}, {"ap-northeast-1", false}, {"ap-northeast-2", false},
	{"ap-northeast-3", false}, {"ap-south-1", false}, {"ap-south-2", true}, {"ap-southeast-1", false}, {"ap-southeast-2", false},
	{"ap-southeast-3", true}, {"ap-southeast-4", true}, {"ap-southeast-5", true}, {"ap-southeast-6", true}, {"ap-southeast-7", true},
	{"ca-central-1", false}, {"ca-west-1", true}, {"eu-central-1", false}, {"eu-central-2", true}, {"eu-north-1", false},
	{"eu-south-1", true}, {"eu-south-2", true}, {"eu-west-1", false}, {"eu-west-2", false}, {"eu-west-3", false},
	{"il-central-1", true}, {"me-central-1", true}, {"me-south-1", true}, {"mx-central-1", true}, {"sa-east-1", false},
	{"us-east-1", false}, {"us-east-2", false}, {"us-west-1", false}, {"us-west-2", false},
}

// pageLength is how many Regions a page has at most. See ListRegions.
const pageLength = 50

// regionNamed returns a Region, or the fault for one that AWS does not have.
func regionNamed(name *string) (*region, error) {
	for i := range all {
		if all[i].name == aws.ToString(name) {
			return &all[i], nil
		}
	}
	return nil, invalid("invalidRegionOptTarget", "The Region %q is not valid.", aws.ToString(name))
}

// status is what an account has made of the Region.
func (r *region) status(p *account.Profile) types.RegionOptStatus {
	switch {
	case !r.optIn:
		return types.RegionOptStatusEnabledByDefault
	case p.Regions[r.name] != "":
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
		for _, r := range all {
			status := r.status(p)
			if r.name <= after || len(in.RegionOptStatusContains) > 0 && !slices.Contains(in.RegionOptStatusContains, status) {
				continue
			}
			if len(out.Regions) == limit {
				out.NextToken = c.NextToken(filter, *out.Regions[limit-1].RegionName)
				return nil
			}
			out.Regions = append(out.Regions, types.Region{RegionName: aws.String(r.name), RegionOptStatus: status})
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
		out.RegionOptStatus = r.status(p)
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
	if !r.optIn {
		return invalid("invalidRegionOptTarget", "The Region %s is enabled by default and can't be enabled or disabled.", r.name)
	}
	return edit(ctx, c, named, func(p *account.Profile) error {
		if status == types.RegionOptStatusDisabled {
			delete(p.Regions, r.name)
			return nil
		}
		if p.Regions == nil {
			p.Regions = map[string]string{}
		}
		p.Regions[r.name] = string(status)
		return nil
	})
}
