package iam

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// This file answers for what an IAM user or role may have on AWS and cannot be given here: whoever tidies up before a
// deletion asks for it, and there is truly none. What would make one answers that it is not built.

func listSSHPublicKeys(ctx context.Context, c *api.Call, in *sdk.ListSSHPublicKeysInput) (*sdk.ListSSHPublicKeysOutput, error) {
	return &sdk.ListSSHPublicKeysOutput{SSHPublicKeys: []types.SSHPublicKeyMetadata{}}, ofUser(ctx, c, in.UserName, in.Marker)
}

func listSigningCertificates(ctx context.Context, c *api.Call, in *sdk.ListSigningCertificatesInput) (*sdk.ListSigningCertificatesOutput, error) {
	return &sdk.ListSigningCertificatesOutput{Certificates: []types.SigningCertificate{}}, ofUser(ctx, c, in.UserName, in.Marker)
}

// credentialServices are those that take credentials of their own. See "CreateServiceSpecificCredential" in the IAM API
// Reference.
var credentialServices = []string{"bedrock.amazonaws.com", "cassandra.amazonaws.com", "codecommit.amazonaws.com"}

func listServiceCredentials(ctx context.Context, c *api.Call, in *sdk.ListServiceSpecificCredentialsInput) (*sdk.ListServiceSpecificCredentialsOutput, error) {
	if s := aws.ToString(in.ServiceName); s != "" && !slices.Contains(credentialServices, s) {
		return nil, noSuchEntity("No such service %s is supported for Service Specific Credentials", s)
	}
	out := &sdk.ListServiceSpecificCredentialsOutput{ServiceSpecificCredentials: []types.ServiceSpecificCredentialMetadata{}}
	if aws.ToBool(in.AllUsers) {
		_, err := c.After("", in.Marker)
		return out, err
	}
	return out, ofUser(ctx, c, in.UserName, in.Marker)
}

func listInstanceProfilesForRole(ctx context.Context, c *api.Call, in *sdk.ListInstanceProfilesForRoleInput) (*sdk.ListInstanceProfilesForRoleOutput, error) {
	r, err := readRole(ctx, c, in.RoleName)
	if err != nil {
		return nil, err
	}
	_, err = c.After(r.ID, in.Marker)
	return &sdk.ListInstanceProfilesForRoleOutput{InstanceProfiles: []types.InstanceProfile{}}, err
}

// ofUser checks that the user is there, or that the root user asks about itself, and that no page but the first is asked for.
func ofUser(ctx context.Context, c *api.Call, name, marker *string) error {
	if name == nil && c.Principal.Kind == authz.Root {
		_, err := c.After("", marker)
		return err
	}
	return c.View(ctx, func(tx *store.Tx) error {
		u, err := userOrCaller(tx, c, name)
		if err != nil {
			return err
		}
		_, err = c.After(u.ID, marker)
		return err
	})
}
