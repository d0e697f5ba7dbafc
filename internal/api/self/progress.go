package self

import (
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// progress is how one call brings a sign-in on. Its secrets are made before the transaction, which may run twice.
type progress struct {
	c        *api.Call
	secret   string // of the session that may begin
	attempt  string // of the attempt that may
	workflow string
	out      SignInOutput
}

func newProgress(c *api.Call) *progress {
	return &progress{c: c, secret: c.NewSecret(), attempt: c.NewSecret(), workflow: c.IDs.UUID()}
}

// goingOn is the progress of an attempt whose secret the browser has already.
func goingOn(c *api.Call, attempt string) *progress {
	p := newProgress(c)
	p.attempt = attempt
	return p
}

// answer is what the caller gets.
func (p *progress) answer(err error) (*SignInOutput, error) {
	if err != nil {
		return nil, err
	}
	return &p.out, nil
}

// Blocked is the code of the fault of a person who needs a device and has none.
const Blocked = "DeviceRequiredException"

// advance brings an attempt to its next step, or ends it in a session. a.Proof and a.State are those of now.
func (p *progress) advance(tx *store.Tx, a *factor.Attempt, s *subject, trusted bool) error {
	next := s.policy.Next(s.devices, a.Proof, trusted)
	if s.user.MustChange && (next == factor.Done || next == factor.Register) {
		next = factor.Choose // all that can be proved is proved
	}
	if a.SessionID != "" {
		next = factor.Done // who signed in may do less, and proves it anew
		if a.Adds {
			next = factor.Register
		}
	}
	p.out = SignInOutput{Next: string(next), Attempt: p.attempt, ExpiresAt: a.ExpiresAt, RecoveryCodes: p.out.RecoveryCodes}
	switch {
	case next == factor.Blocked:
		return fault.New(fault.Denied, Blocked, "You need a device as a second step, and none is registered for you. Ask your administrator to register one.")
	case a.SessionID != "":
		return p.renew(tx, a)
	case next == factor.Done:
		return p.begin(tx, a, s)
	case next == factor.Mailed:
		if err := p.mailCode(tx, a, s); err != nil {
			return err
		}
	}
	a.Step = next
	return p.keep(tx, a)
}

// keep saves an attempt that goes on.
func (p *progress) keep(tx *store.Tx, a *factor.Attempt) error {
	a.Hash = api.HashSecret(p.attempt)
	return store.Attempts.Save(tx, a)
}

// begin ends an attempt in a session.
func (p *progress) begin(tx *store.Tx, a *factor.Attempt, s *subject) error {
	portal := newSession(p.c, s.user, s.policy)
	portal.SecretHash = api.HashSecret(p.secret)
	// A password in a browser that is trusted lets in, and changes nothing by which the person proves who they are.
	if a.Proof != "" || s.policy.Next(s.devices, "", false) == factor.Done {
		portal.ProvedAt = tx.Now
	}
	portal.Idle, portal.SeenAt = s.policy.Idle, tx.Now
	portal.MFAAt = a.ProvedMFA(tx.Now)
	p.out.Secret, p.out.SessionEndsAt, p.out.Attempt = p.secret, portal.ExpiresAt, ""
	if err := p.know(s); err != nil {
		return err
	}
	p.tell(a)
	if err := p.drop(tx, a); err != nil {
		return err
	}
	return store.Portals.Save(tx, portal)
}

// know has the browser known from now on as one of the person's.
func (p *progress) know(s *subject) (err error) {
	p.out.Known, p.out.KnownUntil, err = p.c.KnowBrowser(api.PasswordTries(s.user.StoreID, s.user.UserName))
	return err
}

// tell has the record say that somebody signed in, beside that a device was registered or a password chosen.
func (p *progress) tell(a *factor.Attempt) {
	facts := details(a.Credential(), a.ID)
	if a.Step == factor.Register || a.Step == factor.Choose {
		p.c.Besides(api.SignInSource, "UserAuthentication", facts...)
		return
	}
	p.c.Event(api.SignInSource, "UserAuthentication", facts...)
}

// renew gives the session of who proved themselves anew another secret, and ends the attempt unless it goes on. See
// OWASP ASVS 5.0 section 7.2.4.
func (p *progress) renew(tx *store.Tx, a *factor.Attempt) error {
	portal, err := store.Portals.Get(tx, a.SessionID)
	if err != nil {
		return store.Missing(err, ended())
	}
	if !portal.Live(tx.Now) {
		return ended()
	}
	portal.SecretHash, portal.ProvedAt = api.HashSecret(p.secret), tx.Now
	if at := a.ProvedMFA(tx.Now); !at.IsZero() {
		portal.MFAAt = at
	}
	p.out.Secret, p.out.SessionEndsAt = p.secret, portal.ExpiresAt
	if err := store.Portals.Save(tx, portal); err != nil {
		return err
	}
	if p.out.Next == string(factor.Done) {
		p.out.Attempt = ""
		return p.drop(tx, a)
	}
	a.Step = factor.Register
	return p.keep(tx, a)
}

// drop deletes an attempt that has come to its end, if it was ever saved.
func (p *progress) drop(tx *store.Tx, a *factor.Attempt) error {
	if len(a.Hash) == 0 {
		return nil
	}
	return store.Attempts.Delete(tx, a)
}

// newSession is a session of a person that has no cookie yet.
func newSession(c *api.Call, u *directory.User, p *factor.Policy) *session.Portal {
	return &session.Portal{ID: c.IDs.UUID(), StoreID: u.StoreID, UserID: u.ID, Generation: u.Generation,
		Address: c.Address.String(), UserAgent: c.UserAgent, CreatedAt: c.Now, ExpiresAt: c.Now.Add(p.Session)}
}
