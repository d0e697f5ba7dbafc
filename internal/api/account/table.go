// Package account answers the Account Management API: an account's contacts, its Regions, its name and its e-mail
// address.
//
// Who names no account acts in their own. The management account, and who is its delegated administrator for
// account.amazonaws.com, may name a member of the organization, once the organization has all features and gives the
// service trusted access. The management account itself can be reached from nowhere but itself, without being named.
// These rules are checked where the work is done, in its transaction; policies are asked first, and of whoever is
// admitted by a rule, their own account's policies too.
//
// What is kept here decides nothing: a Region that is disabled is written down as such, and that is all.
// See the AWS Account Management Reference Guide.
package account

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/account"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// Table returns the operations of the service.
func Table() api.Table {
	return append(contacts(), regions()...)
}

func contacts() api.Table {
	return api.Table{
		op("GetAccountInformation", getInformation, func(in *sdk.GetAccountInformationInput) subject { return subject{id: in.AccountId} }),
		op("PutAccountName", putName, func(in *sdk.PutAccountNameInput) subject { return subject{id: in.AccountId} }),
		op("GetPrimaryEmail", getPrimaryEmail, func(in *sdk.GetPrimaryEmailInput) subject { return subject{id: in.AccountId} }),
		op("GetContactInformation", getContact, func(in *sdk.GetContactInformationInput) subject { return subject{id: in.AccountId} }),
		op("PutContactInformation", putContact, func(in *sdk.PutContactInformationInput) subject { return subject{id: in.AccountId} }),
		op("GetAlternateContact", getAlternate, func(in *sdk.GetAlternateContactInput) subject {
			return subject{in.AccountId, "account:AlternateContactTypes", string(in.AlternateContactType)}
		}),
		op("PutAlternateContact", putAlternate, func(in *sdk.PutAlternateContactInput) subject {
			return subject{in.AccountId, "account:AlternateContactTypes", string(in.AlternateContactType)}
		}),
		op("DeleteAlternateContact", deleteAlternate, func(in *sdk.DeleteAlternateContactInput) subject {
			return subject{in.AccountId, "account:AlternateContactTypes", string(in.AlternateContactType)}
		}),
		op("GetGovCloudAccountInformation", getGovCloud,
			func(in *sdk.GetGovCloudAccountInformationInput) subject { return subject{id: in.StandardAccountId} }),
	}
}

func regions() api.Table {
	return api.Table{
		op("ListRegions", listRegions, func(in *sdk.ListRegionsInput) subject { return subject{id: in.AccountId} }),
		op("GetRegionOptStatus", getRegionStatus, func(in *sdk.GetRegionOptStatusInput) subject {
			return subject{in.AccountId, "account:TargetRegion", aws.ToString(in.RegionName)}
		}),
		op("EnableRegion", enableRegion, func(in *sdk.EnableRegionInput) subject {
			return subject{in.AccountId, "account:TargetRegion", aws.ToString(in.RegionName)}
		}),
		op("DisableRegion", disableRegion, func(in *sdk.DisableRegionInput) subject {
			return subject{in.AccountId, "account:TargetRegion", aws.ToString(in.RegionName)}
		}),
	}
}

// subject is what a request is about: an account, and the value of one condition key.
type subject struct {
	id    *string
	key   string
	value string
}

// op makes the row of an operation.
func op[In, Out any](name string, handler func(context.Context, *api.Call, *In) (*Out, error), of func(*In) subject) api.Row {
	return api.Op(name, "account:"+name, handler, api.On(func(_ context.Context, c *api.Call, in *In) ([]api.Target, error) {
		return []api.Target{target(c, of(in))}, nil
	}))
}

// target is the resource of a decision. A member that is named belongs to the management account. See "Resource types
// defined by AWS Account Management" in the Service Authorization Reference.
func target(c *api.Call, s subject) api.Target {
	me := c.Principal.Account
	t := api.Target{ARN: "arn:" + ident.Partition + ":account::" + string(me) + ":account", Account: me}
	if s.key != "" {
		t.Context = map[string][]string{s.key: {s.value}}
	}
	o := c.Snapshot.OrganizationOf(me)
	if s.id == nil || o == nil {
		return t
	}
	id := ident.AccountID(*s.id)
	t.ARN = "arn:" + ident.Partition + ":account::" + string(o.Management) + ":account/" + o.ID + "/" + string(id)
	if c.Snapshot.Administers(me, service) {
		t.Account, t.Admitted = o.Management, true
	}
	if a := c.Snapshot.Account(id); a != nil && a.OrganizationID == o.ID {
		t.Lists = map[string][]string{"account:AccountResourceOrgPaths": {c.Snapshot.OrgPath(id)}}
		for k, v := range a.Tags {
			if t.Context == nil {
				t.Context = map[string][]string{}
			}
			t.Context["account:AccountResourceOrgTags/"+k] = []string{v}
		}
	}
	return t
}
