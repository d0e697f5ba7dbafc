package door_test

import (
	"os"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/factor/fido/fidotest"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/link"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/testkit/postgres"
)

var cluster *postgres.Cluster // set by TestMain; nil without PostgreSQL

func TestMain(m *testing.M) { os.Exit(postgres.Main(m, func(c *postgres.Cluster) { cluster = c })) }

// engines are the databases that doors are kept in.
func engines(t *testing.T, test func(*testing.T, func() string)) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) { t.Parallel(); test(t, func() string { return "" }) })
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		postgres.Installed(t)
		test(t, func() string { return cluster.Database(t) })
	})
}

// won counts who succeeds of several who try at once, and complains of who fails in another way than these.
func won(t *testing.T, n int, try func(i int) error) (successes int) {
	t.Helper()
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = try(i) })
	}
	all.Wait()
	for _, err := range errs {
		f := fault.As(err)
		if err == nil {
			successes++
		} else if f == nil || f.Kind == fault.Internal {
			t.Errorf("got %v", err)
		}
	}
	return successes
}

// TestDoorsOnBothEngines walks through what root users and IAM users do, on each database: passwords and their policy, login
// profiles, apps, keys, codes at STS, and links.
func TestDoorsOnBothEngines(t *testing.T) {
	engines(t, func(t *testing.T, database func() string) {
		s := streetIn(t, database(), apitest.Allow("*"))
		s.Mailbox = new(mail.Box)
		s.Secret(chosen)
		ana := aws.String("ana")
		if _, err := s.iam("UpdateAccountPasswordPolicy", &iamsdk.UpdateAccountPasswordPolicyInput{MinimumPasswordLength: aws.Int32(12), PasswordReusePrevention: aws.Int32(2)}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.iam("UpdateLoginProfile", &iamsdk.UpdateLoginProfileInput{UserName: ana, Password: aws.String(newSecret), PasswordResetRequired: aws.Bool(true)}); err != nil {
			t.Fatal(err)
		}
		in := asUser()
		in.Password = newSecret
		s.comes(door.Password, "SignIn", in)
		s.refused(fault.Invalid, "ContinueSignIn", &door.ContinueSignInInput{Attempt: s.attempt, NewPassword: "too short"})
		const renewed = "9 quiet Herons nest!"
		s.Secret(renewed)
		s.comes(door.Done, "ContinueSignIn", &door.ContinueSignInInput{Attempt: s.attempt, NewPassword: renewed})
		in.Password = renewed
		serial, k := s.enrol("ana"), fidotest.New(t, apitest.Origin)
		if _, err := s.addKey(k, "blue"); err != nil {
			t.Fatal(err)
		}
		s.comes(door.Code, "SignIn", in)
		s.comes(door.Done, "ContinueSignIn", &door.ContinueSignInInput{Attempt: s.attempt, KeyAnswer: s.proof(k)})
		listed, err := s.iam("ListMFADevices", &iamsdk.ListMFADevicesInput{UserName: ana})
		if list := listed.(*iamsdk.ListMFADevicesOutput).MFADevices; err != nil || len(list) != 2 || *list[0].SerialNumber != serial {
			t.Errorf("got %+v, %v", list, err)
		}
		code := s.code()
		as := api.Caller{Session: s.browser.Session}
		if n := won(t, 4, func(int) error {
			_, err := api.Invoke[stssdk.GetSessionTokenOutput](t.Context(), s.Corridor, as, "sts", "GetSessionToken", &stssdk.GetSessionTokenInput{SerialNumber: &serial, TokenCode: &code})
			return err
		}); n > 1 {
			t.Errorf("a code was good %d times", n)
		}
		if leaks := s.Leaks(); leaks != nil {
			t.Error(leaks)
		}
	})
}

// TestRacesAtTheDoorOnBothEngines has several spend one link, and answer with one code and one ticket, at once.
func TestRacesAtTheDoorOnBothEngines(t *testing.T) {
	engines(t, func(t *testing.T, database func() string) {
		s := streetIn(t, database(), apitest.Allow("*"))
		s.Mailbox = new(mail.Box)
		s.Secret(chosen)
		s.comes(door.Done, "SignIn", asRoot())
		s.enrol("phone")
		start := must[door.StartKeyOutput](s, "StartKey", &door.StartKeyInput{Name: "blue"})
		s.Secret(start.Ticket)
		answer := string(fidotest.New(t, apitest.Origin).Create([]byte(start.Options)))
		if n := won(t, 4, func(int) error {
			_, err := call[door.CompleteKeyOutput](s, "CompleteKey", &door.CompleteKeyInput{Ticket: start.Ticket, Name: "blue", KeyAnswer: answer})
			return err
		}); n != 1 || len(s.self().Devices) != 2 {
			t.Errorf("a ticket was good %d times: %+v", n, s.self().Devices)
		}
		s.comes(door.Code, "SignIn", asRoot())
		attempt, code := s.attempt, s.code()
		if n := won(t, 4, func(int) error {
			_, err := call[door.SignInOutput](s, "ContinueSignIn", &door.ContinueSignInInput{Attempt: attempt, Code: code})
			return err
		}); n != 1 {
			t.Errorf("a code was good %d times", n)
		}
		s.Time.Pass(time.Minute)
		secret := s.link(link.Reset)
		if n := won(t, 4, func(int) error { return s.spend(secret, chosen) }); n != 1 {
			t.Errorf("a link was good %d times", n)
		}
		s.comes(door.Code, "SignIn", &door.SignInInput{Door: door.Root, Name: email, Password: chosen})
		s.Time.Pass(factor.AttemptLife)
		s.refused(fault.Unauthenticated, "ContinueSignIn", &door.ContinueSignInInput{Attempt: s.attempt, Code: "000000"})
	})
}
