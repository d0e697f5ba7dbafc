package ssoadmin

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
)

func attributesOf(pairs ...string) *types.InstanceAccessControlAttributeConfiguration {
	out := &types.InstanceAccessControlAttributeConfiguration{AccessControlAttributes: []types.AccessControlAttribute{}}
	for i := 0; i < len(pairs); i += 2 {
		out.AccessControlAttributes = append(out.AccessControlAttributes, types.AccessControlAttribute{
			Key: aws.String(pairs[i]), Value: &types.AccessControlAttributeValue{Source: []string{pairs[i+1]}}})
	}
	return out
}

func enable(in *types.InstanceAccessControlAttributeConfiguration) *sdk.CreateInstanceAccessControlAttributeConfigurationInput {
	return &sdk.CreateInstanceAccessControlAttributeConfigurationInput{InstanceArn: instanceARN, InstanceAccessControlAttributeConfiguration: in}
}

func TestAttributesAreEnabledOnceChangedAndDisabled(t *testing.T) {
	w, _, _ := world(t)
	const suffix = "InstanceAccessControlAttributeConfiguration"
	describe := &sdk.DescribeInstanceAccessControlAttributeConfigurationInput{InstanceArn: instanceARN}
	update := &sdk.UpdateInstanceAccessControlAttributeConfigurationInput{InstanceArn: instanceARN,
		InstanceAccessControlAttributeConfiguration: attributesOf("team", "${path:userType}")}
	disable := &sdk.DeleteInstanceAccessControlAttributeConfigurationInput{InstanceArn: instanceARN}
	apitest.Refused(w, "ResourceNotFoundException", name, "Describe"+suffix, describe)
	apitest.Refused(w, "ResourceNotFoundException", name, "Update"+suffix, update)
	apitest.Refused(w, "ResourceNotFoundException", name, "Delete"+suffix, disable)
	for why, bad := range map[string]*types.InstanceAccessControlAttributeConfiguration{
		"a key twice":       attributesOf("team", "${path:title}", "Team", "${path:title}"),
		"a reserved key":    attributesOf("aws:team", "${path:title}"),
		"an unknown source": attributesOf("team", "${path:password}"),
	} {
		if f := apitest.Refused(w, "ValidationException", name, "Create"+suffix, enable(bad)); f.Message == "" {
			t.Errorf("%s is accepted", why)
		}
	}
	apitest.Call[sdk.CreateInstanceAccessControlAttributeConfigurationOutput](w, name, "Create"+suffix, enable(attributesOf("team", "${path:title}")))
	apitest.Refused(w, "ConflictException", name, "Create"+suffix, enable(attributesOf()))
	apitest.Call[sdk.UpdateInstanceAccessControlAttributeConfigurationOutput](w, name, "Update"+suffix, update)
	out := apitest.Call[sdk.DescribeInstanceAccessControlAttributeConfigurationOutput](w, name, "Describe"+suffix, describe)
	list := out.InstanceAccessControlAttributeConfiguration.AccessControlAttributes
	if out.Status != "ENABLED" || len(list) != 1 || *list[0].Key != "team" || list[0].Value.Source[0] != "${path:userType}" {
		t.Errorf("got %s %+v", out.Status, list)
	}
	apitest.Call[sdk.DeleteInstanceAccessControlAttributeConfigurationOutput](w, name, "Delete"+suffix, disable)
	apitest.Refused(w, "ResourceNotFoundException", name, "Describe"+suffix, describe)
}
