package clients_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// organization is an administrator's work on the organization, first as the management account, then with the two sides
// of an invitation. The keys of the invited account are argv[1:].
const organization = `
import json, sys, boto3
from botocore.exceptions import ClientError

def refused(code, call, reason=None, **args):
    try:
        call(**args)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code and e.response.get("Reason") == reason, e.response
        return
    raise AssertionError(call.__name__ + " was not refused")

def listed(client, operation, key, **args):
    return [item for page in client.get_paginator(operation).paginate(PaginationConfig={"PageSize": 1}, **args) for item in page[key]]

# Root users assume no roles: an administrator does the work.
iam = boto3.client("iam")
iam.create_user(UserName="admin")
iam.attach_user_policy(UserName="admin", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
key = iam.create_access_key(UserName="admin")["AccessKey"]
admin = boto3.Session(aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
org = admin.client("organizations")
root = org.list_roots()["Roots"][0]["Id"]
me = org.describe_organization()["Organization"]["MasterAccountId"]

# Units, accounts and their tags.
ou = org.create_organizational_unit(ParentId=root, Name="Labs", Tags=[{"Key": "team", "Value": "blue"}])["OrganizationalUnit"]["Id"]
refused("DuplicateOrganizationalUnitException", org.create_organizational_unit, ParentId=root, Name="labs")
begun = org.create_account(Email="lab@acme.example", AccountName="Lab", Tags=[{"Key": "team", "Value": "blue"}])["CreateAccountStatus"]
assert begun["State"] == "IN_PROGRESS" and "CompletedTimestamp" not in begun, begun
done = org.describe_create_account_status(CreateAccountRequestId=begun["Id"])["CreateAccountStatus"]
assert done["State"] == "SUCCEEDED", done
lab = done["AccountId"]
again = org.create_account(Email="LAB@acme.example", AccountName="Lab")["CreateAccountStatus"]["Id"]
failed = [s for s in listed(org, "list_create_account_status", "CreateAccountStatuses", States=["FAILED"])]
assert [(s["Id"], s["FailureReason"]) for s in failed] == [(again, "EMAIL_ALREADY_EXISTS")], failed
org.move_account(AccountId=lab, SourceParentId=root, DestinationParentId=ou)
assert [c["Id"] for c in listed(org, "list_children", "Children", ParentId=ou, ChildType="ACCOUNT")] == [lab]
assert org.describe_account(AccountId=lab)["Account"]["Paths"][0].endswith("/%s/%s/" % (ou, lab))
org.tag_resource(ResourceId=lab, Tags=[{"Key": "cost", "Value": "42"}])
org.untag_resource(ResourceId=lab, TagKeys=["team"])
assert org.list_tags_for_resource(ResourceId=lab)["Tags"] == [{"Key": "cost", "Value": "42"}]

# Into the new account by its access role, and no further.
keys = admin.client("sts").assume_role(RoleArn="arn:aws:iam::%s:role/OrganizationAccountAccessRole" % lab, RoleSessionName="visit")["Credentials"]
inside = dict(aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys["SessionToken"])
theirs = boto3.client("organizations", **inside)
assert theirs.describe_organization()["Organization"]["MasterAccountId"] == me
refused("AccessDeniedException", theirs.list_accounts)
refused("ConstraintViolationException", theirs.leave_organization, "WAIT_PERIOD_ACTIVE")
refused("ConstraintViolationException", org.remove_account_from_organization, "WAIT_PERIOD_ACTIVE", AccountId=lab)

# Trusted access and a delegated administrator, who looks at the organization and acts for its accounts.
service = "account.amazonaws.com"
org.enable_aws_service_access(ServicePrincipal=service)
org.register_delegated_administrator(AccountId=lab, ServicePrincipal=service)
assert [a["Id"] for a in listed(theirs, "list_delegated_administrators", "DelegatedAdministrators", ServicePrincipal=service)] == [lab]
member = next(a["Id"] for a in listed(theirs, "list_accounts", "Accounts") if a["Id"] not in (lab, me))
refused("AccessDeniedException", theirs.create_organizational_unit, ParentId=root, Name="Mine")
acct = boto3.client("account", **inside)
acct.put_alternate_contact(AccountId=member, AlternateContactType="SECURITY", Name="Pat", Title="CISO", EmailAddress="pat@acme.example", PhoneNumber="+49 228 1")
assert admin.client("account").get_alternate_contact(AccountId=member, AlternateContactType="SECURITY")["AlternateContact"]["Title"] == "CISO"
refused("AccessDeniedException", acct.get_contact_information, AccountId=me)
refused("ResourceNotFoundException", acct.get_contact_information)
assert acct.get_account_information()["AccountName"] == "Lab"
acct.put_account_name(AccountName="Laboratory")
assert admin.client("account").get_primary_email(AccountId=lab)["PrimaryEmail"] == "lab@acme.example"
refused("ResourceNotFoundException", acct.get_gov_cloud_account_information)
acct.enable_region(RegionName="eu-central-2")
assert [r["RegionName"] for r in listed(acct, "list_regions", "Regions", RegionOptStatusContains=["ENABLED"])] == ["eu-central-2"]
org.deregister_delegated_administrator(AccountId=lab, ServicePrincipal=service)

# A delegation policy gives the work on policies away.
content = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": lab}, "Action": "organizations:CreatePolicy", "Resource": "*"}})
deny = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "aws-portal:*", "Resource": "*"}]})
policy = dict(Name="NoBilling", Description="", Type="SERVICE_CONTROL_POLICY", Content=deny)
refused("AccessDeniedException", theirs.create_policy, **policy)
kept = org.put_resource_policy(Content=content)["ResourcePolicy"]["Content"]
assert json.loads(kept)["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::%s:root" % lab}, kept
made = theirs.create_policy(**policy)["Policy"]["PolicySummary"]["Id"]
assert made in [p["Id"] for p in listed(org, "list_policies", "Policies", Filter="SERVICE_CONTROL_POLICY")]
org.delete_resource_policy()
refused("ResourcePolicyNotFoundException", org.describe_resource_policy)
org.delete_policy(PolicyId=made)
refused("PolicyTypeNotAvailableForOrganizationException", org.create_policy, **{**policy, "Type": "TAG_POLICY"})

# An invitation: refused once, then accepted; the account leaves again at once, since it was not created here.
guest = boto3.client("organizations", aws_access_key_id=sys.argv[1], aws_secret_access_key=sys.argv[2], aws_session_token=sys.argv[3])
refused("AWSOrganizationsNotInUseException", guest.describe_organization)
invitation = dict(Target={"Type": "EMAIL", "Id": "guest@example.com"}, Notes="Join us")
h = org.invite_account_to_organization(**invitation)["Handshake"]
assert h["State"] == "OPEN" and h["Resources"][-1] == {"Value": "Join us", "Type": "NOTES"}, h
refused("DuplicateHandshakeException", org.invite_account_to_organization, **invitation)
refused("AccessDeniedException", org.accept_handshake, HandshakeId=h["Id"])
guest.decline_handshake(HandshakeId=h["Id"])
h = org.invite_account_to_organization(**invitation)["Handshake"]
assert [i["State"] for i in sorted(listed(guest, "list_handshakes_for_account", "Handshakes"), key=lambda i: i["RequestedTimestamp"])] == ["DECLINED", "OPEN"]
guest.accept_handshake(HandshakeId=h["Id"])
refused("HandshakeAlreadyInStateException", guest.accept_handshake, HandshakeId=h["Id"])
assert [a["JoinedMethod"] for a in listed(org, "list_accounts", "Accounts") if a["Email"] == "guest@example.com"] == ["INVITED"]
guest.leave_organization()

# Invited again: taken back once, then accepted, and the account is removed.
h = org.invite_account_to_organization(**invitation)["Handshake"]
assert org.cancel_handshake(HandshakeId=h["Id"])["Handshake"]["State"] == "CANCELED"
assert org.describe_handshake(HandshakeId=h["Id"])["Handshake"]["State"] == "CANCELED"
h = org.invite_account_to_organization(**invitation)["Handshake"]
guest.accept_handshake(HandshakeId=h["Id"])
assert sorted(h["State"] for h in listed(org, "list_handshakes_for_organization", "Handshakes")) == ["ACCEPTED", "ACCEPTED", "CANCELED", "DECLINED"]
joined = next(a["Id"] for a in listed(org, "list_accounts", "Accounts") if a["Email"] == "guest@example.com")
org.remove_account_from_organization(AccountId=joined)
refused("AWSOrganizationsNotInUseException", guest.leave_organization)

# Closing.
org.close_account(AccountId=lab)
a = org.describe_account(AccountId=lab)["Account"]
assert (a["Status"], a["State"]) == ("SUSPENDED", "CLOSED"), a
refused("UnrecognizedClientException", theirs.describe_organization)
refused("AccountAlreadyClosedException", org.close_account, AccountId=lab)
refused("OrganizationNotEmptyException", org.delete_organization)
print("done")
`

