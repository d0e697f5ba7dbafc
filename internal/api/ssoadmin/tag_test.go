package ssoadmin

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

func tag(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }

func TestInstancesAndPermissionSetsHaveTags(t *testing.T) {
	w, _, set := world(t)
	for _, arn := range []*string{instanceARN, set} {
		apitest.Call[sdk.TagResourceOutput](w, name, "TagResource", &sdk.TagResourceInput{InstanceArn: instanceARN, ResourceArn: arn, Tags: []types.Tag{tag("env", "prod"), tag("cost", "7")}})
		apitest.Call[sdk.UntagResourceOutput](w, name, "UntagResource", &sdk.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"cost", "none", "team"}})
		out := apitest.Call[sdk.ListTagsForResourceOutput](w, name, "ListTagsForResource", &sdk.ListTagsForResourceInput{ResourceArn: arn})
		if len(out.Tags) != 1 || *out.Tags[0].Key != "env" || *out.Tags[0].Value != "prod" {
			t.Errorf("%s: got %v", *arn, out.Tags)
		}
		var many []types.Tag
		for n := range limits[maxTags].Default {
			many = append(many, tag(fmt.Sprint(n), ""))
		}
		apitest.Refused(w, "ServiceQuotaExceededException", name, "TagResource", &sdk.TagResourceInput{ResourceArn: arn, Tags: many})
		apitest.Refused(w, "ValidationException", name, "TagResource", &sdk.TagResourceInput{ResourceArn: arn, Tags: []types.Tag{tag("aws:x", "")}})
		apitest.Refused(w, "ValidationException", name, "TagResource", &sdk.TagResourceInput{ResourceArn: arn, Tags: []types.Tag{tag("x", ""), tag("x", "1")}})
	}
	gone := aws.String("arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-0000000000000000")
	apitest.Refused(w, "ResourceNotFoundException", name, "ListTagsForResource", &sdk.ListTagsForResourceInput{ResourceArn: gone})
	elsewhere := aws.String("arn:aws:sso:::instance/ssoins-ffffffffffffffff")
	apitest.Refused(w, "ResourceNotFoundException", name, "TagResource", &sdk.TagResourceInput{InstanceArn: elsewhere, ResourceArn: set, Tags: []types.Tag{tag("x", "")}})
}

// TestTagsDecide lets a user do with permission sets of the team core what the tags in the request allow.
func TestTagsDecide(t *testing.T) {
	w, _, set := world(t)
	other := apitest.Call[sdk.CreatePermissionSetOutput](w, name, "CreatePermissionSet", &sdk.CreatePermissionSetInput{InstanceArn: instanceARN, Name: aws.String("Other")}).PermissionSet.PermissionSetArn
	u := w.User(apitest.Management, "tagger", apitest.Inline(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"sso:*","Resource":"arn:aws:sso:::instance/*"},
		{"Effect":"Allow","Action":"sso:*","Resource":"arn:aws:sso:::permissionSet/*","Condition":{"StringEquals":{"aws:ResourceTag/team":"core"}}},
		{"Effect":"Deny","Action":"sso:TagResource","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"other"}}},
		{"Effect":"Deny","Action":"sso:UntagResource","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"aws:TagKeys":"team"}}}]}`))
	p := &authz.Principal{Kind: authz.IAMUser, Account: apitest.Management, ARN: u.ARN(), IAMUserID: u.ID}
	for _, test := range []struct {
		what, operation string
		in              any
		allowed         bool
	}{
		{"describe one of the team", "DescribePermissionSet", &sdk.DescribePermissionSetInput{InstanceArn: instanceARN, PermissionSetArn: set}, true},
		{"describe another", "DescribePermissionSet", &sdk.DescribePermissionSetInput{InstanceArn: instanceARN, PermissionSetArn: other}, false},
		{"tag one of the team", "TagResource", &sdk.TagResourceInput{ResourceArn: set, Tags: []types.Tag{tag("env", "prod")}}, true},
		{"give it to another team", "TagResource", &sdk.TagResourceInput{ResourceArn: set, Tags: []types.Tag{tag("team", "other")}}, false},
		{"take another into the team", "TagResource", &sdk.TagResourceInput{ResourceArn: other, Tags: []types.Tag{tag("team", "core")}}, false},
		{"untag", "UntagResource", &sdk.UntagResourceInput{ResourceArn: set, TagKeys: []string{"env"}}, true},
		{"untag the team", "UntagResource", &sdk.UntagResourceInput{ResourceArn: set, TagKeys: []string{"env", "team"}}, false},
	} {
		_, err := apitest.As[any](w, p, name, test.operation, test.in)
		if denied := fault.Is(err, "AccessDeniedException"); denied == test.allowed {
			t.Errorf("%s: got %v", test.what, err)
		}
	}
}

// TestARelayStateThatIsNotGivenIsCleared holds what Terraform relies on; see issue 17411 of its AWS provider.
func TestARelayStateThatIsNotGivenIsCleared(t *testing.T) {
	w, _, set := world(t)
	update := func(in *sdk.UpdatePermissionSetInput) *types.PermissionSet {
		in.InstanceArn, in.PermissionSetArn = instanceARN, set
		apitest.Call[sdk.UpdatePermissionSetOutput](w, name, "UpdatePermissionSet", in)
		return apitest.Call[sdk.DescribePermissionSetOutput](w, name, "DescribePermissionSet",
			&sdk.DescribePermissionSetInput{InstanceArn: instanceARN, PermissionSetArn: set}).PermissionSet
	}
	got := update(&sdk.UpdatePermissionSetInput{Description: aws.String("all"), RelayState: aws.String("https://example.com"), SessionDuration: aws.String("PT2H")})
	if *got.Description != "all" || *got.RelayState != "https://example.com" || *got.SessionDuration != "PT2H" {
		t.Errorf("got %+v", got)
	}
	got = update(&sdk.UpdatePermissionSetInput{SessionDuration: aws.String("PT3H")})
	if aws.ToString(got.Description) != "all" || got.RelayState != nil || *got.SessionDuration != "PT3H" {
		t.Errorf("got %+v", got)
	}
}
