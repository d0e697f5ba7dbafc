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

// createAccount makes an account under the root. An address that another account has makes the status FAILED, not
// the request.
func createAccount(ctx context.Context, c *api.Call, in *sdk.CreateAccountInput) (*sdk.CreateAccountOutput, error) {
	o, err := mine(c)
	if err != nil {
		return nil, err
	}
	if len(in.Tags) > 0 {
		return nil, notBuilt("Tags of accounts")
	}
	email, name := aws.ToString(in.Email), aws.ToString(in.AccountName)
	if a, err := mail.ParseAddress(email); err != nil || a.Address != email {
		return nil, invalidInput(types.InvalidInputExceptionReasonInvalidPattern, "You provided an e-mail address that is not valid.")
	}
	status := &organization.CreateStatus{ID: "car-" + c.IDs.Hex(16), OrganizationID: o.ID, AccountName: name}
	err = c.Update(ctx, func(tx *store.Tx) error {
		status.RequestedAt, status.CompletedAt = tx.Now, tx.Now
		status.AccountID, status.FailureReason = "", "" // of an attempt before this one
		_, err := store.Accounts.By(tx, "email", email)
		switch {
		case err == nil:
			status.State = string(types.CreateAccountStateFailed)
			status.FailureReason = string(types.CreateAccountFailureReasonEmailAlreadyExists)
		case errors.Is(err, store.ErrNotFound):
			status.State = string(types.CreateAccountStateSucceeded)
			if status.AccountID, err = addAccount(tx, c, o, in); err != nil {
				return err
			}
		default:
			return err
		}
		return store.CreateStatuses.Save(tx, status)
	})
	if err != nil {
		return nil, err
	}
	return &sdk.CreateAccountOutput{CreateAccountStatus: &types.CreateAccountStatus{
		Id: &status.ID, AccountName: &name, State: types.CreateAccountStateInProgress, RequestedTimestamp: &status.RequestedAt}}, nil
}

// addAccount adds the account and the role by which the management account enters it.
func addAccount(tx *store.Tx, c *api.Call, o *organization.Organization, in *sdk.CreateAccountInput) (ident.AccountID, error) {
	a := &account.Account{Name: *in.AccountName, Email: *in.Email, Status: account.Active, CreatedAt: tx.Now}
	for a.ID == "" {
		id := c.IDs.AccountID()
		_, err := store.Accounts.Get(tx, id)
		if errors.Is(err, store.ErrNotFound) {
			a.ID = id
		} else if err != nil {
			return "", err
		}
	}
	if err := a.Join(o.ID, o.RootID, string(types.AccountJoinedMethodCreated), tx.Now); err != nil {
		return "", err
	}
	if err := store.Accounts.Save(tx, a); err != nil {
		return "", err
	}
	if err := guard(tx, o, string(a.ID)); err != nil {
		return "", err
	}
	role := accessRole(c.IDs, o.Management, a.ID, aws.ToString(in.RoleName), tx.Now)
	c.Effect(a.ID, service, "CreateRole", role.ARN())
	return a.ID, store.Roles.Save(tx, role)
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
			return missing(err, notFound("CreateAccountStatusNotFoundException", "You specified a create account status that doesn't exist."))
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
			out.Accounts = append(out.Accounts, *describeMember(o, a))
		}
		out.NextToken = c.NextToken(o.ID, next)
		return err
	})
}

func listAccountsFor(ctx context.Context, c *api.Call, in *sdk.ListAccountsForParentInput) (*sdk.ListAccountsForParentOutput, error) {
	list := []types.Account{}
	_, next, err := children(ctx, c, listing{"accounts", in.ParentId, in.MaxResults, in.NextToken}, store.Accounts,
		func(o *organization.Organization, a *account.Account) { list = append(list, *describeMember(o, a)) })
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
			out.Account = describeMember(o, a)
		}
		return err
	})
}

func moveAccount(ctx context.Context, c *api.Call, in *sdk.MoveAccountInput) (*sdk.MoveAccountOutput, error) {
	o, err := mine(c)
	if err != nil {
		return nil, err
	}
	from, to := aws.ToString(in.SourceParentId), aws.ToString(in.DestinationParentId)
	return &sdk.MoveAccountOutput{}, c.Update(ctx, func(tx *store.Tx) error {
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

func describeMember(o *organization.Organization, a *account.Account) *types.Account {
	return &types.Account{
		Id: aws.String(string(a.ID)), Arn: aws.String(o.AccountARN(a.ID)), Name: &a.Name, Email: &a.Email,
		Status: types.AccountStatus(a.Status), State: types.AccountState(a.Status),
		JoinedMethod: types.AccountJoinedMethod(strings.ToUpper(a.JoinedMethod)), JoinedTimestamp: &a.JoinedAt,
	}
}

func describeStatus(s *organization.CreateStatus) *types.CreateAccountStatus {
	d := &types.CreateAccountStatus{Id: &s.ID, AccountName: &s.AccountName, State: types.CreateAccountState(s.State),
		FailureReason: types.CreateAccountFailureReason(s.FailureReason), RequestedTimestamp: &s.RequestedAt, CompletedTimestamp: &s.CompletedAt}
	if s.AccountID != "" {
		d.AccountId = aws.String(string(s.AccountID))
	}
	return d
}
