package iam

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func tagUser(ctx context.Context, c *api.Call, in *sdk.TagUserInput) (*sdk.TagUserOutput, error) {
	return nil, editUser(ctx, c, in.UserName, func(_ *store.Tx, u *iam.User) (err error) {
		u.Tags, err = withTags(c, u.Tags, in.Tags)
		return err
	})
}

func untagUser(ctx context.Context, c *api.Call, in *sdk.UntagUserInput) (*sdk.UntagUserOutput, error) {
	return nil, editUser(ctx, c, in.UserName, func(_ *store.Tx, u *iam.User) error {
		dropTags(u.Tags, in.TagKeys)
		return nil
	})
}

func listUserTags(ctx context.Context, c *api.Call, in *sdk.ListUserTagsInput) (*sdk.ListUserTagsOutput, error) {
	u, err := readUser(ctx, c, in.UserName)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListUserTagsOutput{}
	out.Tags, out.Marker, err = tagPage(c, u.ID, u.Tags, in.Marker, in.MaxItems)
	out.IsTruncated = out.Marker != nil
	return out, err
}

// tagRole may tag what a service has made for itself, but not what belongs to a permission set.
func tagRole(ctx context.Context, c *api.Call, in *sdk.TagRoleInput) (*sdk.TagRoleOutput, error) {
	return nil, labelRole(ctx, c, in.RoleName, func(r *iam.Role) (err error) {
		r.Tags, err = withTags(c, r.Tags, in.Tags)
		return err
	})
}

func untagRole(ctx context.Context, c *api.Call, in *sdk.UntagRoleInput) (*sdk.UntagRoleOutput, error) {
	return nil, labelRole(ctx, c, in.RoleName, func(r *iam.Role) error {
		dropTags(r.Tags, in.TagKeys)
		return nil
	})
}

func listRoleTags(ctx context.Context, c *api.Call, in *sdk.ListRoleTagsInput) (*sdk.ListRoleTagsOutput, error) {
	r, err := readRole(ctx, c, in.RoleName)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListRoleTagsOutput{}
	out.Tags, out.Marker, err = tagPage(c, r.ID, r.Tags, in.Marker, in.MaxItems)
	out.IsTruncated = out.Marker != nil
	return out, err
}

// newTags reads the tags of something new. See "Tags for AWS Identity and Access Management resources" in the IAM User
// Guide: keys are told apart without letter case, and keep the case they were given in.
func newTags(c *api.Call, list []types.Tag) (map[string]string, error) {
	if len(list) == 0 {
		return nil, nil
	}
	return withTags(c, nil, list)
}

// withTags adds tags; one that is there under this key, in whatever case, is replaced.
func withTags(c *api.Call, have map[string]string, list []types.Tag) (map[string]string, error) {
	return addTags(c, have, list, strings.EqualFold, "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
}

// addTags adds tags whose keys are one where same says so. twice is what AWS says of a key that is given again.
func addTags(c *api.Call, have map[string]string, list []types.Tag, same func(a, b string) bool, twice string) (map[string]string, error) {
	tags := maps.Clone(have)
	if tags == nil {
		tags = map[string]string{}
	}
	for i, t := range list {
		key := aws.ToString(t.Key)
		if slices.ContainsFunc(list[:i], func(t types.Tag) bool { return same(aws.ToString(t.Key), key) }) {
			return nil, invalidInput("%s", twice)
		}
		if strings.HasPrefix(strings.ToLower(key), "aws:") {
			return nil, invalidInput("Tag keys that begin with aws: are reserved for AWS.")
		}
		maps.DeleteFunc(tags, func(k, _ string) bool { return same(k, key) })
		tags[key] = aws.ToString(t.Value)
	}
	if len(tags) > c.Most(&limits[maxTags]) {
		return nil, limitExceeded("The number of tags has reached the maximum limit.")
	}
	return tags, nil
}

// dropTags removes tags; keys that are not there are passed over, as on AWS.
func dropTags(tags map[string]string, keys []string) {
	maps.DeleteFunc(tags, func(key, _ string) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, key) })
	})
}

// tagList lists tags in the order of their keys.
func tagList(tags map[string]string) []types.Tag {
	list := []types.Tag{}
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: aws.String(k), Value: aws.String(tags[k])})
	}
	return list
}

// tagPage cuts a page out of tags.
func tagPage(c *api.Call, filter string, tags map[string]string, marker *string, most *int32) ([]types.Tag, *string, error) {
	keys, next, err := window(c, filter, slices.Sorted(maps.Keys(tags)), marker, most)
	page := map[string]string{}
	for _, k := range keys {
		page[k] = tags[k]
	}
	return tagList(page), next, err
}
