package iam

import (
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/authz"
)

// exclusions are the policies that a simulation leaves out. See "PolicyIdentifier" in the IAM API Reference.
type exclusions struct {
	types  map[types.PolicyIdentifierPolicyType]bool
	arns   []string
	inline []types.InlinePolicyIdentifierType
}

func newExclusions(list []types.PolicyIdentifier) *exclusions {
	x := &exclusions{types: map[types.PolicyIdentifierPolicyType]bool{}}
	for _, id := range list {
		switch id := id.(type) {
		case *types.PolicyIdentifierMemberPolicyType:
			x.types[id.Value] = true
		case *types.PolicyIdentifierMemberPolicyArn:
			x.arns = append(x.arns, id.Value)
		case *types.PolicyIdentifierMemberInlinePolicyIdentifier:
			x.inline = append(x.inline, id.Value)
		}
	}
	return x
}

// has reports whether a policy of the simulated entity is left out. Managed policies are meant by their ARN, with or without
// its path, in which "*" and "?" are wildcards in the name.
func (x *exclusions) has(s source) bool {
	if s.arn == "" {
		return x.types[types.PolicyIdentifierPolicyTypeInline] || x.hasInline(s)
	}
	managed := types.PolicyIdentifierPolicyTypeAwsManaged
	pathless := "arn:aws:iam::aws:policy/" + s.id
	if account, _, found := strings.Cut(strings.TrimPrefix(s.arn, "arn:aws:iam::"), ":"); found && account != "aws" {
		managed, pathless = types.PolicyIdentifierPolicyTypeUserManaged, "arn:aws:iam::"+account+":policy/"+s.id
	}
	if x.types[managed] {
		return true
	}
	for _, arn := range x.arns {
		if like(arn, s.arn) || like(arn, pathless) {
			return true
		}
	}
	return false
}

func (x *exclusions) hasInline(s source) bool {
	for _, v := range x.inline {
		if string(v.AttachmentType) == string(s.held.Kind) && aws.ToString(v.AttachmentName) == s.held.Name &&
			inlineID(s.held, aws.ToString(v.PolicyName)) == s.id {
			return true
		}
	}
	return false
}

// inlineID is what answers call an inline policy.
func inlineID(holder authz.Holding, name string) string {
	return string(holder.Kind) + "_" + holder.Name + "_" + name
}

// like matches a pattern with "*" and "?" in its last part; nothing else in it is special.
func like(pattern, text string) bool {
	escaped := strings.NewReplacer(`\`, `\\`, `[`, `\[`).Replace(pattern)
	ok, err := path.Match(escaped, text)
	return err == nil && ok
}
