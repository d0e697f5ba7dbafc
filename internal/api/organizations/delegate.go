package organizations

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// registerDelegate lets a member administer a service, and look at the whole organization.
func registerDelegate(ctx context.Context, c *api.Call, in *sdk.RegisterDelegatedAdministratorInput) (*sdk.RegisterDelegatedAdministratorOutput, error) {
	principal := aws.ToString(in.ServicePrincipal)
	kind := integrationOf(principal)
	if kind == nil || kind.delegates == 0 {
		return nil, unknownService()
	}
	return &sdk.RegisterDelegatedAdministratorOutput{}, change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		a, err := findAccount(tx, o, aws.ToString(in.AccountId))
		if err != nil {
			return err
		}
		d := &organization.Delegate{OrganizationID: o.ID, Account: a.ID, Service: principal, EnabledAt: tx.Now}
		if err := mayRegister(tx, o, d, kind.delegates); err != nil {
			return err
		}
		if a.Status != "ACTIVE" {
			return constraint(types.ConstraintViolationExceptionReasonCannotRegisterSuspendedAccountAsDelegatedAdministrator,
				"You cannot register a suspended account as a delegated administrator.")
		}
		return store.Delegates.Save(tx, d)
	})
}

func mayRegister(tx *store.Tx, o *organization.Organization, d *organization.Delegate, most int) error {
	if o.FeatureSet != organization.AllFeatures {
		return needsAllFeatures()
	}
	if d.Account == o.Management {
		return constraint(types.ConstraintViolationExceptionReasonCannotRegisterMasterAsDelegatedAdministrator,
			"You cannot register master account/yourself as delegated administrator for your organization.")
	}
	if !o.Trusts(d.Service) {
		return constraint(types.ConstraintViolationExceptionReasonServiceAccessNotEnabled,
			"You must enable service access before you register a delegated administrator. Call the EnableAWSServiceAccess API first.")
	}
	others, _, err := store.Delegates.List(tx, "service", []any{o.ID, d.Service}, "", 0)
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.Account == d.Account {
			return conflict("AccountAlreadyRegisteredException", "The specified account is already a delegated administrator for this AWS service.")
		}
	}
	switch {
	case len(others) < most:
		return nil
	case most == 1:
		return constraint(types.ConstraintViolationExceptionReasonDelegatedAdministratorExistsForThisService,
			"The service has a delegated administrator already. Deregister it first.")
	}
	return constraint(types.ConstraintViolationExceptionReasonMaxDelegatedAdministratorsForServiceLimitExceeded,
		"You have exceeded the allowed number of delegated administrators for the service: %d.", most)
}

func deregisterDelegate(ctx context.Context, c *api.Call, in *sdk.DeregisterDelegatedAdministratorInput) (*sdk.DeregisterDelegatedAdministratorOutput, error) {
	principal := aws.ToString(in.ServicePrincipal)
	if integrationOf(principal) == nil {
		return nil, unknownService()
	}
	return &sdk.DeregisterDelegatedAdministratorOutput{}, change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		a, err := findAccount(tx, o, aws.ToString(in.AccountId))
		if err != nil {
			return err
		}
		d, err := store.Delegates.Get(tx, o.ID, a.ID, principal)
		if err != nil {
			return store.Missing(err, notRegistered())
		}
		return store.Delegates.Delete(tx, d)
	})
}

func notRegistered() error {
	return notFound("AccountNotRegisteredException", "The specified account is not a delegated administrator for this AWS service.")
}

// listDelegates lists every account once, whatever number of services it administers.
func listDelegates(ctx context.Context, c *api.Call, in *sdk.ListDelegatedAdministratorsInput) (*sdk.ListDelegatedAdministratorsOutput, error) {
	o, err := mine(c)
	if err != nil {
		return nil, err
	}
	if o.FeatureSet != organization.AllFeatures {
		return nil, needsAllFeatures()
	}
	filter := []string{o.ID, aws.ToString(in.ServicePrincipal)}
	after, err := c.After(filter, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListDelegatedAdministratorsOutput{DelegatedAdministrators: []types.DelegatedAdministrator{}}
	return out, c.View(ctx, func(tx *store.Tx) error {
		since, err := delegations(tx, o, aws.ToString(in.ServicePrincipal))
		if err != nil {
			return err
		}
		page, next := api.PageOf(slices.Sorted(maps.Keys(since)), after, c.Limit(in.MaxResults, pageLength))
		for _, id := range page {
			a, err := findAccount(tx, o, id)
			if isMissing(err) {
				continue // closed for good, and not cleaned away yet
			}
			if err != nil {
				return err
			}
			out.DelegatedAdministrators = append(out.DelegatedAdministrators, delegated(describeMember(o, a, ""), since[id]))
		}
		out.NextToken = c.NextToken(filter, next)
		return nil
	})
}

// delegations returns the delegated administrators of a service, or of any, and since when each is one.
func delegations(tx *store.Tx, o *organization.Organization, principal string) (map[string]time.Time, error) {
	list, values := "organization", []any{o.ID}
	if principal != "" {
		list, values = "service", append(values, principal)
	}
	rows, _, err := store.Delegates.List(tx, list, values, "", 0)
	since := map[string]time.Time{}
	for _, d := range rows {
		id := string(d.Account)
		if first, known := since[id]; !known || d.EnabledAt.Before(first) {
			since[id] = d.EnabledAt
		}
	}
	return since, err
}

func delegated(a *types.Account, since time.Time) types.DelegatedAdministrator {
	return types.DelegatedAdministrator{Id: a.Id, Arn: a.Arn, Name: a.Name, Email: a.Email, Status: a.Status, State: a.State,
		JoinedMethod: a.JoinedMethod, JoinedTimestamp: a.JoinedTimestamp, DelegationEnabledDate: &since}
}

func listDelegatedServices(ctx context.Context, c *api.Call, in *sdk.ListDelegatedServicesForAccountInput) (*sdk.ListDelegatedServicesForAccountOutput, error) {
	o, err := mine(c)
	if err != nil {
		return nil, err
	}
	id := aws.ToString(in.AccountId)
	after, err := c.After(id, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListDelegatedServicesForAccountOutput{DelegatedServices: []types.DelegatedService{}}
	return out, c.View(ctx, func(tx *store.Tx) error {
		if _, err := findAccount(tx, o, id); err != nil {
			return err
		}
		rows, next, err := store.Delegates.List(tx, "account", []any{o.ID, id}, after, c.Limit(in.MaxResults, pageLength))
		if err != nil {
			return err
		}
		if len(rows) == 0 && after == "" {
			return notRegistered()
		}
		for _, d := range rows {
			out.DelegatedServices = append(out.DelegatedServices, types.DelegatedService{ServicePrincipal: &d.Service, DelegationEnabledDate: &d.EnabledAt})
		}
		out.NextToken = c.NextToken(id, next)
		return nil
	})
}
