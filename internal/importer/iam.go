package importer

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// iamUser is an IAM user of the caller's own account.
type iamUser struct {
	Kind     string
	Name     string
	Path     string
	Policies []string // managed ones, by name with path or by ARN
}

func (u *iamUser) name() string { return "IAM user " + fold(u.Name) }

func (u *iamUser) check() error {
	if u.Name == "" {
		return errors.New(`"name" is missing`)
	}
	for i, policy := range u.Policies {
		u.Policies[i] = managed(policy)
	}
	return nil
}

func (u *iamUser) bring(ctx context.Context, b *batch) (string, error) {
	_, err := do[iam.GetUserOutput](ctx, b, "iam", "GetUser", &iam.GetUserInput{UserName: &u.Name})
	outcome := Unchanged
	if fault.Is(err, "NoSuchEntity") {
		outcome = Created
		err = change[iam.CreateUserOutput](ctx, b, "iam", "CreateUser", &iam.CreateUserInput{UserName: &u.Name, Path: given(u.Path)})
	}
	if err != nil || outcome == Created && b.dry {
		return outcome, err
	}
	var have []string
	for in := (&iam.ListAttachedUserPoliciesInput{UserName: &u.Name}); ; {
		out, err := do[iam.ListAttachedUserPoliciesOutput](ctx, b, "iam", "ListAttachedUserPolicies", in)
		if err != nil {
			return "", err
		}
		have = append(have, arns(out.AttachedPolicies)...)
		if in.Marker = out.Marker; !out.IsTruncated {
			break
		}
	}
	return attachMissing(outcome, u.Policies, have, func(arn string) error {
		return change[iam.AttachUserPolicyOutput](ctx, b, "iam", "AttachUserPolicy", &iam.AttachUserPolicyInput{UserName: &u.Name, PolicyArn: &arn})
	})
}

// arns are the ARNs of attached policies.
func arns(policies []types.AttachedPolicy) []string {
	list := make([]string, len(policies))
	for i, p := range policies {
		list[i] = aws.ToString(p.PolicyArn)
	}
	return list
}

// attachMissing attaches what is wanted and not there, and says what has become of the object by that.
func attachMissing(outcome string, want, have []string, attach func(arn string) error) (string, error) {
	for _, arn := range want {
		if slices.Contains(have, arn) {
			continue
		}
		if err := attach(arn); err != nil {
			return "", err
		}
		if outcome == Unchanged {
			outcome = Updated
		}
	}
	return outcome, nil
}

// iamRole is a role of the caller's own account.
type iamRole struct {
	Kind        string
	Name        string
	Path        string
	Description string
	Trust       json.RawMessage
	Policies    []string // managed ones, by name with path or by ARN
}

func (r *iamRole) name() string { return "IAM role " + fold(r.Name) }

func (r *iamRole) check() error {
	if r.Name == "" || len(r.Trust) == 0 {
		return errors.New(`"name" and "trust" are needed`)
	}
	for i, policy := range r.Policies {
		r.Policies[i] = managed(policy)
	}
	return nil
}

func (r *iamRole) bring(ctx context.Context, b *batch) (string, error) {
	outcome, err := r.describe(ctx, b)
	if err != nil || outcome == Created && b.dry {
		return outcome, err
	}
	var have []string
	for in := (&iam.ListAttachedRolePoliciesInput{RoleName: &r.Name}); ; {
		out, err := do[iam.ListAttachedRolePoliciesOutput](ctx, b, "iam", "ListAttachedRolePolicies", in)
		if err != nil {
			return "", err
		}
		have = append(have, arns(out.AttachedPolicies)...)
		if in.Marker = out.Marker; !out.IsTruncated {
			break
		}
	}
	return attachMissing(outcome, r.Policies, have, func(arn string) error {
		return change[iam.AttachRolePolicyOutput](ctx, b, "iam", "AttachRolePolicy", &iam.AttachRolePolicyInput{RoleName: &r.Name, PolicyArn: &arn})
	})
}

// describe makes the role, or brings who is trusted and the description.
func (r *iamRole) describe(ctx context.Context, b *batch) (string, error) {
	out, err := do[iam.GetRoleOutput](ctx, b, "iam", "GetRole", &iam.GetRoleInput{RoleName: &r.Name})
	if fault.Is(err, "NoSuchEntity") {
		return Created, change[iam.CreateRoleOutput](ctx, b, "iam", "CreateRole", &iam.CreateRoleInput{RoleName: &r.Name, Path: given(r.Path),
			Description: given(r.Description), AssumeRolePolicyDocument: aws.String(string(r.Trust))})
	}
	if err != nil {
		return "", err
	}
	outcome := Unchanged
	// The document comes as IAM answers it: encoded for a URL (RFC 3986). See "GetRole" in the IAM API Reference.
	trust, err := url.PathUnescape(aws.ToString(out.Role.AssumeRolePolicyDocument))
	if err != nil {
		return "", err
	}
	if !sameJSON(r.Trust, []byte(trust)) {
		outcome = Updated
		err := change[iam.UpdateAssumeRolePolicyOutput](ctx, b, "iam", "UpdateAssumeRolePolicy",
			&iam.UpdateAssumeRolePolicyInput{RoleName: &r.Name, PolicyDocument: aws.String(string(r.Trust))})
		if err != nil {
			return "", err
		}
	}
	if r.Description == "" || r.Description == aws.ToString(out.Role.Description) {
		return outcome, nil
	}
	return Updated, change[iam.UpdateRoleDescriptionOutput](ctx, b, "iam", "UpdateRoleDescription",
		&iam.UpdateRoleDescriptionInput{RoleName: &r.Name, Description: &r.Description})
}
