package clients_test

import (
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// directory keeps people and groups as provisioning programs do: documents, external ids, revisions, pages.
const directory = `
import boto3
from botocore.exceptions import ClientError

def refused(code, call, **args):
    try:
        call(**args)
    except ClientError as e:
        assert e.response["Error"]["Code"] == code, e
        return e.response
    raise AssertionError(call.__name__ + " was not refused")

store = boto3.client("sso-admin").list_instances()["Instances"][0]["IdentityStoreId"]
ids = boto3.client("identitystore")
assert [s["IdentityStoreId"] for s in ids.list_identity_stores()["IdentityStores"]] == [store]
described = ids.describe_identity_store(IdentityStoreId=store)
assert described["IdentityStoreId"] == store, described
extension = "aws:identitystore:enterprise"
made = ids.create_user(IdentityStoreId=store, UserName="zoe", DisplayName="Zoe", Name={"GivenName": "Zoe", "FamilyName": "Quist"},
    Emails=[{"Value": "zoe@acme.example", "Type": "work", "Primary": True}], Birthdate="1990-02-28",
    Extensions={extension: {"department": "Sales", "manager": {"value": "m-1"}}})
zoe = dict(IdentityStoreId=store, UserId=made["UserId"])

def change(path, value=None):
    return ids.update_user(**zoe, Operations=[{"AttributePath": path, "AttributeValue": value}])

change("name.familyName", "Rask")
change("userName", "zrask")
change("birthdate", None)
change(extension + ".costCenter", "7")
change("externalIds", [{"issuer": "https://idp.example", "id": "42"}])
ids.update_user(**zoe, Operations=[{"AttributePath": "nickName"}])
got = ids.describe_user(**zoe, Extensions=[extension])
assert (got["UserName"], got["Name"]["FamilyName"], "Birthdate" in got) == ("zrask", "Rask", False), got
assert got["Extensions"][extension] == {"department": "Sales", "manager": {"value": "m-1"}, "costCenter": "7"}, got
assert got["Revision"] == "7" and got["CreatedBy"] and got["UpdatedAt"], got
for identifier in ({"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": "ZRask"}},
        {"UniqueAttribute": {"AttributePath": "Emails.Value", "AttributeValue": "zoe@acme.example"}},
        {"ExternalId": {"Issuer": "https://idp.example", "Id": "42"}}):
    assert ids.get_user_id(IdentityStoreId=store, AlternateIdentifier=identifier)["UserId"] == made["UserId"], identifier
refused("ValidationException", change, path="shoeSize", value="42")
twice = refused("ConflictException", ids.create_user, IdentityStoreId=store, UserName="ZRASK", DisplayName="x", Name={"GivenName": "x", "FamilyName": "y"})
assert twice["Reason"] == "UNIQUENESS_CONSTRAINT_VIOLATION", twice
refused("ConflictException", ids.update_user, **zoe, Revision="1", Operations=[{"AttributePath": "title", "AttributeValue": "x"}])

crew = dict(IdentityStoreId=store, GroupId=ids.create_group(IdentityStoreId=store, DisplayName="Crew")["GroupId"])
ids.update_group(**crew, Operations=[{"AttributePath": "displayName", "AttributeValue": "The crew"}])
member = {"UserId": zoe["UserId"]}
membership = ids.create_group_membership(**crew, MemberId=member)["MembershipId"]
assert ids.get_group_membership_id(**crew, MemberId=member)["MembershipId"] == membership
assert ids.is_member_in_groups(IdentityStoreId=store, MemberId=member, GroupIds=[crew["GroupId"]])["Results"][0]["MembershipExists"]
pages = ids.get_paginator("list_group_memberships_for_member").paginate(IdentityStoreId=store, MemberId=member)
assert [m["MembershipId"] for page in pages for m in page["GroupMemberships"]] == [membership]
pages = ids.get_paginator("list_users").paginate(IdentityStoreId=store, PaginationConfig={"PageSize": 2})
names = [u["UserName"] for page in pages for u in page["Users"]]
assert "zrask" in names and len(names) == len(set(names)) > 2, names

ids.delete_user(**zoe)
gone = refused("ResourceNotFoundException", ids.describe_group_membership, IdentityStoreId=store, MembershipId=membership)
assert gone["ResourceType"] == "GROUP_MEMBERSHIP" and gone["ResourceId"] == membership, gone
ids.delete_group(**crew)
`

func TestBoto3KeepsADirectory(t *testing.T) {
	t.Parallel()
	python := testkit.Tool(t, "venv/bin/python")
	d := testkit.StartDev(t)
	p := d.Profile(t, "sso_role_name", "AdministratorAccess")
	signIn(t, d, "pcollins").token(d.Session(t, p))
	if res := testkit.Run(t, d.Env("AWS_PROFILE="+p.Name), python, "-c", directory); res.Exit != 0 {
		t.Errorf("boto3: %+v", res)
	}
}
