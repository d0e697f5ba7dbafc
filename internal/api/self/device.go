package self

import (
	"context"
	"net/netip"
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

// lookUpDeviceCode says what asks to be let in, and what stands in the way. It lets nothing in.
func lookUpDeviceCode(ctx context.Context, c *api.Call, in *LookUpDeviceCodeInput) (*LookUpDeviceCodeOutput, error) {
	if err := c.Slow(api.DeviceTries(c.Principal.UserID)); err != nil {
		return nil, err
	}
	out, err := api.Look(ctx, c, func(tx *store.Tx) (*LookUpDeviceCodeOutput, error) {
		d, err := device(tx, c, in.UserCode)
		if err != nil {
			return nil, err
		}
		out := &LookUpDeviceCodeOutput{UserCode: d.UserCode, ClientName: d.ClientName, Address: d.Address, Elsewhere: elsewhere(d.Address, c.Address),
			UserAgent: d.UserAgent, Scopes: d.Scopes, State: d.State, RequestedAt: d.CreatedAt, ExpiresAt: d.ExpiresAt}
		g, err := deviceGuest(tx, c, d)
		out.Forbidden, out.ProveFirst = fault.Is(err, codesOff), fault.Is(err, api.StepUp)
		if err != nil && !out.Forbidden && !out.ProveFirst {
			return nil, err
		}
		out.LetInUntil = g.until(c)
		return out, nil
	})
	if err == nil {
		c.Throttle.Success(api.DeviceTries(c.Principal.UserID), c.Address)
	}
	return out, err
}

// approveDevice lets a device in as the caller, in a session of its own, or refuses it. A code is answered once.
func approveDevice(ctx context.Context, c *api.Call, in *ApproveDeviceInput) (*ApproveDeviceOutput, error) {
	if err := c.Slow(api.DeviceTries(c.Principal.UserID)); err != nil {
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
		c.Note("deviceAddress", d.Address)
		c.Note("deviceClient", d.ClientName)
		out.ClientName = d.ClientName
		g, err := deviceGuest(tx, c, d)
		if in.Refuse {
			if d.State = session.Refused; fault.Is(err, codesOff) {
				d.State = session.Forbidden
			}
			return store.Devices.Save(tx, d)
		}
		if err != nil {
			return err
		}
		s, err := g.letIn(tx, c)
		if err != nil {
			return err
		}
		d.State, d.SessionID, out.LetInUntil = session.Approved, s.ID, s.ExpiresAt
		return store.Devices.Save(tx, d)
	})
	if err != nil {
		return nil, err
	}
	c.Throttle.Success(api.DeviceTries(c.Principal.UserID), c.Address)
	return out, nil
}

// codesOff is the code of the fault of who lets no device in by a code, by the policy of their identity center.
const codesOff = "DeviceFlowOffException"

// deviceGuest is a device as the caller's guest. The fault, if any, is why they cannot let it in, or not yet: a code can be
// sent by somebody else. See RFC 8628 section 5.4.
func deviceGuest(tx *store.Tx, c *api.Call, d *session.Device) (*guest, error) {
	g, err := newGuest(tx, c)
	if err != nil {
		return nil, err
	}
	codes := &g.host.policy.Codes
	g.program, g.address, g.agent, g.longest = d.ClientName, d.Address, d.UserAgent, codes.Session
	permitted, err := api.LetsDevicesIn(tx, codes, g.host.user.ID)
	if err == nil && !permitted {
		err = fault.New(fault.Denied, codesOff, "Your administrator has switched off signing in by a code. "+api.OtherThanCodes)
	}
	if err == nil {
		err = g.wants(tx, codes.WantsProof(elsewhere(d.Address, c.Address)))
	}
	return g, err
}

// elsewhere reports whether a device asked from another address than the person is at. This machine's loopback is one,
// whichever address it is called by: a terminal may use ::1 and the browser beside it 127.0.0.1.
func elsewhere(device string, person netip.Addr) bool {
	there, err := netip.ParseAddr(device)
	if err != nil || !person.IsValid() {
		return true
	}
	return there.Unmap() != person.Unmap() && !(there.IsLoopback() && person.IsLoopback())
}
