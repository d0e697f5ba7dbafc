package self

import (
	"context"
	"slices"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// describeSecurity says how the caller gets in, and where they are in now.
func describeSecurity(ctx context.Context, c *api.Call, _ *DescribeSecurityInput) (*DescribeSecurityOutput, error) {
	return api.Look(ctx, c, func(tx *store.Tx) (*DescribeSecurityOutput, error) {
		s, err := subjectOf(tx, c, c.Principal.UserID)
		if err != nil {
			return nil, err
		}
		out := &DescribeSecurityOutput{RecoveryCodes: s.codes(), HasPassword: s.user.PasswordHash != "", MayManage: s.policy.OwnDevices,
			MayRemoveLast: !s.policy.NeedsDevice(), MinPassword: s.policy.PasswordRules().MinLength}
		if s.holder != nil {
			out.RecoveryMadeAt = s.holder.MadeAt
		}
		for _, k := range s.policy.Kinds {
			out.MayAdd = out.MayAdd || s.policy.OwnDevices && factor.Room(s.devices, k)
		}
		slices.SortFunc(s.devices, func(a, b *factor.Device) int { return a.CreatedAt.Compare(b.CreatedAt) })
		for _, d := range s.devices {
			out.Devices = append(out.Devices, OwnDevice{ID: d.ID, Name: d.Name, Kind: string(d.Kind), BuiltIn: d.Credential.Platform,
				BackedUp: d.Credential.BackedUp, PerhapsCopied: d.Credential.Cloned, AddedAt: d.CreatedAt, UsedAt: d.LastUsedAt})
		}
		sessions, err := api.SessionsOf(tx, s.user)
		for _, p := range sessions {
			out.Sessions = append(out.Sessions, ownShown(c, p))
			out.Fresh = out.Fresh || p.ID == c.Principal.SessionID && p.IsFresh(c.Now)
		}
		return out, err
	})
}

// ownShown is a session as its person sees it.
func ownShown(c *api.Call, p *session.Portal) OwnSession {
	return OwnSession{ID: p.ID, Current: p.ID == c.Principal.SessionID, Program: len(p.SecretHash) == 0, Name: p.Program, Client: factor.Browser(p.UserAgent),
		UserAgent: p.UserAgent, Address: p.Address, Since: p.CreatedAt, Until: p.ExpiresAt, MFA: !p.MFAAt.IsZero()}
}

// managed returns the caller and their session for a change of what they prove themselves with, which takes a fresh proof.
func managed(tx *store.Tx, c *api.Call) (*subject, *session.Portal, error) {
	s, err := subjectOf(tx, c, c.Principal.UserID)
	if err != nil {
		return nil, nil, err
	}
	portal, err := store.Portals.Get(tx, c.Principal.SessionID)
	if err != nil {
		return nil, nil, store.Missing(err, ended())
	}
	if !portal.IsFresh(tx.Now) {
		return nil, nil, api.StepUpFirst()
	}
	return s, portal, nil
}

// notOwn refuses a change of devices to who does not manage their own.
func notOwn() *fault.Fault {
	return fault.New(fault.Denied, "AccessDeniedException", "Your administrator manages your devices.")
}

// ownDevice returns one of the caller's devices, if they manage them.
func ownDevice(s *subject, id string) (*factor.Device, error) {
	if !s.policy.OwnDevices {
		return nil, notOwn()
	}
	for _, d := range s.devices {
		if d.ID == id {
			return d, nil
		}
	}
	return nil, fault.New(fault.NotFound, "ResourceNotFoundException", "You have no such device, or not any more.")
}

func renameDevice(ctx context.Context, c *api.Call, in *RenameDeviceInput) (*RenameDeviceOutput, error) {
	name, ok := factor.CleanName(in.Name)
	if !ok {
		return nil, invalid("The name of a device has 1 to 64 characters that can be seen.")
	}
	c.Event(directorySource, "UpdateMfaDeviceForUser")
	return &RenameDeviceOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		s, _, err := managed(tx, c)
		if err != nil {
			return err
		}
		d, err := ownDevice(s, in.ID)
		if err != nil {
			return err
		}
		c.Note("deviceId", d.ID)
		d.Name = name
		return store.Factors.Save(tx, d)
	})
}

// removeDevice removes a device of the caller's; not the last where everybody has to have one.
func removeDevice(ctx context.Context, c *api.Call, in *RemoveDeviceInput) (*RemoveDeviceOutput, error) {
	c.Event(directorySource, "DeleteMfaDeviceForUser")
	return &RemoveDeviceOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		s, _, err := managed(tx, c)
		if err != nil {
			return err
		}
		d, err := ownDevice(s, in.ID)
		if err != nil {
			return err
		}
		if len(s.devices) == 1 && s.policy.NeedsDevice() {
			return fault.New(fault.Conflict, "ConflictException", "This is your last device, and you need one. Add another first.")
		}
		c.Note("deviceId", d.ID)
		if err := api.RemoveFactor(tx, d); err != nil {
			return err
		}
		return c.Tell(tx, api.Person(s.user), mail.Letter{Kind: mail.DeviceRemoved, Device: d.Name})
	})
}

// createRecoveryCodes makes new recovery codes in place of those there are.
func createRecoveryCodes(ctx context.Context, c *api.Call, _ *CreateRecoveryCodesInput) (*CreateRecoveryCodesOutput, error) {
	codes, macs, err := recoveryCodes(c, c.Principal.UserID)
	if err != nil {
		return nil, err
	}
	err = c.Update(ctx, func(tx *store.Tx) error {
		s, _, err := managed(tx, c)
		if err != nil {
			return err
		}
		if !s.policy.OwnDevices {
			return notOwn() // a code leads to a device of the person's own choice
		}
		if len(s.devices) == 0 || s.holder == nil {
			return fault.New(fault.Conflict, "ConflictException", "Recovery codes stand in for a device, and you have none yet.")
		}
		s.holder.Codes, s.holder.MadeAt = macs, tx.Now
		if err := store.Holders.Save(tx, s.holder); err != nil {
			return err
		}
		return c.Tell(tx, api.Person(s.user), mail.Letter{Kind: mail.RecoveryRenewed})
	})
	if err != nil {
		return nil, err
	}
	return &CreateRecoveryCodesOutput{RecoveryCodes: codes}, nil
}

// endSessions ends one of the caller's sessions, or all but the one that asks. Who has another's browser for a moment shall
// not sign them out everywhere else.
func endSessions(ctx context.Context, c *api.Call, in *EndSessionsInput) (*EndSessionsOutput, error) {
	return &EndSessionsOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		s, _, err := managed(tx, c)
		if err != nil {
			return err
		}
		sessions, err := api.SessionsOf(tx, s.user)
		if err != nil {
			return err
		}
		found := in.Others
		for _, p := range sessions {
			if p.ID != in.ID && (!in.Others || p.ID == c.Principal.SessionID) {
				continue
			}
			found = true
			if err := api.EndSession(tx, p.ID); err != nil {
				return err
			}
		}
		if !found {
			return fault.New(fault.NotFound, "ResourceNotFoundException", "This sign-in has ended already.")
		}
		return nil
	})
}
