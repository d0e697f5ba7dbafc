package iam

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy/managed"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// linked returns the service and the name of the role that a request wants to be linked to it.
func linked(in *sdk.CreateServiceLinkedRoleInput) (iam.Service, string, error) {
	s, ok := iam.ServiceNamed(aws.ToString(in.AWSServiceName))
	if !ok {
		return s, "", invalidInput("%s is not a service that roles can be linked to.", aws.ToString(in.AWSServiceName))
	}
	name, err := s.RoleName(aws.ToString(in.CustomSuffix))
	return s, name, err
}

// linkedRole is the resource of CreateServiceLinkedRole.
func linkedRole(_ context.Context, c *api.Call, in *sdk.CreateServiceLinkedRoleInput) ([]api.Target, error) {
	s, name, err := linked(in)
	if err != nil {
		return nil, err
	}
	path := s.Path()
	t := subject{role: &name, fresh: true, path: &path}.target(c)
	t.Context["iam:AWSServiceName"] = []string{s.Principal}
	return []api.Target{t}, nil
}

func createServiceRole(ctx context.Context, c *api.Call, in *sdk.CreateServiceLinkedRoleInput) (*sdk.CreateServiceLinkedRoleOutput, error) {
	s, name, err := linked(in)
	if err != nil {
		return nil, err
	}
	r := &iam.Role{ID: c.IDs.IAM(ident.RolePrefix), Account: c.Principal.Account, Name: name, Path: s.Path(), Trust: s.Trust(),
		Description: aws.ToString(in.Description), MaxSession: defaultSession, Generation: 1,
		Policies: iam.Policies{Managed: []string{managed.Prefix + iam.ServicePath + s.Policy}}}
	err = c.Update(ctx, func(tx *store.Tx) error {
		if err := roomForRole(tx, c); err != nil {
			return err
		}
		r.CreatedAt = tx.Now
		return store.Taken(store.Roles.Save(tx, r),
			invalidInput("Service role name %s has been taken in this account, please try a different suffix.", name))
	})
	if err != nil {
		return nil, err
	}
	d := describeRole(c, r)
	d.Description, d.MaxSessionDuration = nil, nil
	return &sdk.CreateServiceLinkedRoleOutput{Role: d}, nil
}

// deleteServiceRole deletes at once: no service runs here that could still be using the role. The task that it answers has
// ended with it, and its id says so by itself: only this server can have sealed it, and it did so for this deletion.
func deleteServiceRole(ctx context.Context, c *api.Call, in *sdk.DeleteServiceLinkedRoleInput) (*sdk.DeleteServiceLinkedRoleOutput, error) {
	task := ""
	err := c.Update(ctx, func(tx *store.Tx) error {
		r, err := findRole(tx, c, aws.ToString(in.RoleName))
		if err != nil {
			return err
		}
		if !r.ServiceLinked() {
			return invalidInput("The role %s is not linked to a service.", r.Name)
		}
		if task, err = newTask(c, r); err != nil {
			return err
		}
		if err := c.ForgetUse(tx, r.ID); err != nil {
			return err
		}
		return store.Roles.Delete(tx, r)
	})
	if err != nil {
		return nil, err
	}
	return &sdk.DeleteServiceLinkedRoleOutput{DeletionTaskId: &task}, nil
}

func serviceRoleDeletion(_ context.Context, c *api.Call, in *sdk.GetServiceLinkedRoleDeletionStatusInput) (*sdk.GetServiceLinkedRoleDeletionStatusOutput, error) {
	if _, ok := taskOf(c, aws.ToString(in.DeletionTaskId)); !ok {
		return nil, noSuchEntity("The deletion task %s cannot be found.", aws.ToString(in.DeletionTaskId))
	}
	return &sdk.GetServiceLinkedRoleDeletionStatusOutput{Status: types.DeletionTaskStatusTypeSucceeded}, nil
}

// deletedRole is the resource of GetServiceLinkedRoleDeletionStatus: the role that was deleted.
func deletedRole(_ context.Context, c *api.Call, in *sdk.GetServiceLinkedRoleDeletionStatusInput) ([]api.Target, error) {
	arn, ok := taskOf(c, aws.ToString(in.DeletionTaskId))
	if !ok {
		arn = ident.IAM(c.Principal.Account, "role"+iam.ServicePath+"*")
	}
	return []api.Target{{ARN: arn, Account: c.Principal.Account}}, nil
}

// newTask returns the id of a deletion: task/aws-service-role/SERVICE/ROLE/SEAL.
func newTask(c *api.Call, r *iam.Role) (string, error) {
	place := "task" + r.Path + r.Name
	token, err := c.Seal.SealToken(seal.PageToken, nil, taskBinding(c, place), c.Random)
	return place + "/" + token, err
}

// taskOf returns the ARN of the role whose deletion id is; ok is false unless it was deleted in the caller's account.
func taskOf(c *api.Call, id string) (arn string, ok bool) {
	at := strings.LastIndexByte(id, '/')
	if at < 0 {
		return "", false
	}
	place := id[:at]
	if _, err := c.Seal.OpenToken(seal.PageToken, id[at+1:], taskBinding(c, place)); err != nil {
		return "", false
	}
	return ident.IAM(c.Principal.Account, "role"+strings.TrimPrefix(place, "task")), true
}

func taskBinding(c *api.Call, place string) []byte {
	return []byte("iam deletion task\x00" + string(c.Principal.Account) + "\x00" + place)
}
