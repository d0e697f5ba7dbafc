package iam

import (
	"crypto/sha256"
	"encoding/base32"
	"path"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/policy/managed"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// describeManaged describes a policy that AWS manages.
func describeManaged(p managed.Policy, use *authz.Usage) *types.Policy {
	return counted(&types.Policy{Arn: &p.ARN, PolicyName: &p.Name, PolicyId: aws.String(policyID(p.ARN)), Path: &p.Path,
		DefaultVersionId: &p.DefaultVersionID, IsAttachable: p.Attachable(), CreateDate: &p.CreateDate, UpdateDate: &p.UpdateDate,
		Tags: []types.Tag{}}, use)
}

// policyID makes up the unique id of a policy that AWS manages, since the public lists of them leave it out.
func policyID(arn string) string {
	sum := sha256.Sum256([]byte(arn))
	return ident.PolicyPrefix + base32.StdEncoding.EncodeToString(sum[:])[:17]
}

func noPolicy(arn string) error { return noSuchEntity("Policy %s was not found.", arn) }

// checkAttachable refuses a policy that cannot be attached: one that does not exist, that belongs to another account, or
// that AWS keeps for itself.
func checkAttachable(tx *store.Tx, c *api.Call, arn, to string) error {
	if p, ok := managed.ByARN(arn); ok {
		if !p.Attachable() {
			return notAttachable(to)
		}
		return nil
	}
	_, err := findPolicy(tx, c, arn)
	return whenMissing(err, noSuchEntity("Policy %s does not exist or is not attachable.", arn))
}

// checkBoundary is checkAttachable for permissions boundaries.
func checkBoundary(tx *store.Tx, c *api.Call, arn, of string) error {
	if arn == "" {
		return nil
	}
	return whenMissing(checkAttachable(tx, c, arn, of), noSuchEntity("Scope ARN: %s does not exist or is not attachable.", arn))
}

// checkInline refuses an identity policy that is not understood.
func checkInline(document string) error {
	_, err := policy.Parse([]byte(document), policy.Identity)
	return err
}

// attached describes a page of attached policies whose path begins with prefix.
func attached(c *api.Call, filter string, arns []string, prefix string, marker *string, max *int32) ([]types.AttachedPolicy, *string, error) {
	arns = slices.Sorted(slices.Values(arns))
	arns = slices.DeleteFunc(arns, func(arn string) bool { return !strings.HasPrefix(policyPath(arn), prefix) })
	page, next, err := window(c, filter+prefix, arns, marker, max)
	list := []types.AttachedPolicy{}
	for _, arn := range page {
		list = append(list, types.AttachedPolicy{PolicyArn: &arn, PolicyName: aws.String(path.Base(arn))})
	}
	return list, next, err
}

// policyPath is the path in the ARN of a managed policy, whoever manages it.
func policyPath(arn string) string {
	_, rest, _ := strings.Cut(arn, ":policy/")
	return "/" + rest[:strings.LastIndexByte(rest, '/')+1]
}
