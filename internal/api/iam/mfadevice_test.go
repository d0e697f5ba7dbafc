package iam

import (
	"bytes"
	"encoding/base32"
	"image/png"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// newDevice makes a device and returns its serial number and its seed.
func newDevice(t *testing.T, w *apitest.World, name string) (string, []byte) {
	t.Helper()
	d := apitest.Call[sdk.CreateVirtualMFADeviceOutput](w, service, "CreateVirtualMFADevice",
		&sdk.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &name, Path: aws.String("/devices/"), Tags: []types.Tag{{Key: aws.String("owner"), Value: aws.String("probe")}}}).VirtualMFADevice
	w.Secret(string(d.Base32StringSeed))
	if _, err := png.Decode(bytes.NewReader(d.QRCodePNG)); err != nil {
		t.Errorf("the QR code: %v", err)
	}
	seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(string(d.Base32StringSeed))
	if err != nil || *d.Tags[0].Value != "probe" {
		t.Fatalf("got %v, %+v", err, d)
	}
	return *d.SerialNumber, seed
}

// TestVirtualDevicesLive walks the life of a device as AWS was seen to.
func TestVirtualDevicesLive(t *testing.T) {
	w := world(t)
	pat, _ := userNamed(w, "pat", apitest.Allow("*"))
	lee, _ := userNamed(w, "lee", apitest.Allow("*"))
	serial, seed := newDevice(t, w, "phone")
	if serial != "arn:aws:iam::111111111111:mfa/devices/phone" {
		t.Errorf("got %s", serial)
	}
	code := func(offset int) *string {
		return aws.String(factor.CodeAt(seed, w.Time.Now().Add(time.Duration(offset)*30*time.Second)))
	}
	enable := func(name string, first, second int) any {
		return &sdk.EnableMFADeviceInput{UserName: &name, SerialNumber: &serial, AuthenticationCode1: code(first), AuthenticationCode2: code(second)}
	}
	refused := func(code, message, operation string, in any) {
		t.Helper()
		if f := apitest.Refused(w, code, service, operation, in); f.Message != message {
			t.Errorf("%s: got %q", operation, f.Message)
		}
	}
	listed := func(status types.AssignmentStatusType) []types.VirtualMFADevice {
		return apitest.Call[sdk.ListVirtualMFADevicesOutput](w, service, "ListVirtualMFADevices", &sdk.ListVirtualMFADevicesInput{AssignmentStatus: status}).VirtualMFADevices
	}
	invalid, ofNobody := "Authentication code for device is not valid.", "MFA Device invalid for user."
	refused("EntityAlreadyExists", "MFA device already exists.", "CreateVirtualMFADevice", &sdk.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("phone"), Path: aws.String("/devices/")})
	if got := listed(types.AssignmentStatusTypeUnassigned); len(got) != 1 || got[0].EnableDate != nil || got[0].Base32StringSeed != nil || got[0].QRCodePNG != nil {
		t.Errorf("got %+v", got)
	}
	refused("NoSuchEntity", ofNobody, "DeactivateMFADevice", &sdk.DeactivateMFADeviceInput{UserName: &pat.Name, SerialNumber: &serial})
	refused("NoSuchEntity", ofNobody, "ResyncMFADevice", &sdk.ResyncMFADeviceInput{UserName: &pat.Name, SerialNumber: &serial, AuthenticationCode1: code(-1), AuthenticationCode2: code(0)})
	refused("InvalidAuthenticationCode", invalid, "EnableMFADevice", enable("pat", 0, 0))
	refused("InvalidAuthenticationCode", invalid, "EnableMFADevice", enable("pat", 0, -1))
	apitest.Call[sdk.EnableMFADeviceOutput](w, service, "EnableMFADevice", enable("pat", -1, 0))
	refused("EntityAlreadyExists", "MFA Device for user pat already exists.", "EnableMFADevice", enable("pat", -1, 0))
	refused("EntityAlreadyExists", "MFA Device is already in use.", "EnableMFADevice", enable("lee", -1, 0))
	if got := listed(types.AssignmentStatusTypeAssigned); len(got) != 1 || *got[0].User.UserName != "pat" || !got[0].EnableDate.Equal(w.Time.Now()) || len(listed(types.AssignmentStatusTypeUnassigned)) != 0 {
		t.Errorf("got %+v", got)
	}
	mine := apitest.Call[sdk.ListMFADevicesOutput](w, service, "ListMFADevices", &sdk.ListMFADevicesInput{UserName: &pat.Name}).MFADevices
	if len(mine) != 1 || *mine[0].SerialNumber != serial || *mine[0].UserName != "pat" {
		t.Errorf("got %+v", mine)
	}
	refused("ValidationError", "The MFA device serial number sent in the request is invalid or not supported by this API. Currently, only hardware FIDO security keys are supported. Please use the compatible device or API.",
		"GetMFADevice", &sdk.GetMFADeviceInput{SerialNumber: &serial, UserName: &pat.Name})
	refused("DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.", "DeleteVirtualMFADevice", &sdk.DeleteVirtualMFADeviceInput{SerialNumber: &serial})
	apitest.Call[sdk.CreateAccessKeyOutput](w, service, "CreateAccessKey", &sdk.CreateAccessKeyInput{UserName: &pat.Name})
	refused("DeleteConflict", "Cannot delete entity, must remove tokens from principal first.", "DeleteUser", &sdk.DeleteUserInput{UserName: &pat.Name})
	refused("NoSuchEntity", ofNobody, "DeactivateMFADevice", &sdk.DeactivateMFADeviceInput{UserName: &lee.Name, SerialNumber: &serial})
	apitest.Call[sdk.ResyncMFADeviceOutput](w, service, "ResyncMFADevice", &sdk.ResyncMFADeviceInput{UserName: &pat.Name, SerialNumber: &serial, AuthenticationCode1: code(9), AuthenticationCode2: code(10)})
	refused("InvalidAuthenticationCode", invalid, "ResyncMFADevice", &sdk.ResyncMFADeviceInput{UserName: &pat.Name, SerialNumber: &serial, AuthenticationCode1: code(-1), AuthenticationCode2: code(0)})
	apitest.Call[sdk.DeactivateMFADeviceOutput](w, service, "DeactivateMFADevice", &sdk.DeactivateMFADeviceInput{UserName: &pat.Name, SerialNumber: &serial})
	refused("NoSuchEntity", ofNobody, "DeactivateMFADevice", &sdk.DeactivateMFADeviceInput{UserName: &pat.Name, SerialNumber: &serial})
	refused("InvalidAuthenticationCode", invalid, "EnableMFADevice", enable("lee", -1, 0)) // the device is far ahead by now
	apitest.Call[sdk.DeleteVirtualMFADeviceOutput](w, service, "DeleteVirtualMFADevice", &sdk.DeleteVirtualMFADeviceInput{SerialNumber: &serial})
	refused("NoSuchEntity", "VirtualMFADevice with serial number "+serial+" doesn't exist.", "DeleteVirtualMFADevice", &sdk.DeleteVirtualMFADeviceInput{SerialNumber: &serial})
}

