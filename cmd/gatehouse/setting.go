package main

import (
	"errors"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// settingCmds are the commands about the settings of the server.
type settingCmds struct {
	List  settingListCmd  `cmd:"" help:"List the settings, with what they mean and may be."`
	Set   settingSetCmd   `cmd:"" help:"Change a setting, at once and without a restart."`
	Reset settingResetCmd `cmd:"" help:"Give a setting its default again."`
}

// settingListCmd lists the settings.
type settingListCmd struct {
	dataFlags   `embed:""`
	outputFlags `embed:""`
}

// Run prints a line a setting.
func (c *settingListCmd) Run(a *app) error {
	s, err := c.local(a, "")
	if err != nil {
		return err
	}
	var out admin.ListServerSettingsOutput
	err = s.call(a.ctx, admin.Name, "ListServerSettings", &admin.ListServerSettingsInput{}, &out)
	if err := errors.Join(err, s.close()); err != nil {
		return err
	}
	rows := make([][]string, len(out.Settings))
	for i, r := range out.Settings {
		rows[i] = []string{r.Name, r.Value, r.Default, r.Allowed, r.Meaning}
	}
	return c.print(s, []string{"name", "value", "default", "allowed", "meaning"}, rows)
}

// settingSetCmd changes a setting.
type settingSetCmd struct {
	dataFlags `embed:""`
	Name      string `arg:"" help:"Name of the setting, such as audit.strict."`
	Value     string `arg:"" help:"Its new value."`
}

// Run says what holds now.
func (c *settingSetCmd) Run(a *app) error {
	in := &admin.PutServerSettingInput{Name: c.Name, Value: c.Value}
	err := c.operate(a, admin.Name, "PutServerSetting", in, new(admin.PutServerSettingOutput))
	return a.done(ofSetting(err), "%s is %s from now on.", c.Name, c.Value)
}

// settingResetCmd gives a setting its default again.
type settingResetCmd struct {
	dataFlags `embed:""`
	Name      string `arg:"" help:"Name of the setting, such as iam.roles-per-account."`
}

// Run says what holds now.
func (c *settingResetCmd) Run(a *app) error {
	in := &admin.DeleteServerSettingInput{Name: c.Name}
	err := c.operate(a, admin.Name, "DeleteServerSetting", in, new(admin.DeleteServerSettingOutput))
	return a.done(ofSetting(err), "%s has its default again.", c.Name)
}

// ofSetting hints at the names of settings when there is none with the name that was given.
func ofSetting(err error) error {
	if fault.Is(err, "ResourceNotFoundException") {
		return hinted(err, "see them all with: gatehouse setting list")
	}
	return err
}
