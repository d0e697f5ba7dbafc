package admin_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// desk is where an organization's people are managed.
type desk struct {
	*apitest.World
	t      *testing.T
	main   *account.Account
	person *directory.User
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	w := apitest.Empty(t, map[string]api.Table{admin.Name: admin.Table(), self.Name: self.Table()})
	main := w.Account("111111111111", "Main")
	i := w.Instance(w.Organization(main))
	return &desk{w, t, main, w.Person(i, "pcollins", "correct horse battery staple")}
}

func (d *desk) call(k apitest.Keys, operation, body string) *apitest.Answer {
	return d.Call(k, admin.Name, apitest.JSON(admin.Name, operation, body))
}

// do calls an operation as root and ends the test when it fails.
func (d *desk) do(operation, body string, out any) {
	d.t.Helper()
	a := d.call(d.Root(d.main), operation, body)
	if a.Status != http.StatusOK {
		d.t.Fatalf("%s: got %d %s", operation, a.Status, a.Body)
	}
	if out != nil {
		if err := json.Unmarshal([]byte(a.Body), out); err != nil {
			d.t.Fatal(err)
		}
	}
}

func (d *desk) devices() []admin.MfaDevice {
	d.t.Helper()
	return apitest.CallAs[admin.ListMfaDevicesForUserOutput](d.World, apitest.Root(d.main.ID), admin.Name, "ListMfaDevicesForUser",
		&admin.ListMfaDevicesForUserInput{UserName: "pcollins"}).MfaDevices
}

func (d *desk) sessions() []admin.UserSession {
	d.t.Helper()
	return apitest.CallAs[admin.ListSessionsOutput](d.World, apitest.Root(d.main.ID), admin.Name, "ListSessions",
		&admin.ListSessionsInput{UserName: "pcollins"}).Sessions
}

func TestTheSignInPolicyIsChangedInParts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var got admin.GetSignInPolicyOutput
	d.do("GetSignInPolicy", "{}", &got)
	if got.Policy.MfaMode != "DISABLED" || got.Policy.SessionMinutes != 480 || !got.Policy.DeviceFlow {
		t.Errorf("an instance without a policy has %+v", got.Policy)
	}
	d.do("PutSignInPolicy", `{"MfaMode":"ALWAYS_ON","NoMfaDevice":"BLOCK","DeviceFlow":false}`, nil)
	d.do("PutSignInPolicy", `{"SessionMinutes":15,"MfaTypes":["WEBAUTHN"],"DeviceFlowProof":"ALWAYS","DeviceFlowSessionMinutes":60}`, &got)
	d.do("GetSignInPolicy", "{}", &got)
	if p := got.Policy; p.MfaMode != "ALWAYS_ON" || p.NoMfaDevice != "BLOCK" || p.DeviceFlow || p.SessionMinutes != 15 || len(p.MfaTypes) != 1 ||
		p.DeviceFlowProof != "ALWAYS" || p.DeviceFlowSessionMinutes != 60 {
		t.Errorf("got %+v", p)
	}
	for _, bad := range []string{`{"MfaMode":"on"}`, `{"MfaTypes":["SMS"]}`, `{"SessionMinutes":14}`, `{"SessionMinutes":129601}`,
		`{"IdleMinutes":16}`, `{"DeviceFlowDeniedGroupIds":["nobody"]}`, `{"DeviceFlowAllowedGroupIds":["nobody"]}`,
		`{"DeviceFlowProof":"SOMETIMES"}`, `{"DeviceFlowSessionMinutes":14}`, `{"DeviceFlowSessionMinutes":-1}`, `{"DeviceFlowSessionMinutes":129601}`, `{"NoMfaDevice":"EMAIL_OTP"}`} {
		if a := d.call(d.Root(d.main), "PutSignInPolicy", bad); a.Code() != "ValidationException" {
			t.Errorf("%s: got %d %s", bad, a.Status, a.Body)
		}
	}
}

func TestDevicesAreManagedForPeople(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	apitest.Save(d.World, store.Factors, &factor.Device{ID: "d1", Owner: d.person.ID, Kind: factor.App, Name: "Phone", CreatedAt: d.Time.Now(), LastUsedAt: d.Time.Now()},
		&factor.Device{ID: "d2", Owner: "somebody else", Kind: factor.App, Name: "x"})
	d.do("UpdateMfaDeviceForUser", `{"UserName":"PCollins","DeviceId":"d1","DeviceName":" Old phone "}`, nil)
	if list := d.devices(); len(list) != 1 || list[0].DeviceName != "Old phone" || list[0].MfaType != "TOTP" {
		t.Errorf("got %+v", list)
	}
	for _, operation := range []string{"UpdateMfaDeviceForUser", "DeleteMfaDeviceForUser"} {
		if a := d.call(d.Root(d.main), operation, `{"UserName":"pcollins","DeviceId":"d2","DeviceName":"y"}`); a.Code() != "ResourceNotFoundException" {
			t.Errorf("%s of another's device: got %d %s", operation, a.Status, a.Body)
		}
	}
	d.do("DeleteMfaDeviceForUser", `{"UserName":"pcollins","DeviceId":"d1"}`, nil)
	if list := d.devices(); len(list) != 0 {
		t.Errorf("got %+v", list)
	}
}