// Another account's devices are as good as not there, whoever asks and however they are named.
func TestDevicesOfOthersAreNotThere(t *testing.T) {
	w := world(t)
	w.Account("222222222222", "Other")
	userNamed(w, "pat", apitest.Allow("*"))
	serial, seed := newDevice(t, w, "phone")
	w.User("222222222222", "pat", apitest.Inline(apitest.Allow("*")))
	now := w.Time.Now()
	for operation, in := range map[string]any{
		"DeleteVirtualMFADevice": &sdk.DeleteVirtualMFADeviceInput{SerialNumber: &serial},
		"TagMFADevice":           &sdk.TagMFADeviceInput{SerialNumber: &serial, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}},
		"ListMFADeviceTags":      &sdk.ListMFADeviceTagsInput{SerialNumber: &serial},
		"DeactivateMFADevice":    &sdk.DeactivateMFADeviceInput{SerialNumber: &serial, UserName: aws.String("pat")},
		"EnableMFADevice": &sdk.EnableMFADeviceInput{SerialNumber: &serial, UserName: aws.String("pat"),
			AuthenticationCode1: aws.String(factor.CodeAt(seed, now.Add(-30*time.Second))), AuthenticationCode2: aws.String(factor.CodeAt(seed, now))},
	} {
		if err := do(t, w, apitest.Root("222222222222"), operation, in); !fault.Is(err, "NoSuchEntity") {
			t.Errorf("%s: %v", operation, err)
		}
	}
}

