package client

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
)

// callbackPath is where the browser brings the answer. It is registered without a port: RFC 8252 section 7.3.
const (
	callbackHost = "127.0.0.1"
	callbackPath = "/oauth/callback"
)

// callbackTime is how long a person may take at the browser.
const callbackTime = 10 * time.Minute

// errNotAllowed says that the person at the browser refused.
var errNotAllowed = errors.New("the request was denied in the browser")

// ByBrowser signs in with an authorization code and PKCE, as "aws sso login" does: open shows a page to the person, and
// the browser brings the answer to this machine. See RFC 7636 and RFC 8252.
func (l Login) ByBrowser(ctx context.Context, open func(address string) error) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, callbackTime)
	defer cancel()
	me, err := l.oidc().RegisterClient(ctx, &ssooidc.RegisterClientInput{ClientName: aws.String(clientName), ClientType: aws.String("public"),
		Scopes: []string{scope}, GrantTypes: []string{"authorization_code", "refresh_token"}, IssuerUrl: &l.StartURL,
		RedirectUris: []string{"http://" + callbackHost + callbackPath}})
	if err != nil {
		return "", fmt.Errorf("register this program: %w", err)
	}
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", callbackHost+":0")
	if err != nil {
		return "", fmt.Errorf("wait for the browser: %w", err)
	}
	a, err := newAuthorization(l.Random, "http://"+listener.Addr().String()+callbackPath)
	if err != nil {
		return "", errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: a, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	page := cmp.Or(aws.ToString(me.AuthorizationEndpoint), l.Origin+"/authorize")
	if !isPage(page) {
		return "", fmt.Errorf("the server names %q for its page, which is no address of one", page)
	}
	if err := open(page + "?" + a.query(aws.ToString(me.ClientId)).Encode()); err != nil {
		return "", err
	}
	code, err := a.wait(ctx)
	if err != nil {
		return "", err
	}
	token, err := l.oidc().CreateToken(ctx, &ssooidc.CreateTokenInput{ClientId: me.ClientId, ClientSecret: me.ClientSecret, Code: &code,
		CodeVerifier: &a.verifier, RedirectUri: &a.redirect, GrantType: aws.String("authorization_code")})
	if err != nil {
		return "", fmt.Errorf("ask for a token: %w", err)
	}
	return aws.ToString(token.AccessToken), nil
}

// isPage reports whether a browser may be started with an address that a server gave: what opens addresses also opens files
// and runs programs, and takes options.
func isPage(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.RawQuery == "" && u.Fragment == ""
}

// authorization is one request for a code, and the place where its answer arrives.
type authorization struct {
	redirect, state, verifier string
	answers                   chan url.Values
}

func newAuthorization(random io.Reader, redirect string) (*authorization, error) {
	raw := make([]byte, 64)
	if _, err := io.ReadFull(random, raw); err != nil {
		return nil, fmt.Errorf("read randomness: %w", err)
	}
	return &authorization{redirect: redirect, answers: make(chan url.Values, 1),
		state: base64.RawURLEncoding.EncodeToString(raw[:16]), verifier: base64.RawURLEncoding.EncodeToString(raw[16:])}, nil
}

// query is the request. AWS's own clients say scopes.
func (a *authorization) query(client string) url.Values {
	sum := sha256.Sum256([]byte(a.verifier))
	return url.Values{"response_type": {"code"}, "client_id": {client}, "redirect_uri": {a.redirect}, "state": {a.state},
		"code_challenge_method": {"S256"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "scopes": {scope}}
}

// ServeHTTP takes the first answer that carries the state; every other is somebody else's.
func (a *authorization) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if r.URL.Path != callbackPath || subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(a.state)) != 1 {
		http.Error(w, "This is not an answer that anybody waits for.", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Referrer-Policy", "no-referrer")
	_, _ = io.WriteString(w, "You can close this page and go back to your terminal.\n")
	select {
	case a.answers <- q:
	default:
	}
}

// wait returns the code that the browser brings.
func (a *authorization) wait(ctx context.Context) (string, error) {
	select {
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return "", ErrExpired
		}
		return "", ctx.Err()
	case q := <-a.answers:
		switch {
		case q.Get("code") != "":
			return q.Get("code"), nil
		case q.Get("error") == "access_denied":
			return "", errNotAllowed
		}
		return "", fmt.Errorf("the server refused the request: %.100q", q.Get("error"))
	}
}
