package audit

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// object appends the members of a JSON object, leaving out those that are empty. It writes what encoding/json writes of
// row, byte for byte, at a fraction of the work: an event is encoded for every call that the server answers.
type object struct {
	buf   []byte
	wrote bool // a member
}

// appendEvent appends the encoded form of e.
func appendEvent(buf []byte, e *Event) []byte {
	o := object{buf: append(buf, '{')}
	o.force("id", e.ID)
	o.name("t")
	o.buf = strconv.AppendInt(o.buf, e.Time.UnixMilli(), 10)
	o.force("k", string(e.Kind))
	o.text("a", string(e.Account))
	o.text("s", e.Service)
	o.text("o", e.Operation)
	o.text("act", e.Action)
	o.list("res", e.Resources)
	if e.Principal != (Principal{}) {
		o.name("p")
		o.buf = appendPrincipal(o.buf, &e.Principal)
	}
	o.text("ip", e.SourceIP)
	o.text("ua", e.UserAgent)
	o.text("rid", e.RequestID)
	o.text("r", e.Region)
	o.text("e", e.ErrorCode)
	o.text("em", e.ErrorMessage)
	o.raw("in", e.Parameters)
	o.raw("out", e.Response)
	o.raw("x", e.Details)
	if len(e.Decisions) > 0 {
		o.name("d")
		o.buf = appendDecisions(o.buf, e.Decisions)
	}
	o.raw("why", e.Explanation)
	return append(o.buf, '}')
}

func appendPrincipal(buf []byte, p *Principal) []byte {
	o := object{buf: append(buf, '{')}
	o.text("type", p.Type)
	o.text("id", p.ID)
	o.text("arn", p.ARN)
	o.text("account", string(p.Account))
	o.text("key", p.AccessKeyID)
	o.text("name", p.UserName)
	o.text("by", p.InvokedBy)
	o.text("issuerType", p.IssuerType)
	o.text("issuerId", p.IssuerID)
	o.text("issuerArn", p.IssuerARN)
	o.text("issuerName", p.IssuerName)
	o.text("session", p.SessionName)
	if p.SessionIssued != 0 {
		o.name("issued")
		o.buf = strconv.AppendInt(o.buf, p.SessionIssued, 10)
	}
	o.yes("mfa", p.MFA)
	o.text("source", p.SourceIdentity)
	o.text("policies", p.SessionPolicies)
	o.text("user", p.UserID)
	o.text("directory", p.IdentityStoreARN)
	o.text("credential", p.CredentialID)
	return append(o.buf, '}')
}

// name begins a member whose name needs no escapes.
func (o *object) name(name string) {
	o.comma()
	o.buf = append(append(append(o.buf, '"'), name...), '"', ':')
}

// member begins a member with any name.
func (o *object) member(name string) {
	o.comma()
	o.buf = append(appendJSONString(o.buf, name), ':')
}

func (o *object) comma() {
	if o.wrote {
		o.buf = append(o.buf, ',')
	}
	o.wrote = true
}

func (o *object) text(name, value string) {
	if value != "" {
		o.force(name, value)
	}
}

func (o *object) force(name, value string) {
	o.name(name)
	o.buf = appendJSONString(o.buf, value)
}

func (o *object) yes(name string, value bool) {
	if value {
		o.name(name)
		o.buf = append(o.buf, "true"...)
	}
}

func (o *object) number(name string, value int) {
	if value != 0 {
		o.name(name)
		o.buf = strconv.AppendInt(o.buf, int64(value), 10)
	}
}

func (o *object) raw(name string, value json.RawMessage) {
	if len(value) > 0 {
		o.name(name)
		o.buf = append(o.buf, value...)
	}
}

func (o *object) list(name string, values []string) {
	if len(values) > 0 {
		o.name(name)
		o.values(values)
	}
}

func (o *object) values(values []string) {
	o.buf = append(o.buf, '[')
	for i, v := range values {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		o.buf = appendJSONString(o.buf, v)
	}
	o.buf = append(o.buf, ']')
}

// appendJSONString appends a JSON string as encoding/json writes one that need not be safe in HTML.
func appendJSONString(buf []byte, s string) []byte {
	buf = append(buf, '"')
	from := 0
	for i := 0; i < len(s); {
		if c := s[i]; c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r >= utf8.RuneSelf && !(r == utf8.RuneError && size == 1) && r != '\u2028' && r != '\u2029' {
			i += size
			continue
		}
		buf = appendEscaped(append(buf, s[from:i]...), r)
		i += size
		from = i
	}
	return append(append(buf, s[from:]...), '"')
}

func appendEscaped(buf []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(buf, '\\', byte(r))
	case '\b':
		return append(buf, `\b`...)
	case '\f':
		return append(buf, `\f`...)
	case '\n':
		return append(buf, `\n`...)
	case '\r':
		return append(buf, `\r`...)
	case '\t':
		return append(buf, `\t`...)
	}
	const hex = "0123456789abcdef"
	return append(buf, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}
