package self

import (
	"bytes"
	"context"
	"slices"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// attempted finds the attempt of a browser's secret, and whose it is. It has to be at one of these steps, and nothing that
// the person proves themselves with may have changed since it began.
func attempted(tx *store.Tx, c *api.Call, secret string, steps ...factor.Step) (*factor.Attempt, *subject, error) {
	if !api.IsSecret(secret) {
		return nil, nil, ended()
	}
	a, err := store.Attempts.Get(tx, api.HashSecret(secret))
	if err != nil {
		return nil, nil, store.Missing(err, ended())
	}
	if !a.Live(tx.Now) || !slices.Contains(steps, a.Step) {
		return nil, nil, ended()
	}
	s, err := subjectOf(tx, c, a.UserID)
	if err != nil {
		if fault.As(err) != nil {
			err = ended()
		}
		return nil, nil, err
	}
	if !bytes.Equal(s.state(), a.State) {
		return nil, nil, ended()
	}
	if a.SessionID == "" {
		return a, s, nil
	}
	portal, err := store.Portals.Get(tx, a.SessionID)
	if err != nil {
		return nil, nil, store.Missing(err, ended())
	}
	if !portal.Live(tx.Now) || portal.Generation != s.user.Generation {
		return nil, nil, ended()
	}
	return a, s, nil
}

// tryAttempt counts a try at an attempt, whatever comes of it, and uses up its challenge, which it returns.
func tryAttempt(ctx context.Context, c *api.Call, secret string, steps ...factor.Step) (a *factor.Attempt, s *subject, challenge []byte, err error) {
	read := func(tx *store.Tx) (err error) {
		a, s, err = attempted(tx, c, secret, steps...)
		return err
	}
	if err = c.View(ctx, read); err != nil {
		return nil, nil, nil, err
	}
	if err = c.Slow(api.FactorTries(a.UserID)); err != nil {
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
	if err != nil {
		return nil, nil, nil, err
	}
	c.Note("userName", s.user.UserName)
	c.Note("userId", s.user.ID)
	return a, s, challenge, nil
}

// describeSignIn says what an attempt waits for.
func describeSignIn(ctx context.Context, c *api.Call, in *DescribeSignInInput) (*DescribeSignInOutput, error) {
	c.Unrecorded()
	return api.Look(ctx, c, func(tx *store.Tx) (*DescribeSignInOutput, error) {
		a, s, err := attempted(tx, c, in.Attempt, factor.Prove, factor.Renew, factor.Register, factor.Choose, factor.Mailed)
		if err != nil {
			return nil, err
		}
		out := &DescribeSignInOutput{Next: string(a.Step), SignedIn: a.SessionID != "", UserName: s.user.UserName, Organization: s.issuer(c),
			Recovered: a.Proof == factor.Recovery, Rules: shownRules(s.policy.PasswordRules()), ExpiresAt: a.ExpiresAt}
		if !out.SignedIn {
			out.RecoveryCodes, out.MayTrust = s.codes(), s.policy.MayTrust()
		}
		for _, d := range s.devices {
			if d.Kind == factor.App {
				out.Apps = append(out.Apps, d.Name)
			} else {
				out.Keys = append(out.Keys, d.Name)
			}
		}
		for _, k := range s.policy.Kinds {
			if factor.Room(s.devices, k) {
				out.MayRegister = append(out.MayRegister, string(k))
			}
		}
		return out, nil
	})
}

// stepUp begins a fresh proof of who is signed in, or says that the last one is fresh enough. With Register it goes on
// with a device of theirs.
func stepUp(ctx context.Context, c *api.Call, in *StepUpInput) (*SignInOutput, error) {
	p := newProgress(c)
	err := c.Update(ctx, func(tx *store.Tx) error {
		s, err := subjectOf(tx, c, c.Principal.UserID)
		if err != nil {
			return err
		}
		if in.Register && !s.policy.OwnDevices {
			return fault.New(fault.Denied, "AccessDeniedException", "Your administrator registers devices for you.")
		}
		portal, err := store.Portals.Get(tx, c.Principal.SessionID)
		if err != nil {
			return store.Missing(err, ended())
		}
		a := &factor.Attempt{ID: p.workflow, StoreID: s.user.StoreID, UserID: s.user.ID, SessionID: portal.ID, Adds: in.Register,
			Step: wanted(portal, s, in, tx), State: s.state(), CreatedAt: tx.Now, ExpiresAt: tx.Now.Add(factor.AttemptLife)}
		p.out.Next = string(a.Step)
		if a.Step == factor.Done {
			return nil
		}
		p.out.Attempt, p.out.ExpiresAt = p.attempt, a.ExpiresAt
		return p.keep(tx, a)
	})
	return p.answer(err)
}

// wanted is the first step of who is signed in: a proof by what is strongest of theirs, unless the last one is fresh.
func wanted(portal *session.Portal, s *subject, in *StepUpInput, tx *store.Tx) factor.Step {
	switch {
	case portal.IsFresh(tx.Now) && in.Register:
		return factor.Register
	case portal.IsFresh(tx.Now):
		return factor.Done
	case len(s.devices) > 0:
		return factor.Prove
	}
	return factor.Renew
}
