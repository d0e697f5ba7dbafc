package admin_test

import (
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/mail/mailtest"
)

func operator() *authz.Principal { return &authz.Principal{Kind: authz.Operator, ARN: "operator"} }

// TestMailIsTheOperators sets up a mail server and sends by it. The password is shown to nobody, and goes nowhere but to
// the mail server it was given for.
func TestMailIsTheOperators(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, map[string]api.Table{admin.Name: admin.Table()})
	s := mailtest.New(t, mailtest.Options{User: "gate", Password: "hush hush hush"})
	w.Courier.Roots = s.Roots
	w.Secret("hush hush hush")
	server := admin.MailServer{Host: s.Host, Port: int32(s.Port), Security: "STARTTLS", User: "gate", FromAddress: "gatehouse@acme.example", FromName: "Acme"}
	put := func(m admin.MailServer, password string) error {
		_, err := apitest.As[admin.PutMailSettingsOutput](w, operator(), admin.Name, "PutMailSettings", &admin.PutMailSettingsInput{MailServer: m, Password: password})
		return err
	}
	test := func() error {
		_, err := apitest.As[admin.SendTestMailOutput](w, operator(), admin.Name, "SendTestMail", &admin.SendTestMailInput{To: "you@acme.example"})
		return err
	}
	for _, operation := range []string{"GetMailSettings", "PutMailSettings", "DeleteMailSettings", "SendTestMail"} {
		apitest.Refused(w, "AccessDeniedException", admin.Name, operation, map[string]any{
			"GetMailSettings": &admin.GetMailSettingsInput{}, "PutMailSettings": &admin.PutMailSettingsInput{},
			"DeleteMailSettings": &admin.DeleteMailSettingsInput{}, "SendTestMail": &admin.SendTestMailInput{}}[operation])
	}
	if err := test(); !fault.Is(err, "ResourceNotFoundException") {
		t.Errorf("without a mail server: %v", err)
	}
	if err := put(server, "hush hush hush"); err != nil {
		t.Fatal(err)
	}
	if err := test(); err != nil {
		t.Fatal(err)
	}
	if got := s.Next(); got.To != "you@acme.example" || got.User != "gate" || !got.Secure {
		t.Errorf("got %+v", got)
	}
	renamed := server
	renamed.FromName = "Acme Ltd"
	if err := put(renamed, ""); err != nil {
		t.Errorf("the password did not stay: %v", err)
	}
	if err := test(); err != nil {
		t.Error(err)
	}
	elsewhere := server
	elsewhere.Host = "smtp.evil.example"
	if err := put(elsewhere, ""); !fault.Is(err, "ValidationException") {
		t.Errorf("the password went along to another mail server: %v", err)
	}
	if err := put(server, "not it"); err != nil {
		t.Fatal(err)
	}
	if err := test(); !fault.Is(err, "MailNotSentException") {
		t.Errorf("with a wrong password: %v", err)
	}
	if leaks := w.Leaks(); leaks != nil {
		t.Error(leaks)
	}
}
