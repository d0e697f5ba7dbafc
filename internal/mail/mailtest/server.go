// Package mailtest is a mail server in a test: it speaks SMTP (RFC 5321) with STARTTLS (RFC 3207), TLS and PLAIN (RFC
// 4616), and keeps what it is given.
package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"
)

// Mail is a message as it came.
type Mail struct {
	From, To string // of the envelope
	Data     string
	Secure   bool   // it came by TLS
	User     string // who sent it
}

// Options say how a server behaves.
type Options struct {
	Implicit       bool   // TLS from the first byte
	NoTLS          bool   // no STARTTLS either
	User, Password string // asked for when there is a user
	Refuse         string // the answer to RCPT, such as "550 5.1.1 no such mailbox"
}

// Server is a mail server.
type Server struct {
	Host  string
	Port  int
	Roots *x509.CertPool // that its certificate leads to

	t        testing.TB
	listener net.Listener
	tls      *tls.Config
	arrived  chan Mail

	mu      sync.Mutex
	options Options
	mails   []Mail
}

// New starts a server that ends with the test.
func New(t testing.TB, o Options) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, t: t, listener: l, options: o, arrived: make(chan Mail, 1024)}
	s.tls, s.Roots = certificate(t)
	t.Cleanup(func() { _ = l.Close() })
	go s.accept()
	return s
}

func certificate(t testing.TB) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, roots
}

// Set changes how the server behaves from the next connection on.
func (s *Server) Set(o Options) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.options = o
}

// Mails returns what came.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// Next waits for a mail that nobody waited for yet.
func (s *Server) Next() Mail {
	s.t.Helper()
	select {
	case m := <-s.arrived:
		return m
	case <-time.After(time.Minute):
		s.t.Fatal("no mail came")
	}
	return Mail{}
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		o := s.options
		s.mu.Unlock()
		go s.serve(conn, o)
	}
}

// talk is one connection.
type talk struct {
	*Server
	o    Options
	conn net.Conn
	text *textproto.Conn
	mail Mail
}

func (s *Server) serve(conn net.Conn, o Options) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	t := &talk{Server: s, o: o, conn: conn}
	if o.Implicit {
		t.secure()
	}
	t.text = textproto.NewConn(t.conn)
	t.say("220 mailtest")
	for {
		command, err := t.text.ReadLine()
		if err != nil || !t.answer(command) {
			return
		}
	}
}

func (t *talk) secure() {
	t.conn = tls.Server(t.conn, t.tls)
	t.mail.Secure = true
}

func (t *talk) say(format string, args ...any) { _ = t.text.PrintfLine(format, args...) }

// answer answers a command, and reports whether the talk goes on.
func (t *talk) answer(command string) bool {
	verb, rest, _ := strings.Cut(command, " ")
	switch strings.ToUpper(verb) {
	case "EHLO":
		t.hello()
	case "STARTTLS":
		t.say("220 go ahead")
		t.secure()
		t.text = textproto.NewConn(t.conn)
	case "AUTH":
		t.authenticate(rest)
	case "MAIL":
		if t.o.User != "" && t.mail.User == "" {
			t.say("530 5.7.0 authentication required")
			break
		}
		t.mail.From = between(rest)
		t.say("250 ok")
	case "RCPT":
		if t.o.Refuse != "" {
			t.say("%s", t.o.Refuse)
			break
		}
		t.mail.To = between(rest)
		t.say("250 ok")
	case "DATA":
		return t.data()
	case "QUIT":
		t.say("221 bye")
		return false
	default:
		t.say("250 ok")
	}
	return true
}

func (t *talk) hello() {
	lines := []string{"mailtest", "8BITMIME", "SMTPUTF8"}
	if !t.o.NoTLS && !t.mail.Secure {
		lines = append(lines, "STARTTLS")
	}
	if t.o.User != "" {
		lines = append(lines, "AUTH PLAIN")
	}
	for i, line := range lines {
		separator := "-"
		if i == len(lines)-1 {
			separator = " "
		}
		t.say("250%s%s", separator, line)
	}
}

func (t *talk) authenticate(rest string) {
	_, encoded, _ := strings.Cut(rest, " ")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || string(raw) != fmt.Sprintf("\x00%s\x00%s", t.o.User, t.o.Password) {
		t.say("535 5.7.8 not these")
		return
	}
	t.mail.User = t.o.User
	t.say("235 ok")
}

func (t *talk) data() bool {
	t.say("354 go ahead")
	body, err := io.ReadAll(t.text.DotReader())
	if err != nil {
		return false
	}
	t.mail.Data = string(body)
	t.mu.Lock()
	t.mails = append(t.mails, t.mail)
	t.mu.Unlock()
	t.arrived <- t.mail
	t.say("250 taken")
	return true
}

// between returns what stands in angle brackets.
func between(text string) string {
	_, text, _ = strings.Cut(text, "<")
	text, _, _ = strings.Cut(text, ">")
	return text
}
