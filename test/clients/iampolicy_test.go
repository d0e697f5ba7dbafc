package clients_test

import (
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// managedPolicies makes policies and groups as Terraform and boto3 programs do, and acts as a member of the group.
const managedPolicies = `
import json, boto3
from botocore.exceptions import ClientError

def allow(*actions):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]})

def refused(code, call, **args):
    try:
        call(**args)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        return e.response["Error"]["Message"]
    raise AssertionError(call.__name__ + " was not refused")

iam = boto3.client("iam")
arn = iam.create_policy(PolicyName="work", Path="/team/", Description="what we do", PolicyDocument=allow("iam:ListUsers"), Tags=[{"Key": "Team", "Value": "a+b c"}])["Policy"]["Arn"]
iam.create_group(GroupName="staff")
iam.create_user(UserName="bob")
iam.add_user_to_group(GroupName="staff", UserName="bob")
iam.attach_group_policy(GroupName="staff", PolicyArn=arn)
key = iam.create_access_key(UserName="bob")["AccessKey"]
bob = boto3.client("iam", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"], aws_session_token=None)
bob.list_users()
assert iam.create_policy_version(PolicyArn=arn, PolicyDocument=allow("iam:ListRoles"), SetAsDefault=True)["PolicyVersion"]["VersionId"] == "v2"
refused("AccessDenied", bob.list_users)
iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
bob.list_users()

policy = iam.get_policy(PolicyArn=arn)["Policy"]
assert (policy["AttachmentCount"], policy["DefaultVersionId"], policy["Description"], policy["Tags"][0]["Value"]) == (1, "v1", "what we do", "a+b c"), policy
document = iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]["Document"]
assert document["Statement"][0]["Action"] == ["iam:ListRoles"], document
assert [v["VersionId"] for v in iam.list_policy_versions(PolicyArn=arn)["Versions"]] == ["v2", "v1"]
assert [g["GroupName"] for g in iam.list_entities_for_policy(PolicyArn=arn)["PolicyGroups"]] == ["staff"]
pages = iam.get_paginator("list_policies").paginate(PaginationConfig={"PageSize": 300})
arns = [p["Arn"] for page in pages for p in page["Policies"]]
assert arns[0] == arn and len(arns) == len(set(arns)) > 1000, len(arns)
assert iam.list_policy_tags(PolicyArn=arn)["Tags"] == [{"Key": "Team", "Value": "a+b c"}]
assert [g["GroupName"] for g in iam.list_groups()["Groups"]] == ["staff"]
assert iam.list_group_policies(GroupName="staff")["PolicyNames"] == []
members = [u["UserName"] for page in iam.get_paginator("get_group").paginate(GroupName="staff") for u in page["Users"]]
assert members == ["bob"], members
assert refused("MalformedPolicyDocument", iam.create_policy, PolicyName="x", PolicyDocument="{}").startswith("Syntax errors in policy.")

iam.update_group(GroupName="staff", NewGroupName="crew")
bob.list_users()
assert refused("DeleteConflict", iam.delete_policy, PolicyArn=arn) == "Cannot delete a policy attached to entities."
assert refused("DeleteConflict", iam.delete_user, UserName="bob").startswith("Cannot delete entity, must")
iam.remove_user_from_group(GroupName="crew", UserName="bob")
refused("AccessDenied", bob.list_users)
iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=arn)
assert iam.get_user(UserName="bob")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
iam.delete_user_permissions_boundary(UserName="bob")
iam.detach_group_policy(GroupName="crew", PolicyArn=arn)
iam.delete_group(GroupName="crew")
iam.delete_access_key(UserName="bob", AccessKeyId=key["AccessKeyId"])
iam.delete_user(UserName="bob")
iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
iam.delete_policy(PolicyArn=arn)
refused("NoSuchEntity", iam.get_policy, PolicyArn=arn)
print("done")
`

func TestBoto3KeepsManagedPoliciesAndGroups(t *testing.T) {
	t.Parallel()
	python := testkit.Tool(t, "venv/bin/python")
	d := testkit.StartDev(t)
	p := d.Profile(t, "sso_role_name", "AdministratorAccess")
	signIn(t, d, "pcollins").token(d.Session(t, p))
	res := testkit.Run(t, d.Env("AWS_PROFILE="+p.Name), python, "-c", managedPolicies)
	if res.Exit != 0 || res.Stdout != "done\n" {
		t.Errorf("boto3: %+v", res)
	}
}
