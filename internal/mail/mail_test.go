package mail_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/mail/mailtest"
)

func now() time.Time { return time.Date(2026, 11, 20, 9, 12, 0, 0, time.UTC) }

func letter(kind mail.Kind) *mail.Letter {
	l := &mail.Letter{Kind: kind, To: "paula.collins@alderfreight.example", Name: "Paula", UserName: "pcollins", Organization: "Alder Freight",
		Portal: "https://id.alderfreight.example/start", At: now(), Until: now().Add(24 * time.Hour), Device: "Phone", Was: "Old phone", Client: "Firefox on Linux", Address: "192.0.2.7"}
	switch kind {
	case mail.Invitation, mail.RootInvitation, mail.Reset, mail.Registration, mail.Verification:
		l.Link = "https://id.alderfreight.example/invitation?link=abc&x=1"
	case mail.Code:
		l.Code = "123456"
	}
	return l
}

func settings(s *mailtest.Server, security mail.Security) *mail.Settings {
	return &mail.Settings{Host: s.Host, Port: s.Port, Security: security, From: "gatehouse@alderfreight.example", FromName: "Alder \"Freight\" <x@y>, Zoë"}
}

func deliver(t *testing.T, s *mailtest.Server, set *mail.Settings, l *mail.Letter) error {
	t.Helper()
	m, err := l.Write()
	if err != nil {
		t.Fatal(err)
	}
	return mail.Courier{Roots: s.Roots}.Deliver(t.Context(), set, "hush", m, "0000-1111")
}

// TestEveryLetterHasWords writes a letter of every kind, and looks for what no mail may hold: anything that is fetched
// when it is read.
func TestEveryLetterHasWords(t *testing.T) {
	t.Parallel()
	for _, kind := range []mail.Kind{mail.Invitation, mail.RootInvitation, mail.Reset, mail.Registration, mail.PasswordChanged, mail.DeviceAdded, mail.DeviceRenamed, mail.DeviceRemoved, mail.RecoveryUsed, mail.RecoveryRenewed,
		mail.AddressChanged, mail.Verification, mail.Code, mail.Test} {
		l := letter(kind)
		m, err := l.Write()
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		for _, form := range []string{m.Text, m.HTML} {
			if strings.Contains(form, "{{") || strings.Contains(form, "<no value>") || m.Subject == "" {
				t.Errorf("%s: %q\n%s", kind, m.Subject, form)
			}
			if l.Code != "" && !strings.Contains(form, l.Code) {
				t.Errorf("%s lacks the code:\n%s", kind, form)
			}
		}
		if l.Link != "" && (!strings.Contains(m.Text, "\n"+l.Link+"\n") || !strings.Contains(m.HTML, `href="https://id.alderfreight.example/invitation?link=abc&amp;x=1"`)) {
			t.Errorf("%s lacks the link:\n%s\n%s", kind, m.Text, m.HTML)
		}
		for _, fetched := range []string{"<img", "<link", "src=", "url(", "<script", "<iframe", "@import"} {
			if strings.Contains(m.HTML, fetched) {
				t.Errorf("%s fetches something by %s", kind, fetched)
			}
		}
	}
	if _, err := (&mail.Letter{Kind: "other", To: "a@b.example"}).Write(); err == nil {
		t.Error("a letter without words was written")
	}
}

