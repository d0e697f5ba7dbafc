package admin

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// serverSettings are the settings that operators may change, each with its values; the first is the one that holds
// until they do. What is fixed at the first start, such as the region, is none of them.
var serverSettings = []struct {
	name   string
	values []string
}{
	{store.AuditStrict, []string{"false", "true"}},
}

func listServerSettings(ctx context.Context, c *api.Call, _ *ListServerSettingsInput) (*ListServerSettingsOutput, error) {
	out := &ListServerSettingsOutput{}
	err := c.View(ctx, func(tx *store.Tx) error {
		out.Settings = nil
		for _, s := range serverSettings {
			value := s.values[0]
			row, err := store.Settings.Get(tx, s.name)
			if err == nil {
				value = row.Value
			} else if !errors.Is(err, store.ErrNotFound) {
				return err
			}
			out.Settings = append(out.Settings, ServerSetting{Name: s.name, Value: value})
		}
		return nil
	})
	return out, err
}

func putServerSetting(ctx context.Context, c *api.Call, in *PutServerSettingInput) (*PutServerSettingOutput, error) {
	for _, s := range serverSettings {
		if s.name != in.Name {
			continue
		}
		if !slices.Contains(s.values, in.Value) {
			return nil, invalid("The setting %s is one of: %s.", s.name, strings.Join(s.values, ", "))
		}
		c.Note("setting", in.Name+"="+in.Value)
		return &PutServerSettingOutput{}, c.Update(ctx, func(tx *store.Tx) error {
			return store.Settings.Save(tx, &store.Setting{Name: in.Name, Value: in.Value})
		})
	}
	return nil, fault.New(fault.NotFound, "ResourceNotFoundException", "There is no setting %q.", in.Name)
}
