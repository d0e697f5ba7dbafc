package wire

import (
	"reflect"
	"strings"

	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	identitystoredocument "github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	identitystoretypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	ssoadmindocument "github.com/aws/aws-sdk-go-v2/service/ssoadmin/document"
	ssoadmintypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
)

// memberID names a member by the SDK package, the Go type and the Go field.
type memberID struct{ api, structure, field string }

// camelCase are the SDK packages whose members begin with a small letter on the wire; the others' do not.
var camelCase = map[string]bool{"sso": true, "ssooidc": true}

// oddNames are the members that differ from the rest of their service.
var oddNames = map[memberID]string{
	{"sts", "PolicyDescriptorType", "Arn"}:                 "arn",
	{"iam", "ListDelegationRequestsOutput", "IsTruncated"}: "isTruncated",
	{"account", "ValidationExceptionField", "Name"}:        "name",
	{"account", "ValidationExceptionField", "Message"}:     "message",
}

// isoTimes are the members that the model gives a timestampFormat of date-time although the protocol is JSON.
var isoTimes = map[memberID]bool{
	{"account", "GetAccountInformationOutput", "AccountCreatedDate"}: true,
}

// escapedDocuments are the policies that IAM percent-encodes in its answers (IAM API Reference, for example
// "GetRolePolicy: Policies returned by this operation are URL-encoded compliant with RFC 3986").
var escapedDocuments = map[memberID]bool{
	{"iam", "GetGroupPolicyOutput", "PolicyDocument"}: true,
	{"iam", "GetRolePolicyOutput", "PolicyDocument"}:  true,
	{"iam", "GetUserPolicyOutput", "PolicyDocument"}:  true,
	{"iam", "PolicyDetail", "PolicyDocument"}:         true,
	{"iam", "PolicyVersion", "Document"}:              true,
	{"iam", "Role", "AssumeRolePolicyDocument"}:       true,
	{"iam", "RoleDetail", "AssumeRolePolicyDocument"}: true,
}

// unions lists the members of every union. Go cannot list the implementations of an interface, so a test looks
// for interfaces that are missing here.
var unions = map[reflect.Type][]reflect.Type{
	reflect.TypeFor[ssoadmintypes.AuthenticationMethod](): {
		reflect.TypeFor[*ssoadmintypes.AuthenticationMethodMemberIam](),
	},
	reflect.TypeFor[ssoadmintypes.Grant](): {
		reflect.TypeFor[*ssoadmintypes.GrantMemberAuthorizationCode](),
		reflect.TypeFor[*ssoadmintypes.GrantMemberJwtBearer](),
		reflect.TypeFor[*ssoadmintypes.GrantMemberRefreshToken](),
		reflect.TypeFor[*ssoadmintypes.GrantMemberTokenExchange](),
	},
	reflect.TypeFor[ssoadmintypes.TrustedTokenIssuerConfiguration](): {
		reflect.TypeFor[*ssoadmintypes.TrustedTokenIssuerConfigurationMemberOidcJwtConfiguration](),
	},
	reflect.TypeFor[ssoadmintypes.TrustedTokenIssuerUpdateConfiguration](): {
		reflect.TypeFor[*ssoadmintypes.TrustedTokenIssuerUpdateConfigurationMemberOidcJwtConfiguration](),
	},
	reflect.TypeFor[identitystoretypes.AlternateIdentifier](): {
		reflect.TypeFor[*identitystoretypes.AlternateIdentifierMemberExternalId](),
		reflect.TypeFor[*identitystoretypes.AlternateIdentifierMemberUniqueAttribute](),
	},
	reflect.TypeFor[identitystoretypes.MemberId](): {
		reflect.TypeFor[*identitystoretypes.MemberIdMemberUserId](),
	},
	reflect.TypeFor[iamtypes.PolicyIdentifier](): {
		reflect.TypeFor[*iamtypes.PolicyIdentifierMemberInlinePolicyIdentifier](),
		reflect.TypeFor[*iamtypes.PolicyIdentifierMemberPolicyArn](),
		reflect.TypeFor[*iamtypes.PolicyIdentifierMemberPolicyType](),
	},
}

// documents makes a document of each SDK package out of a plain value; each package has a type of its own.
var documents = map[reflect.Type]func(any) any{
	reflect.TypeFor[ssoadmindocument.Interface]():      func(v any) any { return ssoadmindocument.NewLazyDocument(v) },
	reflect.TypeFor[identitystoredocument.Interface](): func(v any) any { return identitystoredocument.NewLazyDocument(v) },
}

// wireName returns the name of a member on the wire.
func wireName(id memberID) string {
	if name, ok := oddNames[id]; ok {
		return name
	}
	if camelCase[id.api] {
		return strings.ToLower(id.field[:1]) + id.field[1:]
	}
	return id.field
}
