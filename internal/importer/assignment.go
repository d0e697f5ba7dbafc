package importer

import (
	"context"
	"errors"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
)

// assignment lets a user or group into an account with a permission set.
type assignment struct {
	Kind    string
	Account string // by name or id
	Set     string
	User    string
	Group   string
}

func (a *assignment) name() string {
	who := "user " + fold(a.User)
	if a.Group != "" {
		who = "group " + fold(a.Group)
	}
	return "assignment of " + a.Set + " in " + fold(a.Account) + " to " + who
}

func (a *assignment) check() error {
	switch {
	case a.Account == "" || a.Set == "":
		return errors.New(`"account" and "set" are needed`)
	case (a.User == "") == (a.Group == ""):
		return errors.New(`one of "user" and "group" is needed`)
	}
	return nil
}

func (a *assignment) bring(ctx context.Context, b *batch) (string, error) {
	in, err := a.input(ctx, b)
	if err != nil {
		return "", err
	}
	assigned, err := b.assigned(ctx, in)
	if err != nil || assigned {
		return Unchanged, err
	}
	if b.dry {
		return Created, nil
	}
	return Created, b.assign(ctx, in)
}

// assign makes an assignment. What became of it is read for the first of a permission set in an account: it is then that
// the role is made, and that a policy which the account does not have is found out.
func (b *batch) assign(ctx context.Context, in *ssoadmin.CreateAccountAssignmentInput) error {
	made, err := do[ssoadmin.CreateAccountAssignmentOutput](ctx, b, "sso-admin", "CreateAccountAssignment", in)
	if err != nil {
		return err
	}
	h := b.holders(in)
	h.mu.Lock()
	sound := h.sound
	h.mu.Unlock()
	if !sound {
		if err := b.succeeded(ctx, in.InstanceArn, made.AccountAssignmentCreationStatus.RequestId); err != nil {
			return err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sound, h.ids[*in.PrincipalId] = true, true
	return nil
}

// succeeded returns why the creation of an assignment has failed.
func (b *batch) succeeded(ctx context.Context, instance, request *string) error {
	out, err := do[ssoadmin.DescribeAccountAssignmentCreationStatusOutput](ctx, b, "sso-admin", "DescribeAccountAssignmentCreationStatus",
		&ssoadmin.DescribeAccountAssignmentCreationStatusInput{InstanceArn: instance, AccountAssignmentCreationRequestId: request})
	if err != nil {
		return err
	}
	if s := out.AccountAssignmentCreationStatus; s.Status == types.StatusValuesFailed {
		return errors.New(aws.ToString(s.FailureReason))
	}
	return nil
}

func (a *assignment) input(ctx context.Context, b *batch) (*ssoadmin.CreateAccountAssignmentInput, error) {
	instance, store, err := b.center(ctx)
	if err != nil {
		return nil, err
	}
	in := &ssoadmin.CreateAccountAssignmentInput{InstanceArn: instance, TargetType: types.TargetTypeAwsAccount, PrincipalType: types.PrincipalTypeUser}
	account, err := b.account(ctx, a.Account)
	if err != nil {
		return nil, err
	}
	set, err := b.set(ctx, instance, a.Set)
	if err != nil {
		return nil, err
	}
	in.TargetId, in.PermissionSetArn = &account, &set
	var who string
	if a.Group != "" {
		in.PrincipalType = types.PrincipalTypeGroup
		who, err = b.group(ctx, store, a.Group)
	} else {
		who, err = b.user(ctx, store, a.User)
	}
	in.PrincipalId = &who
	return in, err
}

// holders are who has a permission set in an account.
type holders struct {
	mu    sync.Mutex
	read  bool
	ids   map[string]bool
	whole bool // ids are all; else there are too many to read
	sound bool // an assignment has succeeded
}

// holders returns those of an assignment's account and permission set.
func (b *batch) holders(in *ssoadmin.CreateAccountAssignmentInput) *holders {
	b.mu.Lock()
	defer b.mu.Unlock()
	pair := *in.TargetId + " " + *in.PermissionSetArn
	h := b.pairs[pair]
	if h == nil {
		h = &holders{ids: map[string]bool{}}
		b.pairs[pair] = h
	}
	return h
}

// assigned reports whether an assignment is there. The holders of a permission set in an account are read once; where
// they fill more than a page, it asks for what the user or group has in the account.
func (b *batch) assigned(ctx context.Context, in *ssoadmin.CreateAccountAssignmentInput) (bool, error) {
	h := b.holders(in)
	h.mu.Lock()
	err := h.load(ctx, b, in)
	found, whole := h.ids[*in.PrincipalId], h.whole
	h.mu.Unlock()
	if err != nil || found || whole {
		return found, err
	}
	return b.holds(ctx, in)
}

func (h *holders) load(ctx context.Context, b *batch, in *ssoadmin.CreateAccountAssignmentInput) error {
	if h.read {
		return nil
	}
	out, err := do[ssoadmin.ListAccountAssignmentsOutput](ctx, b, "sso-admin", "ListAccountAssignments",
		&ssoadmin.ListAccountAssignmentsInput{InstanceArn: in.InstanceArn, AccountId: in.TargetId, PermissionSetArn: in.PermissionSetArn})
	if err != nil {
		return err
	}
	h.read, h.whole = true, out.NextToken == nil
	for _, a := range out.AccountAssignments {
		h.ids[aws.ToString(a.PrincipalId)] = true
	}
	return nil
}

// holds looks for an assignment among those that a user or group has in the account.
func (b *batch) holds(ctx context.Context, in *ssoadmin.CreateAccountAssignmentInput) (bool, error) {
	ask := &ssoadmin.ListAccountAssignmentsForPrincipalInput{InstanceArn: in.InstanceArn, PrincipalId: in.PrincipalId, PrincipalType: in.PrincipalType,
		Filter: &types.ListAccountAssignmentsFilter{AccountId: in.TargetId}}
	for {
		out, err := do[ssoadmin.ListAccountAssignmentsForPrincipalOutput](ctx, b, "sso-admin", "ListAccountAssignmentsForPrincipal", ask)
		if err != nil {
			return false, err
		}
		for _, a := range out.AccountAssignments {
			if aws.ToString(a.PermissionSetArn) == *in.PermissionSetArn && aws.ToString(a.PrincipalId) == *in.PrincipalId {
				return true, nil
			}
		}
		if ask.NextToken = out.NextToken; ask.NextToken == nil {
			return false, nil
		}
	}
}