func TestBoto3AdministersAnOrganization(t *testing.T) {
	t.Parallel()
	python := testkit.Tool(t, "venv/bin/python")
	d := testkit.StartDev(t)
	if res := d.Command(t, "account", "create", "Guest", "--email", "guest@example.com", "--id", "999999999999", "--data", d.Dir); res.Exit != 0 {
		t.Fatalf("account create: %+v", res)
	}
	mine, guest := rootKeys(t, d, "111111111111"), rootKeys(t, d, "999999999999")
	env := d.Env("AWS_ENDPOINT_URL="+d.URL, "AWS_DEFAULT_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID="+mine[0], "AWS_SECRET_ACCESS_KEY="+mine[1], "AWS_SESSION_TOKEN="+mine[2])
	res := testkit.Run(t, env, python, append([]string{"-c", organization}, guest[:]...)...)
	if res.Exit != 0 || strings.TrimSpace(res.Stdout) != "done" {
		t.Fatalf("boto3: %+v", res)
	}
}

// rootKeys are keys of an account's root user.
func rootKeys(t *testing.T, d *testkit.Dev, account string) [3]string {
	t.Helper()
	res := d.Command(t, "break-glass", "--data", d.Dir, "--account", account, "--format", "json")
	var k struct{ AccessKeyID, SecretAccessKey, SessionToken string }
	if err := json.Unmarshal([]byte(res.Stdout), &k); err != nil {
		t.Fatalf("%v: exit %d, %s", err, res.Exit, res.Stderr)
	}
	return [3]string{k.AccessKeyID, k.SecretAccessKey, k.SessionToken}
}
