package organizations

import (
	"context"
	"errors"
	"net/mail"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const administratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess"

// createAccount makes an account under the root. An address that cannot be used makes the status FAILED, not the request.
func createAccount(ctx context.Context, c *api.Call, in *sdk.CreateAccountInput) (*sdk.CreateAccountOutput, error) {
	tags, err := tagMap(c, in.Tags)
	if err != nil {
		return nil, err
	}
	role := aws.ToString(in.RoleName)
	if linked, _ := iam.ServiceNamed(service); iam.TakesReserved(role) || strings.EqualFold(role, linked.Role) {
		return nil, invalidInput(types.InvalidInputExceptionReasonInvalidRoleName, "You provided a role name that isn't valid: the name %s is reserved.", role)
	}
	out, secret := &sdk.CreateAccountOutput{}, c.NewSecret()
	return out, change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		full, err := isFull(tx, c, o)
		if err != nil {
			return err
		}
		if full {
			return constraint(types.ConstraintViolationExceptionReasonAccountNumberLimitExceeded, "You have exceeded the allowed number of accounts: %d.", c.Most(&limits[maxAccounts]))
		}
		a := &account.Account{Name: aws.ToString(in.AccountName), Email: aws.ToString(in.Email), Status: account.Active, Tags: tags, CreatedAt: tx.Now}
		status := &organization.CreateStatus{ID: "car-" + c.IDs.Hex(16), OrganizationID: o.ID, AccountName: a.Name,
			State: string(types.CreateAccountStateFailed), RequestedAt: tx.Now, CompletedAt: tx.Now}
		if status.FailureReason, err = unusable(tx, a.Email); err != nil {
			return err
		}
		if status.FailureReason == "" {
			if err := addAccount(tx, c, o, a, role); err != nil {
				return err
			}
			if _, err := c.InviteRoot(tx, a, secret, false); err != nil {
				return err
			}
			status.State, status.AccountID = string(types.CreateAccountStateSucceeded), a.ID
		}
		out.CreateAccountStatus = &types.CreateAccountStatus{Id: &status.ID, AccountName: &status.AccountName,
			State: types.CreateAccountStateInProgress, RequestedTimestamp: &status.RequestedAt}
		return store.CreateStatuses.Save(tx, status)
	})
}

// isFull reports whether an organization has as many accounts as it may have. An open invitation counts as one. See
// quotaPage.
func isFull(tx *store.Tx, c *api.Call, o *organization.Organization) (bool, error) {
	members, err := store.Accounts.Count(tx, "organization", o.ID)
	if err != nil {
		return false, err
	}
	most := c.Most(&limits[maxAccounts])
	asked, err := store.Handshakes.Count(tx, "organization", o.ID)
	if err != nil || members+asked < most { // whatever became of those who were asked
		return members >= most, err
	}
	all, _, err := store.Handshakes.List(tx, "organization", []any{o.ID}, "", 0)
	for _, h := range all {
		if h.Action == organization.Invite && h.StateAt(tx.Now) == organization.Open {
			members++
		}
	}
	return members >= most, err
}

// unusable says why no account can be made with an address, or nothing.
func unusable(tx *store.Tx, email string) (string, error) {
	if a, err := mail.ParseAddress(email); err != nil || a.Address != email {
		return string(types.CreateAccountFailureReasonInvalidEmail), nil
	}
	_, err := store.Accounts.By(tx, "email", email)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return string(types.CreateAccountFailureReasonEmailAlreadyExists), err
}

// addAccount adds the account and the role by which the management account enters it.
func addAccount(tx *store.Tx, c *api.Call, o *organization.Organization, a *account.Account, roleName string) error {
	for a.ID == "" {
		id := c.IDs.AccountID()
		_, err := store.Accounts.Get(tx, id)
		if errors.Is(err, store.ErrNotFound) {
			a.ID = id
		} else if err != nil {
			return err
		}
	}
	if err := work(tx, c).Join(o, a, account.Created); err != nil {
		return err
	}
	role := accessRole(c.IDs, o.Management, a.ID, roleName, tx.Now)
	c.Effect(a.ID, service, "CreateRole", role.ARN())
	c.Effect(o.Management, service, "CreateAccountResult", o.AccountARN(a.ID))
	return store.Roles.Save(tx, role)
}

// accessRole is the role that lets administrators of the management account into a new account.
// See "Accessing member accounts in an organization" in the AWS Organizations User Guide.
func accessRole(ids *ident.Source, management, member ident.AccountID, name string, now time.Time) *iam.Role {
	if name == "" {
		name = iam.OrganizationAccessRole
	}
	return &iam.Role{
		ID: ids.IAM(ident.RolePrefix), Account: member, Name: name, Path: "/", MaxSession: time.Hour,
		Trust: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + ident.RootARN(management) +
			`"},"Action":"sts:AssumeRole"}]}`,
		Policies: iam.Policies{Managed: []string{administratorAccess}}, Generation: 1, CreatedAt: now,
	}
}

func describeCreateStatus(ctx context.Context, c *api.Call, in *sdk.DescribeCreateAccountStatusInput) (*sdk.DescribeCreateAccountStatusOutput, error) {
	o, err := mine(c)
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeCreateAccountStatusOutput{}
	return out, c.View(ctx, func(tx *store.Tx) error {
		s, err := store.CreateStatuses.Get(tx, aws.ToString(in.CreateAccountRequestId))
		if err == nil && s.OrganizationID != o.ID {
			err = store.ErrNotFound
		}
		if err != nil {
			return store.Missing(err, notFound("CreateAccountStatusNotFoundException", "You specified a create account status that doesn't exist."))
		}
		out.CreateAccountStatus = describeStatus(s)
		return nil
	})
}

