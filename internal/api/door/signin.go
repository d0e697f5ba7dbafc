package door

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// How long root users and IAM users stay signed in: as on AWS, and no longer than NIST SP 800-63B-4 section 2.2.3 has it
// when they do nothing.
const (
	sessionLength = 12 * time.Hour
	idle          = time.Hour
)

// event has the call recorded as CloudTrail has sign-ins. See "AWS Management Console sign-in events" in the CloudTrail
// User Guide.
func event(c *api.Call, mfa bool) {
	used := "No"
	if mfa {
		used = "Yes"
	}
	c.Event(api.SignInSource, "ConsoleLogin", audit.Fact{Name: "MFAUsed", Value: used})
}

// signIn proves a password, and begins a session or an attempt.
func signIn(ctx context.Context, c *api.Call, in *SignInInput) (*SignInOutput, error) {
	event(c, false)
	if in.Door != Root && in.Door != IAM {
		return nil, invalid("There is no such door.")
	}
	var account ident.AccountID
	h, err := api.Look(ctx, c, func(tx *store.Tx) (h *holder, err error) {
		account, h, err = called(tx, in)
		return h, err
	})
	if err != nil && fault.As(err) == nil {
		return nil, err
	}
	tries := c.TriesFrom(in.Known, triesAt(in, account))
	if err := c.Slow(tries); err != nil {
		return nil, err
	}
	raised, err := prove(ctx, c, h, in.Password)
	if err != nil {
		return nil, err
	}
	c.Throttle.Success(tries, c.Address)
	p := newProgress(c)
	err = c.Update(ctx, func(tx *store.Tx) error {
		now, err := holderOf(tx, h.account.ID, h.owner())
		if err != nil {
			return err
		}
		if now.login == nil || now.login.Hash != h.login.Hash {
			return wrong() // changed while the password was being compared
		}
		if raised != "" {
			now.login.Hash = raised
			if err := store.Logins.Save(tx, now.login); err != nil {
				return err
			}
		}
		a := &factor.Attempt{ID: c.IDs.UUID(), StoreID: string(h.account.ID), UserID: h.owner(), State: now.state(), CreatedAt: tx.Now,
			ExpiresAt: tx.Now.Add(factor.AttemptLife)}
		return p.advance(tx, a, now)
	})
	return p.answer(err)
}

// triesAt is whose tries are counted: those at a name in an account, whichever way the account was called and whether it has
// such a user or not. Were the tries at who is not there counted by what was typed, a spelling of the account that nobody
// tried before would tell who is.
func triesAt(in *SignInInput, account ident.AccountID) string {
	if in.Door == Root {
		return api.RootPasswordTries(strings.TrimSpace(in.Name))
	}
	return api.IAMPasswordTries(account, strings.TrimSpace(in.Name))
}

// prove compares the password, or does the same work for nothing. raised is its hash with today's parameters, where the one
// that is kept was made with others.
func prove(ctx context.Context, c *api.Call, h *holder, secret string) (raised string, err error) {
	if h == nil || h.login == nil {
		c.Note("userName", api.HiddenName) // it may be a password in the field of the name
		if err := c.Passwords.VerifyNobody(ctx, secret); err != nil {
			return "", err
		}
		return "", wrong()
	}
	noted(c, h)
	ok, rehash, err := c.Passwords.Verify(ctx, h.login.Hash, secret)
	switch {
	case err == nil && !ok:
		return "", wrong()
	case err != nil || !rehash:
		return "", err
	}
	return c.Passwords.Hash(ctx, secret)
}

// noted tells the record who it is about.
func noted(c *api.Call, h *holder) {
	c.Note("userName", h.name())
	c.Note("recipientAccountId", string(h.account.ID))
}

// progress is how one call brings a sign-in on. Its secrets are made before the transaction, which may run twice.
type progress struct {
	c               *api.Call
	secret, attempt string
	out             SignInOutput
}

