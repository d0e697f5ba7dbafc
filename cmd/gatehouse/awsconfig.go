package main

import (
	"context"
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
	Region        string `help:"Region of the identity center (GATEHOUSE_REGION)." default:"us-east-1" placeholder:"REGION" from:"GATEHOUSE_REGION"`
	UseDeviceCode bool   `help:"Sign in with a code in any browser, which is the only way so far."`
}

// Run signs in by device code and prints a profile for every role.
func (c *awsConfigCmd) Run(a *app) error {
	portal, err := c.portal()
	if err != nil {
		return err
	}
	web := &http.Client{Timeout: portalTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	start, err := startURL(a.ctx, web, portal)
	if err != nil {
		return hinted(err, "is a gatehouse running at "+portal+"?")
	}
	origin := strings.TrimSuffix(portal, "/start")
	if i := strings.Index(portal, "/start/"); i >= 0 {
		origin = portal[:i]
	}
	login := client.Login{Origin: origin, Region: c.Region, StartURL: portal, HTTP: web}
	token, err := login.ByDeviceCode(a.ctx, func(d client.Device) {
		fmt.Fprintf(a.stderr, "Open %s in a browser and check that it shows the code %s\n", d.URL, d.Code)
	})
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
	config := client.Config{Origin: origin, Region: c.Region, StartURL: start, SessionName: "gatehouse", Profiles: profiles}
	_, err = fmt.Fprint(a.stdout, config.String())
	return err
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
