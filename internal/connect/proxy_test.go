package connect

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// echo answers with what it takes a request to be.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "%s %s %s from %q", r.Method, r.Host, r.URL, r.Header.Get("X-Forwarded-For"))
})

// running serves a proxy on a loopback address until the test ends.
func running(t *testing.T, p *Proxy) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- p.Serve(ctx, []net.Listener{l}) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

func proxy(t *testing.T, a *Authority) *Proxy {
	t.Helper()
	return New(a, echo, log.New(io.Discard, "", 0))
}

// ask sends text to an address and returns the status line that comes back, and the connection.
func ask(t *testing.T, address, text string) (status string, c net.Conn) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	status, err = bufio.NewReader(c).ReadString('\n')
	if err != nil {
		return err.Error(), c
	}
	return strings.TrimSpace(status), c
}

func TestAClientOfAWSArrivesAtTheHandler(t *testing.T) {
	t.Parallel()
	a := authority(t)
	at := &url.URL{Scheme: "http", Host: running(t, proxy(t, a))}
	transport := &http.Transport{Proxy: http.ProxyURL(at), TLSClientConfig: &tls.Config{RootCAs: trusting(t, a)}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	for _, host := range []string{"oidc.us-east-1.amazonaws.com", "portal.sso.eu-central-2.amazonaws.com", "sts.amazonaws.com", "iam.amazonaws.com:443"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+host+"/token?a=b", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Forwarded-For", "203.0.113.9")
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if want := "GET " + host + ` /token?a=b from ""`; err != nil || string(body) != want {
			t.Errorf("got %q, %v, want %q", body, err, want)
		}
	}
	for _, host := range []string{"s3.amazonaws.com", "example.com", "oidc.us-east-1.amazonaws.com:8443"} {
		if answer, err := client.Get("https://" + host); err == nil || !strings.Contains(err.Error(), "Forbidden") {
			t.Errorf("%s: %v, %v, want Forbidden", host, answer, err)
		}
	}
}

func TestTheProxyLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	address := running(t, proxy(t, authority(t)))
	for name, text := range map[string]string{
		"another name":               "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n",
		"another service":            "CONNECT s3.amazonaws.com:443 HTTP/1.1\r\nHost: s3.amazonaws.com:443\r\n\r\n",
		"another port":               "CONNECT sts.amazonaws.com:80 HTTP/1.1\r\nHost: sts.amazonaws.com:80\r\n\r\n",
		"a port by its name":         "CONNECT sts.amazonaws.com:https HTTP/1.1\r\nHost: sts.amazonaws.com\r\n\r\n",
		"an address":                 "CONNECT 127.0.0.1:443 HTTP/1.1\r\nHost: 127.0.0.1:443\r\n\r\n",
		"an address of version 6":    "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n",
		"the metadata service":       "CONNECT 169.254.169.254:443 HTTP/1.1\r\nHost: sts.amazonaws.com\r\n\r\n",
		"a name below":               "CONNECT x.sts.amazonaws.com:443 HTTP/1.1\r\nHost: x.sts.amazonaws.com:443\r\n\r\n",
		"a name with a dot":          "CONNECT sts.amazonaws.com.:443 HTTP/1.1\r\nHost: sts.amazonaws.com.:443\r\n\r\n",
		"a user before a name":       "CONNECT sts.amazonaws.com@example.com:443 HTTP/1.1\r\nHost: sts.amazonaws.com:443\r\n\r\n",
		"a served name as Host":      "CONNECT example.com:443 HTTP/1.1\r\nHost: sts.amazonaws.com:443\r\n\r\n",
		"a path":                     "CONNECT /sts.amazonaws.com:443 HTTP/1.1\r\nHost: sts.amazonaws.com:443\r\n\r\n",
		"a body":                     "CONNECT sts.amazonaws.com:443 HTTP/1.1\r\nHost: sts.amazonaws.com:443\r\nContent-Length: 1\r\n\r\nx",
		"a request in its full form": "GET http://sts.amazonaws.com/ HTTP/1.1\r\nHost: sts.amazonaws.com\r\n\r\n",
		"the same by https":          "GET https://sts.amazonaws.com/ HTTP/1.1\r\nHost: sts.amazonaws.com\r\n\r\n",
		"a request to the proxy":     "GET /start HTTP/1.1\r\nHost: sts.amazonaws.com\r\n\r\n",
	} {
		if status, _ := ask(t, address, text); !strings.HasPrefix(status, "HTTP/1.1 403") && !strings.HasPrefix(status, "HTTP/1.1 400") {
			t.Errorf("%s: %s", name, status)
		}
	}
}

func TestThePeersOfOtherMachinesAreRefused(t *testing.T) {
	t.Parallel()
	p := proxy(t, authority(t))
	r := httptest.NewRequest(http.MethodConnect, "sts.amazonaws.com:443", nil)
	for from, want := range map[string]bool{"127.0.0.1:5": true, "[::1]:5": true, "[::ffff:127.0.0.1]:5": true, "192.0.2.7:5": false, "[2001:db8::1]:5": false, "": false} {
		r.RemoteAddr = from
		if _, err := p.admit(r); (err == nil) != want {
			t.Errorf("from %q: %v", from, err)
		}
	}
}

func TestNothingIsSentBeforeTheTunnelIsThere(t *testing.T) {
	t.Parallel()
	status, _ := ask(t, running(t, proxy(t, authority(t))), "CONNECT sts.amazonaws.com:443 HTTP/1.1\r\nHost: sts.amazonaws.com\r\n\r\nGET / HTTP/1.1\r\nHost: sts.amazonaws.com\r\n\r\n")
	if status != "EOF" && !strings.Contains(status, "reset") {
		t.Errorf("got %s", status)
	}
}

