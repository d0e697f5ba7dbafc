package sts

import (
	"context"
	"strconv"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
)

// How long the sessions of a role last. See "AssumeRole" in the AWS STS API Reference.
const (
	defaultDuration = time.Hour
	chainedMaximum  = time.Hour // of a session that another role's session asked for
)

// assumedRole is the resource of AssumeRole: a role, of which the trust policy has a say. A role that does not exist
// looks like one that trusts nobody, so that names cannot be tried out.
func assumedRole(_ context.Context, c *api.Call, in *sdk.AssumeRoleInput) ([]api.Target, error) {
	arn, name, err := roleARN(*in.RoleArn)
	if err != nil {
		return nil, err
	}
	if c.Principal.Kind == authz.Root {
		return nil, fault.New(fault.Denied, "AccessDenied", "Roles may not be assumed by root accounts.")
	}
	t := api.Target{ARN: *in.RoleArn, Account: arn.Account, Trust: "none", Context: map[string][]string{
		"sts:RoleSessionName": {*in.RoleSessionName},
	}}
	if in.ExternalId != nil {
		t.Context["sts:ExternalId"] = []string{*in.ExternalId}
	}
	if in.DurationSeconds != nil {
		t.Context["sts:DurationSeconds"] = []string{strconv.Itoa(int(*in.DurationSeconds))}
	}
	if role := c.Snapshot.Role(arn.Account, name); role != nil && role.ARN() == *in.RoleArn {
		t.Trust, t.Tags = role.ID, role.Tags
	}
	return []api.Target{t}, nil
}

// roleARN reads the ARN of a role, and its name without the path.
func roleARN(text string) (ident.ARN, string, error) {
	arn, err := ident.ParseARN(text)
	path, ok := strings.CutPrefix(arn.Resource, "role/")
	if err != nil || !ok || arn.Service != "iam" || arn.Account == "" {
		return ident.ARN{}, "", fault.New(fault.Invalid, "ValidationError", "%s is invalid", text)
	}
	return arn, path[strings.LastIndexByte(path, '/')+1:], nil
}

func assumeRole(_ context.Context, c *api.Call, in *sdk.AssumeRoleInput) (*sdk.AssumeRoleOutput, error) {
	if err := refuseUnbuilt(in); err != nil {
		return nil, err
	}
	arn, name, err := roleARN(*in.RoleArn)
	if err != nil {
		return nil, err
	}
	role := c.Snapshot.Role(arn.Account, name)
	if role == nil {
		return nil, fault.New(fault.Denied, "AccessDenied", "User: %s is not authorized to perform: sts:AssumeRole on resource: %s", c.Principal.ARN, *in.RoleArn)
	}
	duration, err := sessionDuration(c, in, role)
	if err != nil {
		return nil, err
	}
	packed, err := sessionPolicies(c, in)
	if err != nil {
		return nil, err
	}
	claims := &seal.Claims{Kind: seal.AssumedRole, Account: role.Account, RoleID: role.ID, RoleName: role.Name, RolePath: role.Path,
		SessionName: *in.RoleSessionName, IssuedAt: c.Now, ExpiresAt: c.Now.Add(duration), RoleGeneration: role.Generation,
		// A chain that began with a person's sign-in ends with it.
		UserID: c.Principal.UserID, SessionID: c.Principal.SessionID, UserGeneration: c.Principal.UserGeneration,
		SessionGeneration: c.Principal.SessionGeneration, SourceIdentity: c.Principal.SourceIdentity, Packed: packed}
	keys, err := c.Seal.Issue(c.Random, claims)
	if err != nil {
		return nil, err
	}
	c.Note("accessKeyId", keys.AccessKeyID)
	c.Note("roleArn", role.ARN())
	session, id := role.SessionARN(*in.RoleSessionName), role.ID+":"+*in.RoleSessionName
	secret, end := keys.SecretAccessKey.Reveal(), keys.Expiration
	return &sdk.AssumeRoleOutput{
		AssumedRoleUser: &types.AssumedRoleUser{Arn: &session, AssumedRoleId: &id},
		Credentials: &types.Credentials{AccessKeyId: &keys.AccessKeyID, SecretAccessKey: &secret,
			SessionToken: &keys.SessionToken, Expiration: &end},
	}, nil
}

// refuseUnbuilt names the parameters that are not built, rather than passing over them: each of them would restrict
// or mark the session, and a session without it is not the one that was asked for.
func refuseUnbuilt(in *sdk.AssumeRoleInput) error {
	name := ""
	switch {
	case len(in.Tags) > 0:
		name = "Tags"
	case len(in.TransitiveTagKeys) > 0:
		name = "TransitiveTagKeys"
	case in.SourceIdentity != nil:
		name = "SourceIdentity"
	case in.SerialNumber != nil || in.TokenCode != nil:
		name = "SerialNumber and TokenCode"
	case len(in.ProvidedContexts) > 0:
		name = "ProvidedContexts"
	default:
		return nil
	}
	return fault.New(fault.NotBuilt, "NotImplemented", "AssumeRole with %s is not built.", name)
}

func sessionDuration(c *api.Call, in *sdk.AssumeRoleInput, role *iam.Role) (time.Duration, error) {
	if in.DurationSeconds == nil {
		return defaultDuration, nil
	}
	asked := time.Duration(*in.DurationSeconds) * time.Second
	if c.Principal.Kind == authz.Role && asked > chainedMaximum {
		return 0, fault.New(fault.Invalid, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	}
	if asked > role.MaxSession {
		return 0, fault.New(fault.Invalid, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return asked, nil
}

func sessionPolicies(c *api.Call, in *sdk.AssumeRoleInput) (seal.Packed, error) {
	var out seal.Packed
	if in.Policy != nil {
		if _, err := policy.Parse([]byte(*in.Policy), policy.Session); err != nil {
			return out, err
		}
		out.SessionPolicies = [][]byte{[]byte(*in.Policy)}
	}
	for _, p := range in.PolicyArns {
		if p.Arn == nil {
			continue
		}
		if _, ok := c.State.Managed(*p.Arn); !ok {
			return out, fault.New(fault.Invalid, "InvalidParameterValue", "The policy %s does not exist, or is not an AWS managed policy.", *p.Arn)
		}
		out.SessionPolicyARNs = append(out.SessionPolicyARNs, *p.Arn)
	}
	return out, nil
}
