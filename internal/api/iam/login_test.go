package iam

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const (
	good    = "7 quiet Herons wade"
	another = "8 quiet Herons fly!"
)

// userNamed makes an IAM user with a policy and returns who calls as them.
func userNamed(w *apitest.World, name, document string) (*iam.User, *authz.Principal) {
	u := w.User(apitest.Management, name, apitest.Inline(document))
	return u, &authz.Principal{Kind: authz.IAMUser, Account: u.Account, ARN: u.ARN(), IAMUserID: u.ID, RoleGeneration: u.Generation}
}

func TestLoginProfiles(t *testing.T) {
	w := world(t)
	w.Secret(good, another)
	u, _ := userNamed(w, "pat", apitest.Allow("s3:*"))
	name := &u.Name
	refused := func(code, message, operation string, in any) {
		t.Helper()
		if f := apitest.Refused(w, code, service, operation, in); f.Message != message {
			t.Errorf("%s: got %q", operation, f.Message)
		}
	}
	none := "Login Profile for User pat cannot be found."
	refused("NoSuchEntity", none, "GetLoginProfile", &sdk.GetLoginProfileInput{UserName: name})
	refused("NoSuchEntity", none, "UpdateLoginProfile", &sdk.UpdateLoginProfileInput{UserName: name, Password: aws.String(good)})
	refused("NoSuchEntity", none, "DeleteLoginProfile", &sdk.DeleteLoginProfileInput{UserName: name})
	for _, weak := range []string{"short1!", "onlylowercase", "PAT"} {
		refused("PasswordPolicyViolation", "Password does not conform to the account password policy.", "CreateLoginProfile",
			&sdk.CreateLoginProfileInput{UserName: name, Password: aws.String(weak)})
	}
	out := apitest.Call[sdk.CreateLoginProfileOutput](w, service, "CreateLoginProfile",
		&sdk.CreateLoginProfileInput{UserName: name, Password: aws.String(good), PasswordResetRequired: true})
	if p := out.LoginProfile; *p.UserName != "pat" || !p.PasswordResetRequired || !p.CreateDate.Equal(w.Time.Now()) {
		t.Errorf("got %+v", p)
	}
	refused("EntityAlreadyExists", "Login Profile for user pat already exists.", "CreateLoginProfile",
		&sdk.CreateLoginProfileInput{UserName: name, Password: aws.String(good)})
	apitest.Call[sdk.UpdateLoginProfileOutput](w, service, "UpdateLoginProfile", &sdk.UpdateLoginProfileInput{UserName: name, PasswordResetRequired: aws.Bool(false)})
	if apitest.Call[sdk.GetLoginProfileOutput](w, service, "GetLoginProfile", &sdk.GetLoginProfileInput{UserName: name}).LoginProfile.PasswordResetRequired {
		t.Error("a reset is still required")
	}
	refused("DeleteConflict", "Cannot delete entity, must delete login profile first.", "DeleteUser", &sdk.DeleteUserInput{UserName: name})
	apitest.Save(w, store.Portals, &session.Portal{ID: "p", UserID: u.ID, ExpiresAt: w.Time.Now().Add(time.Hour)})
	apitest.Call[sdk.DeleteLoginProfileOutput](w, service, "DeleteLoginProfile", &sdk.DeleteLoginProfileInput{UserName: name})
	if w.State.Current().Portal("p") != nil {
		t.Error("a session outlived the password that it was begun with")
	}
}

// Guessers try these first, whatever policy an account has: NIST SP 800-63B-4 section 3.1.1.2, OWASP ASVS 5.0 6.2.4.
func TestGuessablePasswordsAreRefused(t *testing.T) {
	w := world(t)
	u, _ := userNamed(w, "heather", apitest.Allow("s3:*"))
	for _, weak := range []string{"Password1!", "Heather2026!", "Aa1!Aa1!Aa1!"} {
		f := apitest.Refused(w, "PasswordPolicyViolation", service, "CreateLoginProfile", &sdk.CreateLoginProfileInput{UserName: &u.Name, Password: &weak})
		if !strings.HasSuffix(f.Message, "guess passwords.") {
			t.Errorf("%s: got %q", weak, f.Message)
		}
	}
}

