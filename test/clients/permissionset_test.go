package clients_test

import (
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// permissionSets does what Terraform and administrators' boto3 programs do with permission sets, and fetches credentials
// with what came of it.
const permissionSets = `
import json, os, boto3
from botocore.exceptions import ClientError

def refused(code, call, **args):
    try:
        call(**args)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        return e.response["Error"]["Message"]
    raise AssertionError(call.__name__ + " was not refused")

def allow(action, **condition):
    s = {"Effect": "Allow", "Action": action, "Resource": "*"}
    if condition:
        s["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [s]})

sso, account = boto3.client("sso-admin"), boto3.client("sts").get_caller_identity()["Account"]
i = sso.list_instances()["Instances"][0]
instance, directory = i["InstanceArn"], i["IdentityStoreId"]
me = boto3.client("identitystore").get_user_id(IdentityStoreId=directory, AlternateIdentifier={"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": os.environ["WHO"]}})["UserId"]
arn = sso.create_permission_set(InstanceArn=instance, Name="ByName", RelayState="https://example.com", Tags=[{"Key": "team", "Value": "core"}])["PermissionSet"]["PermissionSetArn"]
s = {"InstanceArn": instance, "PermissionSetArn": arn}
place = {"TargetId": account, "TargetType": "AWS_ACCOUNT", "PrincipalType": "USER", "PrincipalId": me, **s}
assert refused("ConflictException", sso.create_permission_set, InstanceArn=instance, Name="ByName") == "PermissionSet with name ByName already exists."

def assigned():
    id = sso.create_account_assignment(**place)["AccountAssignmentCreationStatus"]["RequestId"]
    return sso.describe_account_assignment_creation_status(InstanceArn=instance, AccountAssignmentCreationRequestId=id)["AccountAssignmentCreationStatus"]

def provisioned():
    id = sso.provision_permission_set(TargetType="ALL_PROVISIONED_ACCOUNTS", **s)["PermissionSetProvisioningStatus"]["RequestId"]
    return sso.describe_permission_set_provisioning_status(InstanceArn=instance, ProvisionPermissionSetRequestId=id)["PermissionSetProvisioningStatus"]

# A policy of the customer has to be in the account.
sso.attach_customer_managed_policy_reference_to_permission_set(CustomerManagedPolicyReference={"Name": "work", "Path": "/team/"}, **s)
status = assigned()
assert (status["Status"], status["FailureReason"]) == ("FAILED", "Received a 404 status error: Not supported policy arn:aws:iam::%s:policy/team/work." % account), status
boto3.client("iam").create_policy(PolicyName="work", Path="/team/", PolicyDocument=allow("iam:ListUsers", StringEquals={"aws:PrincipalTag/person": os.environ["WHO"]}))
assert assigned()["Status"] == "SUCCEEDED" and assigned()["Status"] == "SUCCEEDED"

# Attributes for access control become session tags.
abac = {"InstanceArn": instance, "InstanceAccessControlAttributeConfiguration": {"AccessControlAttributes": [{"Key": "person", "Value": {"Source": ["${path:userName}"]}}]}}
def fetch():
    c = boto3.client("sso").get_role_credentials(accountId=account, roleName="ByName", accessToken=os.environ["TOKEN"])["roleCredentials"]
    return boto3.client("iam", aws_access_key_id=c["accessKeyId"], aws_secret_access_key=c["secretAccessKey"], aws_session_token=c["sessionToken"])
refused("AccessDenied", fetch().list_users)
refused("ResourceNotFoundException", sso.describe_instance_access_control_attribute_configuration, InstanceArn=instance)
sso.create_instance_access_control_attribute_configuration(**abac)
refused("ConflictException", sso.create_instance_access_control_attribute_configuration, **abac)
tagged = fetch()
tagged.list_users()
assert sso.describe_instance_access_control_attribute_configuration(InstanceArn=instance)["Status"] == "ENABLED"
sso.update_instance_access_control_attribute_configuration(**abac)
sso.delete_instance_access_control_attribute_configuration(InstanceArn=instance)
tagged.list_users()
refused("AccessDenied", fetch().list_users)

# Edits wait for provisioning.
sso.put_permissions_boundary_to_permission_set(PermissionsBoundary={"ManagedPolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, **s)
sso.put_inline_policy_to_permission_set(InlinePolicy=allow("iam:ListRoles"), **s)
refused("AccessDenied", tagged.list_roles)
stale = sso.list_accounts_for_provisioned_permission_set(ProvisioningStatus="LATEST_PERMISSION_SET_NOT_PROVISIONED", **s)["AccountIds"]
assert stale == [account], stale
assert provisioned()["Status"] == "SUCCEEDED"
tagged.list_roles()
assert {j["Status"] for j in sso.list_permission_set_provisioning_status(InstanceArn=instance)["PermissionSetsProvisioningStatus"]} == {"SUCCEEDED"}
assert arn in sso.list_permission_sets_provisioned_to_account(InstanceArn=instance, AccountId=account, ProvisioningStatus="LATEST_PERMISSION_SET_PROVISIONED")["PermissionSets"]

sso.update_permission_set(Description="by name", SessionDuration="PT2H", **s)
described = sso.describe_permission_set(**s)["PermissionSet"]
assert (described["Description"], described["SessionDuration"], "RelayState" in described) == ("by name", "PT2H", False), described
sso.update_instance(InstanceArn=instance, Name="acme")
named = sso.describe_instance(InstanceArn=instance)
assert (named["Name"], named["IdentityStoreId"]) == ("acme", directory), named
sso.tag_resource(ResourceArn=instance, Tags=[{"Key": "env", "Value": "prod"}])
assert sso.list_tags_for_resource(ResourceArn=instance)["Tags"] == [{"Key": "env", "Value": "prod"}]
sso.untag_resource(ResourceArn=arn, TagKeys=["team"])
assert sso.list_tags_for_resource(ResourceArn=arn)["Tags"] == []
mine = [a for page in sso.get_paginator("list_account_assignments_for_principal").paginate(InstanceArn=instance, PrincipalId=me, PrincipalType="USER", PaginationConfig={"PageSize": 1}) for a in page["AccountAssignments"]]
assert arn in [a["PermissionSetArn"] for a in mine], mine
statuses = [a for page in sso.get_paginator("list_account_assignment_creation_status").paginate(InstanceArn=instance, PaginationConfig={"PageSize": 2}) for a in page["AccountAssignmentsCreationStatus"]]
assert [a["Status"] for a in statuses[:3]] == ["SUCCEEDED", "SUCCEEDED", "FAILED"], statuses[:3]

assert "assigned" in refused("ConflictException", sso.delete_permission_set, **s)
for want in "SUCCEEDED", "FAILED":
    id = sso.delete_account_assignment(**place)["AccountAssignmentDeletionStatus"]["RequestId"]
    status = sso.describe_account_assignment_deletion_status(InstanceArn=instance, AccountAssignmentDeletionRequestId=id)["AccountAssignmentDeletionStatus"]
    assert status["Status"] == want, status
assert "EntitlementItem doesn't exist" in status["FailureReason"], status
ended = sso.list_account_assignment_deletion_status(InstanceArn=instance)["AccountAssignmentsDeletionStatus"]
assert [s["Status"] for s in ended] == ["FAILED", "SUCCEEDED"], ended
refused("InvalidClientTokenId", tagged.list_roles)
sso.detach_customer_managed_policy_reference_from_permission_set(CustomerManagedPolicyReference={"Name": "work", "Path": "/team/"}, **s)
sso.delete_permission_set(**s)
refused("ResourceNotFoundException", sso.describe_permission_set, **s)
print("done")
`

func TestBoto3KeepsPermissionSets(t *testing.T) {
	t.Parallel()
	python := testkit.Tool(t, "venv/bin/python")
	d := testkit.StartDev(t)
	p := d.Profile(t, "sso_role_name", "AdministratorAccess")
	session := d.Session(t, p)
	signIn(t, d, "pcollins").token(session)
	env := d.Env("AWS_PROFILE="+p.Name, "WHO=pcollins", "TOKEN="+readToken(t, d, session.Name).AccessToken)
	res := testkit.Run(t, env, python, "-c", permissionSets)
	if res.Exit != 0 || res.Stdout != "done\n" {
		t.Errorf("boto3: %+v", res)
	}
}
