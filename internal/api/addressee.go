package api

import (
	"cmp"
	"errors"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Addressee is who letters go to and links are for: a person, or the root user of an account. IAM users have no address.
type Addressee struct {
	User    *directory.User  // the person; nil for a root user
	Account *account.Account // of the root user; nil for a person
	hash    string           // of the password
}

// Person is a person as who letters go to.
func Person(u *directory.User) *Addressee { return &Addressee{User: u, hash: u.PasswordHash} }

// RootUser is the root user of an account as who letters go to.
func RootUser(tx *store.Tx, a *account.Account) (*Addressee, error) {
	l, err := store.Logins.Get(tx, string(a.ID))
	if errors.Is(err, store.ErrNotFound) {
		return &Addressee{Account: a}, nil
	}
	if err != nil {
		return nil, err
	}
	return &Addressee{Account: a, hash: l.Hash}, nil
}

// addresseeOf finds the owner of links; ErrNotFound when they are gone. account is whose root user it is, if it is one.
func addresseeOf(tx *store.Tx, owner string, id ident.AccountID) (*Addressee, error) {
	if id == "" {
		u, err := store.Users.Get(tx, owner)
		if err != nil {
			return nil, err
		}
		return Person(u), nil
	}
	a, err := store.Accounts.Get(tx, id)
	if err != nil {
		return nil, err
	}
	return RootUser(tx, a)
}

// Owner is what passwords and links of the addressee belong to.
func (a *Addressee) Owner() string {
	if a.User != nil {
		return a.User.ID
	}
	return string(a.Account.ID)
}

// ARN names the addressee in records.
func (a *Addressee) ARN() string {
	if a.User != nil {
		return "arn:" + ident.Partition + ":identitystore:::user/" + a.User.ID
	}
	return ident.RootARN(a.Account.ID)
}

// Address is where mail goes; empty without an address that mail can go to.
func (a *Addressee) Address() string {
	switch {
	case a.User != nil:
		return AddressOf(a.User)
	case mail.CheckAddress(a.Account.Email) != nil:
		return ""
	}
	return a.Account.Email
}

// HasPassword reports whether the addressee has chosen a password before.
func (a *Addressee) HasPassword() bool { return a.hash != "" }

// barred reports whether the addressee may not sign in, whatever they prove.
func (a *Addressee) barred() bool {
	if a.User != nil {
		return a.User.Disabled
	}
	return a.Account.Status != account.Active
}

// mayForget reports whether the addressee may have a link for the asking. A root user without a password may, as on AWS: see
// "Accessing a member account as the root user" in the AWS Organizations User Guide. A person without one waits for an
// invitation, and one whose address took the place of a verified one until it is verified itself: it may be a slip of the pen.
func (a *Addressee) mayForget() bool {
	switch {
	case a.barred() || a.Address() == "":
		return false
	case a.Account != nil:
		return true
	}
	return a.HasPassword() && (a.User.VerifiedEmail == "" || IsVerified(a.User))
}

// state is what a link is bound to: the password, the address, and what ends all sessions. Devices may come and go.
func (a *Addressee) state() []byte {
	var generation uint64
	if a.User != nil {
		generation = a.User.Generation
	} else {
		generation = a.Account.RootGeneration
	}
	return factor.Fingerprint(a.hash+"\x00"+a.Address(), generation, nil)
}

// address puts on a letter who it goes to, and returns in whose record it is told when it cannot be sent. It reports false
// for who gets no mail.
func (s *Services) address(a *Addressee, l *mail.Letter) (ident.AccountID, bool) {
	if l.To = a.Address(); l.To == "" {
		return "", false
	}
	if a.Account != nil {
		l.Name, l.UserName, l.Organization = a.Account.Name, "the root user", a.Account.Name+" ("+string(a.Account.ID)+")"
		l.Portal = s.ExternalURL + RootDoor
		return a.Account.ID, true
	}
	i := s.State.Current().InstanceWith(a.User.StoreID)
	if i == nil {
		return "", false
	}
	l.Name, l.UserName = cmp.Or(a.User.DisplayName, a.User.GivenName), a.User.UserName
	l.Organization, l.Portal = s.Organization(i), s.PortalURL(i)
	return i.Owner, true
}
