package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// setting is a setting of the whole server that operators may change. What is fixed at the first start, such as the
// region, is none.
type setting struct {
	name, meaning string
	standard      string // its value until it is changed
	allowed       string
	check         func(value string) bool
}

// settings are all there are: a few choices, and the limits of every service.
func settings(c *api.Call) []setting {
	list := []setting{
		choice(store.AuditStrict, "every call waits until its record is on disk", "false", "true"),
	}
	for i := range c.Limits {
		list = append(list, limit(&c.Limits[i]))
	}
	return list
}

// choice makes a setting of some words, of which the first holds until another is chosen.
func choice(name, meaning string, words ...string) setting {
	return setting{name, meaning, words[0], strings.Join(words, ", "), func(value string) bool { return slices.Contains(words, value) }}
}

// limit makes the setting of a limit.
func limit(l *api.Limit) setting {
	return setting{l.Name, l.Quota, strconv.Itoa(l.Default), fmt.Sprintf("%d to %d", l.Least, l.Most), func(value string) bool {
		n, err := strconv.Atoi(value)
		return err == nil && strconv.Itoa(n) == value && n >= l.Least && n <= l.Most
	}}
}

// find returns the setting with a name.
func find(c *api.Call, name string) (*setting, error) {
	all := settings(c)
	at := slices.IndexFunc(all, func(s setting) bool { return s.name == name })
	if at < 0 {
		return nil, fault.New(fault.NotFound, "ResourceNotFoundException", "There is no setting %q.", name)
	}
	return &all[at], nil
}

// listServerSettings lists all settings of the server, changed or not.
func listServerSettings(_ context.Context, c *api.Call, _ *ListServerSettingsInput) (*ListServerSettingsOutput, error) {
	out := &ListServerSettingsOutput{}
	for _, s := range settings(c) {
		value := c.Snapshot.Setting(s.name)
		if value == "" {
			value = s.standard
		}
		out.Settings = append(out.Settings, ServerSetting{Name: s.name, Value: value, Default: s.standard, Allowed: s.allowed, Meaning: s.meaning})
	}
	return out, nil
}

// putServerSetting changes a setting at once, without a restart.
func putServerSetting(ctx context.Context, c *api.Call, in *PutServerSettingInput) (*PutServerSettingOutput, error) {
	s, err := find(c, in.Name)
	if err != nil {
		return nil, err
	}
	if !s.check(in.Value) {
		return nil, invalid("%q is no value of the setting %s, which allows: %s.", in.Value, s.name, s.allowed)
	}
	c.Note("setting", in.Name+"="+in.Value)
	return &PutServerSettingOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		return store.Settings.Save(tx, &store.Setting{Name: in.Name, Value: in.Value})
	})
}

// deleteServerSetting gives a setting its default again. That of one which nobody set is no error.
func deleteServerSetting(ctx context.Context, c *api.Call, in *DeleteServerSettingInput) (*DeleteServerSettingOutput, error) {
	s, err := find(c, in.Name)
	if err != nil {
		return nil, err
	}
	c.Note("setting", in.Name+"="+s.standard)
	return &DeleteServerSettingOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		row, err := store.Settings.Get(tx, in.Name)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return store.Settings.Delete(tx, row)
	})
}
