package store

import (
	"github.com/gatehouse-sso/gatehouse/internal/link"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
)

// Links are those that were handed out. Key: the hash of their secret, as bytes. Lists: owner. Expire.
var Links = define("link", sealed, []column[link.Link]{
	{name: "secret_hash", of: func(l *link.Link) any { return l.Hash }},
	{name: "owner", of: func(l *link.Link) any { return l.Owner }},
	{name: expiry, of: func(l *link.Link) any { return l.ExpiresAt }},
}, index("secret_hash"), nil, indexes{
	"owner": {"owner"},
})

// Outbox is the letters on their way. Key: id. Lists: all, what is due first coming first.
var Outbox = define("mail_outbox", unsealed, []column[mail.Outgoing]{
	{name: "mail_id", of: func(o *mail.Outgoing) any { return o.ID }},
	{name: "due_at", of: func(o *mail.Outgoing) any { return o.DueAt }},
}, index("mail_id"), indexes{
	"due": {"due_at", "mail_id"},
}, indexes{
	"all": {},
}).sorted("all", "due")

// theMailSettings is the key of the only row of its table.
const theMailSettings = "smtp"

// mailSettings is how the server sends mail.
var mailSettings = define("mail_settings", sealed, []column[mail.Settings]{
	{name: "name", of: func(*mail.Settings) any { return theMailSettings }},
}, index("name"), nil, nil)

// MailSettings returns how the server sends mail, or ErrNotFound.
func (tx *Tx) MailSettings() (*mail.Settings, error) { return mailSettings.Get(tx, theMailSettings) }

// SetMailSettings keeps how the server sends mail; nil means that it sends none.
func (tx *Tx) SetMailSettings(s *mail.Settings) error {
	if s == nil {
		return mailSettings.Delete(tx, &mail.Settings{})
	}
	return mailSettings.Save(tx, s)
}
