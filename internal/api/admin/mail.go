package admin

import (
	"context"
	"errors"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// noMail is the answer where mail would have to be sent and cannot be.
func noMail() *fault.Fault {
	return fault.New(fault.NotFound, "ResourceNotFoundException", "No mail server is set up.")
}

// getMailSettings says how the server sends mail, without the password, and what is waiting.
func getMailSettings(ctx context.Context, c *api.Call, _ *GetMailSettingsInput) (*GetMailSettingsOutput, error) {
	return api.Look(ctx, c, func(tx *store.Tx) (*GetMailSettingsOutput, error) {
		out := &GetMailSettingsOutput{Mailbox: c.Mailbox != nil}
		s, err := tx.MailSettings()
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		if err == nil {
			out.MailServer = &MailServer{Host: s.Host, Port: int32(s.Port), Security: string(s.Security), User: s.User,
				FromAddress: s.From, FromName: s.FromName}
		}
		waiting, err := store.Outbox.Count(tx, "all")
		if err != nil {
			return nil, err
		}
		out.Waiting = int32(waiting)
		oldest, _, err := store.Outbox.List(tx, "all", nil, "", 1)
		if len(oldest) > 0 {
			out.LastError = oldest[0].Error
		}
		return out, err
	})
}

// putMailSettings says how the server sends mail from now on.
func putMailSettings(ctx context.Context, c *api.Call, in *PutMailSettingsInput) (*PutMailSettingsOutput, error) {
	m := in.MailServer
	next := &mail.Settings{Host: m.Host, Port: int(m.Port), Security: mail.Security(m.Security), User: m.User, From: m.FromAddress, FromName: m.FromName}
	return &PutMailSettingsOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		password, err := passwordFor(tx, c, next, in.Password)
		if err != nil {
			return err
		}
		if err := next.Check(password != ""); err != nil {
			return invalid("This cannot be how mail is sent: %s.", err)
		}
		if next.User != "" {
			if next.SealedPassword, err = c.Seal.SealValue(password, next.Binding(), c.Random); err != nil {
				return err
			}
		}
		c.Note("mailServer", next.Host)
		return tx.SetMailSettings(next)
	})
}

// passwordFor is the password that was given, or the one that is there already for the same user of the same server.
func passwordFor(tx *store.Tx, c *api.Call, next *mail.Settings, given string) (seal.Secret, error) {
	if given != "" || next.User == "" {
		return seal.Secret(given), nil
	}
	old, err := tx.MailSettings()
	if err != nil || string(old.Binding()) != string(next.Binding()) {
		return "", store.Missing(err, nil)
	}
	return c.Seal.OpenValue(old.SealedPassword, old.Binding())
}

// deleteMailSettings has the server send no mail any more.
func deleteMailSettings(ctx context.Context, c *api.Call, _ *DeleteMailSettingsInput) (*DeleteMailSettingsOutput, error) {
	return &DeleteMailSettingsOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		return store.Missing(tx.SetMailSettings(nil), noMail())
	})
}

// sendTestMail sends a mail at once, so that the caller hears what the mail server says.
func sendTestMail(ctx context.Context, c *api.Call, in *SendTestMailInput) (*SendTestMailOutput, error) {
	if mail.CheckAddress(in.To) != nil {
		return nil, invalid("%q is not an e-mail address.", in.To)
	}
	l := &mail.Letter{Kind: mail.Test, To: in.To, Portal: c.ExternalURL, At: c.Now}
	m, err := l.Write()
	if err != nil {
		return nil, err
	}
	err = c.Deliver(ctx, m, c.IDs.UUID())
	if errors.Is(err, api.ErrNoMail) {
		return nil, noMail()
	}
	if err != nil {
		return nil, fault.New(fault.Unavailable, "MailNotSentException", "The mail was not sent: %s.", err)
	}
	return &SendTestMailOutput{}, c.Update(ctx, func(*store.Tx) error {
		c.Note("to", in.To)
		return nil
	})
}