func TestUsersChangeTheirPassword(t *testing.T) {
	w := world(t)
	w.Secret(good, another)
	u, me := userNamed(w, "pat", apitest.Allow("s3:*"))
	change := func(old, next string) *fault.Fault {
		_, err := apitest.As[sdk.ChangePasswordOutput](w, me, service, "ChangePassword", &sdk.ChangePasswordInput{OldPassword: &old, NewPassword: &next})
		return fault.As(err)
	}
	apitest.Call[sdk.CreateLoginProfileOutput](w, service, "CreateLoginProfile", &sdk.CreateLoginProfileInput{UserName: &u.Name, Password: aws.String(good)})
	if f := change(good, another); f == nil || f.Code != "AccessDenied" {
		t.Fatalf("without a permission: %v", f)
	}
	f := apitest.Refused(w, "NoSuchEntity", service, "GetAccountPasswordPolicy", &sdk.GetAccountPasswordPolicyInput{})
	if f.Message != "The Password Policy with domain name 111111111111 cannot be found." {
		t.Errorf("got %q", f.Message)
	}
	apitest.Call[sdk.UpdateAccountPasswordPolicyOutput](w, service, "UpdateAccountPasswordPolicy", &sdk.UpdateAccountPasswordPolicyInput{
		AllowUsersToChangePassword: true, MinimumPasswordLength: aws.Int32(10), RequireSymbols: true, PasswordReusePrevention: aws.Int32(2)})
	if f := change("not it", another); f == nil || f.Message != "The old password was incorrect." {
		t.Errorf("got %v", f)
	}
	if f := change(good, "long enough 4 All"); f == nil || f.Code != "PasswordPolicyViolation" {
		t.Errorf("without a symbol: %v", f)
	}
	if f := change(good, another); f != nil {
		t.Fatalf("got %v", f)
	}
	for _, next := range []string{another, good + "!"} { // the present one, and one that was never set
		if f := change(another, next); (f == nil) != (next != another) {
			t.Errorf("%q: %v", next, f)
		}
	}
	if f := change(good+"!", another); f == nil || f.Code != "PasswordPolicyViolation" {
		t.Errorf("the one before last: %v", f)
	}
	apitest.Change(w, store.IAMUsers, u.ID, func(u *iam.User) { u.Policies = apitest.Inline(apitest.Deny("iam:ChangePassword")) })
	if f := change(good+"!", "9 quiet Herons nest!"); f == nil || f.Code != "AccessDenied" {
		t.Errorf("against an explicit deny: %v", f)
	}
	if f := apitest.Refused(w, "InvalidUserType", service, "ChangePassword", &sdk.ChangePasswordInput{OldPassword: aws.String(good), NewPassword: aws.String(another)}); f.Message != "Only IAM Users can change their own password" {
		t.Errorf("got %q", f.Message)
	}
}

// Who finds an access key does not guess the password with it: OWASP ASVS 5.0 6.3.1.
func TestGuessingAtTheOldPasswordIsSlow(t *testing.T) {
	w := world(t)
	w.Secret(good, another)
	u, me := userNamed(w, "pat", apitest.Allow("iam:ChangePassword"))
	apitest.Call[sdk.CreateLoginProfileOutput](w, service, "CreateLoginProfile", &sdk.CreateLoginProfileInput{UserName: &u.Name, Password: aws.String(good)})
	var last error
	for range 7 {
		_, last = apitest.As[sdk.ChangePasswordOutput](w, me, service, "ChangePassword", &sdk.ChangePasswordInput{OldPassword: aws.String("wrong"), NewPassword: aws.String(another)})
	}
	if !fault.Is(last, "Throttling") {
		t.Errorf("the seventh try: %v", last)
	}
}

func TestThePasswordPolicyIsSetWhole(t *testing.T) {
	w := world(t)
	apitest.Refused(w, "NoSuchEntity", service, "DeleteAccountPasswordPolicy", &sdk.DeleteAccountPasswordPolicyInput{})
	apitest.Call[sdk.UpdateAccountPasswordPolicyOutput](w, service, "UpdateAccountPasswordPolicy", &sdk.UpdateAccountPasswordPolicyInput{
		MaxPasswordAge: aws.Int32(90), HardExpiry: aws.Bool(true), RequireNumbers: true, PasswordReusePrevention: aws.Int32(24)})
	get := func() *types.PasswordPolicy {
		return apitest.Call[sdk.GetAccountPasswordPolicyOutput](w, service, "GetAccountPasswordPolicy", &sdk.GetAccountPasswordPolicyInput{}).PasswordPolicy
	}
	if p := get(); !p.ExpirePasswords || *p.MaxPasswordAge != 90 || !*p.HardExpiry || *p.MinimumPasswordLength != 6 || *p.PasswordReusePrevention != 24 {
		t.Errorf("got %+v", p)
	}
	apitest.Call[sdk.UpdateAccountPasswordPolicyOutput](w, service, "UpdateAccountPasswordPolicy", &sdk.UpdateAccountPasswordPolicyInput{MinimumPasswordLength: aws.Int32(12)})
	if p := get(); p.ExpirePasswords || p.MaxPasswordAge != nil || *p.HardExpiry || *p.MinimumPasswordLength != 12 || p.RequireNumbers {
		t.Errorf("got %+v", p)
	}
	apitest.Call[sdk.DeleteAccountPasswordPolicyOutput](w, service, "DeleteAccountPasswordPolicy", &sdk.DeleteAccountPasswordPolicyInput{})
	apitest.Refused(w, "NoSuchEntity", service, "GetAccountPasswordPolicy", &sdk.GetAccountPasswordPolicyInput{})
}
