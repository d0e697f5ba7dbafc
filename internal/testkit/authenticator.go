package testkit

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// AddAuthenticator gives the browser an authenticator that verifies its owner and is touched at once: one that is built
// in, as a fingerprint reader is, or one that is plugged in. It lasts as long as the page's tab.
func (b *Browser) AddAuthenticator(builtIn bool) {
	b.t.Helper()
	transport := webauthn.AuthenticatorTransportUsb
	if builtIn {
		transport = webauthn.AuthenticatorTransportInternal
	}
	b.run("add an authenticator", func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		if _, err := cdp.Call(ctx, target, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return chromedp.Void{}, err
		}
		_, err := cdp.Call(ctx, target, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: transport, HasResidentKey: true, HasUserVerification: true,
			AutomaticPresenceSimulation: true, IsUserVerified: true, DefaultBackupEligibility: builtIn, DefaultBackupState: builtIn}})
		return chromedp.Void{}, err
	})
}
