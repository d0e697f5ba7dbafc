package iam

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/password"
)

// Login is the password of an IAM user, which the IAM API calls a login profile, or of the root user of an account.
type Login struct {
	Owner         string // AIDA…, or the account's id for its root user
	Account       ident.AccountID
	Hash          string
	Earlier       []string // hashes of earlier passwords, the newest first
	ResetRequired bool     // it has to be changed at the next sign-in
	CreatedAt     time.Time
	ChangedAt     time.Time
}

// Change sets another password. Earlier ones are kept as long as a policy may ask for them.
func (l *Login) Change(hash string, now time.Time) {
	if l.Hash != "" {
		l.Earlier = slices.Insert(l.Earlier, 0, l.Hash)
		l.Earlier = l.Earlier[:min(len(l.Earlier), mostReuse-1)]
	}
	l.Hash, l.ChangedAt = hash, now
}

// Bounds of policies. See "UpdateAccountPasswordPolicy" in the IAM API Reference.
const (
	mostReuse     = 24
	longest       = 128
	defaultLength = 8
	classesNeeded = 3
)

// PasswordPolicy is what an account asks of the passwords of its IAM users. See "Set an account password policy for IAM
// users" in the IAM User Guide.
type PasswordPolicy struct {
	Account                        ident.AccountID
	MinLength                      int
	Symbols, Numbers, Upper, Lower bool
	UsersChange                    bool // every IAM user may change their own
	MaxAgeDays                     int  // 0 for passwords that do not expire
	Reuse                          int  // how many earlier passwords may not be used again
	HardExpiry                     bool // who let theirs expire cannot set another at the sign-in
	Kinds                          int  // how many of the four kinds of characters there have to be, whichever
}

// DefaultPasswordPolicy is what holds where an account has none of its own.
func DefaultPasswordPolicy(id ident.AccountID) *PasswordPolicy {
	return &PasswordPolicy{Account: id, MinLength: defaultLength, Kinds: classesNeeded}
}

// classes are the kinds of characters that policies name. See "Custom password policy options" there.
var classes = [...]func(rune) bool{
	func(c rune) bool { return strings.ContainsRune("!@#$%^&*()_+-=[]{}|'", c) },
	func(c rune) bool { return '0' <= c && c <= '9' },
	func(c rune) bool { return 'A' <= c && c <= 'Z' },
	func(c rune) bool { return 'a' <= c && c <= 'z' },
}

// Meets reports whether a password is as the policy wants it.
func (p *PasswordPolicy) Meets(text string) bool {
	n := 0
	for i, wanted := range [...]bool{p.Symbols, p.Numbers, p.Upper, p.Lower} {
		has := strings.ContainsFunc(text, classes[i])
		if wanted && !has {
			return false
		}
		if has {
			n++
		}
	}
	length := len([]rune(text))
	return n >= p.Kinds && length >= p.MinLength && length <= longest
}

// Guessable reports whether a password is one that guessers try first, whatever the policy says: it is on the list of known
// ones, a pattern, or little more than these words. See NIST SP 800-63B-4 section 3.1.1.2.
func Guessable(text string, words ...string) bool {
	objections := password.Rules{MaxLength: longest}.Object(strings.Map(visible, text), words...)
	return len(objections) > 0
}

// visible leaves out the control characters that IAM allows in passwords.
func visible(c rune) rune {
	if unicode.IsControl(c) {
		return -1
	}
	return c
}

// Compared are the hashes of the passwords that may not be used again.
func (p *PasswordPolicy) Compared(l *Login) []string {
	if p.Reuse == 0 || l == nil {
		return nil
	}
	all := append([]string{l.Hash}, l.Earlier...)
	return all[:min(len(all), p.Reuse)]
}

// Expires is when a password stops being good, or the zero time.
func (p *PasswordPolicy) Expires(l *Login) time.Time {
	if p.MaxAgeDays == 0 {
		return time.Time{}
	}
	return l.ChangedAt.AddDate(0, 0, p.MaxAgeDays)
}

// Expired reports whether a password is no longer good.
func (p *PasswordPolicy) Expired(l *Login, now time.Time) bool {
	end := p.Expires(l)
	return !end.IsZero() && !now.Before(end)
}
