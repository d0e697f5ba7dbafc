package ssoadmin

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
)

// listTags answers all tags at once: there are few.
func listTags(ctx context.Context, c *api.Call, in *sdk.ListTagsForResourceInput) (*sdk.ListTagsForResourceOutput, error) {
	set, err := readSet(ctx, c, instanceOf(c, in.InstanceArn, in.ResourceArn), in.ResourceArn)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListTagsForResourceOutput{Tags: []types.Tag{}}
	for _, k := range slices.Sorted(maps.Keys(set.Tags)) {
		out.Tags = append(out.Tags, types.Tag{Key: aws.String(k), Value: aws.String(set.Tags[k])})
	}
	return out, nil
}

func tagResource(ctx context.Context, c *api.Call, in *sdk.TagResourceInput) (*sdk.TagResourceOutput, error) {
	err := edit(ctx, c, instanceOf(c, in.InstanceArn, in.ResourceArn), in.ResourceArn, func(s *permission.Set) error {
		if s.Tags == nil {
			s.Tags = map[string]string{}
		}
		maps.Copy(s.Tags, tagMap(in.Tags))
		if len(s.Tags) > maxTags {
			return tooMany("A permission set has at most %d tags.", maxTags)
		}
		return nil
	})
	return &sdk.TagResourceOutput{}, err
}

func untagResource(ctx context.Context, c *api.Call, in *sdk.UntagResourceInput) (*sdk.UntagResourceOutput, error) {
	err := edit(ctx, c, instanceOf(c, in.InstanceArn, in.ResourceArn), in.ResourceArn, func(s *permission.Set) error {
		for _, k := range in.TagKeys {
			delete(s.Tags, k)
		}
		return nil
	})
	return &sdk.UntagResourceOutput{}, err
}

// instanceOf returns the instance that a request names, or the one that the permission set is in.
func instanceOf(c *api.Call, arn, set *string) *string {
	if s := c.Snapshot.Set(aws.ToString(set)); arn == nil && s != nil {
		return &s.InstanceARN
	}
	return arn
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
