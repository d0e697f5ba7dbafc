package contract

// A kind is what an id names: something of an account that an operation makes.
type kind struct {
	name            string // where another kind's input needs it, "{name}"
	service, create string
	out             string            // where the answer has the id
	in              map[string]string // members of the input beside those that fixtures and the model's rules fill
	remove          string            // the operation that deletes it; its id goes where the fixtures say
}

const (
	allowAll  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	trustHome = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole"}]}`
)

// kinds are made in this order, by the root user of a management account. "{text}" is a text that nobody else has.
var kinds = []kind{
	{name: "root", service: "organizations", create: "ListRoots", out: "Roots.member.Id"},
	{name: "instance", service: "sso-admin", create: "ListInstances", out: "Instances.member.InstanceArn"},
	{name: "store", service: "sso-admin", create: "ListInstances", out: "Instances.member.IdentityStoreId"},
	{name: "car", service: "organizations", create: "CreateAccount", out: "CreateAccountStatus.Id", in: map[string]string{"Email": "{text}@example.com"}},
	{name: "account", service: "organizations", create: "DescribeCreateAccountStatus", out: "CreateAccountStatus.AccountId", remove: "CloseAccount"},
	{name: "unit", service: "organizations", create: "CreateOrganizationalUnit", out: "OrganizationalUnit.Id", in: map[string]string{"Name": "{text}"}, remove: "DeleteOrganizationalUnit"},
	{name: "guard", service: "organizations", create: "CreatePolicy", out: "Policy.PolicySummary.Id", in: map[string]string{"Name": "{text}"}, remove: "DeletePolicy"},
	{name: "handshake", service: "organizations", create: "InviteAccountToOrganization", out: "Handshake.Id",
		in: map[string]string{"Target.Id": "{text}@example.com", "Target.Type": "EMAIL"}, remove: "CancelHandshake"},
	{name: "user", service: "identitystore", create: "CreateUser", out: "UserId", remove: "DeleteUser",
		in: map[string]string{"UserName": "{text}", "DisplayName": "x", "Name.GivenName": "x", "Name.FamilyName": "x", "Emails.member.Value": "{text}@x"}},
	{name: "group", service: "identitystore", create: "CreateGroup", out: "GroupId", in: map[string]string{"DisplayName": "{text}"}, remove: "DeleteGroup"},
	{name: "membership", service: "identitystore", create: "CreateGroupMembership", out: "MembershipId", remove: "DeleteGroupMembership"},
	{name: "set", service: "sso-admin", create: "CreatePermissionSet", out: "PermissionSet.PermissionSetArn", in: map[string]string{"Name": "{text}"}, remove: "DeletePermissionSet"},
	{name: "assigning", service: "sso-admin", create: "CreateAccountAssignment", out: "AccountAssignmentCreationStatus.RequestId"},
	{name: "provisioning", service: "sso-admin", create: "ProvisionPermissionSet", out: "PermissionSetProvisioningStatus.RequestId", in: map[string]string{"TargetId": "{account}"}},
	{name: "unassigning", service: "sso-admin", create: "DeleteAccountAssignment", out: "AccountAssignmentDeletionStatus.RequestId"},
	{name: "iam user", service: "iam", create: "CreateUser", out: "User.UserName", in: map[string]string{"UserName": "{text}"}},
	{name: "iam role", service: "iam", create: "CreateRole", out: "Role.RoleName", in: map[string]string{"RoleName": "{text}"}, remove: "DeleteRole"},
	{name: "iam group", service: "iam", create: "CreateGroup", out: "Group.GroupName", in: map[string]string{"GroupName": "{text}"}, remove: "DeleteGroup"},
	{name: "iam policy", service: "iam", create: "CreatePolicy", out: "Policy.Arn", in: map[string]string{"PolicyName": "{text}"}, remove: "DeletePolicy"},
	{name: "linked role", service: "iam", create: "CreateServiceLinkedRole", out: "Role.RoleName"},
	{name: "deletion", service: "iam", create: "DeleteServiceLinkedRole", out: "DeletionTaskId", in: map[string]string{"RoleName": "{linked role}"}},
	{name: "role arn", service: "iam", create: "GetRole", out: "Role.Arn"},
	{name: "key", service: "iam", create: "CreateAccessKey", out: "AccessKey.AccessKeyId", in: map[string]string{"UserName": "{iam user}"}},
	{name: "login", service: "iam", create: "CreateLoginProfile", out: "LoginProfile.UserName", in: map[string]string{"UserName": "{iam user}", "Password": "7 quiet Herons wade"}},
	{name: "device", service: "iam", create: "CreateVirtualMFADevice", out: "VirtualMFADevice.SerialNumber", in: map[string]string{"VirtualMFADeviceName": "{text}"}, remove: "DeleteVirtualMFADevice"},
}

