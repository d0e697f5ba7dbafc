package ssoadmin

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// listTags answers all tags at once: there are few.
func listTags(ctx context.Context, c *api.Call, in *sdk.ListTagsForResourceInput) (*sdk.ListTagsForResourceOutput, error) {
	if _, err := c.After(in.ResourceArn, in.NextToken); err != nil {
		return nil, err
	}
	if _, err := c.After(nil, in.NextToken); err != nil { // one page holds them all, so that no token was given out
		return nil, err
	}
	out := &sdk.ListTagsForResourceOutput{Tags: []types.Tag{}}
	return out, c.View(ctx, func(tx *store.Tx) error {
		r, err := findTagged(tx, in.InstanceArn, in.ResourceArn)
		if err != nil {
			return err
		}
		for _, k := range slices.Sorted(maps.Keys(*r.tags)) {
			out.Tags = append(out.Tags, types.Tag{Key: aws.String(k), Value: aws.String((*r.tags)[k])})
		}
		return nil
	})
}

func tagResource(ctx context.Context, c *api.Call, in *sdk.TagResourceInput) (*sdk.TagResourceOutput, error) {
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	return &sdk.TagResourceOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		r, err := findTagged(tx, in.InstanceArn, in.ResourceArn)
		if err != nil {
			return err
		}
		if *r.tags == nil {
			*r.tags = map[string]string{}
		}
		maps.Copy(*r.tags, tagMap(in.Tags))
		if len(*r.tags) > c.Most(&limits[maxTags]) {
			return tooManyTags(c)
		}
		return r.save()
	})
}

func untagResource(ctx context.Context, c *api.Call, in *sdk.UntagResourceInput) (*sdk.UntagResourceOutput, error) {
	return &sdk.UntagResourceOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		r, err := findTagged(tx, in.InstanceArn, in.ResourceArn)
		if err != nil {
			return err
		}
		for _, k := range in.TagKeys {
			delete(*r.tags, k)
		}
		return r.save()
	})
}

// tagged is an instance or a permission set, which are what can have tags here.
type tagged struct {
	tags *map[string]string
	save func() error
}

// findTagged finds what an ARN names. A request may name the instance too; then the resource has to be in it.
func findTagged(tx *store.Tx, instanceARN, arn *string) (*tagged, error) {
	if strings.HasPrefix(aws.ToString(arn), instancePrefix) {
		i, err := store.Instances.Get(tx, aws.ToString(arn))
		if err != nil || instanceARN != nil && *instanceARN != i.ARN {
			return nil, missingResource(err, arn)
		}
		return &tagged{&i.Tags, func() error { return store.Instances.Save(tx, i) }}, nil
	}
	set, err := store.PermissionSets.Get(tx, aws.ToString(arn))
	if err != nil || instanceARN != nil && *instanceARN != set.InstanceARN {
		return nil, missingResource(err, arn)
	}
	return &tagged{&set.Tags, func() error { return store.PermissionSets.Save(tx, set) }}, nil
}

func missingResource(err error, arn *string) error {
	if err == nil {
		err = store.ErrNotFound
	}
	return missing(err, "Resource with ARN %s was not found", aws.ToString(arn))
}

// instancePrefix begins the ARNs of instances.
const instancePrefix = "arn:aws:sso:::instance/"

// instanceOf returns the instance that a request is about: the one it names, or the one that its resource is or is in.
func instanceOf(c *api.Call, arn, resource *string) string {
	if set := c.Snapshot.Set(aws.ToString(resource)); arn == nil && set != nil {
		return set.InstanceARN
	}
	if arn == nil && strings.HasPrefix(aws.ToString(resource), instancePrefix) {
		return *resource
	}
	return aws.ToString(arn)
}

// tagsOf returns the tags of an instance or permission set.
func tagsOf(i *permission.Instance, set *permission.Set) map[string]string {
	switch {
	case set != nil:
		return set.Tags
	case i != nil:
		return i.Tags
	}
	return nil
}

// checkTags refuses keys that are given twice or kept for AWS.
func checkTags(tags []types.Tag) error {
	seen := map[string]bool{}
	for _, t := range tags {
		key := aws.ToString(t.Key)
		switch {
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return invalid("The tag key %s begins with aws:, which is reserved.", key)
		case seen[key]:
			return invalid("The tag key %s is given more than once.", key)
		}
		seen[key] = true
	}
	return nil
}

func tooManyTags(c *api.Call) error {
	return tooMany("A resource has at most %d tags.", c.Most(&limits[maxTags]))
}

func tagMap(tags []types.Tag) map[string]string {
	if len(tags) == 0 {
		return nil
	}
	m := make(map[string]string, len(tags))
	for _, t := range tags {
		m[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return m
}
