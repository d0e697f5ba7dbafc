package wire

import (
	"encoding/base64"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/aws/smithy-go/document"
)

// AppendJSON appends the JSON of out, a pointer to a structure that is the output of an operation. Its own lists
// are always written, as [] when nil. It fails only for types without a plan and documents that cannot be marshalled.
func AppendJSON(buf []byte, out any) ([]byte, error) { return appendJSON(buf, out, true) }

// AppendInput appends the JSON of in, a pointer to a structure that is the input of an operation. What is nil is left out.
func AppendInput(buf []byte, in any) ([]byte, error) { return appendJSON(buf, in, false) }

func appendJSON(buf []byte, value any, output bool) ([]byte, error) {
	v := reflect.ValueOf(value)
	s, err := ShapeOf(v.Type())
	if err != nil {
		return buf, err
	}
	if s.Kind == KindPointer && s.Elem.Kind == KindStruct {
		if v.IsNil() {
			return append(buf, '{', '}'), nil
		}
		return appendStruct(buf, s.Elem, v.Elem(), output)
	}
	return appendValue(buf, s, v)
}

func appendStruct(buf []byte, s *Shape, v reflect.Value, output bool) ([]byte, error) {
	var err error
	buf = append(buf, '{')
	first := true
	for i := range s.Fields {
		f := &s.Fields[i]
		value := v.Field(f.Index)
		empty := f.Shape.Absent(value)
		if empty && !(output && f.Shape.Kind == KindList) {
			continue
		}
		if !first {
			buf = append(buf, ',')
		}
		first = false
		buf = append(buf, f.key...)
		if f.ISO8601 {
			buf = appendISOString(buf, f.Shape, value)
			continue
		}
		if buf, err = appendValue(buf, f.Shape, value); err != nil {
			return buf, err
		}
	}
	return append(buf, '}'), nil
}

func appendISOString(buf []byte, s *Shape, v reflect.Value) []byte {
	if s.Kind == KindPointer {
		v = v.Elem()
	}
	buf = append(buf, '"')
	buf = AppendISO8601(buf, v.Interface().(time.Time))
	return append(buf, '"')
}

func appendValue(buf []byte, s *Shape, v reflect.Value) ([]byte, error) {
	switch s.Kind {
	case KindPointer:
		if v.IsNil() {
			return append(buf, "null"...), nil
		}
		return appendValue(buf, s.Elem, v.Elem())
	case KindString:
		return appendJSONString(buf, v.String()), nil
	case KindBool:
		return strconv.AppendBool(buf, v.Bool()), nil
	case KindInt:
		return strconv.AppendInt(buf, v.Int(), 10), nil
	case KindFloat:
		return appendFloat(buf, v.Float()), nil
	case KindBlob:
		buf = append(buf, '"')
		buf = base64.StdEncoding.AppendEncode(buf, v.Bytes())
		return append(buf, '"'), nil
	case KindTime:
		return appendEpoch(buf, v.Interface().(time.Time)), nil
	case KindStruct:
		return appendStruct(buf, s, v, false)
	case KindList:
		return appendList(buf, s, v)
	case KindMap:
		return appendMap(buf, s, v)
	case KindUnion:
		return appendUnion(buf, s, v)
	case KindDocument:
		return appendDocument(buf, v)
	}
	return buf, fmt.Errorf("wire: %s has no JSON form", s.Type)
}

func appendList(buf []byte, s *Shape, v reflect.Value) (_ []byte, err error) {
	buf = append(buf, '[')
	for i := range v.Len() {
		if i > 0 {
			buf = append(buf, ',')
		}
		if buf, err = appendValue(buf, s.Elem, v.Index(i)); err != nil {
			return buf, err
		}
	}
	return append(buf, ']'), nil
}

// appendMap writes keys in order, so that an answer is a function of its output.
func appendMap(buf []byte, s *Shape, v reflect.Value) (_ []byte, err error) {
	buf = append(buf, '{')
	for i, key := range SortedKeys(v) {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = append(appendJSONString(buf, key.String()), ':')
		if buf, err = appendValue(buf, s.Elem, v.MapIndex(key)); err != nil {
			return buf, err
		}
	}
	return append(buf, '}'), nil
}

// SortedKeys returns the keys of a map of strings in order.
func SortedKeys(v reflect.Value) []reflect.Value {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int {
		if a.String() < b.String() {
			return -1
		}
		return 1
	})
	return keys
}

func appendUnion(buf []byte, s *Shape, v reflect.Value) (_ []byte, err error) {
	if v.IsNil() {
		return append(buf, "null"...), nil
	}
	member := s.MemberOf(v)
	if member == nil {
		return buf, fmt.Errorf("wire: %s is not a registered member of %s", v.Elem().Type(), s.Type)
	}
	buf = append(append(buf, '{'), member.key...)
	if buf, err = appendValue(buf, member.Shape, v.Elem().Elem().Field(0)); err != nil {
		return buf, err
	}
	return append(buf, '}'), nil
}

func appendDocument(buf []byte, v reflect.Value) ([]byte, error) {
	if v.IsNil() {
		return append(buf, "null"...), nil
	}
	marshaler, ok := v.Interface().(document.Marshaler)
	if !ok {
		return buf, fmt.Errorf("wire: %s is no document", v.Type())
	}
	text, err := marshaler.MarshalSmithyDocument()
	if err != nil {
		return buf, fmt.Errorf("marshal document: %w", err)
	}
	return append(buf, text...), nil
}

// appendEpoch writes seconds since 1970, with milliseconds only where there are some: many clients of AWS have
// only ever seen whole seconds.
func appendEpoch(buf []byte, t time.Time) []byte {
	ms := t.UnixMilli()
	if ms < 0 {
		return strconv.AppendFloat(buf, float64(ms)/1000, 'f', -1, 64)
	}
	buf = strconv.AppendInt(buf, ms/1000, 10)
	if rest := ms % 1000; rest != 0 {
		buf = append(buf, '.', byte('0'+rest/100), byte('0'+rest/10%10), byte('0'+rest%10))
	}
	return buf
}

// AppendISO8601 appends t as AWS writes it in XML: UTC, with milliseconds only where there are some.
func AppendISO8601(buf []byte, t time.Time) []byte {
	t = t.UTC().Truncate(time.Millisecond)
	if t.Nanosecond() == 0 {
		return t.AppendFormat(buf, "2006-01-02T15:04:05Z")
	}
	return t.AppendFormat(buf, "2006-01-02T15:04:05.000Z")
}

// appendFloat writes a number, and the numbers JSON has not as Smithy's strings for them.
func appendFloat(buf []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(buf, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(buf, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(buf, `"-Infinity"`...)
	}
	return strconv.AppendFloat(buf, f, 'g', -1, 64)
}

// appendJSONString writes a JSON string. Bytes that are not UTF-8 become the replacement character.
func appendJSONString(buf []byte, s string) []byte {
	const hex = "0123456789abcdef"
	buf = append(buf, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r != utf8.RuneError || size != 1 {
				i += size
				continue
			}
			buf = append(append(buf, s[start:i]...), `\ufffd`...)
			i++
			start = i
			continue
		}
		buf = append(buf, s[start:i]...)
		switch c {
		case '"', '\\':
			buf = append(buf, '\\', c)
		case '\n':
			buf = append(buf, '\\', 'n')
		case '\r':
			buf = append(buf, '\\', 'r')
		case '\t':
			buf = append(buf, '\\', 't')
		default:
			buf = append(buf, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	return append(append(buf, s[start:]...), '"')
}
