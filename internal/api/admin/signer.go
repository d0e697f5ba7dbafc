package admin

import (
	"context"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// called names somebody who signs in: a person of an identity store, or a user of an account: its root user, unless an IAM
// user is named.
type called struct{ storeID, userName, accountID, iamUser string }

// signer is somebody who signs in, as their sessions and their tries are found.
type signer struct {
	name       string
	owner      string
	generation uint64
	tries      []string
}

// sessions are those that last, the newest first.
func (s *signer) sessions(tx *store.Tx) ([]*session.Portal, error) {
	return api.SessionsOwned(tx, s.owner, s.generation)
}

// arn names a user of an account.
func (n called) arn(c *api.Call, id ident.AccountID) string {
	if n.iamUser == "" {
		return ident.RootARN(id)
	}
	if u := c.Snapshot.IAMUser(id, n.iamUser); u != nil {
		return u.ARN()
	}
	return ident.IAM(id, "user/"+n.iamUser)
}

// ofSigner makes the identity store of a person, or the user of an account, the resource of a decision. Persons are decided
// on besides, once they are found.
func ofSigner[In any](named func(*In) called) api.Option {
	return api.On(func(_ context.Context, c *api.Call, in *In) ([]api.Target, error) {
		n := named(in)
		t := api.Target{ARN: "*", Account: c.Principal.Account}
		if n.accountID == "" {
			if i := center(c, n.storeID); i != nil {
				t.ARN, t.Account = i.StoreARN(), i.Owner
			}
		} else if id, err := ident.ParseAccountID(n.accountID); err == nil {
			t.ARN = n.arn(c, id)
		}
		return []api.Target{t}, nil
	})
}

// signerOf finds somebody whom the caller looks after.
func signerOf(tx *store.Tx, c *api.Call, n called) (*signer, error) {
	if n.accountID == "" {
		u, err := allowedPerson(tx, c, n.storeID, n.userName)
		if err != nil {
			return nil, err
		}
		return &signer{name: u.UserName, owner: u.ID, generation: u.Generation, tries: api.TriesOf(u)}, nil
	}
	if n.userName != "" || n.storeID != "" {
		return nil, invalid("Name a person by UserName, or a user of an account by AccountId and IamUserName; not both.")
	}
	a, err := accountOf(tx, c, n)
	if err != nil {
		return nil, err
	}
	if n.iamUser == "" {
		return &signer{name: "The root user of " + string(a.ID), owner: string(a.ID), generation: a.RootGeneration, tries: api.TriesOfRoot(a)}, nil
	}
	u, err := store.IAMUsers.By(tx, "name", a.ID, strings.TrimSpace(n.iamUser))
	if err != nil {
		return nil, store.Missing(err, fault.New(fault.NotFound, "ResourceNotFoundException", "There is no IAM user %q in %s.", n.iamUser, a.ID))
	}
	return &signer{name: u.Name, owner: u.ID, generation: u.Generation, tries: api.TriesOfIAMUser(u)}, nil
}

// accountOf finds the account that a name is of: any for an operator, else the caller's own, and of that the root user for
// itself only. Whoever could take away the pauses between tries at the root user's password could guess at it.
func accountOf(tx *store.Tx, c *api.Call, n called) (*account.Account, error) {
	none := fault.New(fault.NotFound, "ResourceNotFoundException", "There is no account %q that you look after.", n.accountID)
	id, err := ident.ParseAccountID(n.accountID)
	if err != nil || c.Principal.Kind != authz.Operator && c.Principal.Account != id {
		return nil, none
	}
	if n.iamUser == "" && c.Principal.Kind != authz.Operator && c.Principal.Kind != authz.Root {
		return nil, fault.New(fault.Denied, "AccessDeniedException", "Only the root user itself and operators of the server look after it.")
	}
	a, err := store.Accounts.Get(tx, id)
	return a, store.Missing(err, none)
}
