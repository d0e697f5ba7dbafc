package main

import (
	"fmt"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// settingCmds are the commands about the settings of the server.
type settingCmds struct {
	List settingListCmd `cmd:"" help:"List the settings."`
	Set  settingSetCmd  `cmd:"" help:"Change a setting, at once and without a restart."`
}

// settingListCmd lists the settings.
type settingListCmd struct {
	dataFlags `embed:""`
}

// Run prints a line a setting.
func (c *settingListCmd) Run(a *app) error {
	var out admin.ListServerSettingsOutput
	if err := c.operate(a, admin.Name, "ListServerSettings", &admin.ListServerSettingsInput{}, &out); err != nil {
		return err
	}
	for _, s := range out.Settings {
		fmt.Fprintf(a.stdout, "%s = %s\n", s.Name, s.Value)
	}
	return nil
}

// settingSetCmd changes a setting.
type settingSetCmd struct {
	dataFlags `embed:""`
	Name      string `arg:"" help:"Name of the setting, such as audit.strict."`
	Value     string `arg:"" help:"Its new value."`
}

// Run prints nothing.
func (c *settingSetCmd) Run(a *app) error {
	err := c.operate(a, admin.Name, "PutServerSetting", &admin.PutServerSettingInput{Name: c.Name, Value: c.Value}, new(admin.PutServerSettingOutput))
	if fault.Is(err, "ResourceNotFoundException") {
		return hinted(err, "see them all with: gatehouse setting list")
	}
	return err
}