// TestNamesStayNames puts line ends, headers, markup and turned text into every name. See "Email header injection" in
// OWASP's WSTG-INPV-10 and ASVS 5.0 section 1.3.11.
func TestNamesStayNames(t *testing.T) {
	t.Parallel()
	s := mailtest.New(t, mailtest.Options{NoTLS: true})
	l := letter(mail.Invitation)
	const evil = "Eve\r\nBcc: victim@example.com\r\n\r\n<script>alert(1)</script>\u2028\u202egro.live\x00\x1b[2J{{.Link}}"
	l.Name, l.UserName, l.Organization, l.By = evil, evil, evil, strings.Repeat("å", 500)
	if err := deliver(t, s, settings(s, mail.Clear), l); err != nil {
		t.Fatal(err)
	}
	got := s.Next()
	r := got.Read(t)
	if got.To != l.To || len(s.Mails()) != 1 || r.Header.Get("Bcc") != "" || len(r.Header["To"]) != 1 {
		t.Errorf("it went to %q with the headers %v", got.To, r.Header)
	}
	for _, form := range []string{r.Subject, r.Text, r.HTML} {
		if strings.ContainsAny(form, "\x00\x1b\u202e\u2028") || strings.Contains(r.HTML, "<script") || strings.Contains(form, strings.Repeat("å", 81)) {
			t.Errorf("a name became more than a name:\n%s", form)
		}
	}
	if !strings.Contains(r.Subject, "Eve Bcc: victim@example.com <script>") || r.Header.Get("From") == "" {
		t.Errorf("subject %q, from %q", r.Subject, r.Header.Get("From"))
	}
	from, err := r.Header.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Address != "gatehouse@alderfreight.example" || from[0].Name != `Alder "Freight" <x@y>, Zoë` {
		t.Errorf("from %v, %v", from, err)
	}
	for _, header := range []string{"X-Mailer", "User-Agent", "Return-Receipt-To", "Disposition-Notification-To"} {
		if r.Header.Get(header) != "" {
			t.Errorf("it has a header %s", header)
		}
	}
	if r.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Error("it does not say that no person wrote it")
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{
		"a@b.example": true, "zoë@b.example": true, "a+b@b.example": true,
		"": false, "a": false, "Eve <a@b.example>": false, "a@b.example, c@d.example": false, "a@b.example\r\nBcc: c@d.example": false,
		"a@b.example\n": false, " a@b.example": false, "a b@c.example": false, strings.Repeat("a", 250) + "@b.example": false, "<a@b.example>": false,
	} {
		if err := mail.CheckAddress(address); (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
	l := letter(mail.Test)
	l.To = "a@b.example\r\nBcc: c@d.example"
	if _, err := l.Write(); err == nil {
		t.Error("a letter to two was written")
	}
}

// TestTheWayIsSecured has mail servers that offer less than the settings ask for. See RFC 3207 section 6 and RFC 8314.
func TestTheWayIsSecured(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		server   mailtest.Options
		security mail.Security
		user     string
		strange  bool // the certificate is nobody's
		taken    bool
	}{
		"STARTTLS":                     {security: mail.StartTLS, taken: true},
		"STARTTLS with a user":         {server: mailtest.Options{User: "gate", Password: "hush"}, security: mail.StartTLS, user: "gate", taken: true},
		"TLS with a user":              {server: mailtest.Options{Implicit: true, User: "gate", Password: "hush"}, security: mail.TLS, user: "gate", taken: true},
		"in clear on this machine":     {server: mailtest.Options{NoTLS: true}, security: mail.Clear, taken: true},
		"STARTTLS is not offered":      {server: mailtest.Options{NoTLS: true}, security: mail.StartTLS},
		"a certificate of nobody":      {security: mail.StartTLS, strange: true},
		"a certificate of nobody, TLS": {server: mailtest.Options{Implicit: true}, security: mail.TLS, strange: true},
		"a wrong password":             {server: mailtest.Options{User: "gate", Password: "other"}, security: mail.StartTLS, user: "gate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mailtest.New(t, c.server)
			set := settings(s, c.security)
			set.User = c.user
			if c.strange {
				s.Roots = nil
			}
			err := deliver(t, s, set, letter(mail.Reset))
			if (err == nil) != c.taken || len(s.Mails()) > 0 != c.taken {
				t.Fatalf("got %v, %d mails", err, len(s.Mails()))
			}
			if err != nil && strings.Contains(err.Error(), "hush") {
				t.Errorf("the error shows the password: %v", err)
			}
			if c.taken && s.Next().Secure != (c.security != mail.Clear) {
				t.Error("it came in clear")
			}
		})
	}
}

