package door_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/factor/fido/fidotest"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// addKey registers a key for whoever is signed in.
func (s *street) addKey(k *fidotest.Authenticator, name string) (string, error) {
	s.t.Helper()
	start, err := call[door.StartKeyOutput](s, "StartKey", &door.StartKeyInput{Name: name})
	if err != nil {
		return "", err
	}
	s.Secret(start.Ticket)
	out, err := call[door.CompleteKeyOutput](s, "CompleteKey", &door.CompleteKeyInput{Ticket: start.Ticket, Name: name, KeyAnswer: string(k.Create([]byte(start.Options)))})
	if err != nil {
		return "", err
	}
	return out.Serial, nil
}

// proof is the answer of a key to the second step.
func (s *street) proof(k *fidotest.Authenticator) string {
	s.t.Helper()
	asked := must[door.StartKeyProofOutput](s, "StartKeyProof", &door.StartKeyProofInput{Attempt: s.attempt})
	return string(k.Get([]byte(asked.Options)))
}

func (s *street) iam(operation string, in any) (any, error) {
	s.t.Helper()
	return s.Corridor.Invoke(s.t.Context(), api.Caller{Principal: apitest.Root(apitest.Management)}, "iam", operation, in)
}

// TestKeysOfRootUsersAndIAMUsers registers keys, signs in with them, and has the IAM API tell of them. See "Assign a passkey or
// security key" in the IAM User Guide.
func TestKeysOfRootUsersAndIAMUsers(t *testing.T) {
	for name, c := range map[string]struct {
		in     *door.SignInInput
		user   *string
		serial string
	}{
		"root": {asRoot(), nil, `^arn:aws:iam::111111111111:u2f/root/blue-[A-Z2-7]{26}$`},
		"ana":  {asUser(), aws.String("ana"), `^arn:aws:iam::111111111111:u2f/user/ana/blue-[A-Z2-7]{26}$`},
	} {
		t.Run(name, func(t *testing.T) {
			s := lettered(t)
			k := fidotest.New(t, apitest.Origin)
			s.comes(door.Done, "SignIn", c.in)
			serial, err := s.addKey(k, "blue")
			if err != nil || !regexp.MustCompile(c.serial).MatchString(serial) {
				t.Fatalf("got %q, %v", serial, err)
			}
			if got := s.self(); !got.MFA || len(got.Devices) != 1 || !got.Devices[0].Key || got.Devices[0].Name != "blue" {
				t.Errorf("got %+v", got)
			}
			if _, err := s.addKey(k, "again"); !fault.Is(err, "ConflictException") && !fault.Is(err, "AccessDeniedException") {
				t.Errorf("the same key twice: %v", err)
			}
			s.comes(door.Code, "SignIn", c.in)
			if got := must[door.DescribeSignInOutput](s, "DescribeSignIn", &door.DescribeSignInInput{Attempt: s.attempt}); len(got.Keys) != 1 || got.Keys[0] != "blue" || len(got.Devices) != 0 {
				t.Errorf("got %+v", got)
			}
			attempt, answer := s.attempt, s.proof(k)
			s.refused(fault.Denied, "ContinueSignIn", &door.ContinueSignInInput{Attempt: attempt, Code: "000000"})
			s.refused(fault.Denied, "ContinueSignIn", &door.ContinueSignInInput{Attempt: attempt, KeyAnswer: answer}) // the challenge was used up
			s.refused(fault.Denied, "ContinueSignIn", &door.ContinueSignInInput{Attempt: attempt, KeyAnswer: s.proof(fidotest.New(t, apitest.Origin))})
			s.comes(door.Done, "ContinueSignIn", &door.ContinueSignInInput{Attempt: attempt, KeyAnswer: s.proof(k)})
			if got := s.self(); !got.MFA {
				t.Errorf("got %+v", got)
			}
			listed, err := s.iam("ListMFADevices", &iamsdk.ListMFADevicesInput{UserName: c.user})
			if list := listed.(*iamsdk.ListMFADevicesOutput).MFADevices; err != nil || len(list) != 1 || *list[0].SerialNumber != serial || *list[0].UserName != name {
				t.Errorf("listed %+v, %v", list, err)
			}
			got, err := s.iam("GetMFADevice", &iamsdk.GetMFADeviceInput{SerialNumber: &serial, UserName: c.user})
			if err != nil || *got.(*iamsdk.GetMFADeviceOutput).UserName != name || !got.(*iamsdk.GetMFADeviceOutput).EnableDate.Equal(s.Time.Now()) {
				t.Errorf("got %+v, %v", got, err)
			}
			must[door.RemoveDeviceOutput](s, "RemoveDevice", &door.RemoveDeviceInput{Serial: serial})
			s.comes(door.Done, "SignIn", c.in)
			if _, err := s.iam("GetMFADevice", &iamsdk.GetMFADeviceInput{SerialNumber: &serial, UserName: c.user}); !fault.Is(err, "NoSuchEntity") {
				t.Errorf("it is still there: %v", err)
			}
			if leaks := s.Leaks(); leaks != nil {
				t.Error(leaks)
			}
		})
	}
}

