package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
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
	Write         bool   `help:"Put the profiles into your AWS configuration file (AWS_CONFIG_FILE, else ~/.aws/config), in a block of their own, instead of printing them."`
	Overwrite     bool   `help:"With --write: replace sections of the same names that stand outside the block, and changes made to it by hand."`
}

// Run signs in and prints a profile for every role.
func (c *awsConfigCmd) Run(a *app) error {
	portal, err := c.portal()
	if err != nil {
		return err
	}
	if c.Overwrite && !c.Write {
		return misuse("add --write, or leave it out", "--overwrite is for --write only")
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
	if c.Write {
		return c.write(a, config)
	}
	_, err = fmt.Fprint(a.stdout, config.String())
	return err
}

// write puts a configuration into the file that AWS's tools read.
func (c *awsConfigCmd) write(a *app, config client.Config) error {
	path := a.env("AWS_CONFIG_FILE")
	if path == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return hinted(err, "name the file with AWS_CONFIG_FILE")
		}
		path = filepath.Join(home, ".aws", "config")
	}
	changed, err := client.UpdateFile(path, func(old []byte) ([]byte, error) {
		return client.Merge(old, config.SessionName, config.String(), c.Overwrite)
	})
	var taken *client.TakenError
	switch {
	case errors.As(err, &taken):
		return hinted(err, "rename or remove them, or have them replaced with --overwrite")
	case errors.Is(err, client.ErrEdited):
		return hinted(err, "move your changes out of the block, or have them replaced with --overwrite")
	case err != nil:
		return err
	case !changed:
		fmt.Fprintf(a.stdout, "%s is up to date.\n", path)
		return nil
	}
	fmt.Fprintf(a.stdout, "%s has these profiles now:\n", path)
	for _, p := range config.Profiles {
		fmt.Fprintf(a.stdout, "  %s\n", p.Name)
	}
	return nil
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
