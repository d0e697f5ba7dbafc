// Package mail is what the server writes to people, and how that gets to them.
//
// A Letter is what a mail has to say, before it is put into words. Operations queue letters: an Outgoing is one on its way,
// written in the transaction of the change that it tells of and sealed, because it may carry a link that is as good as a
// password. A Message is a letter in words, as text and as HTML; it is made when it is sent. A Courier hands messages to
// the mail server of the Settings. A Box keeps them instead, on a development server.
//
// What must hold: nothing of a letter can become a header or another recipient; a message holds no remote content and
// nothing that tells the sender that it was read (RFC 5322, RFC 2045; "Email security" in OWASP's "Forgot Password Cheat
// Sheet"); a password goes to a mail server by TLS only; a mail is sent again until it is taken or a day is over, so it may
// arrive twice and is not lost.
package mail

import (
	"errors"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxAddress is the longest address in octets. See RFC 5321 section 4.5.3.1.3, less the brackets.
const maxAddress = 254

// errAddress is every way in which a text is no address.
var errAddress = errors.New("not an e-mail address")

// CheckAddress reports whether a text is one address and nothing besides: no name, no second address, no line end.
func CheckAddress(address string) error {
	if len(address) > maxAddress || strings.ContainsFunc(address, func(c rune) bool { return c <= ' ' || unicode.IsControl(c) }) {
		return errAddress
	}
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Name != "" || parsed.Address != address {
		return errAddress
	}
	return nil
}

// longestName is how many characters of a name a mail shows.
const longestName = 80

// plain makes a name of somebody or something fit for a line of a mail, and for a header: one line, and not long.
func plain(name string) string {
	name = line(name)
	if runes := []rune(name); len(runes) > longestName {
		name = string(runes[:longestName-1]) + "…"
	}
	return name
}

// line leaves out of a text what cannot be seen, what turns its direction, and every line end.
func line(text string) string {
	text = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c), unicode.IsControl(c), c == utf8.RuneError:
			return ' '
		case unicode.Is(unicode.Cf, c):
			return -1
		}
		return c
	}, text)
	return strings.Join(strings.Fields(text), " ")
}
