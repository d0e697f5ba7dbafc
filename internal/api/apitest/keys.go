package apitest

import (
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Keys are what a client signs with; Token is empty for long-term keys.
type Keys struct{ ID, Secret, Token string }

// Secret remembers texts that nothing but an answer may show.
func (w *World) Secret(texts ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range texts {
		if s != "" {
			w.secrets = append(w.secrets, s)
		}
	}
}

// Key makes a long-term access key of an IAM user.
func (w *World) Key(u *iam.User) Keys {
	w.t.Helper()
	k := Keys{ID: w.IDs.AccessKeyID(ident.KeyPrefix, u.Account), Secret: w.IDs.Text(40, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")}
	w.Secret(k.Secret)
	box, err := w.Seal.SealValue(seal.Secret(k.Secret), []byte(k.ID), w.Random)
	if err != nil {
		w.t.Fatal(err)
	}
	Save(w, store.AccessKeys, &iam.AccessKey{ID: k.ID, Account: u.Account, UserID: u.ID, Status: "Active", SealedSecret: box, CreatedAt: w.Time.Now()})
	return k
}

// Issue makes session credentials of claims that are good for an hour, unless edit says otherwise.
func (w *World) Issue(claims seal.Claims, edit ...func(*seal.Claims)) Keys {
	w.t.Helper()
	claims.IssuedAt, claims.ExpiresAt = w.Time.Now(), w.Time.Now().Add(time.Hour)
	for _, fn := range edit {
		fn(&claims)
	}
	c, err := w.Seal.Issue(w.Random, &claims)
	if err != nil {
		w.t.Fatal(err)
	}
	k := Keys{c.AccessKeyID, c.SecretAccessKey.Reveal(), c.SessionToken}
	w.Secret(k.Secret, k.Token)
	return k
}

// Root makes a session of an account's root user.
func (w *World) Root(a *account.Account, edit ...func(*seal.Claims)) Keys {
	w.t.Helper()
	return w.Issue(seal.Claims{Kind: seal.RootUser, Account: a.ID, RoleGeneration: a.RootGeneration}, edit...)
}

// Session makes a session of a role, named "session".
func (w *World) Session(r *iam.Role, edit ...func(*seal.Claims)) Keys {
	w.t.Helper()
	return w.Issue(seal.Claims{Kind: seal.AssumedRole, Account: r.Account, RoleID: r.ID, RoleName: r.Name, RolePath: r.Path,
		SessionName: "session", RoleGeneration: r.Generation}, edit...)
}

// SignIn makes a person's browser session. It returns the session, the cookie's secret, and an access token that
// lives in it.
func (w *World) SignIn(u *directory.User) (s *session.Portal, cookie, token string) {
	w.t.Helper()
	cookie = w.NewSecret()
	s = &session.Portal{ID: w.IDs.UUID(), SecretHash: api.HashSecret(cookie), StoreID: u.StoreID, UserID: u.ID,
		Generation: u.Generation, CreatedAt: w.Time.Now(), ProvedAt: w.Time.Now(), ExpiresAt: w.Time.Now().Add(8 * time.Hour)}
	Save(w, store.Portals, s)
	token, err := w.SealAccessToken(api.AccessToken{SessionID: s.ID, UserID: u.ID, StoreID: u.StoreID, Generation: u.Generation, ExpiresAt: s.ExpiresAt})
	if err != nil {
		w.t.Fatal(err)
	}
	w.Secret(cookie, token)
	return s, cookie, token
}
