package crowd

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

var iamNouns = map[string]noun{
	"IAM users": {
		create: func(s *site) (string, error) {
			name := s.name()
			return *name, do(s, "iam", "CreateUser", &sdk.CreateUserInput{UserName: name})
		},
		remove: func(s *site, name string) error {
			return do(s, "iam", "DeleteUser", &sdk.DeleteUserInput{UserName: &name})
		},
		lists: map[string]list{"ListUsers": paged("iam", "ListUsers",
			func(_ *site, token *string) *sdk.ListUsersInput {
				return &sdk.ListUsersInput{MaxItems: few, Marker: token}
			},
			func(o *sdk.ListUsersOutput) ([]string, *string) {
				return ids(o.Users, func(u types.User) *string { return u.UserName }), o.Marker
			})},
	},
	"IAM groups": {
		create: func(s *site) (string, error) {
			name := s.name()
			return *name, do(s, "iam", "CreateGroup", &sdk.CreateGroupInput{GroupName: name})
		},
		remove: func(s *site, name string) error {
			return do(s, "iam", "DeleteGroup", &sdk.DeleteGroupInput{GroupName: &name})
		},
		lists: map[string]list{"ListGroups": paged("iam", "ListGroups",
			func(_ *site, token *string) *sdk.ListGroupsInput {
				return &sdk.ListGroupsInput{MaxItems: few, Marker: token}
			},
			func(o *sdk.ListGroupsOutput) ([]string, *string) {
				return ids(o.Groups, func(g types.Group) *string { return g.GroupName }), o.Marker
			})},
	},
	"IAM policies": {
		create: func(s *site) (string, error) {
			out, err := call[sdk.CreatePolicyOutput](s, "iam", "CreatePolicy", &sdk.CreatePolicyInput{PolicyName: s.name(), PolicyDocument: aws.String(allow)})
			if err != nil {
				return "", err
			}
			return *out.Policy.Arn, nil
		},
		remove: func(s *site, arn string) error {
			return do(s, "iam", "DeletePolicy", &sdk.DeletePolicyInput{PolicyArn: &arn})
		},
		lists: map[string]list{
			"ListPolicies":          paged("iam", "ListPolicies", policiesIn(types.PolicyScopeTypeLocal, pageLength), policyARNs),
			"ListPolicies with AWS": paged("iam", "ListPolicies", policiesIn(types.PolicyScopeTypeAll, 100), policyARNs),
		},
	},
	"roles": {
		create: func(s *site) (string, error) {
			name := s.name()
			return *name, do(s, "iam", "CreateRole", &sdk.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: aws.String(trust)})
		},
		remove: func(s *site, name string) error {
			return do(s, "iam", "DeleteRole", &sdk.DeleteRoleInput{RoleName: &name})
		},
		lists: map[string]list{"ListRoles": paged("iam", "ListRoles", listRoles, roleNames)},
	},
}

func listRoles(_ *site, token *string) *sdk.ListRolesInput {
	return &sdk.ListRolesInput{MaxItems: few, Marker: token}
}

func roleNames(o *sdk.ListRolesOutput) ([]string, *string) {
	return ids(o.Roles, func(r types.Role) *string { return r.RoleName }), o.Marker
}

// policiesIn lists the policies of a scope in pages of a length.
func policiesIn(scope types.PolicyScopeType, length int32) func(*site, *string) *sdk.ListPoliciesInput {
	return func(_ *site, token *string) *sdk.ListPoliciesInput {
		return &sdk.ListPoliciesInput{Scope: scope, MaxItems: &length, Marker: token}
	}
}

func policyARNs(o *sdk.ListPoliciesOutput) ([]string, *string) {
	return ids(o.Policies, func(p types.Policy) *string { return p.Arn }), o.Marker
}
