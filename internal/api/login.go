package api

import (
	"context"
	"errors"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/password"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// PasswordPolicy is what an account asks of the passwords of its IAM users.
func PasswordPolicy(tx *store.Tx, id ident.AccountID) (*iam.PasswordPolicy, error) {
	p, err := store.PasswordPolicies.Get(tx, id)
	if errors.Is(err, store.ErrNotFound) {
		return iam.DefaultPasswordPolicy(id), nil
	}
	return p, err
}

// Words are what guessers of an IAM user's password would try first: the names of the user and of the account.
func (c *Call) Words(u *iam.User) []string {
	words := []string{u.Name}
	if a := c.Snapshot.Account(u.Account); a != nil {
		words = append(words, a.Name, a.Email)
	}
	return words
}

// HashIAMPassword hashes a new password of an IAM user, after it has looked whether it may be set: it is as the account's
// policy wants it, is not on the lists of guessers, is none of words, and none of the earlier ones that the policy compares
// it with. Not for use inside of a change.
func (c *Call) HashIAMPassword(ctx context.Context, text string, p *iam.PasswordPolicy, earlier *iam.Login, words ...string) (string, error) {
	const violation = "Password does not conform to the account password policy."
	for _, w := range words {
		if strings.EqualFold(text, w) {
			return "", fault.New(fault.Invalid, "PasswordPolicyViolation", violation)
		}
	}
	if !p.Meets(text) {
		return "", fault.New(fault.Invalid, "PasswordPolicyViolation", violation)
	}
	if iam.Guessable(text, words...) {
		return "", fault.New(fault.Invalid, "PasswordPolicyViolation", violation+" It is one that is tried first by those who guess passwords.")
	}
	for _, hash := range p.Compared(earlier) {
		same, _, err := c.Passwords.Verify(ctx, hash, text)
		if err != nil {
			return "", err
		}
		if same {
			return "", fault.New(fault.Invalid, "PasswordPolicyViolation", violation)
		}
	}
	return c.Passwords.Hash(ctx, text)
}

// RootPasswordRules are what the password of a root user has to meet: it may be all that is asked for.
func RootPasswordRules() password.Rules { return password.NIST(false) }

// HashRootPassword hashes a new password of a root user, after it has looked whether it may be set. Not for use inside of a
// change; SetRootPassword is.
func (c *Call) HashRootPassword(ctx context.Context, text string, a *account.Account) (string, error) {
	rules := RootPasswordRules()
	if objections := rules.Object(text, a.Name, a.Email, "gatehouse"); len(objections) > 0 {
		return "", refusedPassword(rules, objections)
	}
	return c.Passwords.Hash(ctx, text)
}

// SetRootPassword is SaveRootPassword, of which the root user is told, unless it is their first one.
func (c *Call) SetRootPassword(tx *store.Tx, a *account.Account, hash string) error {
	to, err := RootUser(tx, a)
	if err != nil {
		return err
	}
	if err := SaveRootPassword(tx, a.ID, hash); err != nil || !to.HasPassword() {
		return err
	}
	return c.Tell(tx, to, mail.Letter{Kind: mail.PasswordChanged})
}

// SaveRootPassword gives the root user of an account a password, by its hash. It ends the root user's sign-ins and links.
func SaveRootPassword(tx *store.Tx, id ident.AccountID, hash string) error {
	l, err := store.Logins.Get(tx, string(id))
	if errors.Is(err, store.ErrNotFound) {
		l, err = &iam.Login{Owner: string(id), Account: id, CreatedAt: tx.Now}, nil
	}
	if err != nil {
		return err
	}
	l.Change(hash, tx.Now)
	l.ResetRequired = false
	if err := errors.Join(EndSessions(tx, string(id), ""), EndLinks(tx, string(id))); err != nil {
		return err
	}
	return store.Logins.Save(tx, l)
}

// EndSessions ends the browser sessions of an owner but one.
func EndSessions(tx *store.Tx, owner, but string) error {
	list, _, err := store.Portals.List(tx, "user", []any{owner}, "", 0)
	if err != nil {
		return err
	}
	for _, s := range list {
		if s.ID == but || !s.EndedAt.IsZero() {
			continue
		}
		s.EndedAt = tx.Now
		if err := store.Portals.Save(tx, s); err != nil {
			return err
		}
	}
	return nil
}