// The policy of "Allows IAM users to manage their own MFA device" in the IAM User Guide.
func TestUsersManageTheirOwnDeviceOnly(t *testing.T) {
	w := world(t)
	own := `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":["iam:CreateVirtualMFADevice","iam:DeleteVirtualMFADevice"],"Resource":"arn:aws:iam::*:mfa/${aws:username}"},
		{"Effect":"Allow","Action":["iam:EnableMFADevice","iam:ResyncMFADevice","iam:ListMFADevices"],"Resource":"arn:aws:iam::*:user/${aws:username}"},
		{"Effect":"Allow","Action":"iam:DeactivateMFADevice","Resource":"arn:aws:iam::*:user/${aws:username}","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}`
	_, pat := userNamed(w, "pat", own)
	userNamed(w, "lee", own)
	out := apitest.CallAs[sdk.CreateVirtualMFADeviceOutput](w, pat, service, "CreateVirtualMFADevice", &sdk.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("pat")})
	serial := out.VirtualMFADevice.SerialNumber
	seed, _ := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(string(out.VirtualMFADevice.Base32StringSeed))
	now := w.Time.Now()
	enable := func(name string) *sdk.EnableMFADeviceInput {
		return &sdk.EnableMFADeviceInput{UserName: &name, SerialNumber: serial, AuthenticationCode1: aws.String(factor.CodeAt(seed, now.Add(-30*time.Second))),
			AuthenticationCode2: aws.String(factor.CodeAt(seed, now))}
	}
	for _, c := range []struct {
		operation string
		in        any
	}{
		{"CreateVirtualMFADevice", &sdk.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("lee")}},
		{"CreateVirtualMFADevice", &sdk.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("pat"), Path: aws.String("/x/")}},
		{"EnableMFADevice", enable("lee")},
		{"ListMFADevices", &sdk.ListMFADevicesInput{UserName: aws.String("lee")}},
	} {
		if err := do(t, w, pat, c.operation, c.in); !fault.Is(err, "AccessDenied") {
			t.Errorf("%s: %v", c.operation, err)
		}
	}
	apitest.CallAs[sdk.EnableMFADeviceOutput](w, pat, service, "EnableMFADevice", enable("pat"))
	in := &sdk.DeactivateMFADeviceInput{SerialNumber: serial}
	if err := do(t, w, pat, "DeactivateMFADevice", in); !fault.Is(err, "AccessDenied") {
		t.Errorf("without MFA: %v", err)
	}
	proven := *pat
	proven.Temporary, proven.MFAAt, proven.IssuedAt, proven.ExpiresAt = true, now, now, now.Add(time.Hour)
	apitest.CallAs[sdk.DeactivateMFADeviceOutput](w, &proven, service, "DeactivateMFADevice", in)
}

func TestAUserHasEightDevicesAtMost(t *testing.T) {
	w := world(t)
	u, _ := userNamed(w, "pat", apitest.Allow("*"))
	for i := range factor.MaxVirtual + 1 {
		serial, seed := newDevice(t, w, "phone"+string(rune('a'+i)))
		in := &sdk.EnableMFADeviceInput{UserName: &u.Name, SerialNumber: &serial, AuthenticationCode1: aws.String(factor.CodeAt(seed, w.Time.Now().Add(-30*time.Second))),
			AuthenticationCode2: aws.String(factor.CodeAt(seed, w.Time.Now()))}
		if i == factor.MaxVirtual {
			apitest.Refused(w, "LimitExceeded", service, "EnableMFADevice", in)
			continue
		}
		apitest.Call[sdk.EnableMFADeviceOutput](w, service, "EnableMFADevice", in)
	}
	first := apitest.Call[sdk.ListVirtualMFADevicesOutput](w, service, "ListVirtualMFADevices", &sdk.ListVirtualMFADevicesInput{MaxItems: aws.Int32(5), AssignmentStatus: types.AssignmentStatusTypeAssigned})
	rest := apitest.Call[sdk.ListVirtualMFADevicesOutput](w, service, "ListVirtualMFADevices", &sdk.ListVirtualMFADevicesInput{Marker: first.Marker, AssignmentStatus: types.AssignmentStatusTypeAssigned})
	if len(first.VirtualMFADevices) != 5 || len(rest.VirtualMFADevices) != 3 || rest.IsTruncated {
		t.Errorf("got %d and %d", len(first.VirtualMFADevices), len(rest.VirtualMFADevices))
	}
	got := apitest.Call[sdk.GetAccountSummaryOutput](w, service, "GetAccountSummary", &sdk.GetAccountSummaryInput{}).SummaryMap
	if got["MFADevices"] != 9 || got["MFADevicesInUse"] != 8 || got["AccountMFAEnabled"] != 0 {
		t.Errorf("got %v", got)
	}
}
