package sts

import (
	"context"
	"maps"
	"strconv"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
)

// The further permissions that a session with tags or a source identity takes, of the caller and of the role's trust
// policy alike: also when a chain of roles hands them on. See "Passing session tags in AWS STS" and "Monitor and control
// actions taken with assumed roles" in the IAM User Guide.
const (
	tagSession        = "sts:TagSession"
	setSourceIdentity = "sts:SetSourceIdentity"
)

// assumedRole is the resource of AssumeRole: a role, of which the trust policy has a say. A role that does not exist
// looks like one that trusts nobody, so that names cannot be tried out.
func assumedRole(ctx context.Context, c *api.Call, in *sdk.AssumeRoleInput) ([]api.Target, error) {
	arn, name, err := roleARN(*in.RoleArn)
	if err != nil {
		return nil, err
	}
	if c.Principal.Kind == authz.Root {
		return nil, denied("Roles may not be assumed by root accounts.")
	}
	t := api.Target{ARN: *in.RoleArn, Account: arn.Account, Trust: "none", Lists: map[string][]string{}, Context: map[string][]string{
		"sts:RoleSessionName": {*in.RoleSessionName},
	}}
	if p := (proof{in.SerialNumber, in.TokenCode}); p.given() {
		if err := p.check(ctx, c); err != nil {
			return nil, err
		}
		t.Context["aws:MultiFactorAuthPresent"], t.Context["aws:MultiFactorAuthAge"] = []string{"true"}, []string{"0"}
	}
	if in.ExternalId != nil {
		t.Context["sts:ExternalId"] = []string{*in.ExternalId}
	}
	if in.DurationSeconds != nil {
		t.Context["sts:DurationSeconds"] = []string{strconv.Itoa(int(*in.DurationSeconds))}
	}
	source := sourceIdentity(c, in)
	if source != "" {
		t.Context["sts:SourceIdentity"] = []string{source}
	}
	passedBy(in).conditions(&t)
	if role := c.Snapshot.Role(arn.Account, name); role != nil && role.ARN() == *in.RoleArn {
		t.Trust, t.Tags = role.ID, role.Tags
		for k, v := range role.Tags {
			t.Context["iam:ResourceTag/"+k] = []string{v}
		}
	}
	targets := []api.Target{t}
	if len(in.Tags) > 0 || len(handedOn(c.Principal)) > 0 {
		targets = append(targets, also(t, tagSession))
	}
	if source != "" {
		targets = append(targets, also(t, setSourceIdentity))
	}
	return targets, nil
}

// also is the same resource for another action.
func also(t api.Target, action string) api.Target {
	t.Action, t.Context = action, maps.Clone(t.Context)
	return t
}

func passedBy(in *sdk.AssumeRoleInput) passed {
	return passed{policy: in.Policy, arns: in.PolicyArns, tags: in.Tags, transitive: in.TransitiveTagKeys}
}

// sourceIdentity is the source identity that the session will have: the caller's for good, once there is one.
func sourceIdentity(c *api.Call, in *sdk.AssumeRoleInput) string {
	if in.SourceIdentity != nil {
		return *in.SourceIdentity
	}
	return c.Principal.SourceIdentity
}

// roleARN reads the ARN of a role, and its name without the path.
func roleARN(text string) (ident.ARN, string, error) {
	arn, err := ident.ParseARN(text)
	path, ok := strings.CutPrefix(arn.Resource, "role/")
	if err != nil || !ok || arn.Service != "iam" || arn.Account == "" {
		return ident.ARN{}, "", validation("%s is invalid", text)
	}
	return arn, path[strings.LastIndexByte(path, '/')+1:], nil
}

func assumeRole(ctx context.Context, c *api.Call, in *sdk.AssumeRoleInput) (*sdk.AssumeRoleOutput, error) {
	role, err := assumable(c, in)
	if err != nil {
		return nil, err
	}
	duration, err := sessionDuration(c, in, role)
	if err != nil {
		return nil, err
	}
	packed, err := passedBy(in).pack(c, role.Account)
	if err != nil {
		return nil, err
	}
	claims := &seal.Claims{Kind: seal.AssumedRole, Account: role.Account, RoleID: role.ID,
		RoleName: role.Name, RolePath: role.Path, SessionName: *in.RoleSessionName, ExpiresAt: c.Now.Add(duration),
		RoleGeneration: role.Generation, SourceIdentity: sourceIdentity(c, in), Packed: packed,
		// A chain that began with a person's sign-in ends with it.
		UserID: c.Principal.UserID, SessionID: c.Principal.SessionID, UserGeneration: c.Principal.UserGeneration}
	if p := (proof{in.SerialNumber, in.TokenCode}); p.given() {
		if err := p.spend(ctx, c); err != nil {
			return nil, err
		}
		claims.MFAAt = c.Now
	}
	credentials, size, err := issue(c, claims)
	if err != nil {
		return nil, err
	}
	c.Note("roleArn", role.ARN())
	session, id := role.SessionARN(*in.RoleSessionName), role.ID+":"+*in.RoleSessionName
	out := &sdk.AssumeRoleOutput{Credentials: credentials, PackedPolicySize: size,
		AssumedRoleUser: &types.AssumedRoleUser{Arn: &session, AssumedRoleId: &id}}
	if source := sourceIdentity(c, in); source != "" {
		out.SourceIdentity = &source
	}
	return out, nil
}

// assumable finds the role and refuses what no policy can allow.
func assumable(c *api.Call, in *sdk.AssumeRoleInput) (*iam.Role, error) {
	if err := unbuiltSize(c.Operation, in.MinimumSessionTokenSize); err != nil {
		return nil, err
	}
	if len(in.ProvidedContexts) > 0 {
		return nil, unbuilt(c.Operation, "ProvidedContexts")
	}
	if in.SourceIdentity != nil {
		if strings.HasPrefix(strings.ToLower(*in.SourceIdentity), "aws:") {
			return nil, validation("A source identity that begins with aws: is reserved for AWS.")
		}
		if set := c.Principal.SourceIdentity; set != "" && set != *in.SourceIdentity {
			return nil, denied("User: %s is not authorized to perform: %s on resource: %s", c.Principal.ARN, setSourceIdentity, *in.RoleArn)
		}
	}
	arn, name, err := roleARN(*in.RoleArn)
	if err != nil {
		return nil, err
	}
	role := c.Snapshot.Role(arn.Account, name)
	home := c.Snapshot.Account(arn.Account)
	if role == nil || home == nil || home.Status != account.Active {
		return nil, denied("User: %s is not authorized to perform: sts:AssumeRole on resource: %s", c.Principal.ARN, *in.RoleArn)
	}
	return role, nil
}

func sessionDuration(c *api.Call, in *sdk.AssumeRoleInput, role *iam.Role) (time.Duration, error) {
	if in.DurationSeconds == nil {
		return defaultRole, nil
	}
	asked := time.Duration(*in.DurationSeconds) * time.Second
	if c.Principal.Kind == authz.Role && asked > chainedMaximum {
		return 0, validation("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	}
	if asked > role.MaxSession {
		return 0, validation("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return asked, nil
}