func newProgress(c *api.Call) *progress {
	return &progress{c: c, secret: c.NewSecret(), attempt: c.NewSecret()}
}

func (p *progress) answer(err error) (*SignInOutput, error) {
	if err != nil {
		return nil, err
	}
	return &p.out, nil
}

// advance brings an attempt to what it wants next, or ends it in a session: first a code or a key of who has a device, then a new
// password of who needs one.
func (p *progress) advance(tx *store.Tx, a *factor.Attempt, h *holder) error {
	noted(p.c, h)
	switch {
	case len(h.devices)+len(h.keys) > 0 && a.Proof == "":
		a.Step, p.out.Next = factor.Prove, Code
	case h.lockedOut(tx.Now):
		return fault.New(fault.Denied, Expired, "Your password has expired, and the account lets only an administrator set another. Ask one.")
	case h.mustChange(tx.Now):
		a.Step, p.out.Next = factor.Renew, Password
	default:
		return p.begin(tx, a, h)
	}
	a.Hash, a.State = api.HashSecret(p.attempt), h.state()
	p.out.Attempt, p.out.ExpiresAt = p.attempt, a.ExpiresAt
	return store.Attempts.Save(tx, a)
}

// Expired is the code of the fault of a password that only an administrator can replace.
const Expired = "PasswordExpiredException"

// begin ends an attempt in a session.
func (p *progress) begin(tx *store.Tx, a *factor.Attempt, h *holder) error {
	s := &session.Portal{ID: p.c.IDs.UUID(), SecretHash: api.HashSecret(p.secret), UserID: h.owner(), Account: h.account.ID, Generation: h.generation(),
		Address: p.c.Address.String(), UserAgent: p.c.UserAgent, CreatedAt: tx.Now, ExpiresAt: tx.Now.Add(sessionLength), ProvedAt: tx.Now,
		Idle: idle, SeenAt: tx.Now, MFAAt: a.ProvedMFA(tx.Now)}
	event(p.c, !s.MFAAt.IsZero())
	p.out = SignInOutput{Next: Done, Secret: p.secret, SessionEndsAt: s.ExpiresAt}
	var err error
	if p.out.Known, p.out.KnownUntil, err = p.c.KnowBrowser(h.tries()); err != nil {
		return err
	}
	if len(a.Hash) > 0 {
		if err := store.Attempts.Delete(tx, a); err != nil {
			return err
		}
	}
	return store.Portals.Save(tx, s)
}

// ended is the answer to a sign-in that cannot go on.
func ended() error {
	return fault.New(fault.Unauthenticated, "UnauthorizedException", "This sign-in took too long, or something about your user changed. Begin again.")
}

// attempted finds the attempt of a browser's secret, and whose it is. Nothing that they prove themselves with may have
// changed since it began. One of a person is none of these doors.
func attempted(tx *store.Tx, secret string) (*factor.Attempt, *holder, error) {
	if !api.IsSecret(secret) {
		return nil, nil, ended()
	}
	a, err := store.Attempts.Get(tx, api.HashSecret(secret))
	if err != nil {
		return nil, nil, store.Missing(err, ended())
	}
	id, err := ident.ParseAccountID(a.StoreID)
	if err != nil || !a.Live(tx.Now) || a.SessionID != "" {
		return nil, nil, ended() // that of who is signed in is a registration
	}
	h, err := holderOf(tx, id, a.UserID)
	if err != nil {
		if fault.As(err) != nil {
			err = ended()
		}
		return nil, nil, err
	}
	if h.login == nil || !bytes.Equal(h.state(), a.State) {
		return nil, nil, ended()
	}
	return a, h, nil
}