// TestADeviceIsRegisteredForSomebody gives a link, which is mailed or shown; who has no password is invited instead.
func TestADeviceIsRegisteredForSomebody(t *testing.T) {
	t.Parallel()
	w, u := lettered(t)
	in := &admin.RegisterMfaDeviceForUserInput{UserName: "PCollins"}
	apitest.Refused(w, "ConflictException", admin.Name, "RegisterMfaDeviceForUser", in)
	invited := apitest.Call[admin.InviteUserOutput](w, admin.Name, "InviteUser", &admin.InviteUserInput{UserName: "pcollins"})
	apitest.Change(w, store.Users, any(u.ID), func(u *directory.User) { u.PasswordHash = "a hash" })
	register := func() *admin.RegisterMfaDeviceForUserOutput {
		return apitest.Call[admin.RegisterMfaDeviceForUserOutput](w, admin.Name, "RegisterMfaDeviceForUser", in)
	}
	first := register()
	if works(t, w, invited.Link) || !works(t, w, first.Link) || first.SentTo != "" || first.ExpiresAt.Sub(w.Time.Now()) != 24*time.Hour {
		t.Errorf("without mail: %+v", first)
	}
	reset := apitest.Call[admin.ResetUserPasswordOutput](w, admin.Name, "ResetUserPassword", &admin.ResetUserPasswordInput{UserName: "pcollins"})
	if works(t, w, first.Link) {
		t.Error("the link outlives one that changes the password")
	}
	w.Mailbox = new(mail.Box)
	if sent := register(); sent.SentTo != "paula@acme.example" || sent.Link != "" || letters(w) != 1 || !works(t, w, reset.Link) {
		t.Errorf("with mail: %+v, %d letters", sent, letters(w))
	}
	in.ShowLink = true
	if shown := register(); shown.Link == "" || letters(w) != 1 || !works(t, w, shown.Link) {
		t.Errorf("shown though there is mail: %+v", shown)
	}
	for i := range factor.MaxApps + factor.MaxKeys {
		kind := factor.App
		if i >= factor.MaxApps {
			kind = factor.Key
		}
		apitest.Save(w, store.Factors, &factor.Device{ID: fmt.Sprint(i), Owner: u.ID, Kind: kind, Credential: factor.Credential{ID: []byte{byte(i)}}})
	}
	apitest.Refused(w, "ServiceQuotaExceededException", admin.Name, "RegisterMfaDeviceForUser", in)
	keysOnly := factor.Lenient(apitest.InstanceARN)
	keysOnly.Kinds = []factor.Kind{factor.Key}
	apitest.Refused(w, "ServiceQuotaExceededException", admin.Name, "ImportMfaDeviceForUser", &admin.ImportMfaDeviceForUserInput{UserName: "pcollins", DeviceName: "Token"})
	apitest.Save(w, store.SignInPolicies, keysOnly)
	apitest.Refused(w, "ConflictException", admin.Name, "ImportMfaDeviceForUser", &admin.ImportMfaDeviceForUserInput{UserName: "pcollins", DeviceName: "Token"})
	if leaks := w.Leaks(); leaks != nil {
		t.Error(leaks)
	}
}

// TestATokenIsImported takes over the secret of a hardware token, once its code shows that it is the right one, or makes one.
func TestATokenIsImported(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Mailbox = new(mail.Box)
	apitest.Change(d.World, store.Users, any(d.person.ID), func(u *directory.User) { u.Emails = []directory.Email{{Value: "paula@acme.example"}} })
	secret := []byte("12345678901234567890")
	text := "gezd-gnbv gy3t qojq GEZD GNBV GY3T QOJQ"
	d.Secret(factor.SecretText(secret))
	for _, bad := range []string{`"Secret":"hello","Code":"123456"`, `"Secret":"` + text + `"`, `"Secret":"` + text + `","Code":"000000"`,
		`"Secret":"` + strings.Repeat("A", 104) + `","Code":"123456"`, `"DeviceName":"\u202e"`} {
		body := `{"UserName":"pcollins",` + bad + `}`
		if !strings.Contains(bad, "DeviceName") {
			body = `{"DeviceName":"Token",` + body[1:]
		}
		if a := d.call(d.Root(d.main), "ImportMfaDeviceForUser", body); a.Code() != "ValidationException" || strings.Contains(a.Body, text) {
			t.Errorf("%s: got %d %s", bad, a.Status, a.Body)
		}
	}
	var out admin.ImportMfaDeviceForUserOutput
	d.do("ImportMfaDeviceForUser", `{"UserName":"pcollins","DeviceName":"Token","Secret":"`+text+`","Code":"`+factor.CodeAt(secret, d.Time.Now())+`"}`, &out)
	if list := d.devices(); len(list) != 1 || list[0].DeviceId != out.DeviceId || list[0].DeviceName != "Token" || out.Secret != "" || letters(d.World) != 1 {
		t.Errorf("got %+v, %+v, %d letters", list, out, letters(d.World))
	}
	var made admin.ImportMfaDeviceForUserOutput
	d.do("ImportMfaDeviceForUser", `{"UserName":"pcollins","DeviceName":"Card"}`, &made)
	d.Secret(made.Secret, made.Uri)
	if len(made.Secret) != 32 || !strings.HasPrefix(made.Uri, "otpauth://totp/Main:pcollins?") {
		t.Errorf("got %+v", made)
	}
	if leaks := d.Leaks(); leaks != nil {
		t.Error(leaks)
	}
}

