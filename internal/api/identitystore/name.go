package identitystore

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// The kinds of resources that can be missing.
const (
	identityStore = types.ResourceTypeIdentityStore
	user          = types.ResourceTypeUser
	group         = types.ResourceTypeGroup
	membership    = types.ResourceTypeGroupMembership
)

// The ARNs of the service. See "Actions, resources, and condition keys for AWS Identity Store".
const (
	storePrefix      = "arn:" + ident.Partition + ":identitystore::"
	userPrefix       = "arn:" + ident.Partition + ":identitystore:::user/"
	groupPrefix      = "arn:" + ident.Partition + ":identitystore:::group/"
	membershipPrefix = "arn:" + ident.Partition + ":identitystore:::membership/"
)

func storeARN(owner ident.AccountID, id string) string {
	return storePrefix + string(owner) + ":identitystore/" + id
}

func userARN(name *string) string       { return userPrefix + id(user, name) }
func groupARN(name *string) string      { return groupPrefix + id(group, name) }
func membershipARN(name *string) string { return membershipPrefix + id(membership, name) }

// id returns the id of a thing that a request names by its id or by its ARN. The ARN of another kind of thing stays as it
// is, and names nothing.
func id(kind types.ResourceType, name *string) string {
	text := aws.ToString(name)
	prefix := map[types.ResourceType]string{user: userPrefix, group: groupPrefix, membership: membershipPrefix}[kind]
	if kind == identityStore {
		if _, after, ok := strings.Cut(text, ":identitystore/"); ok && strings.HasPrefix(text, storePrefix) {
			return after
		}
		return text
	}
	return strings.TrimPrefix(text, prefix)
}
