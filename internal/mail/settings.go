package mail

import (
	"errors"
	"net"
	"net/netip"
	"regexp"
	"strconv"
)

// Security is how a mail server is spoken to.
type Security string

// The ways.
const (
	StartTLS Security = "STARTTLS" // in clear first, and by TLS from then on or not at all: RFC 3207
	TLS      Security = "TLS"      // from the first byte: RFC 8314 section 3.3
	Clear    Security = "NONE"     // on this machine only
)

// Settings are how the server sends mail.
type Settings struct {
	Host           string
	Port           int
	Security       Security
	User           string // empty where the mail server asks for nobody
	SealedPassword []byte
	From           string // the address of the sender
	FromName       string
}

// Binding is what a sealed password is bound to: it goes to this server, for this user, and nowhere else.
func (s *Settings) Binding() []byte {
	return []byte("mail\x00" + net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) + "\x00" + string(s.Security) + "\x00" + s.User)
}

// hostName is the name of a host as RFC 1123 section 2.1 has it.
var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,62}\.?)*$`)

// Errors of Check.
var (
	errHost     = errors.New("the mail server is named as a host, such as smtp.example.com")
	errPort     = errors.New("the port of the mail server is 1 to 65535")
	errSecurity = errors.New("the connection is secured by STARTTLS or TLS, or by NONE on this machine")
	errClear    = errors.New("mail leaves this machine by STARTTLS or TLS: a link in it is as good as a password")
	errPassword = errors.New("a password goes to a mail server by STARTTLS or TLS only")
	errUser     = errors.New("a user and a password come together")
	errFrom     = errors.New("mails need the address of a sender, such as gatehouse@example.com")
	errFromName = errors.New("the name of the sender is a line of at most 80 characters")
)

// Check reports what is wrong with settings. password says whether there is one.
func (s *Settings) Check(password bool) error {
	switch {
	case len(s.Host) > 253 || !hostName.MatchString(s.Host) && !isAddress(s.Host):
		return errHost
	case s.Port < 1 || s.Port > 65535:
		return errPort
	case s.Security != StartTLS && s.Security != TLS && s.Security != Clear:
		return errSecurity
	case s.Security == Clear && !s.local():
		return errClear
	case (s.User != "") != password:
		return errUser
	case s.Security == Clear && password:
		return errPassword
	case CheckAddress(s.From) != nil:
		return errFrom
	case plain(s.FromName) != s.FromName:
		return errFromName
	}
	return nil
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// local reports whether the mail server is on this machine.
func (s *Settings) local() bool {
	a, err := netip.ParseAddr(s.Host)
	return s.Host == "localhost" || err == nil && a.IsLoopback()
}
