package api

import (
	"context"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/password"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// PasswordRefused is the code of the fault of a new password that the rules object to. Its member Objections has the
// objections as sentences.
const PasswordRefused = "PasswordRefusedException"

// OneTimeLife is how long a password is good for that a person has from somebody else. See OWASP ASVS 5.0 section 6.4.1.
const OneTimeLife = 7 * 24 * time.Hour

// NewPassword is a password that meets the rules, hashed. It is made outside of transactions, because hashing takes long.
type NewPassword struct {
	hash string
	past []string // hashes that are kept with it
	old  string   // the hash that it takes the place of

	MustChange bool // before the first sign-in
	Until      time.Time
}

// RulesFor are the rules for a new password of a person.
func (s *Services) RulesFor(tx *store.Tx, u *directory.User) (password.Rules, error) {
	i := s.State.Current().InstanceWith(u.StoreID)
	if i == nil {
		return password.NIST(false), nil
	}
	p, err := SignInPolicy(tx, i.ARN)
	if err != nil {
		return password.Rules{}, err
	}
	return p.PasswordRules(), nil
}

// NewPassword makes a password of a person out of what was typed, or says what is wrong with it.
func (c *Call) NewPassword(ctx context.Context, u *directory.User, typed string) (*NewPassword, error) {
	rules, err := Look(ctx, c, func(tx *store.Tx) (password.Rules, error) { return c.RulesFor(tx, u) })
	if err != nil {
		return nil, err
	}
	objections := rules.Object(typed, c.words(u)...)
	if len(objections) == 0 {
		reused, err := c.reused(ctx, u, typed, rules)
		if err != nil {
			return nil, err
		}
		if reused {
			objections = append(objections, password.Reused)
		}
	}
	if len(objections) > 0 {
		return nil, refusedPassword(rules, objections)
	}
	n := &NewPassword{old: u.PasswordHash}
	if rules.History > 1 && u.PasswordHash != "" {
		n.past = append([]string{u.PasswordHash}, u.PastHashes...)
		n.past = n.past[:min(len(n.past), rules.History-1)]
	}
	n.hash, err = c.Passwords.Hash(ctx, typed)
	return n, err
}

func refusedPassword(rules password.Rules, objections []password.Objection) error {
	said := make([]string, len(objections))
	for i, o := range objections {
		said[i] = rules.Says(o)
	}
	return fault.New(fault.Invalid, PasswordRefused, "%s", strings.Join(said, " ")).With("Objections", said)
}

// words are what somebody who guesses would try first.
func (c *Call) words(u *directory.User) []string {
	list := []string{u.UserName, u.DisplayName, u.GivenName, u.FamilyName, u.NickName, "gatehouse"}
	if i := c.State.Current().InstanceWith(u.StoreID); i != nil {
		list = append(list, c.Organization(i))
	}
	for _, e := range u.Emails {
		list = append(list, e.Value)
	}
	return list
}

// reused reports whether the rules forbid a password because the person had it. One that has to be changed may never stay.
func (c *Call) reused(ctx context.Context, u *directory.User, typed string, rules password.Rules) (bool, error) {
	var had []string
	if u.PasswordHash != "" && (u.MustChange || rules.History > 0) {
		had = append(had, u.PasswordHash)
	}
	if rules.History > 1 {
		had = append(had, u.PastHashes[:min(len(u.PastHashes), rules.History-1)]...)
	}
	for _, hash := range had {
		if same, _, err := c.Passwords.Verify(ctx, hash, typed); same || err != nil {
			return same, err
		}
	}
	return false, nil
}

// SetPassword gives a person a password. Whoever is signed in as the person is out, every link of theirs has ended, and
// they are told, unless it is their first one. See OWASP ASVS 5.0 sections 7.4.3 and 6.3.7.
func (c *Call) SetPassword(tx *store.Tx, u *directory.User, n *NewPassword, by string) error {
	if u.PasswordHash != n.old {
		return fault.New(fault.Conflict, "ConflictException", "The password was changed by somebody else meanwhile.")
	}
	u.PasswordHash, u.PastHashes, u.MustChange, u.PasswordUntil = n.hash, n.past, n.MustChange, n.Until
	u.Generation++
	u.Changed(tx.Now, by)
	if err := EndLinks(tx, u.ID); err != nil {
		return err
	}
	if err := store.Users.Save(tx, u); err != nil || n.old == "" {
		return err
	}
	return c.Tell(tx, Person(u), mail.Letter{Kind: mail.PasswordChanged})
}

// The letters and digits of passwords that the server makes: none is taken for another.
const (
	upperLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	lowerLetters = "abcdefghijkmnpqrstuvwxyz"
	digits       = "23456789"
)

// OneTimePassword makes a password that meets all rules there are, of more than 80 random bits.
func (s *Services) OneTimePassword() string {
	return strings.Join([]string{s.IDs.Text(5, upperLetters), s.IDs.Text(5, lowerLetters), s.IDs.Text(5, digits), s.IDs.Text(5, lowerLetters)}, "-")
}
