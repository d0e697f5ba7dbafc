package provider

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
)

type iamPolicy struct{ Name, Path, Document string }

func (p *provider) createPolicy(t *testing.T, want iamPolicy) (string, error) {
	out, err := p.iam.CreatePolicy(t.Context(), &sdk.CreatePolicyInput{PolicyName: &want.Name, Path: &want.Path, PolicyDocument: &want.Document, Description: aws.String("")})
	if err != nil {
		return "", err
	}
	return *out.Policy.Arn, nil
}
