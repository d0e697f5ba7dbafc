package iam

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

func TestWhatTidiesUpFindsNothing(t *testing.T) {
	w := world(t)
	name, nobody := aws.String("u"), aws.String("nobody")
	apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", &sdk.CreateUserInput{UserName: name})
	for operation, in := range map[string]func(*string) any{
		"ListMFADevices":                 func(n *string) any { return &sdk.ListMFADevicesInput{UserName: n} },
		"ListSSHPublicKeys":              func(n *string) any { return &sdk.ListSSHPublicKeysInput{UserName: n} },
		"ListSigningCertificates":        func(n *string) any { return &sdk.ListSigningCertificatesInput{UserName: n} },
		"ListServiceSpecificCredentials": func(n *string) any { return &sdk.ListServiceSpecificCredentialsInput{UserName: n} },
	} {
		if err := do(t, w, apitest.Root(apitest.Management), operation, in(name)); err != nil {
			t.Errorf("%s: %v", operation, err)
		}
		apitest.Refused(w, "NoSuchEntity", service, operation, in(nobody))
	}
	apitest.Call[sdk.ListVirtualMFADevicesOutput](w, service, "ListVirtualMFADevices", &sdk.ListVirtualMFADevicesInput{})
	apitest.Call[sdk.ListMFADevicesOutput](w, service, "ListMFADevices", &sdk.ListMFADevicesInput{}) // root's own
	f := apitest.Refused(w, "NoSuchEntity", service, "ListServiceSpecificCredentials",
		&sdk.ListServiceSpecificCredentialsInput{ServiceName: aws.String("lambda.amazonaws.com")})
	if f.Message != "No such service lambda.amazonaws.com is supported for Service Specific Credentials" {
		t.Errorf("got %q", f.Message)
	}
	apitest.Refused(w, "NoSuchEntity", service, "ListInstanceProfilesForRole", &sdk.ListInstanceProfilesForRoleInput{RoleName: nobody})
	apitest.Call[sdk.CreateRoleOutput](w, service, "CreateRole", &sdk.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: trusting("111111111111")})
	apitest.Call[sdk.ListInstanceProfilesForRoleOutput](w, service, "ListInstanceProfilesForRole", &sdk.ListInstanceProfilesForRoleInput{RoleName: name})
	for _, operation := range []string{"UploadSSHPublicKey", "CreateInstanceProfile"} {
		if err := do(t, w, apitest.Root(apitest.Management), operation, nil); !fault.Is(err, "NotImplementedException") {
			t.Errorf("%s: %v", operation, err) // once these are built, this file's lists may not be empty any more
		}
	}
}

func TestAnAliasIsOneAccountsOnly(t *testing.T) {
	w := world(t)
	other := apitest.Root("222222222222")
	w.Account("222222222222", "Other")
	aliases := func() []string {
		return apitest.Call[sdk.ListAccountAliasesOutput](w, service, "ListAccountAliases", &sdk.ListAccountAliasesInput{}).AccountAliases
	}
	apitest.Call[sdk.CreateAccountAliasOutput](w, service, "CreateAccountAlias", &sdk.CreateAccountAliasInput{AccountAlias: aws.String("acme")})
	if err := do(t, w, other, "CreateAccountAlias", &sdk.CreateAccountAliasInput{AccountAlias: aws.String("acme")}); !fault.Is(err, "EntityAlreadyExists") {
		t.Errorf("taken: %v", err)
	}
	if err := do(t, w, other, "DeleteAccountAlias", &sdk.DeleteAccountAliasInput{AccountAlias: aws.String("acme")}); !fault.Is(err, "NoSuchEntity") {
		t.Errorf("another account's: %v", err)
	}
	apitest.Call[sdk.CreateAccountAliasOutput](w, service, "CreateAccountAlias", &sdk.CreateAccountAliasInput{AccountAlias: aws.String("acme-2")})
	if got := aliases(); len(got) != 1 || got[0] != "acme-2" {
		t.Errorf("got %v", got)
	}
	if err := do(t, w, other, "CreateAccountAlias", &sdk.CreateAccountAliasInput{AccountAlias: aws.String("acme")}); err != nil {
		t.Errorf("given up: %v", err)
	}
	apitest.Call[sdk.DeleteAccountAliasOutput](w, service, "DeleteAccountAlias", &sdk.DeleteAccountAliasInput{AccountAlias: aws.String("acme-2")})
	if got := aliases(); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}
