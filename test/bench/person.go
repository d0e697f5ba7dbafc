package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/sso/types"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
)

const region = "us-east-1"

// person is somebody of the sample organization, signed in by a browser's means and by a device's.
type person struct {
	url     string // of the server
	browser *http.Client
	oidc    *ssooidc.Client
	portal  *sso.Client
}

// signIn signs a user of the sample in at the page that browsers see.
func signIn(ctx context.Context, server, dir, user string) (*person, error) {
	password, err := passwordOf(dir, user)
	if err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	config := aws.Config{Region: region, BaseEndpoint: &server}
	p := &person{url: server, browser: &http.Client{Jar: jar, Timeout: patience},
		oidc: ssooidc.NewFromConfig(config), portal: sso.NewFromConfig(config)}
	return p, p.post(ctx, "/signin", url.Values{"user": {user}, "password": {password}, "to": {"/start"}})
}

// passwordOf reads the list that dev has written.
func passwordOf(dir, user string) (string, error) {
	data, err := os.ReadFile(filepath.Join(dir, "users.json"))
	if err != nil {
		return "", err
	}
	var list []struct{ UserName, Password string }
	if err := json.Unmarshal(data, &list); err != nil {
		return "", err
	}
	for _, u := range list {
		if u.UserName == user {
			return u.Password, nil
		}
	}
	return "", fmt.Errorf("users.json has no user %q", user)
}

// post sends a form and follows where it leads.
func (p *person) post(ctx context.Context, path string, form url.Values) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", p.url)
	resp, err := p.browser.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("POST %s answered %s", path, resp.Status)
	}
	return nil
}

// device is a program that a person has let in.
type device struct {
	client, secret string
	access, token  string // token refreshes
}

// token gets an access token by a device authorization that the person approves in the browser.
func (p *person) token(ctx context.Context) (string, error) {
	d, err := p.device(ctx)
	if err != nil {
		return "", err
	}
	return d.access, nil
}

// device lets a program in. See RFC 8628.
func (p *person) device(ctx context.Context) (*device, error) {
	client, err := p.oidc.RegisterClient(ctx, &ssooidc.RegisterClientInput{ClientName: aws.String("bench"), ClientType: aws.String("public"),
		Scopes: []string{"sso:account:access"}})
	if err != nil {
		return nil, err
	}
	asked, err := p.oidc.StartDeviceAuthorization(ctx, &ssooidc.StartDeviceAuthorizationInput{ClientId: client.ClientId,
		ClientSecret: client.ClientSecret, StartUrl: aws.String(p.url + "/start")})
	if err != nil {
		return nil, err
	}
	if err := p.post(ctx, "/device/answer", url.Values{"user_code": {*asked.UserCode}, "answer": {"allow"}}); err != nil {
		return nil, err
	}
	out, err := p.oidc.CreateToken(ctx, &ssooidc.CreateTokenInput{ClientId: client.ClientId, ClientSecret: client.ClientSecret,
		GrantType: aws.String("urn:ietf:params:oauth:grant-type:device_code"), DeviceCode: asked.DeviceCode})
	if err != nil {
		return nil, err
	}
	return &device{*client.ClientId, *client.ClientSecret, *out.AccessToken, aws.ToString(out.RefreshToken)}, nil
}

// roles lists the roles that the person has in every account.
func (p *person) roles(ctx context.Context, token string) ([]types.RoleInfo, error) {
	accounts, err := p.portal.ListAccounts(ctx, &sso.ListAccountsInput{AccessToken: &token})
	if err != nil {
		return nil, err
	}
	var roles []types.RoleInfo
	for _, a := range accounts.AccountList {
		out, err := p.portal.ListAccountRoles(ctx, &sso.ListAccountRolesInput{AccessToken: &token, AccountId: a.AccountId})
		if err != nil {
			return nil, err
		}
		roles = append(roles, out.RoleList...)
	}
	return roles, nil
}

// keys gets credentials for a role.
func (p *person) keys(ctx context.Context, token string, role types.RoleInfo) (aws.Credentials, error) {
	out, err := p.portal.GetRoleCredentials(ctx, &sso.GetRoleCredentialsInput{AccessToken: &token, AccountId: role.AccountId, RoleName: role.RoleName})
	if err != nil {
		return aws.Credentials{}, err
	}
	c := out.RoleCredentials
	return aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}, nil
}

// manyKeys gets n credentials, for every role in turn.
func (p *person) manyKeys(ctx context.Context, access []string, roles []types.RoleInfo, n int) ([]aws.Credentials, error) {
	credentials := make([]aws.Credentials, n)
	return credentials, atOnce(n, func(i int) (err error) {
		credentials[i], err = p.keys(ctx, access[i%len(access)], roles[i%len(roles)])
		return err
	})
}

// signedCalls returns what makes signed requests by as many sessions of the person as identityRequests wants.
func (p *person) signedCalls(ctx context.Context) (func(now time.Time) ([][]byte, error), error) {
	token, err := p.token(ctx)
	if err != nil {
		return nil, err
	}
	roles, err := p.roles(ctx, token)
	if err != nil {
		return nil, err
	}
	credentials, err := p.manyKeys(ctx, []string{token}, roles, sessions)
	return func(now time.Time) ([][]byte, error) { return identityRequests(ctx, p.url, credentials, now) }, err
}