func listCreateStatus(ctx context.Context, c *api.Call, in *sdk.ListCreateAccountStatusInput) (*sdk.ListCreateAccountStatusOutput, error) {
	o, err := mine(c)
	if err != nil {
		return nil, err
	}
	filter := []any{o.ID, in.States}
	after, err := c.After(filter, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListCreateAccountStatusOutput{CreateAccountStatuses: []types.CreateAccountStatus{}}
	return out, c.View(ctx, func(tx *store.Tx) error {
		rows, next, err := store.CreateStatuses.List(tx, "organization", []any{o.ID}, after, c.Limit(in.MaxResults, pageLength))
		for _, s := range rows {
			if len(in.States) == 0 || hasState(in.States, s.State) {
				out.CreateAccountStatuses = append(out.CreateAccountStatuses, *describeStatus(s))
			}
		}
		out.NextToken = c.NextToken(filter, next)
		return err
	})
}

func hasState(states []types.CreateAccountState, state string) bool {
	for _, s := range states {
		if string(s) == state {
			return true
		}
	}
	return false
}

func listAccounts(ctx context.Context, c *api.Call, in *sdk.ListAccountsInput) (*sdk.ListAccountsOutput, error) {
	o, err := mine(c)
	if err != nil {
		return nil, err
	}
	after, err := c.After(o.ID, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListAccountsOutput{Accounts: []types.Account{}}
	return out, c.View(ctx, func(tx *store.Tx) error {
		rows, next, err := store.Accounts.List(tx, "organization", []any{o.ID}, after, c.Limit(in.MaxResults, pageLength))
		for _, a := range rows {
			if !a.Gone(tx.Now) {
				out.Accounts = append(out.Accounts, *describeMember(o, a, c.Snapshot.OrgPath(a.ID)))
			}
		}
		out.NextToken = c.NextToken(o.ID, next)
		return err
	})
}

func listAccountsFor(ctx context.Context, c *api.Call, in *sdk.ListAccountsForParentInput) (*sdk.ListAccountsForParentOutput, error) {
	list := []types.Account{}
	_, next, err := children(ctx, c, listing{"accounts", in.ParentId, in.MaxResults, in.NextToken}, store.Accounts,
		func(o *organization.Organization, a *account.Account) {
			if !a.Gone(c.Now) {
				list = append(list, *describeMember(o, a, c.Snapshot.OrgPath(a.ID)))
			}
		})
	return &sdk.ListAccountsForParentOutput{Accounts: list, NextToken: next}, err
}

func describeAccount(ctx context.Context, c *api.Call, in *sdk.DescribeAccountInput) (*sdk.DescribeAccountOutput, error) {
	o, err := mine(c)
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeAccountOutput{}
	return out, c.View(ctx, func(tx *store.Tx) error {
		a, err := findAccount(tx, o, aws.ToString(in.AccountId))
		if err == nil {
			out.Account = describeMember(o, a, c.Snapshot.OrgPath(a.ID))
		}
		return err
	})
}

func moveAccount(ctx context.Context, c *api.Call, in *sdk.MoveAccountInput) (*sdk.MoveAccountOutput, error) {
	from, to := aws.ToString(in.SourceParentId), aws.ToString(in.DestinationParentId)
	return &sdk.MoveAccountOutput{}, change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		a, err := findAccount(tx, o, aws.ToString(in.AccountId))
		if err != nil {
			return err
		}
		if _, err := depthOf(tx, o, to); err != nil {
			return missingCode(err, notFound("DestinationParentNotFoundException", "You specified a destination parent that doesn't exist."))
		}
		if a.ParentID != from {
			return notFound("SourceParentNotFoundException", "You specified a source parent that doesn't exist.")
		}
		if from == to {
			return conflict("DuplicateAccountException", "The account is in the destination already.")
		}
		a.ParentID = to
		return store.Accounts.Save(tx, a)
	})
}

// describeMember shows an account. Its status says that it cannot be used, its state that it was closed by its owner.
func describeMember(o *organization.Organization, a *account.Account, path string) *types.Account {
	d := &types.Account{
		Id: aws.String(string(a.ID)), Arn: aws.String(o.AccountARN(a.ID)), Name: &a.Name, Email: &a.Email,
		Status: types.AccountStatus(a.Status), State: types.AccountState(a.Status),
		JoinedMethod: types.AccountJoinedMethod(a.JoinedMethod), JoinedTimestamp: &a.JoinedAt,
	}
	if !a.ClosedAt.IsZero() {
		d.State = types.AccountStateClosed
	}
	if path != "" {
		d.Paths = []string{path + string(a.ID) + "/"}
	}
	return d
}

func describeStatus(s *organization.CreateStatus) *types.CreateAccountStatus {
	d := &types.CreateAccountStatus{Id: &s.ID, AccountName: &s.AccountName, State: types.CreateAccountState(s.State),
		FailureReason: types.CreateAccountFailureReason(s.FailureReason), RequestedTimestamp: &s.RequestedAt, CompletedTimestamp: &s.CompletedAt}
	if s.AccountID != "" {
		d.AccountId = aws.String(string(s.AccountID))
	}
	return d
}
