package ssooidc

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/oidc"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// tokens is what a grant gives: the session to hand out, and the family when it can be refreshed.
type tokens struct {
	session *session.Portal
	family  *session.Family
}

func (ds devices) createToken(ctx context.Context, c *api.Call, in *sdk.CreateTokenInput) (*sdk.CreateTokenOutput, error) {
	k, err := client(c, in.ClientId, in.ClientSecret)
	if err != nil {
		return nil, err
	}
	var give func(context.Context, *api.Call, *oidc.Client, *sdk.CreateTokenInput) (tokens, error)
	switch aws.ToString(in.GrantType) {
	case deviceGrant:
		give = ds.redeem
	case codeGrant:
		give = redeemCode
	case refreshGrant:
		give = refresh
	default:
		return nil, failure("UnsupportedGrantTypeException", "The grant type %q is not known.", aws.ToString(in.GrantType))
	}
	t, err := give(ctx, c, k, in)
	if err != nil {
		return nil, err
	}
	return t.output(c)
}

// output seals the tokens.
func (t *tokens) output(c *api.Call) (*sdk.CreateTokenOutput, error) {
	end := t.session.ExpiresAt
	if t.family != nil && c.Now.Add(refreshableLife).Before(end) {
		end = c.Now.Add(refreshableLife)
	}
	access, err := c.SealAccessToken(api.AccessToken{SessionID: t.session.ID, UserID: t.session.UserID,
		StoreID: t.session.StoreID, Generation: t.session.Generation, ExpiresAt: end})
	if err != nil {
		return nil, err
	}
	kind := "Bearer"
	out := &sdk.CreateTokenOutput{AccessToken: &access, TokenType: &kind, ExpiresIn: int32(end.Sub(c.Now) / time.Second)}
	if t.family != nil {
		next, err := refreshToken(c, t.family)
		if err != nil {
			return nil, err
		}
		out.RefreshToken = &next
	}
	return out, nil
}

func refreshToken(c *api.Call, f *session.Family) (string, error) {
	return c.Seal.SealDeterministic(seal.RefreshToken, []byte(f.ID+" "+strconv.FormatUint(f.Number, 10)), nil)
}

// begin makes the family of a session whose client may refresh. It ends with the session: refreshing never makes a
// sign-in last longer. See "Authentication sessions" in the IAM Identity Center User Guide.
func begin(tx *store.Tx, c *api.Call, s *session.Portal, k *oidc.Client, scopes []string) (*session.Family, error) {
	f := &session.Family{ID: c.IDs.UUID(), SessionID: s.ID, ClientID: k.ID, Scopes: scopes, Number: 1,
		RotatedAt: tx.Now, ExpiresAt: s.ExpiresAt}
	return f, store.Families.Save(tx, f)
}

// live returns the session of an approval when it may still be used, and notes whose it is for the record.
func live(tx *store.Tx, c *api.Call, id string) (*session.Portal, error) {
	s, err := store.Portals.Get(tx, id)
	if err != nil {
		return nil, store.Missing(err, invalidGrant())
	}
	u, err := store.Users.Get(tx, s.UserID)
	if err != nil || u.Disabled || u.Generation != s.Generation || !s.Live(tx.Now) {
		return nil, invalidGrant()
	}
	c.Note("userId", s.UserID)
	c.Note("sessionId", s.ID)
	return s, nil
}

func redeemCode(ctx context.Context, c *api.Call, k *oidc.Client, in *sdk.CreateTokenInput) (tokens, error) {
	var t tokens
	refused := false
	err := c.Update(ctx, func(tx *store.Tx) error {
		refused = false
		code, err := store.Codes.Get(tx, api.HashSecret(aws.ToString(in.Code)))
		if err != nil {
			return store.Missing(err, invalidGrant())
		}
		if !code.UsedAt.IsZero() { // somebody has a copy: nobody keeps what it gave. RFC 6749 section 4.1.2
			refused = true
			return api.EndSession(tx, code.SessionID)
		}
		if code.ClientID != k.ID || !tx.Now.Before(code.ExpiresAt) || code.RedirectURI != aws.ToString(in.RedirectUri) ||
			!verifies(aws.ToString(in.CodeVerifier), code.Challenge) {
			return invalidGrant()
		}
		if t.session, err = live(tx, c, code.SessionID); err != nil {
			return err
		}
		if t.family, err = begin(tx, c, t.session, k, code.Scopes); err != nil {
			return err
		}
		code.UsedAt = tx.Now
		return store.Codes.Save(tx, code)
	})
	if err == nil && refused {
		err = invalidGrant()
	}
	return t, err
}

// verifies checks a code verifier against its S256 challenge. See RFC 7636 sections 4.1 and 4.6.
func verifies(verifier, challenge string) bool {
	if len(verifier) < 43 || len(verifier) > 128 {
		return false
	}
	sum := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) == 1
}

func refresh(ctx context.Context, c *api.Call, k *oidc.Client, in *sdk.CreateTokenInput) (tokens, error) {
	var t tokens
	id, number, err := openRefresh(c, aws.ToString(in.RefreshToken))
	if err != nil {
		return t, err
	}
	replayed := false
	err = c.Update(ctx, func(tx *store.Tx) error {
		replayed = false
		f, err := store.Families.Get(tx, id)
		if err != nil {
			return store.Missing(err, invalidGrant())
		}
		if f.ClientID != k.ID || !f.EndedAt.IsZero() || !tx.Now.Before(f.ExpiresAt) {
			return invalidGrant()
		}
		if t.session, err = live(tx, c, f.SessionID); err != nil {
			return err
		}
		t.family = f
		switch {
		case number == f.Number:
			f.Number++
			f.RotatedAt = tx.Now
			return store.Families.Save(tx, f)
		case number+1 == f.Number && tx.Now.Sub(f.RotatedAt) <= rotationGrace:
			return nil
		}
		replayed = true
		f.EndedAt = tx.Now
		if err := store.Families.Save(tx, f); err != nil {
			return err
		}
		return api.EndSession(tx, f.SessionID)
	})
	if err == nil && replayed {
		err = invalidGrant()
	}
	return t, err
}

func openRefresh(c *api.Call, token string) (family string, number uint64, err error) {
	if token == "" || len(token) > 1024 {
		return "", 0, invalidGrant()
	}
	raw, err := c.Seal.OpenToken(seal.RefreshToken, token, nil)
	if err != nil {
		return "", 0, invalidGrant()
	}
	family, text, _ := strings.Cut(string(raw), " ")
	if number, err = strconv.ParseUint(text, 10, 64); err != nil {
		return "", 0, invalidGrant()
	}
	return family, number, nil
}
