package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// CanMail reports whether mail gets anywhere from here.
func (s *Services) CanMail(tx *store.Tx) (bool, error) {
	if s.Mailbox != nil {
		return true, nil
	}
	_, err := tx.MailSettings()
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// AddressOf returns where mail to a person goes: the primary address, else the first. It is empty for a person without
// one that mail can go to.
func AddressOf(u *directory.User) string {
	address := ""
	for _, e := range u.Emails {
		if e.Primary || address == "" {
			address = e.Value
		}
		if e.Primary {
			break
		}
	}
	if mail.CheckAddress(address) != nil {
		return ""
	}
	return address
}

// Write queues a letter with the change that it tells of. It reports whether there is a way to send it.
func (s *Services) Write(tx *store.Tx, to *Addressee, l mail.Letter) (bool, error) {
	able, err := s.CanMail(tx)
	if err != nil || !able {
		return false, err
	}
	l.At = tx.Now
	account, reached := s.address(to, &l)
	if !reached {
		return false, nil
	}
	return true, s.Queue(tx, account, to.ARN(), &l)
}

// Organization is what an identity center is called: as its portal is or, without a name of its own, as the account that
// owns it.
func (s *Services) Organization(i *permission.Instance) string {
	if i.Title != "" {
		return i.Title
	}
	if a := s.State.Current().Account(i.Owner); a != nil && a.Name != "" {
		return a.Name
	}
	return "Gatehouse"
}

// PortalURL is where people sign in.
func (s *Services) PortalURL(i *permission.Instance) string {
	if name := i.PortalName(); name != "" {
		return s.ExternalURL + "/start/" + name
	}
	return s.ExternalURL + "/start"
}

// Write is Services.Write, after which the letter is sent at once. A call that is to be quiet writes to nobody.
func (c *Call) Write(tx *store.Tx, to *Addressee, l mail.Letter) (bool, error) {
	if c.quiet {
		return false, nil
	}
	c.wrote = true
	return c.Services.Write(tx, to, l)
}

// Tell writes to somebody what this call did to what they sign in with.
func (c *Call) Tell(tx *store.Tx, to *Addressee, l mail.Letter) error {
	if strings.HasPrefix(c.UserAgent, "Mozilla/") { // as all browsers say: section 10.1.5 of RFC 9110 has the others
		l.Client = factor.Browser(c.UserAgent)
	}
	if c.Address.IsValid() {
		l.Address = c.Address.String()
	}
	_, err := c.Write(tx, to, l)
	return err
}

// WakePost tells who sends letters that there may be some.
func (s *Services) WakePost() {
	select {
	case s.Letters <- struct{}{}:
	default: // they know already
	}
}

// Queue seals a letter and puts it into the outbox. to is the ARN of who it goes to.
func (s *Services) Queue(tx *store.Tx, account ident.AccountID, to string, l *mail.Letter) error {
	o := &mail.Outgoing{ID: s.IDs.UUID(), Kind: l.Kind, Account: string(account), To: to, CreatedAt: tx.Now, DueAt: tx.Now}
	contents, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if o.Sealed, err = s.Seal.SealValue(seal.Secret(contents), letterBinding(o), s.Random); err != nil {
		return fmt.Errorf("seal a letter: %w", err)
	}
	return store.Outbox.Save(tx, o)
}

// OpenLetter returns the letter of a row of the outbox.
func (s *Services) OpenLetter(o *mail.Outgoing) (*mail.Letter, error) {
	contents, err := s.Seal.OpenValue(o.Sealed, letterBinding(o))
	if err != nil {
		return nil, fmt.Errorf("open letter %s: %w", o.ID, err)
	}
	l := new(mail.Letter)
	return l, json.Unmarshal([]byte(contents.Reveal()), l)
}

func letterBinding(o *mail.Outgoing) []byte { return []byte("letter\x00" + o.ID) }

// ErrNoMail says that mail gets nowhere from here.
var ErrNoMail = errors.New("no mail server is set up")

// Deliver hands a message to the mail server, or keeps it in the mailbox of a development server that has none.
func (s *Services) Deliver(ctx context.Context, m *mail.Message, id string) error {
	var settings *mail.Settings
	err := s.Store.View(ctx, func(tx *store.Tx) (err error) {
		settings, err = tx.MailSettings()
		return err
	})
	switch {
	case errors.Is(err, store.ErrNotFound) && s.Mailbox != nil:
		s.Mailbox.Put(m)
		return nil
	case errors.Is(err, store.ErrNotFound):
		return ErrNoMail
	case err != nil:
		return err
	}
	var password seal.Secret
	if settings.User != "" {
		if password, err = s.Seal.OpenValue(settings.SealedPassword, settings.Binding()); err != nil {
			return fmt.Errorf("open the password of the mail server: %w", err)
		}
	}
	return s.Courier.Deliver(ctx, settings, password.Reveal(), m, id)
}
