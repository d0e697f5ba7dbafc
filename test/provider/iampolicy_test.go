package provider

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"
)

// iamPolicy is what aws_iam_policy compares.
type iamPolicy struct {
	Name, Path, Description, Document string
	Tags                              tags

	content any // the document, decoded
}

// compared is a policy without the document's own text.
func (a iamPolicy) compared() iamPolicy {
	a.content, a.Document = policy(&a.Document), ""
	return a
}

// Equal compares as the provider does.
func (a iamPolicy) Equal(b iamPolicy) bool {
	return a.Name == b.Name && a.Path == b.Path && a.Description == b.Description && cmp.Equal(a.Tags, b.Tags) && cmp.Equal(a.content, b.content)
}

func (p *provider) createPolicy(t *testing.T, a iamPolicy) (string, error) {
	out, err := p.iam.CreatePolicy(t.Context(), &sdk.CreatePolicyInput{PolicyName: &a.Name, Path: &a.Path, PolicyDocument: &a.Document,
		Description: &a.Description, Tags: iamTags(a.Tags)}) // an empty description is sent too
	if err != nil {
		return "", err
	}
	return *out.Policy.Arn, nil
}

func (p *provider) readPolicy(t *testing.T, arn string) (iamPolicy, error) {
	out, err := p.iam.GetPolicy(t.Context(), &sdk.GetPolicyInput{PolicyArn: &arn})
	if err != nil {
		return iamPolicy{}, gone[*types.NoSuchEntityException](err)
	}
	version, err := p.iam.GetPolicyVersion(t.Context(), &sdk.GetPolicyVersionInput{PolicyArn: &arn, VersionId: out.Policy.DefaultVersionId})
	if err != nil {
		return iamPolicy{}, gone[*types.NoSuchEntityException](err)
	}
	a := out.Policy
	return iamPolicy{Name: *a.PolicyName, Path: *a.Path, Description: aws.ToString(a.Description), Tags: fromIAM(a.Tags), content: escaped(version.PolicyVersion.Document)}, nil
}

func (p *provider) versions(t *testing.T, arn string) ([]types.PolicyVersion, error) {
	list, err := all(t.Context(), sdk.NewListPolicyVersionsPaginator(p.iam, &sdk.ListPolicyVersionsInput{PolicyArn: &arn}), func(o *sdk.ListPolicyVersionsOutput) []types.PolicyVersion { return o.Versions })
	return list, gone[*types.NoSuchEntityException](err)
}

// updatePolicy makes room for a version by deleting the oldest that is not the default, and makes the new one the default.
func (p *provider) updatePolicy(t *testing.T, arn, document string) error {
	versions, err := p.versions(t, arn)
	if err != nil {
		return err
	}
	if len(versions) >= 5 {
		var oldest *types.PolicyVersion
		for _, v := range versions {
			if !v.IsDefaultVersion && (oldest == nil || v.CreateDate.Before(*oldest.CreateDate)) {
				oldest = &v
			}
		}
		if _, err := p.iam.DeletePolicyVersion(t.Context(), &sdk.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: oldest.VersionId}); err != nil {
			return err
		}
	}
	_, err = p.iam.CreatePolicyVersion(t.Context(), &sdk.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: &document, SetAsDefault: true})
	return err
}

// destroyPolicy deletes the versions that are not the default, then the policy.
func (p *provider) destroyPolicy(t *testing.T, arn string) error {
	versions, err := p.versions(t, arn)
	if errors.Is(err, errGone) {
		return nil
	}
	for _, v := range versions {
		if v.IsDefaultVersion {
			continue
		}
		if _, err := p.iam.DeletePolicyVersion(t.Context(), &sdk.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: v.VersionId}); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	_, err = p.iam.DeletePolicy(t.Context(), &sdk.DeletePolicyInput{PolicyArn: &arn})
	return goneIsFine[*types.NoSuchEntityException](err)
}

func TestManagedPolicy(t *testing.T) {
	t.Parallel()
	p := standalone(t)
	first := iamPolicy{Name: "Audit", Path: "/platform/", Document: allow("iam:Get*"), Tags: tags{"team": "platform"}}
	life := resource[iamPolicy]{
		create: func() (string, error) { return p.createPolicy(t, first) },
		read:   func(arn string) (iamPolicy, error) { return p.readPolicy(t, arn) },
		want:   first.compared(),
		delete: func(arn string) error { return p.destroyPolicy(t, arn) },
	}
	next := first
	for n := range 7 { // more than the five versions that a policy may have
		document := allow(fmt.Sprintf("iam:List%d*", n))
		next.Document = document
		life.changes = append(life.changes, change[iamPolicy]{name: fmt.Sprint("policy to version ", n+2), want: next.compared(), apply: func(arn string) error {
			p.Time.Pass(time.Second)
			return p.updatePolicy(t, arn, document)
		}})
	}
	next.Tags = tags{"stage": "test"}
	life.changes = append(life.changes, change[iamPolicy]{name: "tags", want: next.compared(), apply: func(arn string) error {
		_, err1 := p.iam.UntagPolicy(t.Context(), &sdk.UntagPolicyInput{PolicyArn: &arn, TagKeys: []string{"team"}})
		_, err2 := p.iam.TagPolicy(t.Context(), &sdk.TagPolicyInput{PolicyArn: &arn, Tags: iamTags(tags{"stage": "test"})})
		return errors.Join(err1, err2)
	}})
	life.live(t)
}
