package self

import (
	"context"
	"errors"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// device finds the authorization that a code names, at the caller's own identity center.
func device(tx *store.Tx, c *api.Call, code string) (*session.Device, error) {
	d, err := store.Devices.By(tx, "user_code", userCode(code))
	unknown := fault.New(fault.NotFound, "ResourceNotFoundException", "This code is not known, or its time is over. Look at the device again.")
	if err != nil {
		return nil, store.Missing(err, unknown)
	}
	i := c.Snapshot.Instance(d.InstanceARN)
	if i == nil || i.IdentityStoreID != c.Principal.StoreID || !tx.Now.Before(d.ExpiresAt) {
		return nil, unknown
	}
	return d, nil
}

// userCode puts what a person typed into the form XXXX-XXXX.
func userCode(text string) string {
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		if r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, text)
	if len(plain) != 8 {
		return text
	}
	return plain[:4] + "-" + plain[4:]
}

// try begins a try at a code, whether to look or to answer: who guesses is slowed down. See RFC 8628 section 5.1.
func try(c *api.Call) error {
	if wait := c.Throttle.Attempt(tries(c), c.Address); wait > 0 {
		return fault.New(fault.Throttled, "TooManyRequestsException", "There were too many tries. Wait a moment and try again.")
	}
	return nil
}

// tries is whose tries are counted.
func tries(c *api.Call) string { return "device\x00" + c.Principal.UserID }

// mayLetIn refuses who lets no device in by a code, by the policy of their identity center: a code can be sent by somebody
// else. See RFC 8628 section 5.4.
func mayLetIn(tx *store.Tx, c *api.Call) error {
	s, err := subjectOf(tx, c, c.Principal.UserID)
	if err != nil {
		return err
	}
	allowed := s.policy.DeviceFlow
	for _, group := range s.policy.NoDeviceFor {
		_, err := store.Memberships.By(tx, "pair", group, s.user.ID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		allowed = allowed && err != nil
	}
	if !allowed {
		return fault.New(fault.Denied, "AccessDeniedException", "Your administrator has switched off signing in by a code. Sign in with your program's browser window instead: aws sso login, without --use-device-code.")
	}
	return nil
}

func lookUpDeviceCode(ctx context.Context, c *api.Call, in *LookUpDeviceCodeInput) (*LookUpDeviceCodeOutput, error) {
	if err := try(c); err != nil {
		return nil, err
	}
	d, err := api.Look(ctx, c, func(tx *store.Tx) (*session.Device, error) {
		if err := mayLetIn(tx, c); err != nil {
			return nil, err
		}
		return device(tx, c, in.UserCode)
	})
	if err != nil {
		return nil, err
	}
	c.Throttle.Success(tries(c), c.Address)
	return &LookUpDeviceCodeOutput{UserCode: d.UserCode, ClientName: d.ClientName, Address: d.Address, UserAgent: d.UserAgent,
		Scopes: d.Scopes, State: d.State, RequestedAt: d.CreatedAt, ExpiresAt: d.ExpiresAt}, nil
}

// approveDevice lets a device in as the caller, in a session of its own, or refuses it. A code is answered once.
func approveDevice(ctx context.Context, c *api.Call, in *ApproveDeviceInput) (*ApproveDeviceOutput, error) {
	if err := try(c); err != nil {
		return nil, err
	}
	out := &ApproveDeviceOutput{}
	err := c.Update(ctx, func(tx *store.Tx) error {
		d, err := device(tx, c, in.UserCode)
		if err != nil {
			return err
		}
		if d.State != session.Pending {
			return fault.New(fault.Conflict, "ConflictException", "This code was answered already.")
		}
		out.ClientName = d.ClientName
		if d.State = session.Refused; in.Refuse {
			return store.Devices.Save(tx, d)
		}
		if err := mayLetIn(tx, c); err != nil {
			return err
		}
		s, err := ownSession(tx, c, d.Address, d.UserAgent)
		if err != nil {
			return err
		}
		d.State, d.SessionID = session.Approved, s.ID
		return store.Devices.Save(tx, d)
	})
	if err != nil {
		return nil, err
	}
	c.Throttle.Success(tries(c), c.Address)
	return out, nil
}

// ownSession begins a session for a program that the caller lets in. It has no cookie; its tokens name it. It can be ended
// by itself, and never lasts longer than the sign-in that it stands on, so that nobody stays signed in for ever by letting
// themselves in again. See "Authentication sessions" in the IAM Identity Center User Guide.
func ownSession(tx *store.Tx, c *api.Call, address, agent string) (*session.Portal, error) {
	who, err := subjectOf(tx, c, c.Principal.UserID)
	if err != nil {
		return nil, err
	}
	s := newSession(c, who.user, who.policy)
	s.Address, s.UserAgent = address, agent
	browser := c.Snapshot.Portal(c.Principal.SessionID)
	switch {
	case browser == nil:
		return nil, ended()
	case who.policy.StepUpKeys && !browser.IsFresh(tx.Now):
		return nil, api.StepUpFirst() // a program gets keys, too
	}
	s.MFAAt = browser.MFAAt
	if end := c.Principal.ExpiresAt; end.Before(s.ExpiresAt) {
		s.ExpiresAt = end
	}
	return s, store.Portals.Save(tx, s)
}
