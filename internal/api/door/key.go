package door

import (
	"bytes"
	"cmp"
	"context"
	"errors"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/factor/fido"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// wrongKey is the one answer to a key that is not right.
func wrongKey() *fault.Fault {
	return fault.New(fault.Denied, "AccessDeniedException", "This key is not right, or its time was over. Try again.")
}

// person is the holder as keys and passkeys know them.
func (h *holder) person() *fido.Person {
	p := &fido.Person{Name: h.name() + "." + string(h.account.ID), Display: h.name() + " of " + h.account.Name, Devices: h.keys}
	if h.handle != nil {
		p.Handle = h.handle.Handle
	}
	return p
}

// party is the server as it asks for the keys of this account's users.
func (h *holder) party(c *api.Call) (*fido.Party, error) { return c.Party(h.account.Name) }

// room refuses a device more than there may be.
func (h *holder) room() error {
	if len(h.devices)+len(h.keys) >= factor.MaxVirtual {
		return fault.New(fault.Limit, "LimitExceededException", "You have as many devices as there may be.")
	}
	return nil
}

// mayAdd refuses an IAM user whose permissions give no device: the console of AWS asks for the same ones.
func (h *holder) mayAdd(tx *store.Tx, c *api.Call) error {
	if h.user == nil {
		return h.room()
	}
	denial, err := c.Permits(tx, "iam:EnableMFADevice", api.Target{ARN: h.user.ARN(), Account: h.account.ID, Tags: h.user.Tags})
	return cmp.Or(err, denial, h.room())
}

// startKey begins a security key or passkey. What it is asked belongs to this session, and is good once.
func startKey(ctx context.Context, c *api.Call, in *StartKeyInput) (*StartKeyOutput, error) {
	if err := checkDeviceName(in.Name); err != nil {
		return nil, err
	}
	handle, challenge, ticket, id := c.IDs.Bytes(factor.HandleSize), c.IDs.Bytes(factor.ChallengeSize), c.NewSecret(), c.IDs.UUID()
	var options []byte
	err := c.Update(ctx, func(tx *store.Tx) error {
		h, s, err := proved(tx, c)
		if err != nil {
			return err
		}
		if err := h.mayAdd(tx, c); err != nil {
			return err
		}
		if h.handle == nil {
			h.handle = &factor.Holder{Owner: h.owner(), Handle: handle}
			if err := store.Holders.Save(tx, h.handle); err != nil {
				return err
			}
		}
		party, err := h.party(c)
		if err != nil {
			return err
		}
		if options, err = party.Create(h.person(), challenge); err != nil {
			return err
		}
		a := &factor.Attempt{Hash: api.HashSecret(ticket), ID: id, StoreID: string(h.account.ID), UserID: h.owner(), SessionID: s.ID,
			Step: factor.Register, State: h.state(), CreatedAt: tx.Now, ExpiresAt: tx.Now.Add(factor.ChallengeLife)}
		a.Challenged(challenge, tx.Now)
		return store.Attempts.Save(tx, a)
	})
	if err != nil {
		return nil, err
	}
	return &StartKeyOutput{Ticket: ticket, Options: string(options)}, nil
}

// redeem uses up a ticket of this session, whatever comes of it.
func redeem(ctx context.Context, c *api.Call, ticket string) (a *factor.Attempt, err error) {
	if !api.IsSecret(ticket) {
		return nil, wrongKey()
	}
	return a, c.Prepare(ctx, func(tx *store.Tx) error {
		var err error
		if a, err = store.Attempts.Get(tx, api.HashSecret(ticket)); err != nil {
			return store.Missing(err, wrongKey())
		}
		if a.SessionID == "" || a.SessionID != c.Principal.SessionID || !a.Live(tx.Now) {
			return wrongKey()
		}
		return store.Attempts.Delete(tx, a)
	})
}

// completeKey gives the caller the key that answered, which proves MFA in this session.
func completeKey(ctx context.Context, c *api.Call, in *CompleteKeyInput) (*CompleteKeyOutput, error) {
	if err := checkDeviceName(in.Name); err != nil {
		return nil, err
	}
	a, err := redeem(ctx, c, in.Ticket)
	if err != nil {
		return nil, err
	}
	unique := c.IDs.Text(factor.KeySuffix, factor.KeySuffixAlphabet)
	out := &CompleteKeyOutput{}
	return out, c.Update(ctx, func(tx *store.Tx) error {
		h, s, err := proved(tx, c)
		if err != nil {
			return err
		}
		if err := h.mayAdd(tx, c); err != nil {
			return err
		}
		if h.handle == nil || !bytes.Equal(h.state(), a.State) {
			return ended()
		}
		d := &factor.Device{ID: factor.KeySerial(h.account.ID, userName(h), in.Name, unique), Owner: h.owner(), Account: h.account.ID, Kind: factor.Key,
			Name: in.Name, CreatedAt: tx.Now, LastUsedAt: tx.Now}
		party, err := h.party(c)
		if err != nil {
			return err
		}
		if d.Credential, err = party.Register(h.person(), a.Challenge, []byte(in.KeyAnswer)); err != nil {
			return wrongKey().Because(err)
		}
		out.Serial = d.ID
		return h.keep(tx, c, d, s)
	})
}

// userName is the IAM user's; a root user has none.
func userName(h *holder) string {
	if h.user == nil {
		return ""
	}
	return h.user.Name
}

// keep keeps a new key. A credential belongs to one user only (section 7.1 of Web Authentication Level 3, step 26).
func (h *holder) keep(tx *store.Tx, c *api.Call, d *factor.Device, s *session.Portal) error {
	c.Note("serialNumber", d.ID)
	if h.user != nil {
		c.Besides("iam", "EnableMFADevice")
	}
	err := store.Factors.Save(tx, d)
	var taken *store.UniqueError
	if errors.As(err, &taken) {
		return fault.New(fault.Conflict, "ConflictException", "This key is registered already.")
	}
	if err != nil {
		return err
	}
	s.MFAAt = tx.Now
	if err := store.Portals.Save(tx, s); err != nil {
		return err
	}
	return h.tell(tx, c, mail.Letter{Kind: mail.DeviceAdded, Device: d.Name})
}

// startKeyProof makes the challenge for a key of who signs in.
func startKeyProof(ctx context.Context, c *api.Call, in *StartKeyProofInput) (*StartKeyProofOutput, error) {
	c.Unrecorded()
	challenge := c.IDs.Bytes(factor.ChallengeSize)
	var options []byte
	err := c.Prepare(ctx, func(tx *store.Tx) error {
		a, h, err := attempted(tx, in.Attempt)
		if err != nil {
			return err
		}
		if a.Step != factor.Prove || len(h.keys) == 0 {
			return invalid("You have no key or passkey.")
		}
		party, err := h.party(c)
		if err != nil {
			return err
		}
		options, err = api.AskKey(tx, party, h.person(), a, challenge)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &StartKeyProofOutput{Options: string(options)}, nil
}

// proveKey checks the answer of one of the holder's keys, and keeps what it tells of the key.
func (h *holder) proveKey(tx *store.Tx, c *api.Call, challenge []byte, text string) error {
	answer, err := fido.Read([]byte(text))
	if err != nil {
		return wrongKey()
	}
	party, err := h.party(c)
	if err != nil {
		return err
	}
	used, err := c.UseKey(tx, party, h.person(), challenge, answer, false, wrongKey())
	if err == nil {
		c.Note("mfaIdentifier", used.ID)
	}
	return err
}
