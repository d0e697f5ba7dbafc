package clients_test

import (
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// boto3Head is what the programs below begin with.
const boto3Head = `
import json, time, boto3
from botocore.exceptions import ClientError

def doc(principal, *actions, **condition):
    s = {"Effect": "Allow", "Action": list(actions)}
    s.update({"Principal": principal} if principal else {"Resource": "*"})
    if condition:
        s["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [s]})

def refused(code, call, **args):
    try:
        call(**args)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        return e.response["Error"]["Message"]
    raise AssertionError(call.__name__ + " was not refused")

def client(name, c):
    return boto3.client(name, aws_access_key_id=c["AccessKeyId"], aws_secret_access_key=c["SecretAccessKey"], aws_session_token=c.get("SessionToken"))

iam = boto3.client("iam")
account = boto3.client("sts").get_caller_identity()["Account"]
`

// usersAndRoles keeps users and roles as the provider of Terraform does, and destroys them by force.
const usersAndRoles = boto3Head + `
user = iam.create_user(UserName="zoe", Path="/dev/", Tags=[{"Key": "Team", "Value": "a"}])["User"]
key = iam.create_access_key(UserName="zoe")["AccessKey"]
use = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
assert use["UserName"] == "zoe" and use["AccessKeyLastUsed"]["ServiceName"] == "N/A" and "LastUsedDate" not in use["AccessKeyLastUsed"], use
client("sts", key).get_caller_identity()
use = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
assert (use["ServiceName"], use["Region"]) == ("sts", "us-east-1") and use["LastUsedDate"], use

iam.create_role(RoleName="vault", AssumeRolePolicyDocument=doc({"AWS": user["Arn"]}, "sts:AssumeRole"), Description="first", MaxSessionDuration=7200)
iam.update_user(UserName="zoe", NewUserName="zara", NewPath="/ops/")
role = iam.get_role(RoleName="vault")["Role"]
assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"].endswith(":user/ops/zara"), role
assert role["RoleLastUsed"] == {} and role["MaxSessionDuration"] == 7200, role
client("sts", key).assume_role(RoleArn=role["Arn"], RoleSessionName="zara")
iam.update_role(RoleName="vault", MaxSessionDuration=3600)
iam.update_role_description(RoleName="vault", Description="second")
boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
iam.put_role_permissions_boundary(RoleName="vault", PermissionsBoundary=boundary)
assert iam.get_role(RoleName="vault")["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
iam.delete_role_permissions_boundary(RoleName="vault")
iam.tag_role(RoleName="vault", Tags=[{"Key": "Team", "Value": "b"}])
assert iam.list_role_tags(RoleName="vault")["Tags"] == [{"Key": "Team", "Value": "b"}]
iam.untag_role(RoleName="vault", TagKeys=["team"])
iam.tag_user(UserName="zara", Tags=[{"Key": "team", "Value": "c"}])
assert [t["Value"] for page in iam.get_paginator("list_user_tags").paginate(UserName="zara") for t in page["Tags"]] == ["c"]

linked = iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com", CustomSuffix="own", Description="d")["Role"]
refused("UnmodifiableEntity", iam.delete_role, RoleName=linked["RoleName"])
task = iam.delete_service_linked_role(RoleName=linked["RoleName"])["DeletionTaskId"]
assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"

iam.create_account_alias(AccountAlias="acme-test")
assert iam.list_account_aliases()["AccountAliases"] == ["acme-test"]
iam.delete_account_alias(AccountAlias="acme-test")
assert iam.get_account_summary()["SummaryMap"]["Users"] == 1
details = [r for page in iam.get_paginator("get_account_authorization_details").paginate(Filter=["Role"], PaginationConfig={"PageSize": 2}) for r in page["RoleDetailList"]]
assert "vault" in [r["RoleName"] for r in details] and details[0]["AssumeRolePolicyDocument"]["Statement"], details

for name in ("list_mfa_devices", "list_ssh_public_keys", "list_signing_certificates", "list_service_specific_credentials"):
    out = getattr(iam, name)(UserName="zara")
    assert not any(out[k] for k in out if k not in ("ResponseMetadata", "IsTruncated")), out
assert iam.list_virtual_mfa_devices(AssignmentStatus="Any")["VirtualMFADevices"] == []
refused("NoSuchEntity", iam.get_login_profile, UserName="zara")
assert refused("NoSuchEntity", iam.delete_login_profile, UserName="zara") == "Login Profile for User zara cannot be found."
assert iam.list_user_policies(UserName="zara")["PolicyNames"] == []
iam.delete_access_key(UserName="zara", AccessKeyId=key["AccessKeyId"])
iam.delete_user(UserName="zara")
gone = iam.get_role(RoleName="vault")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"]
assert gone == user["UserId"], gone
assert iam.list_instance_profiles_for_role(RoleName="vault")["InstanceProfiles"] == []
iam.delete_role(RoleName="vault")
print("done")
`

// sessions asks STS for sessions of every kind, and for more than they allow.
const sessions = boto3Head + `
trust = lambda **c: doc({"AWS": account}, "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity", **c)
iam.create_user(UserName="broker")
iam.put_user_policy(UserName="broker", PolicyName="p", PolicyDocument=doc(None, "sts:*", "iam:List*"))
key = iam.create_access_key(UserName="broker")["AccessKey"]
sts = client("sts", key)
first = iam.create_role(RoleName="first", AssumeRolePolicyDocument=trust(StringEquals={"aws:RequestTag/Project": "x"}), MaxSessionDuration=43200)["Role"]["Arn"]
iam.put_role_policy(RoleName="first", PolicyName="p", PolicyDocument=doc(None, "sts:*", "iam:ListUsers"))
second = iam.create_role(RoleName="second", AssumeRolePolicyDocument=trust(StringEquals={"aws:PrincipalTag/project": "x", "aws:SourceIdentity": "zoe"}))["Role"]["Arn"]

refused("AccessDenied", sts.assume_role, RoleArn=first, RoleSessionName="guest")
out = sts.assume_role(RoleArn=first, RoleSessionName="guest", Tags=[{"Key": "Project", "Value": "x"}], TransitiveTagKeys=["Project"], SourceIdentity="zoe",
                      DurationSeconds=43200, Policy=doc(None, "sts:*"))
assert out["SourceIdentity"] == "zoe" and 0 < out["PackedPolicySize"] < 100, out
chain = client("sts", out["Credentials"])
refused("AccessDenied", client("iam", out["Credentials"]).list_users)
assert "1 hour session limit" in refused("ValidationError", chain.assume_role, RoleArn=second, RoleSessionName="guest", DurationSeconds=3601)
refused("InvalidParameterValue", chain.assume_role, RoleArn=second, RoleSessionName="guest", Tags=[{"Key": "project", "Value": "y"}])
refused("AccessDenied", chain.assume_role, RoleArn=second, RoleSessionName="guest", SourceIdentity="max")
assert chain.assume_role(RoleArn=second, RoleSessionName="guest")["SourceIdentity"] == "zoe"

assert sts.get_access_key_info(AccessKeyId=key["AccessKeyId"])["Account"] == account
own = sts.get_session_token(DurationSeconds=900)["Credentials"]
assert client("sts", own).get_caller_identity()["Arn"].endswith(":user/broker")
refused("InvalidClientTokenId", client("iam", own).list_users)
assert refused("AccessDenied", client("sts", own).get_session_token) == "Cannot call GetSessionToken with session credentials"
fed = sts.get_federation_token(Name="guest", Policy=doc(None, "*"), Tags=[{"Key": "Project", "Value": "x"}])
assert fed["FederatedUser"] == {"FederatedUserId": account + ":guest", "Arn": "arn:aws:sts::%s:federated-user/guest" % account}, fed
assert client("sts", fed["Credentials"]).get_caller_identity()["UserId"] == account + ":guest"
refused("InvalidClientTokenId", client("iam", fed["Credentials"]).list_users)
refused("AccessDenied", client("sts", fed["Credentials"]).assume_role, RoleArn=first, RoleSessionName="guest")
print("done")
`

func TestBoto3KeepsUsersAndRoles(t *testing.T) { boto3(t, usersAndRoles) }

func TestBoto3AsksForSessionsOfEveryKind(t *testing.T) { boto3(t, sessions) }

// boto3 runs a program as an administrator.
func boto3(t *testing.T, program string) {
	t.Helper()
	t.Parallel()
	python := testkit.Tool(t, "venv/bin/python")
	d := testkit.StartDev(t)
	p := d.Profile(t, "sso_role_name", "AdministratorAccess")
	signIn(t, d, "pcollins").token(d.Session(t, p))
	if res := testkit.Run(t, d.Env("AWS_PROFILE="+p.Name), python, "-c", program); res.Exit != 0 || res.Stdout != "done\n" {
		t.Errorf("boto3: %+v", res)
	}
}
