package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/client"
)

// portalTimeout is how long one request to a portal may take.
const portalTimeout = 30 * time.Second

// awsConfigCmd prints the configuration of whoever signs in.
type awsConfigCmd struct {
	Portal        string `help:"Address of the portal (GATEHOUSE_PORTAL)." placeholder:"URL" from:"GATEHOUSE_PORTAL"`
	UseDeviceCode bool   `help:"Sign in with a code, in a browser on any machine. Default where there is no browser."`
	NoBrowser     bool   `help:"Print the address to open instead of opening a browser."`
}

// Run signs in and prints a profile for every role.
func (c *awsConfigCmd) Run(a *app) error {
	portal, err := c.portal()
	if err != nil {
		return err
	}
	origin := strings.TrimSuffix(portal, "/start")
	if i := strings.Index(portal, "/start/"); i >= 0 {
		origin = portal[:i]
	}
	web := &http.Client{Timeout: portalTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	server, err := client.Discover(a.ctx, web, origin)
	if err != nil {
		return hinted(err, "is a gatehouse running at "+portal+"?")
	}
	start, err := startURL(a.ctx, web, portal)
	if err != nil {
		return hinted(err, "is a gatehouse running at "+portal+"?")
	}
	login := client.Login{Origin: origin, Region: server.Region, StartURL: portal, HTTP: web, Random: rand.Reader}
	token, err := c.signIn(a, login)
	if errors.Is(err, client.ErrExpired) {
		return hinted(err, "run the command again, and allow it in the browser in time")
	}
	if err != nil {
		return err
	}
	profiles, err := login.Profiles(a.ctx, token)
	if err != nil {
		return err
	}
	config := client.Config{Origin: origin, Region: server.Region, StartURL: start, SessionName: server.SessionName, Profiles: profiles}
	_, err = fmt.Fprint(a.stdout, config.String())
	return err
}

// signIn signs in as "aws sso login" does: by the browser of this machine or, where there is none, by a code for another.
func (c *awsConfigCmd) signIn(a *app, login client.Login) (token string, err error) {
	show := func(address string) error {
		fmt.Fprintf(a.stderr, "Open this address in a browser on this machine:\n%s\n", address)
		return nil
	}
	browser := a.browser()
	if !c.UseDeviceCode && !c.NoBrowser && browser != nil {
		return login.ByBrowser(a.ctx, func(address string) error {
			if err := a.open(browser, address); err != nil {
				return show(address)
			}
			fmt.Fprintf(a.stderr, "A browser opens. If it does not, open this address yourself:\n%s\n", address)
			return nil
		})
	}
	if c.NoBrowser && !c.UseDeviceCode {
		return login.ByBrowser(a.ctx, show)
	}
	return login.ByDeviceCode(a.ctx, func(d client.Device) {
		fmt.Fprintf(a.stderr, "Open %s in a browser and check that it shows the code %s\n", d.URL, d.Code)
	})
}

// portal returns the address of the portal without a slash at its end; /start stands for the first one.
func (c *awsConfigCmd) portal() (string, error) {
	if c.Portal == "" {
		return "", misuse("name it with --portal URL, as in your browser", "no portal is named")
	}
	u, err := url.Parse(c.Portal)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", misuse("want an address such as https://sso.example.com/start", "--portal: %q is not the address of a portal", c.Portal)
	}
	path := "/start"
	if rest, ok := strings.CutPrefix(u.Path, "/start/"); ok && rest != "" {
		path += "/" + strings.Trim(rest, "/")
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: path}).String(), nil
}

// startURL asks a portal for its identifier, which it tells as the place that it would redirect AWS's tools to.
func startURL(ctx context.Context, web *http.Client, portal string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodHead, portal, nil)
	if err != nil {
		return "", err
	}
	answer, err := web.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	where := answer.Header.Get("Location")
	if u, err := url.Parse(where); err != nil || u.Scheme != "https" || strings.Trim(u.Path, "/") == "" {
		return "", fmt.Errorf("%s is not a portal with an identity center: it answered %s", portal, answer.Status)
	}
	return where, nil
}
