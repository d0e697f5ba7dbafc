package door

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// holder is a root user or an IAM user with all that they prove themselves with, as one transaction sees it.
type holder struct {
	account *account.Account
	user    *iam.User  // nil for a root user
	login   *iam.Login // nil without a password
	devices []*factor.Virtual
	keys    []*factor.Device // security keys and passkeys
	handle  *factor.Holder   // nil for who never had a key
	policy  *iam.PasswordPolicy
}

// owner is what passwords, devices and sessions of the holder belong to.
func (h *holder) owner() string {
	if h.user == nil {
		return string(h.account.ID)
	}
	return h.user.ID
}

func (h *holder) door() string {
	if h.user == nil {
		return Root
	}
	return IAM
}

// name is what the holder is called in the account.
func (h *holder) name() string {
	if h.user == nil {
		return "root"
	}
	return h.user.Name
}

func (h *holder) generation() uint64 {
	if h.user == nil {
		return h.account.RootGeneration
	}
	return h.user.Generation
}

// state differs once the password or the devices do. What was begun in one state does not go on in another.
func (h *holder) state() []byte {
	devices := slices.Clone(h.keys)
	for _, v := range h.devices {
		devices = append(devices, &factor.Device{ID: v.Serial + v.EnabledAt.String()})
	}
	return factor.Fingerprint(h.login.Hash, h.generation(), devices)
}

// mustChange reports whether the password has to be replaced before the holder gets in.
func (h *holder) mustChange(now time.Time) bool {
	return h.login.ResetRequired || h.user != nil && h.policy.Expired(h.login, now)
}

// lockedOut reports whether the password is too old for its holder to replace it.
func (h *holder) lockedOut(now time.Time) bool {
	return h.user != nil && h.policy.HardExpiry && h.policy.Expired(h.login, now)
}

// hash makes the hash of a new password, after it was looked at.
func (h *holder) hash(ctx context.Context, c *api.Call, text string) (string, error) {
	if h.user == nil {
		return c.HashRootPassword(ctx, text, h.account)
	}
	return c.HashIAMPassword(ctx, text, h.policy, h.login, c.Words(h.user)...)
}

// changed keeps another password. It ends the holder's links, and their sessions but one, and tells a root user. The events
// are those of CloudTrail.
func (h *holder) changed(tx *store.Tx, c *api.Call, but string) error {
	if h.user == nil {
		c.Besides(api.SignInSource, "PasswordUpdated")
	} else {
		c.Besides("iam", "ChangePassword")
	}
	err := errors.Join(api.EndSessions(tx, h.owner(), but), api.EndLinks(tx, h.owner()), store.Logins.Save(tx, h.login))
	if err != nil {
		return err
	}
	return h.tell(tx, c, mail.Letter{Kind: mail.PasswordChanged})
}

// tell writes to a root user what was done with what they sign in with. An IAM user has no address: the record tells.
func (h *holder) tell(tx *store.Tx, c *api.Call, l mail.Letter) error {
	if h.user != nil {
		return nil
	}
	to, err := api.RootUser(tx, h.account)
	if err != nil {
		return err
	}
	return c.Tell(tx, to, l)
}

func (h *holder) minLength() int {
	if h.user == nil {
		return api.RootPasswordRules().MinLength
	}
	return h.policy.MinLength
}

// wrong is the one answer to a wrong account, name or password, to who has no password, and to an account that is closed.
func wrong() error {
	return fault.New(fault.Denied, "AccessDeniedException", "What you typed is not right.")
}

// holderOf reads who an owner of an account is. In an account that is closed there is nobody.
func holderOf(tx *store.Tx, id ident.AccountID, owner string) (*holder, error) {
	a, err := store.Accounts.Get(tx, id)
	if err != nil {
		return nil, store.Missing(err, wrong())
	}
	h := &holder{account: a}
	if a.Status != account.Active {
		return nil, wrong()
	}
	if owner != string(id) {
		if h.user, err = store.IAMUsers.Get(tx, owner); err != nil {
			return nil, store.Missing(err, wrong())
		}
		if h.user.Account != id {
			return nil, wrong()
		}
	}
	if h.policy, err = api.PasswordPolicy(tx, id); err != nil {
		return nil, err
	}
	if h.devices, _, err = store.Virtuals.List(tx, "owner", []any{owner}, "", 0); err != nil {
		return nil, err
	}
	if h.keys, _, err = store.Factors.List(tx, "owner", []any{owner}, "", 0); err != nil {
		return nil, err
	}
	if h.handle, err = store.Holders.Get(tx, owner); err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if h.login, err = store.Logins.Get(tx, owner); errors.Is(err, store.ErrNotFound) {
		h.login, err = nil, nil
	}
	return h, err
}

// tries is whose tries at the holder's password are counted.
func (h *holder) tries() string {
	if h.user == nil {
		return api.RootPasswordTries(h.account.Email)
	}
	return api.IAMPasswordTries(h.account.ID, h.user.Name)
}

// accountNumber is how accounts are told from aliases, which never look so. See "Use an alias for your AWS account ID" in
// the IAM User Guide.
var accountNumber = regexp.MustCompile(`^[0-9]{4}-?[0-9]{4}-?[0-9]{4}$`)

// called finds the holder whom a sign-in names.
func called(tx *store.Tx, in *SignInInput) (account ident.AccountID, h *holder, err error) {
	if in.Door == Root {
		a, err := store.Accounts.By(tx, "email", strings.TrimSpace(in.Name))
		if err != nil {
			return "", nil, store.Missing(err, wrong())
		}
		h, err = holderOf(tx, a.ID, string(a.ID))
		return a.ID, h, err
	}
	account, err = accountCalled(tx, strings.TrimSpace(in.Account))
	if err != nil {
		return account, nil, err
	}
	u, err := store.IAMUsers.By(tx, "name", account, strings.TrimSpace(in.Name))
	if err != nil {
		return account, nil, store.Missing(err, wrong())
	}
	h, err = holderOf(tx, account, u.ID)
	return account, h, err
}

// accountCalled finds an account by its id, with dashes or without, or its alias. An alias that is nobody's comes back in
// small letters.
func accountCalled(tx *store.Tx, text string) (ident.AccountID, error) {
	if accountNumber.MatchString(text) {
		return ident.AccountID(strings.ReplaceAll(text, "-", "")), nil
	}
	a, err := store.Aliases.Get(tx, strings.ToLower(text))
	if err != nil {
		return ident.AccountID(strings.ToLower(text)), store.Missing(err, wrong())
	}
	return a.Account, nil
}
