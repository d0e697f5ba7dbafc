package self

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/factor/fido"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// passkeyBinding keeps the tickets of passkeys apart from all else that is sealed for browsers.
var passkeyBinding = []byte("passkey")

// startPasskeySignIn makes the challenge for a passkey that signs in alone. It names nobody and asks for nobody's
// credentials, so that it tells nothing of who there is (section 14.6.2 of Web Authentication Level 3). Strangers can ask
// as often as they like, so nothing is stored: the challenge is in the ticket, which the browser brings back.
func startPasskeySignIn(_ context.Context, c *api.Call, in *StartPasskeySignInInput) (*StartPasskeySignInOutput, error) {
	c.Unrecorded()
	i := c.Snapshot.InstanceAt(in.Portal)
	if i == nil {
		return nil, fault.New(fault.NotFound, "ResourceNotFoundException", "There is no portal here with this name.")
	}
	party, err := (&subject{instance: i}).party(c)
	if err != nil {
		return nil, err
	}
	challenge := c.IDs.Bytes(factor.ChallengeSize)
	options, err := party.Ask(nil, challenge)
	if err != nil {
		return nil, err
	}
	ends := c.Now.Add(factor.ChallengeLife)
	ticket, err := c.Seal.SealToken(seal.BrowserSession, binary.BigEndian.AppendUint64(challenge, uint64(ends.UnixMilli())), passkeyBinding, c.Random)
	if err != nil {
		return nil, err
	}
	return &StartPasskeySignInOutput{Options: string(options), Ticket: ticket, ExpiresAt: ends}, nil
}

// openTicket returns the challenge of a ticket and when it ends.
func openTicket(c *api.Call, ticket string) ([]byte, time.Time, error) {
	raw, err := c.Seal.OpenToken(seal.BrowserSession, ticket, passkeyBinding)
	if err != nil || len(raw) != factor.ChallengeSize+8 {
		return nil, time.Time{}, ended()
	}
	ends := time.UnixMilli(int64(binary.BigEndian.Uint64(raw[factor.ChallengeSize:]))).UTC()
	if !c.Now.Before(ends) {
		return nil, time.Time{}, ended()
	}
	return raw[:factor.ChallengeSize], ends, nil
}

// wrongPasskey is the one answer to a passkey that nobody here has, or whose owner may not sign in.
func wrongPasskey() error {
	return fault.New(fault.Denied, "AccessDeniedException", "This passkey does not sign anybody in here.")
}

// signInWithPasskey begins a session by a passkey alone, which verified its owner.
func signInWithPasskey(ctx context.Context, c *api.Call, in *SignInWithPasskeyInput) (*SignInOutput, error) {
	verified(c, factor.Key, "")
	challenge, ends, err := openTicket(c, in.Ticket)
	if err != nil {
		return nil, err
	}
	i := c.Snapshot.InstanceAt(in.Portal)
	answer, err := fido.Read([]byte(in.KeyAnswer))
	if err != nil || i == nil {
		return nil, wrongPasskey()
	}
	name := api.PasskeyTries(answer.ID)
	if err := c.Slow(name); err != nil {
		return nil, err
	}
	p := newProgress(c)
	err = c.Update(ctx, func(tx *store.Tx) error {
		if err := spend(tx, in.Ticket, ends); err != nil {
			return err
		}
		s, err := passkeyOwner(tx, c, answer)
		if err != nil {
			return err
		}
		c.Note("userName", s.user.UserName)
		c.Note("userId", s.user.ID)
		if s.instance.ARN != i.ARN {
			return wrongPasskey()
		}
		if err := p.checkKey(tx, answer, s, challenge, true); err != nil {
			return err
		}
		return p.advance(tx, &factor.Attempt{ID: p.workflow, StoreID: s.user.StoreID, UserID: s.user.ID, Proof: factor.Key, State: s.state(),
			CreatedAt: tx.Now, ExpiresAt: tx.Now.Add(factor.AttemptLife)}, s, false)
	})
	if err == nil {
		c.Throttle.Success(name, c.Address)
	}
	return p.answer(err)
}

// spend uses up a ticket. What marks it as used is an attempt that waits for nothing.
func spend(tx *store.Tx, ticket string, ends time.Time) error {
	hash := api.HashSecret(ticket)
	_, err := store.Attempts.Get(tx, hash)
	if err == nil {
		return ended()
	}
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return store.Attempts.Save(tx, &factor.Attempt{Hash: hash, Step: factor.Done, CreatedAt: tx.Now, ExpiresAt: ends})
}

// passkeyOwner finds who an answer says it is of.
func passkeyOwner(tx *store.Tx, c *api.Call, a *fido.Answer) (*subject, error) {
	if len(a.Handle) != factor.HandleSize {
		return nil, wrongPasskey()
	}
	h, err := store.Holders.By(tx, "handle", a.Handle)
	if err != nil {
		return nil, store.Missing(err, wrongPasskey())
	}
	s, err := subjectOf(tx, c, h.Owner)
	if fault.As(err) != nil {
		return nil, wrongPasskey()
	}
	return s, err
}