// tunnel is a tunnel to a name in which a client says another.
func tunnel(t *testing.T, address string, a *Authority, name, serverName string) (*tls.Conn, error) {
	t.Helper()
	status, c := ask(t, address, "CONNECT "+name+":443 HTTP/1.1\r\nHost: "+name+":443\r\n\r\n")
	if !strings.HasPrefix(status, "HTTP/1.1 200") {
		t.Fatalf("CONNECT %s: %s", name, status)
	}
	inner := tls.Client(c, &tls.Config{RootCAs: trusting(t, a), ServerName: serverName, NextProtos: []string{"h2", "http/1.1"}})
	return inner, inner.Handshake()
}

func TestATunnelIsForOneName(t *testing.T) {
	t.Parallel()
	a := authority(t)
	address := running(t, proxy(t, a))
	const name, other = "sts.amazonaws.com", "iam.amazonaws.com"
	if _, err := tunnel(t, address, a, name, other); err == nil {
		t.Error("another server's name is taken")
	}
	for title, c := range map[string]struct{ request, want string }{
		"its own name":            {"GET / HTTP/1.1\r\nHost: " + name + "\r\n\r\n", "200"},
		"its own name and port":   {"GET / HTTP/1.1\r\nHost: " + strings.ToUpper(name) + ":443\r\n\r\n", "200"},
		"another Host":            {"GET / HTTP/1.1\r\nHost: " + other + "\r\n\r\n", "421"},
		"another port":            {"GET / HTTP/1.1\r\nHost: " + name + ":80\r\n\r\n", "421"},
		"no Host":                 {"GET / HTTP/1.0\r\n\r\n", "421"},
		"two Hosts":               {"GET / HTTP/1.1\r\nHost: " + name + "\r\nHost: " + other + "\r\n\r\n", "400"},
		"another in full":         {"GET https://" + other + "/ HTTP/1.1\r\nHost: " + name + "\r\n\r\n", "421"},
		"a tunnel in the tunnel":  {"CONNECT " + name + ":443 HTTP/1.1\r\nHost: " + name + ":443\r\n\r\n", "421"},
		"two lengths":             {"POST / HTTP/1.1\r\nHost: " + name + "\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "400"},
		"a length and chunks":     {"POST / HTTP/1.1\r\nHost: " + name + "\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", "501"},
		"the name of the machine": {"GET / HTTP/1.1\r\nHost: localhost:7070\r\n\r\n", "421"},
	} {
		c2, err := tunnel(t, address, a, name, name)
		if err != nil {
			t.Fatal(err)
		}
		if got := c2.ConnectionState().NegotiatedProtocol; got != "http/1.1" {
			t.Errorf("the tunnel speaks %q", got)
		}
		if _, err := io.WriteString(c2, c.request); err != nil {
			t.Fatal(err)
		}
		status, err := bufio.NewReader(c2).ReadString('\n')
		if err != nil || !strings.Contains(status, " "+c.want+" ") {
			t.Errorf("%s: %q, %v, want %s", title, status, err, c.want)
		}
	}
}

// pipes is a listener whose connections are made by dial.
type pipes struct {
	made   chan net.Conn
	closed chan struct{}
}

// local is an end of a pipe that says it is on this machine.
type local struct{ net.Conn }

func (local) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 5} }

func newPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }

func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.made <- local{server}
	return client
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.made:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// inBubble runs a test of times with a proxy that serves pipes.
func inBubble(t *testing.T, test func(t *testing.T, p *Proxy, l *pipes)) {
	t.Helper()
	a := authority(t) // outside: the database has goroutines that do not end with the bubble
	synctest.Test(t, func(t *testing.T) {
		p, l := proxy(t, a), newPipes()
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- p.Serve(ctx, []net.Listener{l}) }()
		test(t, p, l)
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestWhoSaysNothingLosesItsPlace(t *testing.T) {
	t.Parallel()
	const connect = "CONNECT sts.amazonaws.com:443 HTTP/1.1\r\nHost: sts.amazonaws.com\r\n\r\n"
	for text, within := range map[string]time.Duration{"": askTimeout, "CONNECT sts.am": askTimeout, connect: requestTimeout} {
		inBubble(t, func(t *testing.T, _ *Proxy, l *pipes) {
			c, begin := l.dial(), time.Now()
			go func() { _, _ = io.WriteString(c, text) }()
			_, _ = io.Copy(io.Discard, c) // until it is closed
			if took := time.Since(begin); took > within+time.Second {
				t.Errorf("after %q the place was kept for %v", text, took)
			}
		})
	}
}

func TestThereIsRoomForSoMany(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, p *Proxy, l *pipes) {
		for range mostConnections {
			c := l.dial()
			defer c.Close()
		}
		synctest.Wait()
		if len(p.room) != mostConnections {
			t.Errorf("%d places are taken", len(p.room))
		}
		begin := time.Now()
		last := l.dial() // waits until the first lose their places
		if waited := time.Since(begin); waited == 0 || waited > askTimeout+time.Second {
			t.Errorf("one too many waited for %v", waited)
		}
		_ = last.Close()
		synctest.Wait()
		if len(p.room) != 0 && len(p.room) != 1 { // one is Accept's own
			t.Errorf("%d places are taken after all have left", len(p.room))
		}
	})
}