func TestARefusedAddressIsGivenUp(t *testing.T) {
	t.Parallel()
	s := mailtest.New(t, mailtest.Options{Refuse: "550 5.1.1 no such mailbox"})
	if err := deliver(t, s, settings(s, mail.StartTLS), letter(mail.Reset)); !errors.Is(err, mail.ErrRefused) {
		t.Errorf("got %v", err)
	}
	s.Set(mailtest.Options{Refuse: "450 4.2.1 later"})
	if err := deliver(t, s, settings(s, mail.StartTLS), letter(mail.Reset)); err == nil || errors.Is(err, mail.ErrRefused) {
		t.Errorf("got %v", err)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change   func(*mail.Settings)
		password bool
		good     bool
	}{
		"as they should be":      {func(*mail.Settings) {}, true, true},
		"without a user":         {func(s *mail.Settings) { s.User = "" }, false, true},
		"loopback in clear":      {func(s *mail.Settings) { s.Host, s.Security, s.User = "localhost", mail.Clear, "" }, false, true},
		"::1 in clear":           {func(s *mail.Settings) { s.Host, s.Security, s.User = "::1", mail.Clear, "" }, false, true},
		"in clear":               {func(s *mail.Settings) { s.Security, s.User = mail.Clear, "" }, false, false},
		"a password in clear":    {func(s *mail.Settings) { s.Host, s.Security = "localhost", mail.Clear }, true, false},
		"a name like localhost":  {func(s *mail.Settings) { s.Host, s.Security, s.User = "localhost.evil.example", mail.Clear, "" }, false, false},
		"no host":                {func(s *mail.Settings) { s.Host = "" }, true, false},
		"a host with a line end": {func(s *mail.Settings) { s.Host = "a.example\r\nX" }, true, false},
		"no port":                {func(s *mail.Settings) { s.Port = 0 }, true, false},
		"another security":       {func(s *mail.Settings) { s.Security = "SSL" }, true, false},
		"a user alone":           {func(*mail.Settings) {}, false, false},
		"two senders":            {func(s *mail.Settings) { s.From = "a@b.example, c@d.example" }, true, false},
		"a name with a line end": {func(s *mail.Settings) { s.FromName = "a\nb" }, true, false},
	} {
		s := &mail.Settings{Host: "smtp.alderfreight.example", Port: 587, Security: mail.StartTLS, User: "gate", From: "gatehouse@alderfreight.example", FromName: "Alder Freight"}
		c.change(s)
		if err := s.Check(c.password); (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLettersAreSentAgainForADay(t *testing.T) {
	t.Parallel()
	at := now()
	o := &mail.Outgoing{CreatedAt: at, DueAt: at}
	var gaps []time.Duration
	for {
		o.Take(at)
		if !o.DueAt.After(at.Add(time.Minute)) {
			t.Fatalf("another may take it after %v", o.DueAt.Sub(at))
		}
		if o.Again(at, errors.New("mail server\r\ndown")) {
			break
		}
		gaps = append(gaps, o.DueAt.Sub(at))
		at = o.DueAt
	}
	if gaps[0] != time.Minute || gaps[1] != 2*time.Minute || gaps[len(gaps)-1] != time.Hour || at.Sub(now()) < 24*time.Hour || at.Sub(now()) > 25*time.Hour {
		t.Errorf("gaps %v", gaps)
	}
	if o.Error != "mail server down" {
		t.Errorf("error %q", o.Error)
	}
}

func TestABoxKeepsTheNewest(t *testing.T) {
	t.Parallel()
	var b mail.Box
	for range 200 {
		b.Put(&mail.Message{Subject: "old"})
	}
	b.Put(&mail.Message{Subject: "new"})
	if list := b.Messages(); len(list) != 100 || list[0].Subject != "new" {
		t.Errorf("%d messages, the first %q", len(list), list[0].Subject)
	}
}
