package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// tryTime is how long handing over one message may take.
const tryTime = time.Minute

// ErrRefused says that a mail server will never take a message for this address.
var ErrRefused = errors.New("the mail server does not take mail for this address")

// Courier hands messages to mail servers.
type Courier struct {
	Roots *x509.CertPool // that a mail server's certificate leads to; nil for the system's
}

// Deliver hands over a message under an id that is its own. The mail server's certificate has to be for its name.
func (c Courier) Deliver(ctx context.Context, s *Settings, password string, m *Message, id string) error {
	client, err := gomail.NewClient(s.Host, c.options(s, password)...)
	if err != nil {
		return fmt.Errorf("the mail settings: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	err = client.DialAndSendWithContext(ctx, s.compose(m, id))
	var failed *gomail.SendError
	if errors.As(err, &failed) && failed.Reason == gomail.ErrSMTPRcptTo && !failed.IsTemp() {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return err
}

func (c Courier) options(s *Settings, password string) []gomail.Option {
	options := []gomail.Option{gomail.WithPort(s.Port), gomail.WithTimeout(tryTime / 2),
		gomail.WithTLSConfig(&tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12, RootCAs: c.Roots})}
	switch s.Security {
	case TLS:
		options = append(options, gomail.WithSSL())
	case Clear:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.User), gomail.WithPassword(password))
	}
	return options
}

// compose makes the message as it goes out. It says that no person wrote it (RFC 3834 section 5), so that nobody's
// absence notice answers.
func (s *Settings) compose(m *Message, id string) *gomail.Msg {
	letter := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	letter.FromMailAddress(&mail.Address{Name: s.FromName, Address: s.From})
	letter.ToMailAddress(&mail.Address{Address: m.To})
	_, domain, _ := strings.Cut(s.From, "@")
	letter.Subject(line(m.Subject))
	letter.SetDateWithValue(m.At)
	letter.SetMessageIDWithValue(id + "@" + domain)
	letter.SetGenHeader("Auto-Submitted", "auto-generated")
	letter.SetBodyString(gomail.TypeTextPlain, m.Text)
	letter.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return letter
}
