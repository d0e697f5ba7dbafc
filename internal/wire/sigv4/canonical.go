package sigv4

import (
	"bytes"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
)

// appendCanonical appends the canonical request of r. hash is the SHA-256 of the body, and not looked at where that is
// unread.
func (s *Signature) appendCanonical(buf []byte, r *http.Request, hash *[32]byte) ([]byte, error) {
	buf = append(append(buf, r.Method...), '\n')
	path := r.URL.EscapedPath()
	if s.unread {
		path = r.URL.Path // Amazon S3 encodes it once, and a key may have any segment
	}
	if path == "" {
		path = "/"
	}
	if !s.unread && !normalised(path) {
		return nil, incomplete("The path of a signed request must be normalised: it has an empty, '.' or '..' segment.")
	}
	// Services other than Amazon S3 encode the path, as sent, once more.
	buf = append(appendEscaped(buf, path, true), '\n')
	buf = append(appendQuery(buf, s.query), '\n')
	for name := range strings.SplitSeq(s.signedHeaders, ";") {
		buf = append(append(buf, name...), ':')
		var err error
		if buf, err = appendHeader(buf, r, name); err != nil {
			return nil, err
		}
		buf = append(buf, '\n')
	}
	buf = append(append(append(buf, '\n'), s.signedHeaders...), '\n')
	if s.unread {
		return append(buf, s.payload...), nil
	}
	return hex.AppendEncode(buf, hash[:]), nil
}

// appendHeader appends the canonical value of a signed header. net/http keeps Host and Content-Length in fields of
// the request: the wire's values are there, whatever a header of that name says.
func appendHeader(buf []byte, r *http.Request, name string) ([]byte, error) {
	switch name {
	case "host":
		return append(buf, r.Host...), nil
	case "content-length":
		if r.ContentLength < 0 {
			return nil, incomplete("The header 'content-length' is signed and the request has none.")
		}
		return strconv.AppendInt(buf, r.ContentLength, 10), nil
	}
	values := headerValues(r.Header, name)
	if len(values) == 0 {
		return nil, &Error{Reason: BadSignature, Detail: "The header '" + name + "' is signed and is not in the request."}
	}
	if len(values) > 1 {
		return nil, incomplete("The signed header '" + name + "' occurs more than once.")
	}
	return appendTrimmed(buf, values[0]), nil
}

// headerValues looks up a lower-case header name without allocating its canonical form.
func headerValues(h http.Header, name string) []string {
	var room [128]byte
	key := append(room[:0], name...)
	upper := true
	for i, c := range key {
		if upper && 'a' <= c && c <= 'z' {
			key[i] = c - 'a' + 'A'
		}
		upper = c == '-'
	}
	return h[string(key)]
}

// appendTrimmed appends v without surrounding white space, and with runs of spaces made one.
func appendTrimmed(buf []byte, v string) []byte {
	start := len(buf)
	for i := range len(v) {
		c := v[i]
		if c == '\t' {
			c = ' '
		}
		if c == ' ' && (len(buf) == start || buf[len(buf)-1] == ' ') {
			continue
		}
		buf = append(buf, c)
	}
	return append(buf[:start], bytes.TrimRight(buf[start:], " ")...)
}

// normalised reports whether a path is the one that signers who normalise and those who do not agree on.
func normalised(path string) bool {
	if path == "/" {
		return true
	}
	if path[0] != '/' || strings.Contains(path, "//") {
		return false
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return false
		}
	}
	return true
}
