package provider

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// member is what aws_organizations_account compares.
type member struct {
	Name, Email, Parent string
	Status              types.AccountStatus
	Joined              types.AccountJoinedMethod
	Tags                tags
}

func (p *provider) readAccount(t *testing.T, id string) (member, error) {
	out, err := p.organizations.DescribeAccount(t.Context(), &sdk.DescribeAccountInput{AccountId: &id})
	if err != nil {
		return member{}, gone[*types.AccountNotFoundException](err)
	}
	a := out.Account
	if a.Status == types.AccountStatusSuspended {
		return member{}, errGone
	}
	parent, err := p.parent(t, id)
	if err != nil {
		return member{}, err
	}
	with, err := p.organizationTags(t, id)
	return member{*a.Name, *a.Email, parent, a.Status, a.JoinedMethod, with}, err
}

// createAccount creates an account, waits for it, and moves it when it is to be under another parent than the root.
func (p *provider) createAccount(t *testing.T, name, parent string, with tags) (string, error) {
	out, err := p.organizations.CreateAccount(t.Context(), &sdk.CreateAccountInput{AccountName: &name, Email: aws.String("aws+" + name + "@acme.example"),
		Tags: organizationTags(with), IamUserAccessToBilling: types.IAMUserAccessToBillingAllow, RoleName: aws.String("OrganizationAccountAccessRole")})
	if err != nil {
		return "", err
	}
	status := out.CreateAccountStatus
	err = await(string(types.CreateAccountStateSucceeded), []string{string(types.CreateAccountStateInProgress)}, func() (string, error) {
		out, err := p.organizations.DescribeCreateAccountStatus(t.Context(), &sdk.DescribeCreateAccountStatusInput{CreateAccountRequestId: status.Id})
		if err != nil {
			return "", err
		}
		status = out.CreateAccountStatus
		return string(status.State), nil
	})
	if err != nil {
		return "", err
	}
	id := *status.AccountId
	from, err := p.parent(t, id)
	if err != nil || from == parent {
		return id, err
	}
	return id, p.moveAccount(t, id, from, parent)
}

func (p *provider) moveAccount(t *testing.T, id, from, to string) error {
	_, err := p.organizations.MoveAccount(t.Context(), &sdk.MoveAccountInput{AccountId: &id, SourceParentId: &from, DestinationParentId: &to})
	return err
}

func TestAccount(t *testing.T) {
	t.Parallel()
	p := organized(t)
	root := *p.root(t)
	unit, err := p.createUnit(t, root, "Workloads", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := member{"Shop", "aws+Shop@acme.example", unit, types.AccountStatusActive, types.AccountJoinedMethodCreated, tags{"team": "shop"}}
	moved, retagged := want, want
	moved.Parent, retagged.Parent, retagged.Tags = root, root, tags{"stage": "production"}
	resource[member]{
		create: func() (string, error) { return p.createAccount(t, "Shop", unit, tags{"team": "shop"}) },
		read:   func(id string) (member, error) { return p.readAccount(t, id) },
		want:   want,
		changes: []change[member]{
			{name: "parent_id", want: moved, apply: func(id string) error { return p.moveAccount(t, id, unit, root) }},
			{name: "tags", want: retagged, apply: func(id string) error {
				return p.retagOrganization(t, id, []string{"team"}, tags{"stage": "production"})
			}},
		},
		delete: func(id string) error { // close_on_deletion
			_, err := p.organizations.CloseAccount(t.Context(), &sdk.CloseAccountInput{AccountId: &id})
			if err != nil {
				return goneIsFine[*types.AccountNotFoundException](err)
			}
			return await("", []string{string(types.AccountStatusActive), string(types.AccountStatusPendingClosure)}, func() (string, error) {
				a, err := p.readAccount(t, id)
				if errors.Is(err, errGone) {
					return "", nil
				}
				return string(a.Status), err
			})
		},
		once: true,
	}.live(t)
}

// TestAccountParent is aws_organizations_account_parent, which moves an account that somebody else made, takes it for
// done when it is there already, and leaves it there at the end.
func TestAccountParent(t *testing.T) {
	t.Parallel()
	p := organized(t)
	root := *p.root(t)
	unit, err := p.createUnit(t, root, "Workloads", nil)
	if err != nil {
		t.Fatal(err)
	}
	id, err := p.createAccount(t, "Shop", root, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		from, err := p.parent(t, id)
		if err != nil {
			t.Fatal(err)
		}
		if err := goneIsFine[*types.DuplicateAccountException](p.moveAccount(t, id, from, unit)); err != nil {
			t.Fatal(err)
		}
		if got, err := p.parent(t, id); err != nil || got != unit {
			t.Errorf("the account is under %s, %v", got, err)
		}
	}
}

// TestAccountWithoutCloseOnDeletion is removed from the organization: at any time when it was invited, but not at once
// when it was created here.
func TestAccountWithoutCloseOnDeletion(t *testing.T) {
	t.Parallel()
	p := organized(t)
	remove := func(id string) error {
		_, err := p.organizations.RemoveAccountFromOrganization(t.Context(), &sdk.RemoveAccountFromOrganizationInput{AccountId: &id})
		return goneIsFine[*types.AccountNotFoundException](err)
	}
	lab := p.Account("222222222222", "Lab")
	resource[member]{
		create: func() (string, error) { // by others; Terraform imports it
			id := string(lab.ID)
			invited, err := p.organizations.InviteAccountToOrganization(t.Context(), &sdk.InviteAccountToOrganizationInput{Target: &types.HandshakeParty{Type: types.HandshakePartyTypeAccount, Id: &id}})
			if err != nil {
				return "", err
			}
			_, err = p.as(id, p.Root(lab)).organizations.AcceptHandshake(t.Context(), &sdk.AcceptHandshakeInput{HandshakeId: invited.Handshake.Id})
			return id, err
		},
		read:   func(id string) (member, error) { return p.readAccount(t, id) },
		want:   member{"Lab", "lab@example.com", *p.root(t), types.AccountStatusActive, types.AccountJoinedMethodInvited, tags{}},
		delete: remove,
	}.live(t)
	id, err := p.createAccount(t, "Shop", *p.root(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	var refused *types.ConstraintViolationException
	if err := remove(id); !errors.As(err, &refused) || refused.Reason != types.ConstraintViolationExceptionReasonWaitPeriodActive {
		t.Errorf("remove an account that was created just now: %v", err)
	}
}
