package self

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/oidc"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// codeLife is how long an authorization code is good. See RFC 6749 section 4.1.2 and OWASP ASVS 5.0 section 10.4.3.
const codeLife = time.Minute

// challenge is an S256 code challenge: 32 bytes in base64url. See RFC 7636 section 4.2.
var challenge = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// approveAuthorization checks an authorization request and, once the caller has answered, says where the browser goes.
// What is wrong with the client or its callback is told to the person and leads nowhere; what is wrong besides is told
// to the client, as RFC 6749 section 4.1.2.1 wants.
func approveAuthorization(ctx context.Context, c *api.Call, in *ApproveAuthorizationInput) (*ApproveAuthorizationOutput, error) {
	k, err := oidc.Open(c.Seal, in.ClientID, c.Now)
	if err != nil {
		return nil, invalid("The program that sent you here is not registered. Sign in with it again.")
	}
	if !k.Allows(in.RedirectURI) {
		return nil, invalid("The program that sent you here wants the answer at an address that it did not register.")
	}
	out := &ApproveAuthorizationOutput{ClientName: k.Name, Scopes: strings.Fields(in.Scopes)}
	i := c.Snapshot.InstanceWith(c.Principal.StoreID)
	if i == nil || k.Issuer != "" && c.InstanceFor(k.Issuer) != i {
		return nil, invalid("The program works for another portal than the one you are signed in to.")
	}
	if code := wrongRequest(in, k); code != "" {
		out.RedirectTo = callback(in, "error", code)
		return out, nil
	}
	switch {
	case in.Ask:
		return out, nil
	case in.Refuse:
		out.RedirectTo = callback(in, "error", "access_denied")
		return out, nil
	}
	secret := c.NewSecret()
	err = c.Update(ctx, func(tx *store.Tx) error {
		g, err := newGuest(tx, c)
		if err != nil {
			return err
		}
		if err := g.wants(tx, false); err != nil {
			return err
		}
		g.program = k.Name
		s, err := g.letIn(tx, c)
		if err != nil {
			return err
		}
		return store.Codes.Save(tx, &session.Code{Hash: api.HashSecret(secret), InstanceARN: i.ARN, ClientID: k.ID,
			ClientName: k.Name, Scopes: out.Scopes, RedirectURI: in.RedirectURI, Challenge: in.CodeChallenge,
			SessionID: s.ID, ExpiresAt: tx.Now.Add(codeLife)})
	})
	if err != nil {
		return nil, err
	}
	out.RedirectTo = callback(in, "code", secret)
	return out, nil
}

func invalid(text string) error { return fault.New(fault.Invalid, "ValidationException", "%s", text) }

// wrongRequest returns the OAuth error of a request whose client and callback are right.
func wrongRequest(in *ApproveAuthorizationInput, k *oidc.Client) string {
	switch {
	case in.ResponseType != "code":
		return "unsupported_response_type"
	case len(k.Grants) > 0 && !slices.Contains(k.Grants, "authorization_code"):
		return "unauthorized_client"
	case in.CodeChallengeMethod != "S256" || !challenge.MatchString(in.CodeChallenge):
		return "invalid_request"
	}
	for _, s := range strings.Fields(in.Scopes) {
		if !slices.Contains(k.Scopes, s) {
			return "invalid_scope"
		}
	}
	return ""
}

// callback is the client's address with the answer and its state. The address was checked.
func callback(in *ApproveAuthorizationInput, name, value string) string {
	u, err := url.Parse(in.RedirectURI)
	if err != nil {
		return ""
	}
	u.RawQuery = url.Values{name: {value}, "state": {in.State}}.Encode()
	return u.String()
}
