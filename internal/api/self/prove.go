package self

import (
	"bytes"
	"context"
	"slices"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/factor/fido"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// wrongFactor is the one answer to a second factor that is not right.
func wrongFactor() *fault.Fault {
	return fault.New(fault.Denied, "AccessDeniedException", "This is not right, or it was used already.")
}

// continueSignIn goes on with an attempt by what the person proves now.
func continueSignIn(ctx context.Context, c *api.Call, in *ContinueSignInInput) (*SignInOutput, error) {
	kind := in.kind()
	verified(c, kind, "")
	steps := []factor.Step{factor.Prove}
	switch kind {
	case factor.Password:
		steps = []factor.Step{factor.Renew}
	case factor.Email:
		steps = []factor.Step{factor.Mailed}
	}
	tried, s, challenge, err := tryAttempt(ctx, c, in.Attempt, steps...)
	if err != nil {
		return nil, err
	}
	verified(c, kind, tried.ID)
	if kind == factor.Password {
		if _, err := proves(ctx, c, s.user, in.Password); err != nil {
			return nil, err
		}
	}
	p := goingOn(c, in.Attempt)
	err = c.Update(ctx, func(tx *store.Tx) error {
		a, s, err := attempted(tx, c, in.Attempt, steps...)
		if err != nil {
			return err
		}
		if err := p.prove(tx, in, a, s, challenge); err != nil {
			return err
		}
		a.Tries = 0
		if kind != factor.Password {
			a.Proof = kind
		}
		if err := p.advance(tx, a, s, false); err != nil || !in.Trust {
			return err
		}
		return p.trust(a, s)
	})
	if err == nil {
		c.Throttle.Success(api.FactorTries(tried.UserID), c.Address)
	}
	if err == nil && kind == factor.Email {
		c.Throttle.Success(api.MailTries(tried.UserID), c.Address)
	}
	return p.answer(err)
}

// kind is what the input proves.
func (in *ContinueSignInInput) kind() factor.Kind {
	switch {
	case in.KeyAnswer != "":
		return factor.Key
	case in.RecoveryCode != "":
		return factor.Recovery
	case in.MailedCode != "":
		return factor.Email
	case in.Password != "":
		return factor.Password
	}
	return factor.App
}

// prove checks what the person proves, and uses it up. A password was compared before.
func (p *progress) prove(tx *store.Tx, in *ContinueSignInInput, a *factor.Attempt, s *subject, challenge []byte) error {
	switch in.kind() {
	case factor.Email:
		return p.proveMailed(a, in.MailedCode)
	case factor.Key:
		return p.proveKey(tx, in.KeyAnswer, s, challenge)
	case factor.Recovery:
		if a.SessionID != "" {
			return invalid("A recovery code leads to a new device when you sign in, and to nothing else. Sign out, and sign in with it.")
		}
		return p.proveRecovery(tx, in.RecoveryCode, s)
	case factor.App:
		return p.proveApp(tx, in.Code, s)
	}
	return nil
}

// proveApp uses up a step of one of the person's apps.
func (p *progress) proveApp(tx *store.Tx, code string, s *subject) error {
	var used *factor.Device
	for _, d := range factor.Of(s.devices, factor.App) {
		secret, err := p.c.Seal.OpenValue(d.SealedSecret, []byte(d.ID))
		if err != nil {
			return err
		}
		if step, ok := factor.MatchCode([]byte(secret.Reveal()), code, tx.Now, factor.Drift, d.LastStep); ok && used == nil {
			d.LastStep, used = step, d
		}
	}
	if used == nil {
		return wrongFactor()
	}
	used.LastUsedAt = tx.Now
	return store.Factors.Save(tx, used)
}

// proveKey checks the answer of one of the person's keys.
func (p *progress) proveKey(tx *store.Tx, answer string, s *subject, challenge []byte) error {
	a, err := fido.Read([]byte(answer))
	if err != nil {
		return wrongFactor()
	}
	return p.checkKey(tx, a, s, challenge, false)
}

// checkKey checks an answer and keeps what it tells of the key.
func (p *progress) checkKey(tx *store.Tx, a *fido.Answer, s *subject, challenge []byte, alone bool) error {
	party, err := s.party(p.c)
	if err != nil {
		return err
	}
	_, err = p.c.UseKey(tx, party, s.fido(), challenge, a, alone, wrongFactor())
	return err
}

// proveRecovery uses up a recovery code.
func (p *progress) proveRecovery(tx *store.Tx, typed string, s *subject) error {
	code := factor.ReadRecovery(typed)
	if code == "" || s.codes() == 0 {
		return wrongFactor()
	}
	at := slices.IndexFunc(s.holder.Codes, func(mac []byte) bool {
		return p.c.Seal.CheckMAC(seal.RecoveryCode, bytes.Clone(mac), []byte(s.user.ID), []byte(code)) == nil
	})
	if at < 0 {
		return wrongFactor()
	}
	s.holder.Codes = slices.Delete(s.holder.Codes, at, at+1)
	if err := store.Holders.Save(tx, s.holder); err != nil {
		return err
	}
	return p.c.Tell(tx, api.Person(s.user), mail.Letter{Kind: mail.RecoveryUsed})
}

// startKeyProof makes the challenge for a key of who is at the second step.
func startKeyProof(ctx context.Context, c *api.Call, in *StartKeyProofInput) (*StartKeyProofOutput, error) {
	challenge := c.IDs.Bytes(factor.ChallengeSize)
	var options []byte
	err := c.Update(ctx, func(tx *store.Tx) error {
		a, s, err := attempted(tx, c, in.Attempt, factor.Prove)
		if err != nil {
			return err
		}
		c.Event(api.SignInSource, "CredentialChallenge", details(factor.Key, a.ID)...)
		if len(factor.Of(s.devices, factor.Key)) == 0 {
			return invalid("You have no key or passkey.")
		}
		party, err := s.party(c)
		if err != nil {
			return err
		}
		options, err = api.AskKey(tx, party, s.fido(), a, challenge)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &StartKeyProofOutput{Options: string(options)}, nil
}
