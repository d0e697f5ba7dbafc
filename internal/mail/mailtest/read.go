package mailtest

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"testing"
)

// Read is a message taken apart.
type Read struct {
	Header     mail.Header
	Subject    string
	Text, HTML string
}

// Read takes a message apart, and ends the test when that cannot be done.
func (m Mail) Read(t testing.TB) Read {
	t.Helper()
	parsed, err := mail.ReadMessage(strings.NewReader(m.Data))
	if err != nil {
		t.Fatalf("%v in:\n%s", err, m.Data)
	}
	r := Read{Header: parsed.Header}
	if r.Subject, err = new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(parsed.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(parsed.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return r
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			r.HTML = string(body)
		} else {
			r.Text = strings.ReplaceAll(string(body), "\r\n", "\n")
		}
	}
}

// Link returns the link in the text.
func (r Read) Link(t testing.TB) string {
	t.Helper()
	link := regexp.MustCompile(`(?m)^https?://\S+$`).FindString(r.Text)
	if link == "" {
		t.Fatalf("no link in:\n%s", r.Text)
	}
	return link
}
