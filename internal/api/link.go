package api

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/link"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Pages that mails lead to.
const (
	LinkPath = "/signin/link" // of links
	RootDoor = "/signin/root"
)

// LinkURL is the address of a link. It begins with the origin that was configured, whatever a request calls the server: a
// forged Host header would otherwise lead the secret elsewhere. See "Testing for Host Header Injection" in OWASP's WSTG.
func (s *Services) LinkURL(secret string) string {
	return s.ExternalURL + LinkPath + "?" + url.Values{"secret": {secret}}.Encode()
}

// NewLink keeps a link under a secret.
func NewLink(tx *store.Tx, to *Addressee, purpose link.Purpose, secret, by string) (*link.Link, error) {
	l := &link.Link{Hash: HashSecret(secret), Purpose: purpose, Owner: to.Owner(), State: to.state(), By: by, CreatedAt: tx.Now,
		ExpiresAt: tx.Now.Add(purpose.Life())}
	if to.Account != nil {
		l.Account = to.Account.ID
	}
	return l, store.Links.Save(tx, l)
}

// deadLink is the one answer to a secret that opens nothing, whatever the reason.
func deadLink() error {
	return fault.New(fault.NotFound, "ResourceNotFoundException", "This link was used already, has ended, or is not whole.")
}

// FindLink returns the link of a secret, if it may be used, and whose it is.
func FindLink(tx *store.Tx, secret string) (*link.Link, *Addressee, error) {
	if !IsSecret(secret) {
		return nil, nil, deadLink()
	}
	l, err := store.Links.Get(tx, HashSecret(secret))
	if err != nil {
		return nil, nil, store.Missing(err, deadLink())
	}
	to, err := addresseeOf(tx, l.Owner, l.Account)
	if err != nil {
		return nil, nil, store.Missing(err, deadLink())
	}
	if to.barred() || !l.Live(to.state(), tx.Now) {
		return nil, nil, deadLink()
	}
	return l, to, nil
}

// EndLinks ends the links of an owner for a purpose, or all of them when none is named.
func EndLinks(tx *store.Tx, owner string, purposes ...link.Purpose) error {
	list, _, err := store.Links.List(tx, "owner", []any{owner}, "", 0)
	for _, l := range list {
		if len(purposes) == 0 || slices.Contains(purposes, l.Purpose) {
			err = errors.Join(err, store.Links.Delete(tx, l))
		}
	}
	return err
}

// Given is a link on its way: by mail, or in the answer where no mail can be sent.
type Given struct {
	SentTo    string // the address, when it was mailed
	Link      string // else
	ExpiresAt time.Time
}

// letterOf are the letters that links go with.
var letterOf = map[link.Purpose]mail.Kind{link.Invitation: mail.Invitation, link.Reset: mail.Reset, link.Registration: mail.Registration,
	link.Verification: mail.Verification}

// outdone are the links whose place one takes; none stands for all.
var outdone = map[link.Purpose][]link.Purpose{link.Registration: {link.Registration}, link.Verification: {link.Verification}}

// GiveLink mails a link, or returns it where no mail can be sent or it is to be shown. It takes the place of earlier ones: one
// that chooses a password of all, because it changes what they are bound to.
func (c *Call) GiveLink(tx *store.Tx, to *Addressee, purpose link.Purpose, secret, by string, show bool) (*Given, error) {
	if err := EndLinks(tx, to.Owner(), outdone[purpose]...); err != nil {
		return nil, err
	}
	l, err := NewLink(tx, to, purpose, secret, by)
	if err != nil {
		return nil, err
	}
	given := &Given{Link: c.LinkURL(secret), ExpiresAt: l.ExpiresAt}
	if show {
		return given, nil
	}
	kind := letterOf[purpose]
	if to.Account != nil && purpose == link.Invitation {
		kind = mail.RootInvitation
	}
	sent, err := c.Write(tx, to, mail.Letter{Kind: kind, By: l.By, Link: given.Link, Until: l.ExpiresAt})
	if err != nil || !sent {
		return given, err
	}
	given.SentTo, given.Link = to.Address(), ""
	c.Note("sentTo", given.SentTo)
	return given, sentTo(tx, l, given.SentTo)
}