func describeSignIn(ctx context.Context, c *api.Call, in *DescribeSignInInput) (*DescribeSignInOutput, error) {
	c.Unrecorded()
	return api.Look(ctx, c, func(tx *store.Tx) (*DescribeSignInOutput, error) {
		a, h, err := attempted(tx, in.Attempt)
		if err != nil {
			return nil, err
		}
		out := &DescribeSignInOutput{Door: h.door(), Next: Code, Name: h.name(), Account: h.account.Name, AccountID: string(h.account.ID), MinLength: h.minLength()}
		if a.Step == factor.Renew {
			out.Next = Password
		}
		for _, v := range h.devices {
			out.Devices = append(out.Devices, deviceName(v))
		}
		for _, k := range h.keys {
			out.Keys = append(out.Keys, k.Name)
		}
		return out, nil
	})
}

// continueSignIn takes a code, the answer of a key, or a new password, whichever the attempt waits for.
func continueSignIn(ctx context.Context, c *api.Call, in *ContinueSignInInput) (*SignInOutput, error) {
	event(c, false)
	a, h, challenge, err := try(ctx, c, in.Attempt)
	if err != nil {
		return nil, err
	}
	p := newProgress(c)
	p.attempt = in.Attempt
	if a.Step == factor.Renew {
		return p.renew(ctx, h, in.NewPassword)
	}
	event(c, true)
	err = c.Update(ctx, func(tx *store.Tx) error {
		a, h, err := attempted(tx, in.Attempt)
		if err != nil {
			return err
		}
		a.Proof, a.Tries = factor.App, 0
		if in.KeyAnswer != "" {
			a.Proof, err = factor.Key, h.proveKey(tx, c, challenge, in.KeyAnswer)
		} else {
			err = spend(tx, c, h, in.Code)
		}
		if err != nil {
			return err
		}
		return p.advance(tx, a, h)
	})
	if err == nil {
		c.Throttle.Success(api.CodeTries(h.owner()), c.Address)
	}
	return p.answer(err)
}

// try counts a try at an attempt, whatever comes of it, and uses up its challenge, which it returns.
func try(ctx context.Context, c *api.Call, secret string) (a *factor.Attempt, h *holder, challenge []byte, err error) {
	read := func(tx *store.Tx) (err error) {
		a, h, err = attempted(tx, secret)
		return err
	}
	if err := c.View(ctx, read); err != nil {
		return nil, nil, nil, err
	}
	noted(c, h)
	if a.Step == factor.Renew {
		return a, h, nil, nil // nothing is guessed at
	}
	if err := c.Slow(api.CodeTries(h.owner())); err != nil {
		return nil, nil, nil, err
	}
	err = c.Prepare(ctx, func(tx *store.Tx) error {
		if err := read(tx); err != nil {
			return err
		}
		a.Tries++
		challenge = a.TakeChallenge(tx.Now)
		return store.Attempts.Save(tx, a)
	})
	return a, h, challenge, err
}

// spend uses up a code of one of the holder's devices.
func spend(tx *store.Tx, c *api.Call, h *holder, code string) error {
	for _, v := range h.devices {
		used, ok, err := c.TryCode(tx, v.Serial, h.owner(), strings.ReplaceAll(code, " ", ""))
		if err != nil {
			return err
		}
		if ok {
			return store.Virtuals.Save(tx, used)
		}
	}
	return fault.New(fault.Denied, "AccessDeniedException", "This code is not right, or it was used already.")
}

// renew sets the password that has to be set before the holder gets in.
func (p *progress) renew(ctx context.Context, h *holder, text string) (*SignInOutput, error) {
	same, _, err := p.c.Passwords.Verify(ctx, h.login.Hash, text)
	if err != nil {
		return nil, err
	}
	if same {
		return nil, invalid("Use a password that is not the one you have.")
	}
	hash, err := h.hash(ctx, p.c, text)
	if err != nil {
		return nil, err
	}
	return p.answer(p.c.Update(ctx, func(tx *store.Tx) error {
		a, h, err := attempted(tx, p.attempt)
		if err != nil {
			return err
		}
		h.login.Change(hash, tx.Now)
		h.login.ResetRequired = false
		if err := h.changed(tx, p.c, ""); err != nil {
			return err
		}
		return p.advance(tx, a, h)
	}))
}
