package clients_test

import (
	"encoding/base32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// totp makes the codes of an app, of a step counted from the present one.
const totp = `
import base64, hashlib, hmac, struct

def totp(seed, offset, now):
    key = base64.b32decode(seed + "=" * (-len(seed) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(now) // 30 + offset), hashlib.sha1).digest()
    at = mac[-1] & 15
    return "%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7fffffff) % 1000000)
`

// selfManagement is the policy of "Allows MFA-authenticated IAM users to manage their own credentials on the My security
// credentials page" in the IAM User Guide, with leave to assume roles.
const selfManagement = `
def self_management():
    own, device = "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:mfa/${aws:username}"
    def s(effect, resource, *actions, **more):
        return dict({"Effect": effect, "Resource": resource, "Action": list(actions)}, **more)
    return json.dumps({"Version": "2012-10-17", "Statement": [
        s("Allow", "*", "iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices"),
        s("Allow", own, "iam:ChangePassword", "iam:GetUser", "iam:GetLoginProfile"),
        s("Allow", own, "iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:ListAccessKeys", "iam:UpdateAccessKey"),
        s("Allow", device, "iam:CreateVirtualMFADevice", "iam:TagMFADevice", "iam:UntagMFADevice", "iam:ListMFADeviceTags"),
        s("Allow", own, "iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice", "iam:GetMFADevice", "iam:DeactivateMFADevice"),
        s("Allow", device, "iam:DeleteVirtualMFADevice"),
        s("Allow", "arn:aws:iam::*:role/Operators", "sts:AssumeRole"),
        {"Effect": "Deny", "Resource": "*", "NotAction": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:GetUser", "iam:ListMFADevices",
            "iam:ListVirtualMFADevices", "iam:ChangePassword", "iam:ResyncMFADevice", "sts:GetSessionToken", "sts:AssumeRole"],
         "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}},
    ]})
`

// olderPattern is J2's: an IAM user of the management account who manages no more than their own password, keys and MFA, and
// assumes a role in another account by MFA. See "IAM tutorial: Permit users to manage their credentials and MFA settings".
const olderPattern = boto3Head + totp + selfManagement + `
sts = boto3.client("sts")
member = [a["Id"] for a in boto3.client("organizations").list_accounts()["Accounts"] if a["Id"] != account][0]
inside = client("iam", sts.assume_role(RoleArn="arn:aws:iam::%s:role/OrganizationAccountAccessRole" % member, RoleSessionName="setup")["Credentials"])

iam.update_account_password_policy(MinimumPasswordLength=12, RequireSymbols=True, PasswordReusePrevention=3, MaxPasswordAge=90, AllowUsersToChangePassword=True)
assert iam.get_account_password_policy()["PasswordPolicy"]["ExpirePasswords"]
user = iam.create_user(UserName="ana")["User"]
iam.create_user(UserName="ben")
iam.put_user_policy(UserName="ana", PolicyName="self", PolicyDocument=self_management())
refused("PasswordPolicyViolation", iam.create_login_profile, UserName="ana", Password="NoSymbolHere22")
iam.create_login_profile(UserName="ana", Password="7 quiet Herons wade!", PasswordResetRequired=True)
assert iam.get_login_profile(UserName="ana")["LoginProfile"]["PasswordResetRequired"]
iam.update_login_profile(UserName="ana", PasswordResetRequired=False)
key = iam.create_access_key(UserName="ana")["AccessKey"]
inside.create_role(RoleName="Operators", AssumeRolePolicyDocument=doc({"AWS": user["Arn"]}, "sts:AssumeRole", Bool={"aws:MultiFactorAuthPresent": "true"}))
inside.put_role_policy(RoleName="Operators", PolicyName="p", PolicyDocument=doc(None, "iam:ListUsers"))

me, mysts = client("iam", key), client("sts", key)
refused("AccessDenied", me.list_users)
refused("AccessDenied", me.change_password, OldPassword="wrong", NewPassword="8 quiet Herons fly!")
me.change_password(OldPassword="7 quiet Herons wade!", NewPassword="8 quiet Herons fly!")
refused("PasswordPolicyViolation", me.change_password, OldPassword="8 quiet Herons fly!", NewPassword="7 quiet Herons wade!")
refused("AccessDenied", me.create_virtual_mfa_device, VirtualMFADeviceName="ben")

device = me.create_virtual_mfa_device(VirtualMFADeviceName="ana", Tags=[])["VirtualMFADevice"]
assert device["QRCodePNG"][:4] == b"\x89PNG", device["QRCodePNG"][:8]
seed, serial, now = device["Base32StringSeed"].decode(), device["SerialNumber"], time.time()
refused("AccessDenied", me.enable_mfa_device, UserName="ben", SerialNumber=serial, AuthenticationCode1=totp(seed, -2, now), AuthenticationCode2=totp(seed, -1, now))
refused("InvalidAuthenticationCode", me.enable_mfa_device, UserName="ana", SerialNumber=serial, AuthenticationCode1="000000", AuthenticationCode2="000001")
me.enable_mfa_device(UserName="ana", SerialNumber=serial, AuthenticationCode1=totp(seed, -2, now), AuthenticationCode2=totp(seed, -1, now))
assert [d["SerialNumber"] for d in me.list_mfa_devices()["MFADevices"]] == [serial]
assert me.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"][0]["User"]["UserName"] == "ana"
refused("ValidationError", iam.get_mfa_device, SerialNumber=serial, UserName="ana")

operators = "arn:aws:iam::%s:role/Operators" % member
refused("AccessDenied", mysts.assume_role, RoleArn=operators, RoleSessionName="ana")
wrong = refused("AccessDenied", mysts.assume_role, RoleArn=operators, RoleSessionName="ana", SerialNumber=serial, TokenCode="000000")
assert wrong == "MultiFactorAuthentication failed with invalid MFA one time pass code. ", wrong
code = totp(seed, 0, now)
got = mysts.assume_role(RoleArn=operators, RoleSessionName="ana", SerialNumber=serial, TokenCode=code)["Credentials"]
assert client("iam", got).list_users()["Users"] == []
assert refused("AccessDenied", mysts.get_session_token, SerialNumber=serial, TokenCode=code) == wrong

refused("AccessDenied", me.list_access_keys)
proven = mysts.get_session_token(SerialNumber=serial, TokenCode=totp(seed, 1, now), DurationSeconds=900)["Credentials"]
mine = client("iam", proven)
assert len(mine.list_access_keys()["AccessKeyMetadata"]) == 1
assert client("sts", proven).assume_role(RoleArn=operators, RoleSessionName="ana")["Credentials"]["SessionToken"]
mine.tag_mfa_device(SerialNumber=serial, Tags=[{"Key": "kind", "Value": "phone"}])
assert mine.list_mfa_device_tags(SerialNumber=serial)["Tags"] == [{"Key": "kind", "Value": "phone"}]
mine.untag_mfa_device(SerialNumber=serial, TagKeys=["kind"])
mine.resync_mfa_device(SerialNumber=serial, UserName="ana", AuthenticationCode1=totp(seed, 2, now), AuthenticationCode2=totp(seed, 3, now))
assert refused("DeleteConflict", iam.delete_user, UserName="ana") == "Cannot delete entity, must remove tokens from principal first."
mine.deactivate_mfa_device(UserName="ana", SerialNumber=serial)
mine.delete_virtual_mfa_device(SerialNumber=serial)
assert refused("DeleteConflict", iam.delete_user, UserName="ana") == "Cannot delete entity, must delete login profile first."
iam.delete_login_profile(UserName="ana")
iam.delete_account_password_policy()
refused("NoSuchEntity", iam.get_account_password_policy)
print("done")
`

func TestBoto3UsersManageThemselvesAndAssumeRolesByMFA(t *testing.T) { boto3(t, olderPattern) }

// The AWS CLI as the IAM User Guide has it: a seed in a file, two codes, and a session.
func TestAWSCLIEnablesADeviceFromAFile(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	p := d.Profile(t, "sso_role_name", "AdministratorAccess")
	signIn(t, d, "pcollins").token(d.Session(t, p))
	run := func(args ...string) string {
		t.Helper()
		res := testkit.AWS(t, d, p.Name, args...)
		if res.Exit != 0 {
			t.Fatalf("aws %v: %+v", args, res)
		}
		return res.Stdout
	}
	file := filepath.Join(t.TempDir(), "seed")
	run("iam", "create-user", "--user-name", "ana")
	run("iam", "create-login-profile", "--user-name", "ana", "--password", "7 quiet Herons wade!", "--password-reset-required")
	serial := strings.TrimSpace(run("iam", "create-virtual-mfa-device", "--virtual-mfa-device-name", "ana", "--outfile", file, "--bootstrap-method", "Base32StringSeed",
		"--query", "VirtualMFADevice.SerialNumber", "--output", "text"))
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(string(raw))
	if err != nil {
		t.Fatal(err)
	}
	code := &steps{secret: seed}
	first, second := code.next(), code.next()
	run("iam", "enable-mfa-device", "--user-name", "ana", "--serial-number", serial, "--authentication-code1", first, "--authentication-code2", second)
	if out := run("iam", "list-mfa-devices", "--user-name", "ana", "--query", "MFADevices[].SerialNumber", "--output", "text"); strings.TrimSpace(out) != serial {
		t.Errorf("got %s", out)
	}
	run("iam", "update-account-password-policy", "--minimum-password-length", "14", "--allow-users-to-change-password")
	run("iam", "get-account-password-policy")
	run("iam", "deactivate-mfa-device", "--user-name", "ana", "--serial-number", serial)
	run("iam", "delete-virtual-mfa-device", "--serial-number", serial)
	run("iam", "delete-login-profile", "--user-name", "ana")
	run("iam", "delete-user", "--user-name", "ana")
}
