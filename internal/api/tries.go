package api

import (
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Slow begins a try at what belongs to a name. A try counts as a failure when it begins; the throttle's Success takes that
// back. What is slowed down is on record once, when that begins. See OWASP ASVS 5.0 section 6.3.1.
func (c *Call) Slow(name string) error {
	wait := c.Throttle.Attempt(name, c.Address)
	if wait <= 0 {
		c.Counted()
		return nil
	}
	code := "TooManyRequestsException"
	if c.Service == "iam" || c.Service == "sts" {
		code = "Throttling"
	}
	return fault.New(fault.Throttled, code, "There were too many tries. Wait %s and try again.", max(wait.Round(time.Second), time.Second))
}

// PasswordTries is whose tries at a password are counted, whether there is such a person or not.
func PasswordTries(storeID, userName string) string {
	return storeID + "\x00" + directory.Fold(userName)
}

// FactorTries is whose tries at second factors are counted. They are counted apart from those at the password, which a
// right password forgives.
func FactorTries(userID string) string { return "factor\x00" + userID }

// PasskeyTries is whose tries at signing in with a passkey alone are counted: those at a credential, which need not exist.
func PasskeyTries(credential []byte) string { return "passkey\x00" + string(credential) }

// MailTries is whose codes by mail are counted.
func MailTries(userID string) string { return "mailed\x00" + userID }

// DeviceTries is whose tries at the codes that devices show are counted. See RFC 8628 section 5.1.
func DeviceTries(userID string) string { return "device\x00" + userID }

// ResetTries is whose wishes for a link are counted, whether there is such a person or not.
func ResetTries(storeID, userName string) string {
	return "reset\x00" + PasswordTries(storeID, userName)
}

// RootPasswordTries is whose tries at the password of a root user are counted, whether there is an account with this address
// or not.
func RootPasswordTries(email string) string { return "root\x00" + directory.Fold(email) }

// RootResetTries is ResetTries of a root user.
func RootResetTries(email string) string { return "reset\x00" + RootPasswordTries(email) }

// IAMPasswordTries is whose tries at the password of an IAM user are counted, whether there is such a user or not; without
// a name they are those at the root user's.
func IAMPasswordTries(account ident.AccountID, userName string) string {
	return "iam\x00" + string(account) + "\x00" + strings.ToLower(userName)
}

// CodeTries is whose tries at the codes of virtual MFA devices are counted: their owner's.
func CodeTries(owner string) string { return "code\x00" + owner }

// TriesOf are all by which the tries at a person are counted.
func TriesOf(u *directory.User) []string {
	name := PasswordTries(u.StoreID, u.UserName)
	return []string{name, KnownTries(name), FactorTries(u.ID), MailTries(u.ID), DeviceTries(u.ID), ResetTries(u.StoreID, u.UserName)}
}

// TriesOfRoot is TriesOf for the root user of an account.
func TriesOfRoot(a *account.Account) []string {
	name := RootPasswordTries(a.Email)
	return []string{name, KnownTries(name), CodeTries(string(a.ID)), RootResetTries(a.Email)}
}

// TriesOfIAMUser is TriesOf for an IAM user.
func TriesOfIAMUser(u *iam.User) []string {
	name := IAMPasswordTries(u.Account, u.Name)
	return []string{name, KnownTries(name), CodeTries(u.ID)}
}

// triedAt reads the name by which tries are counted: what was tried, and at which person. A name that no person has is told
// to nobody.
func triedAt(tx *store.Tx, name string) (of string, u *directory.User, err error) {
	part := append(strings.Split(name, "\x00"), "")
	switch part[0] {
	case "root", "iam", "passkey":
		return strings.ToUpper(part[0]), nil, nil
	case "factor", "mailed", "device", "code":
		of = strings.ToUpper(part[0])
		u, err = store.Users.Get(tx, part[1])
	case "reset":
		of = "RESET"
		u, err = store.Users.By(tx, "name", part[1], part[2])
	default:
		of = "PASSWORD"
		u, err = store.Users.By(tx, "name", part[0], part[1])
	}
	return of, u, store.Missing(err, nil)
}
