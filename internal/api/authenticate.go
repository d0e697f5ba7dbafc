package api

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
	"github.com/gatehouse-sso/gatehouse/internal/wire/sigv4"
)

// bearerHeader carries the access token of portal calls. See GetRoleCredentials of the Portal API.
const bearerHeader = "X-Amz-Sso_bearer_token"

// authenticate yields the one who calls, by the way that the row admits and the request uses.
func (c *Corridor) authenticate(r *http.Request, body []byte, call wire.Recognised, row *Row, snap *authz.Snapshot, now time.Time) (*authz.Principal, string, error) {
	switch {
	case row.Who&Bearer != 0 && (row.Who&Signed == 0 || r.Header.Get(bearerHeader) != ""):
		p, err := c.bearer(r.Header.Get(bearerHeader), now)
		if err != nil || !snap.Live(p, now) {
			return nil, "", fault.New(fault.Unauthenticated, "UnauthorizedException", "Session token not found or invalid")
		}
		return p, c.Region, nil
	case row.Who&Signed != 0:
		return c.signed(r, body, call, snap, now)
	case row.Who&Open != 0:
		return &authz.Principal{}, c.Region, nil
	}
	return nil, "", fault.New(fault.Denied, "AccessDeniedException", "%s is called from Gatehouse's own pages only.", row.Name)
}

// signed checks a SigV4 signature and returns the holder of the key that made it.
func (c *Corridor) signed(r *http.Request, body []byte, call wire.Recognised, snap *authz.Snapshot, now time.Time) (*authz.Principal, string, error) {
	query := call.Protocol == wire.AWSQuery
	sig, err := sigv4.Parse(r)
	if err != nil {
		return nil, "", sigv4.Fault(err, query)
	}
	if sig.Service != call.Service.SigningName {
		return nil, "", sigv4.Fault(&sigv4.Error{Reason: sigv4.ScopeMismatch,
			Detail: "Credential should be scoped to correct service: '" + call.Service.SigningName + "'."}, query)
	}
	p, err := c.alive(sig, r, body, snap, now)
	if err != nil {
		return nil, "", signatureFault(err, query)
	}
	return p, sig.Region, nil
}

// alive returns who signed, if their credentials still stand, and notes the use.
func (c *Corridor) alive(sig *sigv4.Signature, r *http.Request, body []byte, snap *authz.Snapshot, now time.Time) (*authz.Principal, error) {
	p, err := c.holder(sig, r, body, snap, now)
	if err != nil {
		return nil, err
	}
	if !snap.Live(p, now) {
		return nil, &sigv4.Error{Reason: sigv4.BadKey}
	}
	switch {
	case !p.Temporary:
		c.uses.note(p.AccessKeyID, sig.Service, sig.Region, now)
	case p.Kind == authz.Role:
		c.uses.note(p.RoleID, sig.Service, sig.Region, now)
	}
	return p, nil
}

// signatureFault turns an error of a signature into the protocol's; any other error stays what it is.
func signatureFault(err error, query bool) error {
	var e *sigv4.Error
	if errors.As(err, &e) {
		return sigv4.Fault(err, query)
	}
	return err
}

// holder returns who signed.
func (c *Corridor) holder(sig *sigv4.Signature, r *http.Request, body []byte, snap *authz.Snapshot, now time.Time) (*authz.Principal, error) {
	if sig.SessionToken == "" {
		return c.keyHolder(sig, r, body, snap, now)
	}
	claims, err := c.keys.Verify(sig, r, body, now, c.Seal.Epoch(), func() (sigv4.Credential[*seal.Claims], error) {
		claims, secret, err := c.Seal.Open(sig.AccessKeyID, sig.SessionToken, now)
		switch {
		case errors.Is(err, seal.ErrExpired):
			return sigv4.Credential[*seal.Claims]{}, &sigv4.Error{Reason: sigv4.ExpiredToken}
		case err != nil:
			return sigv4.Credential[*seal.Claims]{}, &sigv4.Error{Reason: sigv4.BadKey}
		}
		return sigv4.Credential[*seal.Claims]{Secret: secret.Reveal(), Until: claims.ExpiresAt, Owner: claims}, nil
	})
	if err != nil {
		return nil, err
	}
	p, err := c.claimed(claims, snap)
	p.AccessKeyID = sig.AccessKeyID
	return p, err
}

// keyHolder returns the IAM user whose long-term key signed.
func (c *Corridor) keyHolder(sig *sigv4.Signature, r *http.Request, body []byte, snap *authz.Snapshot, now time.Time) (*authz.Principal, error) {
	key := snap.AccessKey(sig.AccessKeyID)
	if key == nil || key.Status != "Active" {
		return nil, &sigv4.Error{Reason: sigv4.BadKey}
	}
	u := snap.IAMUserByID(key.UserID)
	if u == nil || u.Account != key.Account {
		return nil, &sigv4.Error{Reason: sigv4.BadKey}
	}
	_, err := c.keys.Verify(sig, r, body, now, 0, func() (sigv4.Credential[*seal.Claims], error) {
		secret, err := c.Seal.OpenValue(key.SealedSecret, []byte(key.ID))
		return sigv4.Credential[*seal.Claims]{Secret: secret.Reveal()}, err
	})
	return &authz.Principal{Kind: authz.IAMUser, Account: u.Account, ARN: u.ARN(), IAMUserID: u.ID,
		RoleGeneration: u.Generation, AccessKeyID: key.ID}, err
}

