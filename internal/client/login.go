package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc/types"
)

// Polling, where the server says nothing else. See RFC 8628 sections 3.2 and 3.5.
const (
	defaultInterval = 5 * time.Second
	slower          = 5 * time.Second
)

// What this program registers as, and what it asks for.
const (
	clientName = "gatehouse"
	scope      = "sso:account:access"
)

// ErrExpired says that nobody allowed this program in time.
var ErrExpired = errors.New("the request has expired before anybody allowed it")

// Login signs a person in.
type Login struct {
	Origin   string
	Region   string
	StartURL string // whatever names the identity center: the portal's address will do
	HTTP     *http.Client
	Random   io.Reader // for ByBrowser
}

func (l Login) oidc() *ssooidc.Client {
	return ssooidc.New(ssooidc.Options{Region: l.Region, BaseEndpoint: &l.Origin, HTTPClient: l.HTTP})
}

// Device is what a person needs to allow this program in a browser.
type Device struct{ URL, Code string }

// ByDeviceCode shows a code, waits until it is allowed, and returns an access token. See RFC 8628.
func (l Login) ByDeviceCode(ctx context.Context, show func(Device)) (string, error) {
	oidc := l.oidc()
	me, err := oidc.RegisterClient(ctx, &ssooidc.RegisterClientInput{ClientName: aws.String(clientName),
		ClientType: aws.String("public"), Scopes: []string{scope}})
	if err != nil {
		return "", fmt.Errorf("register this program: %w", err)
	}
	device, err := oidc.StartDeviceAuthorization(ctx, &ssooidc.StartDeviceAuthorizationInput{ClientId: me.ClientId,
		ClientSecret: me.ClientSecret, StartUrl: &l.StartURL})
	if err != nil {
		return "", fmt.Errorf("ask for a code: %w", err)
	}
	show(Device{URL: aws.ToString(device.VerificationUriComplete), Code: aws.ToString(device.UserCode)})
	interval := time.Duration(device.Interval) * time.Second
	if interval <= 0 {
		interval = defaultInterval
	}
	ask := &ssooidc.CreateTokenInput{ClientId: me.ClientId, ClientSecret: me.ClientSecret, DeviceCode: device.DeviceCode,
		GrantType: aws.String("urn:ietf:params:oauth:grant-type:device_code")}
	return poll(ctx, interval, func() (string, error) {
		token, err := oidc.CreateToken(ctx, ask)
		if err != nil {
			return "", err
		}
		return aws.ToString(token.AccessToken), nil
	})
}

// poll asks for a token until there is one, or there will be none.
func poll(ctx context.Context, interval time.Duration, ask func() (string, error)) (string, error) {
	for {
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(interval):
		}
		token, err := ask()
		var pending *types.AuthorizationPendingException
		var slow *types.SlowDownException
		var expired *types.ExpiredTokenException
		var denied *types.AccessDeniedException
		switch {
		case err == nil:
			return token, nil
		case errors.As(err, &pending):
		case errors.As(err, &slow):
			interval += slower
		case errors.As(err, &expired):
			return "", ErrExpired
		case errors.As(err, &denied):
			return "", errNotAllowed
		default:
			return "", fmt.Errorf("ask for a token: %w", err)
		}
	}
}

// Profiles lists the roles of whoever the token belongs to, a profile each.
func (l Login) Profiles(ctx context.Context, token string) ([]Profile, error) {
	portal := sso.New(sso.Options{Region: l.Region, BaseEndpoint: &l.Origin, HTTPClient: l.HTTP})
	var profiles []Profile
	accounts := sso.NewListAccountsPaginator(portal, &sso.ListAccountsInput{AccessToken: &token})
	for accounts.HasMorePages() {
		page, err := accounts.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list accounts: %w", err)
		}
		for _, a := range page.AccountList {
			roles := sso.NewListAccountRolesPaginator(portal, &sso.ListAccountRolesInput{AccessToken: &token, AccountId: a.AccountId})
			for roles.HasMorePages() {
				page, err := roles.NextPage(ctx)
				if err != nil {
					return nil, fmt.Errorf("list the roles of %s: %w", aws.ToString(a.AccountId), err)
				}
				for _, r := range page.RoleList {
					p := Profile{Name: Name(aws.ToString(a.AccountName), aws.ToString(r.RoleName)),
						AccountID: aws.ToString(a.AccountId), RoleName: aws.ToString(r.RoleName)}
					if !p.plain() {
						return nil, fmt.Errorf("the server tells of a role %q in an account %q, which cannot be written into a configuration", p.RoleName, p.AccountID)
					}
					profiles = append(profiles, p)
				}
			}
		}
	}
	return distinct(profiles), nil
}
