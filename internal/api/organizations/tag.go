package organizations

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func tagResource(ctx context.Context, c *api.Call, in *sdk.TagResourceInput) (*sdk.TagResourceOutput, error) {
	added, err := tagMap(c, in.Tags)
	if err != nil {
		return nil, err
	}
	return &sdk.TagResourceOutput{}, change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		t, err := findTagged(tx, o, aws.ToString(in.ResourceId))
		if err != nil {
			return err
		}
		if *t.tags == nil {
			*t.tags = map[string]string{}
		}
		maps.Copy(*t.tags, added)
		if len(*t.tags) > c.Most(&limits[maxTags]) {
			return tooManyTags(c)
		}
		return t.save()
	})
}

func untagResource(ctx context.Context, c *api.Call, in *sdk.UntagResourceInput) (*sdk.UntagResourceOutput, error) {
	return &sdk.UntagResourceOutput{}, change(ctx, c, func(tx *store.Tx, o *organization.Organization) error {
		t, err := findTagged(tx, o, aws.ToString(in.ResourceId))
		if err != nil {
			return err
		}
		for _, k := range in.TagKeys {
			delete(*t.tags, k)
		}
		return t.save()
	})
}

// listTags answers all tags at once: there are at most fifty.
func listTags(ctx context.Context, c *api.Call, in *sdk.ListTagsForResourceInput) (*sdk.ListTagsForResourceOutput, error) {
	o, err := mine(c)
	if err != nil {
		return nil, err
	}
	if _, err := c.After(aws.ToString(in.ResourceId), in.NextToken); err != nil {
		return nil, err
	}
	out := &sdk.ListTagsForResourceOutput{Tags: []types.Tag{}}
	return out, c.View(ctx, func(tx *store.Tx) error {
		t, err := findTagged(tx, o, aws.ToString(in.ResourceId))
		if err != nil {
			return err
		}
		for _, k := range slices.Sorted(maps.Keys(*t.tags)) {
			out.Tags = append(out.Tags, types.Tag{Key: aws.String(k), Value: aws.String((*t.tags)[k])})
		}
		return nil
	})
}

// tagged is a thing that has tags, and the way to save it.
type tagged struct {
	tags *map[string]string
	save func() error
}

// findTagged finds what an id of any form names.
func findTagged(tx *store.Tx, o *organization.Organization, id string) (tagged, error) {
	switch {
	case id == o.RootID:
		fresh, err := store.Organizations.Get(tx, o.ID)
		if err != nil {
			return tagged{}, err
		}
		return tagged{&fresh.RootTags, func() error { return store.Organizations.Save(tx, fresh) }}, nil
	case strings.HasPrefix(id, "ou-"):
		u, err := findUnit(tx, o, id)
		return tagged{tagsIn(u, func(u *organization.Unit) *map[string]string { return &u.Tags }),
			func() error { return store.Units.Save(tx, u) }}, missingCode(err, noTarget())
	case strings.HasPrefix(id, "rp-"):
		p, err := store.ResourcePolicies.Get(tx, o.ID)
		if err == nil && p.ID != id {
			err = store.ErrNotFound
		}
		return tagged{tagsIn(p, func(p *organization.ResourcePolicy) *map[string]string { return &p.Tags }),
			func() error { return store.ResourcePolicies.Save(tx, p) }}, store.Missing(err, noTarget())
	case organization.ProvidedByID(id) != nil:
		return tagged{tags: new(map[string]string), save: immutable}, nil
	case strings.HasPrefix(id, "p-"):
		p, err := findPolicy(tx, o, id)
		return tagged{tagsIn(p, func(p *organization.Policy) *map[string]string { return &p.Tags }),
			func() error { return store.Policies.Save(tx, p) }}, missingCode(err, noTarget())
	}
	a, err := findAccount(tx, o, id)
	if err != nil {
		return tagged{}, missingCode(err, noTarget())
	}
	return tagged{&a.Tags, func() error { return store.Accounts.Save(tx, a) }}, nil
}

// tagsIn returns where the tags of a row are, or nil when there is no row.
func tagsIn[T any](row *T, of func(*T) *map[string]string) *map[string]string {
	if row == nil {
		return nil
	}
	return of(row)
}

// tagMap checks tags that a request sets. See "Tag naming and usage conventions" in the Tagging AWS Resources guide.
func tagMap(c *api.Call, list []types.Tag) (map[string]string, error) {
	if len(list) == 0 {
		return nil, nil
	}
	m := make(map[string]string, len(list))
	for _, t := range list {
		key := aws.ToString(t.Key)
		if strings.HasPrefix(strings.ToLower(key), "aws:") {
			return nil, invalidInput(types.InvalidInputExceptionReasonInvalidSystemTagsParameter, "You specified a tag key that is a system tag. You can't add, edit, or delete system tag keys because they're reserved for AWS use.")
		}
		if _, twice := m[key]; twice {
			return nil, invalidInput(types.InvalidInputExceptionReasonDuplicateTagKey, "Your request includes duplicate tag keys.")
		}
		m[key] = aws.ToString(t.Value)
	}
	if len(m) > c.Most(&limits[maxTags]) {
		return nil, tooManyTags(c)
	}
	return m, nil
}

func tooManyTags(c *api.Call) error {
	return constraint(types.ConstraintViolationExceptionReasonMaxTagLimitExceeded, "You have exceeded the number of tags allowed on this resource: %d.", c.Most(&limits[maxTags]))
}
