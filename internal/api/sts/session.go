package sts

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
)

// passed is what a caller passes into a session. See "Session policies" and "Passing session tags in AWS STS" in the IAM
// User Guide.
type passed struct {
	policy     *string
	arns       []types.PolicyDescriptorType
	tags       []types.Tag
	transitive []string
}

// pack checks what is passed and puts it together with the tags that a chain of roles hands on. account is the one whose
// managed policies may be named.
func (in passed) pack(c *api.Call, account ident.AccountID) (out seal.Packed, err error) {
	if in.policy != nil {
		if _, err := policy.Parse([]byte(*in.policy), policy.Session); err != nil {
			return out, err
		}
		out.SessionPolicies = [][]byte{[]byte(*in.policy)}
	}
	if len(in.arns) > maxPolicyARNs {
		return out, validation("A session has at most %d managed policies, not %d.", maxPolicyARNs, len(in.arns))
	}
	for _, p := range in.arns {
		arn := aws.ToString(p.Arn)
		if _, ok := c.SessionPolicy(c.Snapshot, account, arn); !ok {
			return out, invalidValue("The policy %q is neither an AWS managed policy nor one of the account %s.", arn, account)
		}
		out.SessionPolicyARNs = append(out.SessionPolicyARNs, arn)
	}
	return out, in.tag(c.Principal, &out)
}

// tag adds the session tags. What a chain hands on stays as it is: it can be neither replaced nor left out.
func (in passed) tag(caller *authz.Principal, out *seal.Packed) error {
	inherited := handedOn(caller)
	keys := make([]string, 0, len(in.tags))
	for _, t := range in.tags {
		key := aws.ToString(t.Key)
		switch {
		case listed(keys, key):
			return invalidValue("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return invalidValue("Tag keys that begin with aws: are reserved for AWS.")
		case slices.ContainsFunc(inherited, func(t seal.Tag) bool { return strings.EqualFold(t.Key, key) }):
			return invalidValue("One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
		}
		keys = append(keys, key)
		out.Tags = append(out.Tags, seal.Tag{Key: key, Value: aws.ToString(t.Value)})
	}
	for _, key := range in.transitive {
		if !listed(keys, key) {
			return invalidValue("The specified transitive tag key must be included in the requested tags.")
		}
	}
	out.TransitiveTagKeys = slices.Clone(in.transitive)
	for _, t := range inherited {
		out.Tags, out.TransitiveTagKeys = append(out.Tags, t), append(out.TransitiveTagKeys, t.Key)
	}
	if len(out.Tags) > maxSessionTags {
		return invalidValue("A session has at most %d tags, those of the calling session that are transitive included.", maxSessionTags)
	}
	return nil
}

// handedOn are the transitive tags of a role's session, which the sessions that it asks for have too.
func handedOn(p *authz.Principal) []seal.Tag {
	if p.Kind != authz.Role {
		return nil
	}
	var tags []seal.Tag
	for key, value := range p.SessionTags {
		if listed(p.TransitiveTags, key) {
			tags = append(tags, seal.Tag{Key: key, Value: value})
		}
	}
	slices.SortFunc(tags, func(a, b seal.Tag) int { return strings.Compare(a.Key, b.Key) })
	return tags
}

// listed reports whether a tag key is in a list; letter case does not tell keys apart.
func listed(keys []string, key string) bool {
	return slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, key) })
}

// conditions adds the condition keys of what is passed to a target. See "Actions, resources, and condition keys for AWS
// Security Token Service".
func (in passed) conditions(t *api.Target) {
	for _, tag := range in.tags {
		key := aws.ToString(tag.Key)
		t.Context["aws:RequestTag/"+key] = []string{aws.ToString(tag.Value)}
		t.Lists["aws:TagKeys"] = append(t.Lists["aws:TagKeys"], key)
	}
	if len(in.transitive) > 0 {
		t.Lists["sts:TransitiveTagKeys"] = in.transitive
	}
}

// issue seals claims into credentials and notes them for the record.
func issue(c *api.Call, claims *seal.Claims) (*types.Credentials, *int32, error) {
	claims.IssuedAt = c.Now
	keys, err := c.Seal.Issue(c.Random, claims)
	if err != nil {
		return nil, nil, err
	}
	c.Note("accessKeyId", keys.AccessKeyID)
	secret, end := keys.SecretAccessKey.Reveal(), keys.Expiration
	var size *int32
	if keys.PackedSize > 0 {
		size = aws.Int32(int32(keys.PackedSize))
	}
	return &types.Credentials{AccessKeyId: &keys.AccessKeyID, SecretAccessKey: &secret, SessionToken: &keys.SessionToken, Expiration: &end}, size, nil
}