// sentTo keeps in a link where it was mailed.
func sentTo(tx *store.Tx, l *link.Link, address string) error {
	l.SentTo = address
	return store.Links.Save(tx, l)
}

// InviteRoot mails the address of a new account a link that sets the password of its root user. Where no mail can be sent,
// it returns the link if that may be shown. It returns nil where nobody would get a link, or it would lead nowhere because
// the server has no address yet, and for a call that is to be quiet.
func (c *Call) InviteRoot(tx *store.Tx, a *account.Account, secret string, show bool) (*Given, error) {
	able, err := c.CanMail(tx)
	if err != nil || c.ExternalURL == "" || c.quiet || !able && !show {
		return nil, err
	}
	return c.GiveLink(tx, &Addressee{Account: a}, link.Invitation, secret, "", false)
}

// mostWaiting is how many letters may wait, beyond which strangers cause no more.
const mostWaiting = 10_000

// Forgot takes down who wants a link, whoever they say they are. Whether there is such a user is looked up when the mail is
// sent, so that no answer, and no time that it takes, tells. See OWASP ASVS 5.0 section 6.3.8.
func (c *Call) Forgot(ctx context.Context, owner ident.AccountID, storeID, name string) error {
	err := c.Update(ctx, func(tx *store.Tx) error {
		able, err := c.CanMail(tx)
		if err != nil {
			return err
		}
		waiting, err := store.Outbox.Count(tx, "all")
		if err != nil {
			return err
		}
		if !able || waiting >= mostWaiting {
			return fault.New(fault.Unavailable, "ServiceUnavailable", "No mail can be sent from here at this moment. Ask your administrator for a new password.")
		}
		return c.Queue(tx, owner, "", &mail.Letter{Kind: mail.Forgotten, StoreID: storeID, UserName: name, At: tx.Now})
	})
	if err == nil {
		c.WakePost()
	}
	return err
}

// betweenResets is how long after a link another is mailed to who forgot, so that nobody can fill a stranger's mailbox.
const betweenResets = 5 * time.Minute

// Remind turns what somebody typed at a door into a letter with a link, if it names somebody who may have one. It reports to
// whom the letter goes; nil for nobody.
func (s *Services) Remind(tx *store.Tx, forgotten *mail.Letter, secret string) (*Addressee, error) {
	to, err := named(tx, forgotten)
	if err != nil || !to.mayForget() {
		return nil, store.Missing(err, nil)
	}
	links, _, err := store.Links.List(tx, "owner", []any{to.Owner()}, "", 0)
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		if l.Purpose == link.Reset && tx.Now.Sub(l.CreatedAt) < betweenResets {
			return nil, nil
		}
	}
	l, err := NewLink(tx, to, link.Reset, secret, "")
	if err != nil {
		return nil, err
	}
	sent, err := s.Write(tx, to, mail.Letter{Kind: mail.Reset, Link: s.LinkURL(secret), Until: l.ExpiresAt})
	if err != nil || !sent {
		return nil, err
	}
	return to, sentTo(tx, l, to.Address())
}

// named finds whom a letter of who forgot names: a person of a directory, or the root user of the account with an address.
func named(tx *store.Tx, forgotten *mail.Letter) (*Addressee, error) {
	if forgotten.StoreID != "" {
		u, err := store.Users.By(tx, "name", forgotten.StoreID, forgotten.UserName)
		if err != nil {
			return nil, err
		}
		return Person(u), nil
	}
	a, err := store.Accounts.By(tx, "email", forgotten.UserName)
	if err != nil {
		return nil, err
	}
	return RootUser(tx, a)
}
