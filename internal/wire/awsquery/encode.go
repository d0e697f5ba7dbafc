package awsquery

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

// ContentType is the media type of answers.
const ContentType = "text/xml"

// emptyResults are the operations whose output has no members today and a Result element all the same, which the Go SDK
// insists on. Other operations without members have no output at all.
var emptyResults = map[string]bool{"PutAccountProperties": true, "UpdateRole": true}

// Encode appends the answer of an operation of svc, a pointer to its output. An output without members has no
// Result element, with few exceptions.
func Encode(buf []byte, svc *wire.Service, operation, requestID string, out any) ([]byte, error) {
	shape, err := wire.ShapeOf(reflect.TypeOf(out))
	if err != nil {
		return buf, err
	}
	buf = append(append(append(buf, '<'), operation...), `Response xmlns="`...)
	buf = append(append(buf, svc.XMLNamespace...), `">`...)
	if v := reflect.ValueOf(out); !v.IsNil() && (len(shape.Elem.Fields) > 0 || emptyResults[operation]) {
		buf = append(append(append(buf, '<'), operation...), "Result>"...)
		if buf, err = appendMembers(buf, shape.Elem, v.Elem(), true); err != nil {
			return buf, err
		}
		buf = append(append(append(buf, '<', '/'), operation...), "Result>"...)
	}
	buf = append(buf, "<ResponseMetadata><RequestId>"...)
	buf = appendText(buf, requestID)
	buf = append(buf, "</RequestId></ResponseMetadata></"...)
	return append(append(buf, operation...), "Response>"...), nil
}

func appendMembers(buf []byte, s *wire.Shape, v reflect.Value, output bool) ([]byte, error) {
	var err error
	for i := range s.Fields {
		f := &s.Fields[i]
		value := v.Field(f.Index)
		if f.Shape.Absent(value) {
			if output && f.Shape.Kind == wire.KindList {
				buf = append(append(append(buf, '<'), f.Name...), '/', '>')
			}
			continue
		}
		if f.Escaped {
			buf = appendOpen(buf, f.Name)
			buf = appendEscaped(buf, value.Elem().String())
			buf = appendClose(buf, f.Name)
			continue
		}
		if buf, err = appendElement(buf, f.Name, f.Shape, value); err != nil {
			return buf, err
		}
	}
	return buf, nil
}

func appendOpen(buf []byte, name string) []byte {
	return append(append(append(buf, '<'), name...), '>')
}

func appendClose(buf []byte, name string) []byte {
	return append(append(append(buf, '<', '/'), name...), '>')
}

// appendElement writes one element with its content.
func appendElement(buf []byte, name string, s *wire.Shape, v reflect.Value) (_ []byte, err error) {
	buf = appendOpen(buf, name)
	if buf, err = appendContent(buf, s, v); err != nil {
		return buf, err
	}
	return appendClose(buf, name), nil
}

func appendContent(buf []byte, s *wire.Shape, v reflect.Value) ([]byte, error) {
	switch s.Kind {
	case wire.KindPointer:
		if v.IsNil() {
			return buf, nil
		}
		return appendContent(buf, s.Elem, v.Elem())
	case wire.KindString:
		return appendText(buf, v.String()), nil
	case wire.KindBool:
		return strconv.AppendBool(buf, v.Bool()), nil
	case wire.KindInt:
		return strconv.AppendInt(buf, v.Int(), 10), nil
	case wire.KindFloat:
		return strconv.AppendFloat(buf, v.Float(), 'g', -1, 64), nil
	case wire.KindBlob:
		return base64.StdEncoding.AppendEncode(buf, v.Bytes()), nil
	case wire.KindTime:
		return wire.AppendISO8601(buf, v.Interface().(time.Time)), nil
	case wire.KindStruct:
		return appendMembers(buf, s, v, false)
	case wire.KindList:
		return appendList(buf, s, v)
	case wire.KindMap:
		return appendMap(buf, s, v)
	case wire.KindUnion:
		if v.IsNil() {
			return buf, nil
		}
		if m := s.MemberOf(v); m != nil {
			return appendElement(buf, m.Name, m.Shape, v.Elem().Elem().Field(0))
		}
	}
	return buf, fmt.Errorf("awsquery: %s has no XML form", s.Type)
}

