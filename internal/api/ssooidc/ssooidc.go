// Package ssooidc is the OIDC service that command line tools sign in with: client registration, device authorization
// (RFC 8628), authorization codes with PKCE (RFC 7636), and refresh. See the AWS SSO OIDC API Reference.
//
// Registrations are self-contained: a client id is its sealed registration and the secret a MAC of the id, so that they
// survive restarts and the loss of the database. Access tokens are sealed too. Only hashes of device codes and
// authorization codes are stored. A refresh token is the sealed (family, n): using n gives n+1; using n again within a
// minute gives n+1 again, because several programs share one token file; later it ends the family and the session.
//
// Everybody may call, so every operation has a rate for an address (limits.go). Who asks again and again whether a device
// was let in costs a read and leaves no record.
package ssooidc

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/oidc"
)

// The grants that are built.
const (
	deviceGrant  = "urn:ietf:params:oauth:grant-type:device_code"
	codeGrant    = "authorization_code"
	refreshGrant = "refresh_token"
)

// Table returns the operations of the service.
func Table() api.Table {
	open := api.By(api.Open)
	d := devices{pace: &oidc.Pace{}}
	return api.Table{
		api.Op("RegisterClient", "", limited(registrations, registerClient), open, api.Reads()),
		api.Op("StartDeviceAuthorization", "", limited(authorizations, startDeviceAuthorization), open),
		api.Op("CreateToken", "", limited(tokenRequests, d.createToken), open),
	}
}

// limited bounds how often an address may call a handler.
func limited[In, Out any](l limit, handler func(context.Context, *api.Call, *In) (*Out, error)) func(context.Context, *api.Call, *In) (*Out, error) {
	rate := &oidc.Rate{Burst: l.burst, Each: l.each}
	return func(ctx context.Context, c *api.Call, in *In) (*Out, error) {
		if !rate.Allow(c.Address, c.Now) {
			return nil, slowDown("There are too many requests from this address. Wait a moment and try again.")
		}
		c.Counted()
		return handler(ctx, c, in)
	}
}

func registerClient(_ context.Context, c *api.Call, in *sdk.RegisterClientInput) (*sdk.RegisterClientOutput, error) {
	if in.ClientType == nil || *in.ClientType != "public" {
		return nil, failure("InvalidClientMetadataException", "clientType: only \"public\" is known.")
	}
	for _, g := range in.GrantTypes {
		if g != deviceGrant && g != codeGrant && g != refreshGrant {
			return nil, failure("UnsupportedGrantTypeException", "The grant type %q is not built.", g)
		}
	}
	if len(in.RedirectUris) > mostRedirects {
		return nil, failure("InvalidClientMetadataException", "redirectUris: at most %d are allowed.", mostRedirects)
	}
	for _, r := range in.RedirectUris {
		if !oidc.Loopback(r) {
			return nil, failure("InvalidRedirectUriException", "A redirect URI has to begin with http://127.0.0.1 or http://[::1]: %q.", r)
		}
	}
	if in.IssuerUrl != nil && c.InstanceFor(*in.IssuerUrl) == nil {
		return nil, failure("InvalidRequestException", "issuerUrl: no identity center of this server has the start URL %q.", *in.IssuerUrl)
	}
	client := oidc.Client{Name: *in.ClientName, Scopes: in.Scopes, Redirects: in.RedirectUris, Grants: in.GrantTypes,
		ExpiresAt: c.Now.Add(registrationLife)}
	if in.IssuerUrl != nil {
		client.Issuer = *in.IssuerUrl
	}
	id, secret, err := client.Register(c.Seal, c.Random)
	if errors.Is(err, oidc.ErrLarge) {
		return nil, failure("InvalidClientMetadataException", "The registration is too large: fewer or shorter names, scopes and redirect URIs are allowed.")
	}
	if err != nil {
		return nil, err
	}
	authorize, token := c.ExternalURL+"/authorize", c.ExternalURL+"/token"
	return &sdk.RegisterClientOutput{ClientId: &id, ClientSecret: &secret, ClientIdIssuedAt: c.Now.Unix(),
		ClientSecretExpiresAt: client.ExpiresAt.Unix(), AuthorizationEndpoint: &authorize, TokenEndpoint: &token}, nil
}

// client checks a client's id and secret.
func client(c *api.Call, id, secret *string) (*oidc.Client, error) {
	k, err := oidc.Authenticate(c.Seal, aws.ToString(id), aws.ToString(secret), c.Now)
	if err != nil {
		return nil, invalidClient()
	}
	return k, nil
}