// TestTheLastDeviceCanBeRemoved takes the recovery codes with it, and tells the person of each change.
func TestTheLastDeviceCanBeRemoved(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Mailbox = new(mail.Box)
	apitest.Change(d.World, store.Users, any(d.person.ID), func(u *directory.User) { u.Emails = []directory.Email{{Value: "paula@acme.example"}} })
	apitest.Save(d.World, store.SignInPolicies, factor.Initial(d.State.Current().InstanceAt("").ARN))
	apitest.Save(d.World, store.Factors, &factor.Device{ID: "d1", Owner: d.person.ID, Kind: factor.App, Name: "Phone"}, &factor.Device{ID: "d2", Owner: d.person.ID, Kind: factor.App, Name: "Tablet"})
	apitest.Save(d.World, store.Holders, &factor.Holder{Owner: d.person.ID, Handle: []byte{1}, Codes: [][]byte{{1}}, MadeAt: d.Time.Now()})
	left := func() (n int) {
		d.Update(func(tx *store.Tx) error {
			h, err := store.Holders.Get(tx, d.person.ID)
			n = len(h.Codes)
			return err
		})
		return n
	}
	d.do("UpdateMfaDeviceForUser", `{"UserName":"pcollins","DeviceId":"d1","DeviceName":"Old phone"}`, nil)
	if d.do("DeleteMfaDeviceForUser", `{"UserName":"pcollins","DeviceId":"d1"}`, nil); left() != 1 {
		t.Error("recovery codes went with a device that is not the last")
	}
	if d.do("DeleteMfaDeviceForUser", `{"UserName":"pcollins","DeviceId":"d2"}`, nil); left() != 0 {
		t.Error("recovery codes stay without a device")
	}
	if n := letters(d.World); n != 3 {
		t.Errorf("%d letters", n)
	}
	out, err := api.Invoke[self.SignInOutput](t.Context(), d.Corridor, api.Caller{}, self.Name, "SignIn", &self.SignInInput{UserName: "pcollins", Password: "correct horse battery staple"})
	if err != nil || out.Next != "REGISTER" {
		t.Errorf("the next sign-in: %+v, %v", out, err)
	}
}

func TestAChangeIsRequiredWithOrWithoutSigningOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.SignIn(d.person)
	if d.do("RequirePasswordChange", `{"UserName":"pcollins"}`, nil); len(d.sessions()) != 1 {
		t.Error("it signs out")
	}
	if d.do("RequirePasswordChange", `{"UserName":"pcollins","EndSessions":true}`, nil); len(d.sessions()) != 0 {
		t.Error("it does not sign out")
	}
	out, err := api.Invoke[self.SignInOutput](t.Context(), d.Corridor, api.Caller{}, self.Name, "SignIn", &self.SignInInput{UserName: "pcollins", Password: "correct horse battery staple"})
	if err != nil || out.Next != "CHOOSE" {
		t.Errorf("the next sign-in: %+v, %v", out, err)
	}
}

func TestAdministratorsEndSessions(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first, _, _ := d.SignIn(d.person)
	d.SignIn(d.person)
	other, _, _ := d.SignIn(d.Person(d.State.Current().InstanceAt(""), "other", "correct horse battery staple"))
	if list := d.sessions(); len(list) != 2 {
		t.Fatalf("got %+v", list)
	}
	if a := d.call(d.Root(d.main), "BatchDeleteSession", `{"UserName":"pcollins","SessionIds":["`+first.ID+`","`+other.ID+`"]}`); a.Code() != "ResourceNotFoundException" {
		t.Errorf("another's session: got %d %s", a.Status, a.Body)
	}
	d.do("BatchDeleteSession", `{"UserName":"pcollins","SessionIds":["`+first.ID+`"]}`, nil)
	if list := d.sessions(); len(list) != 1 || d.State.Current().Portal(first.ID) != nil {
		t.Errorf("got %+v", list)
	}
	d.do("BatchDeleteSession", `{"UserName":"pcollins"}`, nil)
	if list := d.sessions(); len(list) != 0 || d.State.Current().Portal(other.ID) == nil {
		t.Errorf("got %+v", list)
	}
}

