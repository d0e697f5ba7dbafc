package main

import (
	"fmt"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// userMFACmds are the commands about the devices of people.
type userMFACmds struct {
	List     userMFAListCmd     `cmd:"" help:"List a person's devices."`
	Register userMFARegisterCmd `cmd:"" help:"Give a person a link to add a device, after their password: by mail, or shown here."`
	Import   userMFAImportCmd   `cmd:"" help:"Add a hardware token that shows codes, before you hand it over."`
	Rename   userMFARenameCmd   `cmd:"" help:"Give a device another name."`
	Remove   userMFARemoveCmd   `cmd:"" help:"Remove a device, such as a lost one. The person is asked for another when the policy says so."`
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
		devices, err := s.devices(c.Name)
		if err != nil {
			return err
		}
		rows := make([][]string, len(devices))
		for i, d := range devices {
			note := ""
			if d.PerhapsCopied {
				note = "its counter went back: there may be a copy"
			}
			rows[i] = []string{d.DeviceName, word(kindWords, d.MfaType), day(d.RegisteredDate), day(d.LastUsedDate), d.DeviceId, note}
		}
		return c.print(s, []string{"name", "kind", "added", "used", "id", "note"}, rows)
	})
}

// devices lists a person's devices.
func (s *session) devices(user string) ([]admin.MfaDevice, error) {
	out, err := request[admin.ListMfaDevicesForUserOutput](s, admin.Name, "ListMfaDevicesForUser", &admin.ListMfaDevicesForUserInput{UserName: user})
	if err != nil {
		return nil, nobody(err)
	}
	return out.MfaDevices, nil
}

// device finds a device of a person by its id or name.
func (s *session) device(user, name string) (*admin.MfaDevice, error) {
	devices, err := s.devices(user)
	if err != nil {
		return nil, err
	}
	var found []admin.MfaDevice
	for _, d := range devices {
		if d.DeviceId == name {
			return &d, nil
		}
		if strings.EqualFold(d.DeviceName, name) {
			found = append(found, d)
		}
	}
	switch len(found) {
	case 0:
		return nil, hinted(fmt.Errorf("%s has no device %q", user, name), "see their devices with: gatehouse user mfa list "+shellQuote(user))
	case 1:
		return &found[0], nil
	}
	return nil, hinted(fmt.Errorf("%s has %d devices named %q", user, len(found), name), "name one by its id: "+found[0].DeviceId+", "+found[1].DeviceId)
}

// userMFARegisterCmd gives a link that registers a device.
type userMFARegisterCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string `arg:"" help:"User name."`
	ShowLink    bool   `help:"Print the link instead of mailing it."`
}

// Run says where the link went, or prints it.
func (c *userMFARegisterCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		out, err := request[admin.RegisterMfaDeviceForUserOutput](s, admin.Name, "RegisterMfaDeviceForUser",
			&admin.RegisterMfaDeviceForUserInput{UserName: c.Name, ShowLink: c.ShowLink})
		if err != nil {
			return unregistered(err, c.Name)
		}
		handed(s.stdout, c.Name, out.SentTo, out.Link, out.ExpiresAt)
		return nil
	})
}

// unregistered adds hints to what stands in the way of another device.
func unregistered(err error, name string) error {
	switch {
	case fault.Is(err, "ConflictException"):
		return hinted(err, "gatehouse user invite "+shellQuote(name)+", or gatehouse user enable "+shellQuote(name))
	case fault.Is(err, "ServiceQuotaExceededException"):
		return hinted(err, "see their devices with: gatehouse user mfa list "+shellQuote(name))
	}
	return passwordless(err, name)
}

// userMFAImportCmd imports a hardware token.
type userMFAImportCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string `arg:"" help:"User name."`
	Device      string `arg:"" help:"Name of the device, such as what is printed on the token."`
	Code        string `help:"Code that the token shows now." placeholder:"CODE" xor:"secret"`
	SecretStdin bool   `help:"Read the token's secret, in base32, from the first line of standard input. Without this it is asked for."`
	NewSecret   bool   `help:"Make a secret and print it, for a token that can be written to." xor:"secret"`
}

// Run asks for the secret, or prints a new one.
func (c *userMFAImportCmd) Run(a *app) error {
	if err := c.named(a); err != nil {
		return err // before anybody types a secret
	}
	in := &admin.ImportMfaDeviceForUserInput{UserName: c.Name, DeviceName: c.Device, Code: c.Code}
	switch {
	case c.NewSecret && c.SecretStdin:
		return misuse("leave out one of the two", "--new-secret makes a secret, and --secret-stdin reads one")
	case !c.NewSecret && c.Code == "":
		return misuse("add --code CODE; or --new-secret, for a token that can be written to", "the code that the token shows is not given")
	case !c.NewSecret:
		secret, err := readSecret(a, "secret", c.SecretStdin, "Secret of the token: ")
		if err != nil {
			return err
		}
		in.Secret = secret
	}
	return c.with(a, func(s *session) error {
		out, err := request[admin.ImportMfaDeviceForUserOutput](s, admin.Name, "ImportMfaDeviceForUser", in)
		if fault.Is(err, "ConflictException") {
			return hinted(err, "gatehouse sign-in-policy show says which it allows")
		}
		if err != nil {
			return unregistered(err, c.Name)
		}
		if out.Secret == "" {
			fmt.Fprintf(a.stdout, "%s can sign in with %s from now on.\n", c.Name, c.Device)
			return nil
		}
		fmt.Fprintf(a.stdout, "Write this secret to the token of %s. It is shown only now. Whoever has it can show the codes.\n\n%s\n%s\n", c.Name, out.Secret, out.Uri)
		return nil
	})
}

// userMFARenameCmd renames a device.
type userMFARenameCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string `arg:"" help:"User name."`
	Device      string `arg:"" help:"Name or id of the device."`
	To          string `arg:"" help:"Its new name."`
}

// Run says what it is called now.
func (c *userMFARenameCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		d, err := s.device(c.Name, c.Device)
		if err != nil {
			return err
		}
		_, err = request[admin.UpdateMfaDeviceForUserOutput](s, admin.Name, "UpdateMfaDeviceForUser",
			&admin.UpdateMfaDeviceForUserInput{UserName: c.Name, DeviceId: d.DeviceId, DeviceName: c.To})
		if err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "%s of %s is called %s now.\n", d.DeviceName, c.Name, c.To)
		return nil
	})
}

// userMFARemoveCmd removes a device.
type userMFARemoveCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	Name        string `arg:"" help:"User name."`
	Device      string `arg:"" help:"Name or id of the device."`
}

// Run says that it is gone.
func (c *userMFARemoveCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		d, err := s.device(c.Name, c.Device)
		if err != nil {
			return err
		}
		_, err = request[admin.DeleteMfaDeviceForUserOutput](s, admin.Name, "DeleteMfaDeviceForUser",
			&admin.DeleteMfaDeviceForUserInput{UserName: c.Name, DeviceId: d.DeviceId})
		if err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "%s of %s is removed.\n", d.DeviceName, c.Name)
		return nil
	})
}
