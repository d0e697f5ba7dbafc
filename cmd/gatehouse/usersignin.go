package main

import (
	"fmt"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// userMFACmds are the commands about the devices of people.
type userMFACmds struct {
	List   userMFAListCmd   `cmd:"" help:"List a person's devices."`
	Rename userMFARenameCmd `cmd:"" help:"Give a device another name."`
	Remove userMFARemoveCmd `cmd:"" help:"Remove a device, such as a lost one."`
}

// userMFAListCmd lists devices.
type userMFAListCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	outputFlags `embed:""`
	Name        string `arg:"" help:"User name."`
}

// Run prints a line a device.
func (c *userMFAListCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		out, err := request[admin.ListMfaDevicesForUserOutput](s, admin.Name, "ListMfaDevicesForUser", &admin.ListMfaDevicesForUserInput{UserName: c.Name})
		if err != nil {
			return nobody(err)
		}
		rows := make([][]string, len(out.MfaDevices))
		for i, d := range out.MfaDevices {
			note := ""
			if d.PerhapsCopied {
				note = "its counter went back: there may be a copy"
			}
			rows[i] = []string{d.DeviceName, word(kindWords, d.MfaType), day(d.RegisteredDate), day(d.LastUsedDate), d.DeviceId, note}
		}
		return c.print(s, []string{"name", "kind", "added", "used", "id", "note"}, rows)
	})
}

func day(t time.Time) string { return t.UTC().Format(time.DateTime) }

// userMFARenameCmd renames a device.
type userMFARenameCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string `arg:"" help:"User name."`
	Device      string `arg:"" help:"Id of the device."`
	To          string `arg:"" help:"Its new name."`
}

// Run prints nothing.
func (c *userMFARenameCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		_, err := request[admin.UpdateMfaDeviceForUserOutput](s, admin.Name, "UpdateMfaDeviceForUser",
			&admin.UpdateMfaDeviceForUserInput{UserName: c.Name, DeviceId: c.Device, DeviceName: c.To})
		return ofDevice(err, c.Name)
	})
}

// userMFARemoveCmd removes a device.
type userMFARemoveCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string `arg:"" help:"User name."`
	Device      string `arg:"" help:"Id of the device."`
}

// Run prints nothing.
func (c *userMFARemoveCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		_, err := request[admin.DeleteMfaDeviceForUserOutput](s, admin.Name, "DeleteMfaDeviceForUser",
			&admin.DeleteMfaDeviceForUserInput{UserName: c.Name, DeviceId: c.Device})
		return ofDevice(err, c.Name)
	})
}

// ofDevice hints at the ids of devices when there is none with the id that was given.
func ofDevice(err error, user string) error {
	if fault.Is(err, "ResourceNotFoundException") {
		return hinted(err, "see their devices with: gatehouse user mfa list "+shellQuote(user))
	}
	return err
}

// userSessionsCmd lists where a person is signed in.
type userSessionsCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	outputFlags `embed:""`
	Name        string `arg:"" help:"User name."`
}

// Run prints a line a session.
func (c *userSessionsCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		out, err := request[admin.ListSessionsOutput](s, admin.Name, "ListSessions", &admin.ListSessionsInput{UserName: c.Name})
		if err != nil {
			return nobody(err)
		}
		rows := make([][]string, len(out.Sessions))
		for i, r := range out.Sessions {
			client, mfa := r.Client, "no"
			if r.Program {
				client = "a program"
			}
			if r.MfaDate != nil {
				mfa = day(*r.MfaDate)
			}
			rows[i] = []string{client, r.Address, day(r.CreatedDate), day(r.ExpirationDate), mfa, r.SessionId}
		}
		return c.print(s, []string{"client", "address", "since", "until", "second factor", "id"}, rows)
	})
}

// userSignOutCmd signs a person out.
type userSignOutCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string   `arg:"" help:"User name."`
	Session     []string `help:"End this session only, by its id. May be given several times." placeholder:"ID"`
}

// Run ends the sessions.
func (c *userSignOutCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		_, err := request[admin.BatchDeleteSessionOutput](s, admin.Name, "BatchDeleteSession",
			&admin.BatchDeleteSessionInput{UserName: c.Name, SessionIds: c.Session})
		if err != nil {
			return nobody(err)
		}
		fmt.Fprintf(a.stdout, "%s is signed out.\n", c.Name)
		return nil
	})
}

// userDelayCmd tells of a person's sign-in delay.
type userDelayCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string `arg:"" help:"User name."`
	Clear       bool   `help:"Let the person try again at once."`
}

// Run prints the delay, or clears it.
func (c *userDelayCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		if c.Clear {
			_, err := request[admin.ClearSignInDelayOutput](s, admin.Name, "ClearSignInDelay", &admin.ClearSignInDelayInput{UserName: c.Name})
			return nobody(err)
		}
		out, err := request[admin.DescribeSignInDelayOutput](s, admin.Name, "DescribeSignInDelay", &admin.DescribeSignInDelayInput{UserName: c.Name})
		if err != nil {
			return nobody(err)
		}
		fmt.Fprintf(a.stdout, "%s failed %d times lately and has to wait %d seconds.\n", c.Name, out.FailedAttempts, out.Seconds)
		return nil
	})
}
