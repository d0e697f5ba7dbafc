package ssoadmin

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// TestNothingOfAnotherInstanceIsReached names another organization's things, with one's own instance and with theirs.
func TestNothingOfAnotherInstanceIsReached(t *testing.T) {
	c := newCompany(t)
	apitest.Save(c.World, store.Accounts, &account.Account{ID: "999999999999", Name: "Else", Email: "else@example.com", Status: account.Active})
	theirs := &permission.Instance{ARN: "arn:aws:sso:::instance/ssoins-ffffffffffffffff", IdentityStoreID: "d-ffffffffff", Owner: "999999999999", Portal: "else"}
	apitest.Save(c.World, store.Instances, theirs)
	set := c.Set(theirs, "Theirs", permission.Grants{})
	user := &directory.User{ID: "00000000-0000-4000-8000-00000000000f", StoreID: theirs.IdentityStoreID, UserName: "eve"}
	apitest.Save(c.World, store.Users, user)
	status := &permission.Status{RequestID: "00000000-0000-4000-8000-0000000000ff", Kind: permission.Provision, InstanceARN: theirs.ARN, SetARN: set.ARN, State: permission.Succeeded}
	apitest.Save(c.World, store.Statuses, status)
	ours, tags := &c.instance.ARN, []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}
	for _, test := range []struct {
		operation string
		in        any
		want      string
	}{
		{"DescribePermissionSet", &sdk.DescribePermissionSetInput{InstanceArn: ours, PermissionSetArn: &set.ARN}, "ResourceNotFoundException"},
		{"DescribePermissionSet", &sdk.DescribePermissionSetInput{InstanceArn: &theirs.ARN, PermissionSetArn: &set.ARN}, "AccessDeniedException"},
		{"UpdatePermissionSet", &sdk.UpdatePermissionSetInput{InstanceArn: ours, PermissionSetArn: &set.ARN}, "ResourceNotFoundException"},
		{"DeletePermissionSet", &sdk.DeletePermissionSetInput{InstanceArn: ours, PermissionSetArn: &set.ARN}, "ResourceNotFoundException"},
		{"TagResource", &sdk.TagResourceInput{ResourceArn: &set.ARN, Tags: tags}, "AccessDeniedException"},
		{"TagResource", &sdk.TagResourceInput{InstanceArn: ours, ResourceArn: &set.ARN, Tags: tags}, "ResourceNotFoundException"},
		{"TagResource", &sdk.TagResourceInput{ResourceArn: &theirs.ARN, Tags: tags}, "AccessDeniedException"},
		{"TagResource", &sdk.TagResourceInput{InstanceArn: ours, ResourceArn: &theirs.ARN, Tags: tags}, "ResourceNotFoundException"},
		{"ListTagsForResource", &sdk.ListTagsForResourceInput{InstanceArn: ours, ResourceArn: &theirs.ARN}, "ResourceNotFoundException"},
		{"UpdateInstance", &sdk.UpdateInstanceInput{InstanceArn: &theirs.ARN, Name: aws.String("mine")}, "AccessDeniedException"},
		{"DeleteInstanceAccessControlAttributeConfiguration", &sdk.DeleteInstanceAccessControlAttributeConfigurationInput{InstanceArn: &theirs.ARN}, "AccessDeniedException"},
		{"CreateAccountAssignment", c.assignment(c.set, theirs.Owner), "ResourceNotFoundException"},
		{"CreateAccountAssignment", c.assignment(set, member), "ResourceNotFoundException"},
		{"DescribePermissionSetProvisioningStatus", &sdk.DescribePermissionSetProvisioningStatusInput{InstanceArn: ours, ProvisionPermissionSetRequestId: &status.RequestID}, "ResourceNotFoundException"},
		{"ListAccountAssignmentsForPrincipal", &sdk.ListAccountAssignmentsForPrincipalInput{InstanceArn: ours, PrincipalId: &user.ID, PrincipalType: types.PrincipalTypeUser}, "ResourceNotFoundException"},
		{"ListPermissionSetsProvisionedToAccount", &sdk.ListPermissionSetsProvisionedToAccountInput{InstanceArn: ours, AccountId: aws.String(string(theirs.Owner))}, "ResourceNotFoundException"},
	} {
		for _, who := range []struct {
			name string
			code string
		}{{"management", c.as(management, test.operation, test.in)}, {"the delegate", c.as(delegate, test.operation, test.in)}} {
			if who.code != test.want {
				t.Errorf("%s, %s: got %q, want %q", who.name, test.operation, who.code, test.want)
			}
		}
	}
	in := c.assignment(c.set, member)
	in.PrincipalId = &user.ID
	if got := c.as(management, "CreateAccountAssignment", in); got != "" || c.State.Current().Assigned(user.ID, c.set.ARN, member) {
		t.Errorf("another directory's user: got %q, or is assigned", got)
	}
}