func appendList(buf []byte, s *wire.Shape, v reflect.Value) (_ []byte, err error) {
	for i := range v.Len() {
		if buf, err = appendElement(buf, "member", s.Elem, v.Index(i)); err != nil {
			return buf, err
		}
	}
	return buf, nil
}

func appendMap(buf []byte, s *wire.Shape, v reflect.Value) (_ []byte, err error) {
	for _, key := range wire.SortedKeys(v) {
		buf = append(buf, "<entry><key>"...)
		buf = appendText(buf, key.String())
		buf = append(buf, "</key>"...)
		if buf, err = appendElement(buf, "value", s.Elem, v.MapIndex(key)); err != nil {
			return buf, err
		}
		buf = append(buf, "</entry>"...)
	}
	return buf, nil
}

// appendText writes character data. What XML 1.0 cannot carry even escaped (section 2.2, Char) and bytes that are not
// UTF-8 become the replacement character.
func appendText(buf []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		escape := ""
		switch {
		case r == '&':
			escape = "&amp;"
		case r == '<':
			escape = "&lt;"
		case r == '>':
			escape = "&gt;"
		case r == '"':
			escape = "&#34;"
		case r == '\r': // a parser turns a bare one into a line feed
			escape = "&#xD;"
		case r < 0x20 && r != '\t' && r != '\n', r == 0xFFFE, r == 0xFFFF, r == utf8.RuneError && size == 1:
			escape = "\uFFFD"
		}
		if escape != "" {
			buf = append(append(buf, s[start:i]...), escape...)
			start = i + size
		}
		i += size
	}
	return append(buf, s[start:]...)
}

// appendEscaped percent-encodes all but the unreserved characters of RFC 3986 section 2.3, so a space is %20.
func appendEscaped(buf []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.', c == '~':
			buf = append(buf, c)
		default:
			buf = append(buf, '%', hex[c>>4], hex[c&15])
		}
	}
	return buf
}

// WriteError answers with a fault; nil or an internal one is shown as a failure that says nothing. svc is nil when
// the request names no service.
func WriteError(w http.ResponseWriter, svc *wire.Service, requestID string, f *fault.Fault) {
	f = wire.Shown(svc, f)
	status := wire.Status(svc, wire.AWSQuery, f)
	body := appendError(make([]byte, 0, 512), svc, status, requestID, f)
	h := w.Header()
	h.Set("Content-Type", ContentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Amzn-RequestId", requestID)
	w.WriteHeader(status)
	w.Write(body) //nolint:errcheck // the client has gone, and there is nobody to tell
}

func appendError(buf []byte, svc *wire.Service, status int, requestID string, f *fault.Fault) []byte {
	namespace := "http://webservices.amazon.com/AWSFault/2005-15-09" // what AWS answers when it cannot tell the service
	if svc != nil {
		namespace = svc.XMLNamespace
	}
	kind := "Sender"
	if status >= 500 {
		kind = "Receiver"
	}
	buf = append(append(append(buf, `<ErrorResponse xmlns="`...), namespace...), `"><Error><Type>`...)
	buf = append(append(buf, kind...), "</Type><Code>"...)
	buf = append(appendText(buf, f.Code), "</Code><Message>"...)
	buf = append(appendText(buf, f.Message), "</Message>"...)
	for _, field := range wire.FieldTexts(f) {
		buf = appendOpen(buf, field[0])
		buf = appendText(buf, field[1])
		buf = appendClose(buf, field[0])
	}
	buf = append(buf, "</Error><RequestId>"...)
	return append(appendText(buf, requestID), "</RequestId></ErrorResponse>"...)
}