// ids says what kind of thing a member names, by service and the name of the member. The kind "" is an id that names
// nothing that Gatehouse keeps, or that its caller brings.
var ids = map[string]string{
	"organizations.AccountId": "account", "organizations.ChildId": "account", "organizations.CreateAccountRequestId": "car",
	"organizations.DestinationParentId": "unit", "organizations.SourceParentId": "root", "organizations.ParentId": "root",
	"organizations.OrganizationalUnitId": "unit", "organizations.PolicyId": "guard", "organizations.RootId": "root",
	"organizations.TargetId": "account", "organizations.ResourceId": "account",
	"organizations.HandshakeId": "handshake", "organizations.ParentHandshakeId": "", "organizations.Id": "",

	"identitystore.IdentityStoreId": "store", "identitystore.UserId": "user", "identitystore.GroupId": "group",
	"identitystore.GroupIds": "group", "identitystore.MembershipId": "membership", "identitystore.Id": "",

	"sso-admin.InstanceArn": "instance", "sso-admin.PermissionSetArn": "set", "sso-admin.PrincipalId": "user",
	"sso-admin.AccountId": "account", "sso-admin.TargetId": "account", "sso-admin.ResourceArn": "set",
	"sso-admin.AccountAssignmentCreationRequestId": "assigning", "sso-admin.AccountAssignmentDeletionRequestId": "unassigning",
	"sso-admin.ProvisionPermissionSetRequestId": "provisioning", "sso-admin.ManagedPolicyArn": "", "sso-admin.KmsKeyArn": "",
	"sso-admin.ExcludeApplicationArns": "",

	"iam.UserName": "iam user", "iam.NewUserName": "", "iam.RoleName": "iam role", "iam.AccessKeyId": "key", "iam.PolicyArn": "iam policy",
	"iam.PolicyName": "", "iam.VersionId": "", "iam.GroupName": "iam group", "iam.NewGroupName": "",
	"iam.AWSServiceName": "", "iam.DeletionTaskId": "deletion", "iam.PolicySourceArn": "role arn",
	"iam.CallerArn": "", "iam.ContextKeyName": "", "iam.AttachmentName": "", "iam.ResourceArns": "",
	"iam.VirtualMFADeviceName": "", "iam.SerialNumber": "device", "sts.SerialNumber": "device",

	"sts.RoleArn": "role arn", "sts.AccessKeyId": "key", "sts.ExternalId": "", "sts.ProviderArn": "", "sts.PolicyArns": "", "sts.Arn": "",

	"account.AccountId": "account", "account.StandardAccountId": "account", "sso.AccountId": "account", "sso-oidc.ClientId": "",
}

// values are what members say that have rules beyond the model's, by name, or by service and name.
var values = map[string]string{
	"Email": "somebody@example.com", "SessionDuration": "PT1H", "AssumeRolePolicyDocument": trustHome, "PolicyDocument": allowAll,
	"organizations.Content": allowAll, "organizations.Type": "SERVICE_CONTROL_POLICY", "organizations.PolicyType": "SERVICE_CONTROL_POLICY",
	"identitystore.AttributePath": "displayName", "iam.VersionId": "v1", "sso-admin.Source": "${path:userName}",
	"iam.ActionNames": "s3:GetObject", "iam.PolicyInputList": allowAll,
	"iam.AWSServiceName":         "access-analyzer.amazonaws.com",
	"iam.PermissionsBoundary":    "arn:aws:iam::aws:policy/ReadOnlyAccess",
	"organizations.Filter":       "SERVICE_CONTROL_POLICY",
	"sso-admin.ManagedPolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess", "sso-admin.InlinePolicy": allowAll,
}

// fine are the members for which an operation succeeds although they name nothing of the caller's, with AWS's page.
var fine = map[string]string{
	"sso-admin ListAccountAssignmentsForPrincipal AccountId": "https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountAssignmentsForPrincipal.html: a filter",
	"sts GetAccessKeyInfo AccessKeyId":                       "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html: of any account, whether the key is active or not",
}

// beyond are errors that the model does not list and the service answers with.
var beyond = map[string]string{
	"sso-admin DescribeInstance": "ResourceNotFoundException", // as all operations that an instance's ARN leads to
}
