package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin/setup"
	"github.com/gatehouse-sso/gatehouse/internal/server"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

// defaultListen is where a server listens that is told nothing else.
const defaultListen = "localhost:7070"

// serveCmd serves a data directory until it is told to stop.
type serveCmd struct {
	dataFlags      `embed:""`
	Config         string   `help:"File in YAML with what neither flags nor variables say (GATEHOUSE_CONFIG)." placeholder:"FILE" from:"GATEHOUSE_CONFIG"`
	Listen         string   `help:"Address to listen on (GATEHOUSE_LISTEN). Default: localhost:7070." placeholder:"ADDR" from:"GATEHOUSE_LISTEN"`
	ExternalURL    string   `name:"external-url" help:"Origin that people and clients use (GATEHOUSE_EXTERNAL_URL)." placeholder:"URL" from:"GATEHOUSE_EXTERNAL_URL"`
	Region         string   `help:"Region, which is fixed at the first start (GATEHOUSE_REGION). Default: us-east-1." placeholder:"REGION" from:"GATEHOUSE_REGION"`
	TLSCert        string   `name:"tls-cert" help:"Certificate chain in PEM (GATEHOUSE_TLS_CERT)." placeholder:"FILE" from:"GATEHOUSE_TLS_CERT"`
	TLSKey         string   `name:"tls-key" help:"Key of the certificate in PEM (GATEHOUSE_TLS_KEY)." placeholder:"FILE" from:"GATEHOUSE_TLS_KEY"`
	ConnectListen  string   `help:"Loopback address of a proxy for clients that read no endpoint setting (GATEHOUSE_CONNECT_LISTEN). Default: none." placeholder:"ADDR" from:"GATEHOUSE_CONNECT_LISTEN"`
	TrustedProxies []string `help:"Networks of proxies whose X-Forwarded-For is believed (GATEHOUSE_TRUSTED_PROXIES)." placeholder:"CIDR" from:"GATEHOUSE_TRUSTED_PROXIES"`
}

// Run serves.
func (c *serveCmd) Run(a *app) error {
	if err := c.configure(); err != nil {
		return err
	}
	config, err := c.serverConfig(a)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(config.Data, 0o700); err != nil {
		return hinted(err, "name a directory that you may write to")
	}
	s, err := server.Open(a.ctx, config, true)
	var busy *server.BusyError
	if errors.As(err, &busy) {
		return hinted(err, "stop it, or take another address with --listen")
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "Gatehouse is ready: %s/start\n", s.URL)
	if proxy := s.ConnectURL(); proxy != "" {
		fmt.Fprintf(a.stdout, "For clients that read no endpoint setting: HTTPS_PROXY=%s\n", proxy)
	}
	if err := c.greet(a, s); err != nil {
		return errors.Join(err, s.Close())
	}
	return s.Serve(a.ctx)
}

func (c *serveCmd) serverConfig(a *app) (server.Config, error) {
	config, err := c.config(a.log)
	if err != nil {
		return config, err
	}
	config.Listen, config.ExternalURL, config.Region = c.Listen, c.ExternalURL, c.Region
	config.TLSCert, config.TLSKey, config.Connect = c.TLSCert, c.TLSKey, c.ConnectListen
	for _, text := range c.TrustedProxies {
		network, err := netip.ParsePrefix(strings.TrimSpace(text))
		if err != nil {
			return config, misuse("write it as an address and a length, such as 10.0.0.0/8 or ::1/128", "--trusted-proxies: %q is not a network", text)
		}
		config.Proxies = append(config.Proxies, network)
	}
	return config, c.checkTLS()
}

// checkTLS finds a certificate that does not work before anything is opened.
func (c *serveCmd) checkTLS() error {
	switch {
	case c.TLSCert == "" && c.TLSKey == "":
		return nil
	case c.TLSKey == "":
		return misuse("name its key with --tls-key FILE", "--tls-cert names a certificate, and its key is missing")
	case c.TLSCert == "":
		return misuse("name its certificate with --tls-cert FILE", "--tls-key names a key, and its certificate is missing")
	}
	if _, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey); err != nil {
		return hinted(fmt.Errorf("--tls-cert, --tls-key: %w", err), "both are files in PEM, the certificate first and the chain after it")
	}
	return nil
}

// greet has a server that is not set up say how that is done.
func (c *serveCmd) greet(a *app, s *server.Server) error {
	answer, err := s.Operate(a.ctx, server.Errand{Service: setup.Name, Operation: "OfferSetup"}, []byte("{}"))
	if err != nil {
		return fmt.Errorf("offer the set-up: %w", err)
	}
	var offer setup.OfferSetupOutput
	if err := wire.DecodeJSON(answer, &offer); err != nil || offer.Over {
		return err
	}
	fmt.Fprintf(a.stdout, `
This server is not set up yet. Open this link, which works once, until %s UTC:

  %s

or set it up without a browser, in another terminal:

  gatehouse init --data %s
`, offer.ExpiresAt.UTC().Format(time.TimeOnly), offer.Link, shellQuote(c.Data))
	return nil
}