func TestDelaysAreSeenAndCleared(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	signIn := func(password string) error {
		_, err := d.Corridor.Invoke(t.Context(), api.Caller{}, self.Name, "SignIn", &self.SignInInput{UserName: "PCollins", Password: password})
		return err
	}
	for range 8 {
		_ = signIn("wrong")
	}
	var got admin.DescribeSignInDelayOutput
	if d.do("DescribeSignInDelay", `{"UserName":"pcollins"}`, &got); got.FailedAttempts != 6 || got.Seconds != 1 {
		t.Errorf("got %+v", got)
	}
	if signIn("correct horse battery staple") == nil {
		t.Error("there is no delay")
	}
	d.do("ClearSignInDelay", `{"UserName":"pcollins"}`, nil)
	if err := signIn("correct horse battery staple"); err != nil {
		t.Error(err)
	}
}

// TestEveryDelayIsCleared has people, root users and IAM users slowed down in each way that they can be.
func TestEveryDelayIsCleared(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ci := d.User(d.main.ID, "ci", apitest.Inline(apitest.Allow("*")))
	password := api.PasswordTries(d.person.StoreID, d.person.UserName)
	root, user := api.RootPasswordTries(d.main.Email), api.IAMPasswordTries(d.main.ID, ci.Name)
	for body, names := range map[string][]string{
		`{"UserName":"pcollins"}`: {password, api.KnownTries(password), api.FactorTries(d.person.ID), api.MailTries(d.person.ID),
			api.DeviceTries(d.person.ID), api.ResetTries(d.person.StoreID, d.person.UserName)},
		`{"AccountId":"111111111111"}`:                    {root, api.KnownTries(root), api.CodeTries("111111111111"), api.RootResetTries(d.main.Email)},
		`{"AccountId":"111111111111","IamUserName":"ci"}`: {user, api.KnownTries(user), api.CodeTries(ci.ID)},
	} {
		for i, name := range names {
			for d.Throttle.Attempt(name, netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})) == 0 {
			}
			var got admin.DescribeSignInDelayOutput
			if d.do("DescribeSignInDelay", body, &got); got.FailedAttempts != 6 || got.Seconds != 1 {
				t.Errorf("%s at %q: got %+v", body, name, got)
			}
			d.do("ClearSignInDelay", body, nil)
			if failed, wait := d.Throttle.Delay(name); failed != 0 || wait != 0 {
				t.Errorf("%s still waits at %q", body, name)
			}
		}
	}
}

// TestSignInIsManagedByTheOwnerOfTheStoreOnly has strangers and those who may not do what administrators do.
func TestSignInIsManagedByTheOwnerOfTheStoreOnly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	stranger := d.Root(d.Account("999999999999", "Stranger"))
	chief := d.Key(d.User(d.main.ID, "desk", apitest.Inline(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"gatehouse:*","Resource":"*"},
		{"Effect":"Deny","Action":"gatehouse:*","Resource":"arn:aws:identitystore:::user/`+d.person.ID+`"}]}`)))
	nobody := d.Key(d.User(d.main.ID, "nobody", apitest.Inline(apitest.Deny("gatehouse:*"))))
	store := d.person.StoreID
	for _, row := range admin.Table() {
		if !strings.Contains(row.Name, "SignIn") && !strings.Contains(row.Name, "Mfa") && !strings.Contains(row.Name, "Session") {
			continue
		}
		for _, body := range []string{`{"UserName":"pcollins","DeviceId":"x","DeviceName":"x"}`, `{"IdentityStoreId":"` + store + `","UserName":"pcollins","DeviceId":"x","DeviceName":"x"}`} {
			if a := d.call(stranger, row.Name, body); a.Code() != "ResourceNotFoundException" {
				t.Errorf("%s by another account: got %d %s", row.Name, a.Status, a.Body)
			}
			if a := d.call(nobody, row.Name, body); a.Code() != "AccessDeniedException" {
				t.Errorf("%s by who may not: got %d %s", row.Name, a.Status, a.Body)
			}
			if strings.Contains(row.Name, "Policy") {
				continue
			}
			if a := d.call(chief, row.Name, body); a.Code() != "AccessDeniedException" {
				t.Errorf("%s of a person who is out of reach: got %d %s", row.Name, a.Status, a.Body)
			}
		}
	}
}
