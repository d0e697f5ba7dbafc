package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit/kittest"
)

func owned(which string) *door.DescribeSelfOutput {
	at := kittest.Now().Add(-time.Hour)
	return &door.DescribeSelfOutput{Door: which, Name: hostile, Account: "Acme", AccountID: "111111111111", Alias: "acme", Email: "root@acme.example", MinLength: 8, PasswordSetAt: at,
		Devices: []door.Device{{Serial: "arn:aws:iam::111111111111:mfa/phone", Name: "phone", AddedAt: at},
			{Serial: "arn:aws:iam::111111111111:u2f/user/ana/blue", Name: "blue", AddedAt: at, Key: true, PerhapsCopied: true}},
		Sessions: []door.Session{{ID: "s1", Current: true, Client: "Firefox on Linux", Since: at, Until: at}, {ID: "s2", Client: "Safari on macOS", Since: at, Until: at}}, SignedInAt: at, ExpiresAt: kittest.Now().Add(time.Hour)}
}

func TestRootUsersAndIAMUsersSeeTheirSecurity(t *testing.T) {
	t.Parallel()
	at := kittest.Now()
	keys := kittest.Always(&iamsdk.ListAccessKeysOutput{AccessKeyMetadata: []iamtypes.AccessKeyMetadata{
		{AccessKeyId: aws.String("AKIAIOSFODNN7EXAMPLE"), Status: iamtypes.StatusTypeActive, CreateDate: &at}, {AccessKeyId: aws.String("AKIAI44QH8DHBEXAMPLE"), Status: iamtypes.StatusTypeInactive, CreateDate: &at}}})
	b := browser(nil, answers{"DescribeSelf": kittest.Always(owned(door.IAM)), "ListAccessKeys": keys,
		"CreateAccessKey": kittest.Always(&iamsdk.CreateAccessKeyOutput{AccessKey: &iamtypes.AccessKey{AccessKeyId: aws.String("AKIAIOSFODNN7EXAMPLE"), SecretAccessKey: aws.String("wJalrXUtnFEMI")}}),
		"StartDevice":     kittest.Always(&door.StartDeviceOutput{Serial: "arn:x", Secret: "ABCDEFGH", URI: "otpauth://totp/x?secret=ABCDEFGH"}),
		"CompleteDevice":  kittest.Never(fault.New(fault.Denied, "InvalidAuthenticationCode", "Authentication code for device is not valid.")),
		"StartKey":        kittest.Always(&door.StartKeyOutput{Ticket: "a-ticket", Options: `{"challenge":"AAAA"}`}),
		"CompleteKey":     kittest.Never(fault.New(fault.Denied, "AccessDeniedException", "This key is not right, or its time was over. Try again.")),
		"ChangePassword":  kittest.Never(fault.New(fault.Invalid, "PasswordPolicyViolation", "Password does not conform to the account password policy."))})
	kittest.WantPage(t, b.Get("/security"), http.StatusOK, "&lt;script&gt;", "phone", "Passkey or security key", "Perhaps copied", "Switch off", "Delete", "End all the others", "This browser", "IAM user")
	kittest.WantPage(t, b.Post("/security/keys", url.Values{"do": {"create"}}), http.StatusOK, "wJalrXUtnFEMI", "We show the secret only now.")
	kittest.WantPage(t, b.Post("/security/device", url.Values{"do": {"start"}, "name": {"x"}}), http.StatusOK, "ABCD EFGH", "<svg")
	kittest.WantPage(t, b.Post("/security/device", url.Values{"do": {"complete"}, "serial": {hostile}, "secret": {"ABCD"}, "uri": {"otpauth://x"}, "first": {"000000"}, "second": {"111111"}}),
		http.StatusUnprocessableEntity, "It is not connected yet.", "&lt;script&gt;")
	kittest.WantPage(t, b.Post("/security/device", url.Values{"do": {"start-key"}, "name": {hostile}}), http.StatusOK, "Add a passkey or key", `data-fido="create"`, "challenge", `value="a-ticket"`, "&lt;script&gt;")
	kittest.WantPage(t, b.Post("/security/device", url.Values{"do": {"complete-key"}, "name": {"blue"}, "ticket": {"a-ticket"}, "key": {"{}"}}), http.StatusUnprocessableEntity, "This key is not right")
	kittest.WantPage(t, b.Get("/security/password"), http.StatusOK, "Password now")
	kittest.WantPage(t, b.Post("/security/password", url.Values{"old": {"a"}, "password": {"b"}}), http.StatusUnprocessableEntity, "does not conform")
	none := browser(nil, answers{"DescribeSelf": kittest.Always(owned(door.IAM)), "ListAccessKeys": kittest.Never(fault.New(fault.Denied, "AccessDenied", "no"))})
	kittest.WantPage(t, none.Get("/security"), http.StatusOK, "do not let you see your access keys")
	root := owned(door.Root)
	root.Devices = nil
	tasks := &door.ListSetupTasksOutput{Tasks: []door.SetupTask{{Name: door.SecondFactor}, {Name: door.Organization}, {Name: door.IdentityCenter, Done: true}, {Name: door.Administrator},
		{Name: door.Mail}, {Name: hostile}}}
	mine := browser(nil, answers{"DescribeSelf": kittest.Always(root), "ListSetupTasks": kittest.Always(tasks)})
	kittest.WantPage(t, mine.Get("/security"), http.StatusOK, "Root user of Acme", "A password alone lets you in.", "What is left of the set-up", `href="#ways"`,
		"gatehouse identity-center enable --account 111111111111", "gatehouse mail set", "gatehouse assignment create --account 111111111111", "Done")
	for i := range tasks.Tasks {
		tasks.Tasks[i].Done = true
	}
	if strings.Contains(mine.Get("/security").Body.String(), "set-up") {
		t.Error("the page shows a set-up of which nothing is left")
	}
	kittest.WantPage(t, browser(nil, answers{"DescribeSelf": kittest.Always(&door.DescribeSelfOutput{})}).Get("/security"), http.StatusOK)
}

func TestOwnChangesLeadToTheDoorWhereTheyTakeAProof(t *testing.T) {
	t.Parallel()
	for _, which := range []string{door.Root, door.IAM} {
		b := browser(nil, answers{"DescribeSelf": kittest.Always(owned(which)), "ListSetupTasks": kittest.Always(&door.ListSetupTasksOutput{}), "RemoveDevice": kittest.Never(api.StepUpFirst()), "EndSessions": kittest.Always(&door.EndSessionsOutput{})})
		kittest.WantRedirect(t, b.Post("/security/device", url.Values{"do": {"remove"}, "serial": {"x"}}), http.StatusSeeOther, "/signin/"+which+"?to=%2Fsecurity")
		kittest.WantRedirect(t, b.Post("/security/sessions", url.Values{"id": {"s2"}}), http.StatusSeeOther, "/security")
	}
	out := browser(nil, nil)
	out.Session = ""
	kittest.WantRedirect(t, out.Get("/security/password"), http.StatusSeeOther, "/signin/iam?to=%2Fsecurity%2Fpassword")
}