// claimed turns the claims of session credentials into a principal.
func (c *Corridor) claimed(k *seal.Claims, snap *authz.Snapshot) (*authz.Principal, error) {
	p := &authz.Principal{Account: k.Account, SessionName: k.SessionName, UserID: k.UserID, SessionID: k.SessionID,
		UserGeneration: k.UserGeneration, RoleGeneration: k.RoleGeneration,
		SourceIdentity: k.SourceIdentity, IssuedAt: k.IssuedAt, ExpiresAt: k.ExpiresAt, MFAAt: k.MFAAt, Temporary: true}
	switch k.Kind {
	case seal.AssumedRole:
		p.Kind, p.RoleID = authz.Role, k.RoleID
		p.ARN = ident.SessionARN(k.Account, k.RoleName, k.SessionName)
	case seal.RootUser:
		p.Kind, p.ARN = authz.Root, ident.RootARN(k.Account)
	case seal.User:
		// By the id, not by the name that the user had: another may bear it by now.
		u := snap.IAMUserByID(k.RoleID)
		if u == nil || u.Account != k.Account {
			return p, &sigv4.Error{Reason: sigv4.BadKey}
		}
		p.Kind, p.IAMUserID, p.ARN = authz.IAMUser, u.ID, u.ARN()
	case seal.Federated:
		p.Kind, p.IAMUserID = authz.Federated, k.RoleID
		p.ARN = ident.FederatedARN(k.Account, k.SessionName)
	default:
		return p, &sigv4.Error{Reason: sigv4.BadKey}
	}
	if len(k.Tags) > 0 {
		p.SessionTags = make(map[string]string, len(k.Tags))
		for _, t := range k.Tags {
			p.SessionTags[t.Key] = t.Value
		}
		p.TransitiveTags = k.TransitiveTagKeys
	}
	return p, c.bound(p, &k.Packed, snap)
}

// bound gives p the session policies that its credentials carry. One that cannot be had any more may be the one that
// denies, so that without it the session may do nothing. A federated user has no permissions but those of session policies.
func (c *Corridor) bound(p *authz.Principal, k *seal.Packed, snap *authz.Snapshot) error {
	p.HasSession = len(k.SessionPolicies)+len(k.SessionPolicyARNs) > 0 || p.Kind == authz.Federated
	for _, text := range k.SessionPolicies {
		doc, err := policy.Parse(text, policy.Session)
		if err != nil {
			return &sigv4.Error{Reason: sigv4.BadKey}
		}
		p.SessionPolicies = append(p.SessionPolicies, policy.Policy{Doc: doc})
		p.SessionTexts = append(p.SessionTexts, string(text))
	}
	p.SessionTexts = append(p.SessionTexts, k.SessionPolicyARNs...)
	for _, arn := range k.SessionPolicyARNs {
		m, ok := c.SessionPolicy(snap, p.Account, arn)
		if !ok {
			p.SessionPolicies = nil
			return nil
		}
		p.SessionPolicies = append(p.SessionPolicies, m)
	}
	return nil
}

// SessionPolicy returns a managed policy that may bound sessions of an account: one of AWS's, or one of the account's own,
// which counts as it is at every request.
func (s *Services) SessionPolicy(snap *authz.Snapshot, account ident.AccountID, arn string) (policy.Policy, bool) {
	if m, ok := s.State.Managed(arn); ok {
		return m, true
	}
	return snap.CustomerPolicy(account, arn)
}

// browser returns who is signed in with the browser that holds the cookie's secret.
func (c *Corridor) browser(secret string, snap *authz.Snapshot, now time.Time) (*authz.Principal, error) {
	p := (*authz.Principal)(nil)
	if IsSecret(secret) {
		if s := snap.PortalBySecret(HashSecret(secret)); s != nil && s.Live(now) {
			p = signedIn(s, snap)
		}
	}
	if p == nil || !snap.Live(p, now) {
		return nil, signInFirst()
	}
	return p, nil
}

// signedIn is who a session belongs to, or nil when they are gone.
func signedIn(s *session.Portal, snap *authz.Snapshot) *authz.Principal {
	p := &authz.Principal{SessionID: s.ID, Account: s.Account, IssuedAt: s.CreatedAt, ExpiresAt: s.ExpiresAt, Temporary: true}
	if s.Account == "" {
		p.Kind, p.UserID, p.StoreID, p.UserGeneration = authz.Person, s.UserID, s.StoreID, s.Generation
		return p
	}
	p.RoleGeneration, p.MFAAt = s.Generation, s.MFAAt
	if s.IsRoot() {
		p.Kind, p.ARN = authz.Root, ident.RootARN(s.Account)
		return p
	}
	u := snap.IAMUserByID(s.UserID)
	if u == nil {
		return nil
	}
	p.Kind, p.IAMUserID, p.ARN = authz.IAMUser, u.ID, u.ARN()
	return p
}

func signInFirst() error {
	return fault.New(fault.Unauthenticated, "UnauthorizedException", "Your sign-in has ended. Sign in again.")
}

// secretSize is the length of a secret in bytes.
const secretSize = 32

// NewSecret returns a secret for a browser's cookie; only its hash is stored.
func (s *Services) NewSecret() string {
	return base64.RawURLEncoding.EncodeToString(s.IDs.Bytes(secretSize))
}

// IsSecret reports whether text has the form of what NewSecret returns, so that nothing else is looked up.
func IsSecret(text string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	return err == nil && len(raw) == secretSize
}

// HashSecret is how secrets of 256 random bits are stored: they need no salt and no stretching.
func HashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