// TestAnyDeviceOpensTheDoor has a key and an app, either of which is enough, and at most eight devices of both kinds.
func TestAnyDeviceOpensTheDoor(t *testing.T) {
	s := lettered(t)
	k := fidotest.New(t, apitest.Origin)
	s.comes(door.Done, "SignIn", asUser())
	s.enrol("ana")
	if _, err := s.addKey(k, "blue"); err != nil {
		t.Fatal(err)
	}
	s.comes(door.Code, "SignIn", asUser())
	s.comes(door.Done, "ContinueSignIn", &door.ContinueSignInInput{Attempt: s.attempt, Code: s.code()})
	s.comes(door.Code, "SignIn", asUser())
	s.comes(door.Done, "ContinueSignIn", &door.ContinueSignInInput{Attempt: s.attempt, KeyAnswer: s.proof(k)})
	for range factor.MaxVirtual - 2 {
		if _, err := s.addKey(fidotest.New(t, apitest.Origin), "more"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.addKey(fidotest.New(t, apitest.Origin), "ninth"); !fault.Is(err, "LimitExceededException") {
		t.Errorf("a ninth: %v", err)
	}
	if _, err := s.iam("DeleteUser", &iamsdk.DeleteUserInput{UserName: aws.String("ana")}); !fault.Is(err, "DeleteConflict") {
		t.Errorf("deleted with its devices: %v", err)
	}
}

// TestKeysBelongToOneSession forges, keeps and moves what a registration is made of. See section 7.1 of Web Authentication Level 3
// and OWASP ASVS 5.0 section 7.5.
func TestKeysBelongToOneSession(t *testing.T) {
	s := lettered(t)
	k := fidotest.New(t, apitest.Origin)
	s.comes(door.Done, "SignIn", asRoot())
	start := func() *door.StartKeyOutput {
		out := must[door.StartKeyOutput](s, "StartKey", &door.StartKeyInput{Name: "blue"})
		s.Secret(out.Ticket)
		return out
	}
	complete := func(ticket, answer string) error {
		_, err := call[door.CompleteKeyOutput](s, "CompleteKey", &door.CompleteKeyInput{Ticket: ticket, Name: "blue", KeyAnswer: answer})
		return err
	}
	denied := func(what string, err error) {
		t.Helper()
		if f := fault.As(err); f == nil || f.Kind != fault.Denied && f.Kind != fault.Unauthenticated && f.Kind != fault.Invalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	first := start()
	answer := string(k.Create([]byte(first.Options)))
	denied("a forged ticket", complete(s.NewSecret(), answer))
	denied("no ticket", complete("", answer))
	denied("another's challenge", complete(start().Ticket, answer))
	denied("an answer of another origin", complete(first.Ticket, string(fidotest.New(t, "https://evil.example").Create([]byte(first.Options)))))
	denied("a ticket twice", complete(first.Ticket, answer))
	s.refused(fault.Unauthenticated, "ContinueSignIn", &door.ContinueSignInInput{Attempt: start().Ticket, Code: "000000"})
	s.refused(fault.Unauthenticated, "ContinueSignIn", &door.ContinueSignInInput{Attempt: start().Ticket, NewPassword: chosen})

	kept := start()
	answer = string(k.Create([]byte(kept.Options)))
	s.comes(door.Done, "SignIn", asUser())
	denied("in another's session", complete(kept.Ticket, answer))
	s.comes(door.Done, "SignIn", asRoot())
	denied("in another session of the same user", complete(kept.Ticket, answer))
	late := start()
	answer = string(k.Create([]byte(late.Options)))
	s.Time.Pass(factor.ChallengeLife)
	denied("too late", complete(late.Ticket, answer))
	s.Time.Pass(10 * time.Minute)
	if _, err := call[door.StartKeyOutput](s, "StartKey", &door.StartKeyInput{Name: "blue"}); !fault.Is(err, api.StepUp) {
		t.Errorf("without a fresh proof: %v", err)
	}
	for _, name := range []string{"", "two words", "a/b", strings.Repeat("x", 65), "<script>"} {
		_, err := call[door.StartKeyOutput](s, "StartKey", &door.StartKeyInput{Name: name})
		denied(name, err)
	}
	s.Update(func(tx *store.Tx) error {
		if n, err := store.Factors.Count(tx, "account", apitest.Management); n != 0 || err != nil {
			t.Errorf("%d keys, %v", n, err)
		}
		return nil
	})
}

// TestKeysTakePermission keeps a key from an IAM user whose policies give no device, and from who is named in another's stead.
func TestKeysTakePermission(t *testing.T) {
	s := newStreet(t, apitest.Deny("iam:EnableMFADevice"))
	s.comes(door.Done, "SignIn", asUser())
	if _, err := s.addKey(fidotest.New(t, apitest.Origin), "blue"); fault.As(err) == nil || fault.As(err).Kind != fault.Denied {
		t.Errorf("got %v", err)
	}
	s.comes(door.Done, "SignIn", asRoot())
	serial, err := s.addKey(fidotest.New(t, apitest.Origin), "blue")
	if err != nil {
		t.Fatal(err)
	}
	for _, operation := range []any{&iamsdk.DeactivateMFADeviceInput{SerialNumber: &serial, UserName: aws.String("ana")}, &iamsdk.GetMFADeviceInput{SerialNumber: &serial, UserName: aws.String("ana")}} {
		name := "GetMFADevice"
		if _, is := operation.(*iamsdk.DeactivateMFADeviceInput); is {
			name = "DeactivateMFADevice"
		}
		if _, err := s.iam(name, operation); !fault.Is(err, "NoSuchEntity") {
			t.Errorf("%s of the root user's key as an IAM user's: %v", name, err)
		}
	}
}
