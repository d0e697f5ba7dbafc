package wire

import (
	"encoding/base64"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/aws/smithy-go/document"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// DecodeJSON reads a JSON object into in, a pointer to a structure that is the input of an operation. An empty body
// is an empty object, since old clients send none. What cannot be read is a SerializationException.
func DecodeJSON(body []byte, in any) error {
	v := reflect.ValueOf(in)
	s, err := ShapeOf(v.Type())
	if err != nil {
		return err
	}
	d := decoder{data: body}
	d.space()
	if d.pos == len(body) {
		return nil
	}
	if d.data[d.pos] != '{' {
		return malformed("The body is not a JSON object.")
	}
	if err := d.structure(s.Elem, v.Elem()); err != nil {
		return err
	}
	d.space()
	if d.pos != len(body) {
		return malformed("There is text after the JSON object.")
	}
	return nil
}

// malformed is the fault for a body that is not what the model says.
func malformed(format string, args ...any) error {
	return fault.New(fault.Invalid, "SerializationException", format, args...)
}

// decoder reads JSON straight into Go values, without a tree between.
type decoder struct {
	data     []byte
	pos      int
	depth    int
	elements int
}

// count bounds how much memory a small body may ask for.
func (d *decoder) count() error {
	if d.elements++; d.elements > MaxElements {
		return malformed("The request has more than %d list elements.", MaxElements)
	}
	return nil
}

// value reads one value that is not null into v.
func (d *decoder) value(s *Shape, v reflect.Value, iso bool) error {
	switch s.Kind {
	case KindPointer:
		target := reflect.New(s.Elem.Type)
		if err := d.value(s.Elem, target.Elem(), iso); err != nil {
			return err
		}
		v.Set(target)
		return nil
	case KindString:
		text, err := d.typedString("String")
		if err == nil {
			v.SetString(text)
		}
		return err
	case KindBool:
		return d.boolean(v)
	case KindInt, KindFloat:
		return d.numeric(s, v)
	case KindBlob:
		return d.blob(v)
	case KindTime:
		return d.timestamp(v, iso)
	case KindStruct:
		return d.structure(s, v)
	case KindList:
		return d.list(s, v)
	case KindMap:
		return d.mapping(s, v)
	case KindUnion:
		return d.union(s, v)
	case KindDocument:
		value, err := d.any()
		if err == nil {
			v.Set(reflect.ValueOf(s.document(value)))
		}
		return err
	}
	return malformed("Unexpected field type")
}

func (d *decoder) structure(s *Shape, v reflect.Value) error {
	var once uint64
	return d.object(func(key []byte) error {
		f := s.byName[string(key)]
		if f == nil {
			return d.skip()
		}
		if bit := uint64(1) << (f.Index & 63); f.Index < 64 {
			if once&bit != 0 {
				return malformed("The member %q is given twice.", f.Name)
			}
			once |= bit
		}
		if d.null() {
			return nil
		}
		return d.value(f.Shape, v.Field(f.Index), f.ISO8601)
	})
}

func (d *decoder) union(s *Shape, v reflect.Value) error {
	set := false
	err := d.object(func(key []byte) error {
		member := s.Member(string(key))
		if member == nil {
			return d.skip()
		}
		if d.null() {
			return nil
		}
		if set {
			return malformed("Only one member of a union may be set.")
		}
		set = true
		target := reflect.New(member.Type.Elem())
		if err := d.value(member.Shape, target.Elem().Field(0), false); err != nil {
			return err
		}
		v.Set(target)
		return nil
	})
	if err == nil && !set {
		return malformed("No known member of a union is set.")
	}
	return err
}

func (d *decoder) list(s *Shape, v reflect.Value) error {
	if d.peek() != '[' {
		return d.mismatch("List")
	}
	v.Set(reflect.MakeSlice(s.Type, 0, 0))
	return d.array(func() error {
		if err := d.count(); err != nil {
			return err
		}
		if d.null() {
			return malformed("A list may not hold null.")
		}
		n := v.Len()
		v.Grow(1)
		v.SetLen(n + 1)
		return d.value(s.Elem, v.Index(n), false)
	})
}

func (d *decoder) mapping(s *Shape, v reflect.Value) error {
	if d.peek() != '{' {
		return d.mismatch("Map")
	}
	v.Set(reflect.MakeMap(s.Type))
	return d.object(func(raw []byte) error {
		if err := d.count(); err != nil {
			return err
		}
		key := reflect.ValueOf(string(raw)).Convert(s.Type.Key())
		if v.MapIndex(key).IsValid() {
			return malformed("The key %q is given twice.", clip(string(raw)))
		}
		if d.null() {
			return malformed("A map may not hold null.")
		}
		value := reflect.New(s.Elem.Type).Elem()
		if err := d.value(s.Elem, value, false); err != nil {
			return err
		}
		v.SetMapIndex(key, value)
		return nil
	})
}

func (d *decoder) boolean(v reflect.Value) error {
	switch {
	case d.literal("true"):
		v.SetBool(true)
	case d.literal("false"):
		v.SetBool(false)
	default:
		return d.mismatch("Boolean")
	}
	return nil
}

func (d *decoder) numeric(s *Shape, v reflect.Value) error {
	text, err := d.typedNumber(s.Kind)
	if err != nil {
		return err
	}
	if s.Kind == KindFloat {
		f, err := strconv.ParseFloat(text, s.Type.Bits())
		if err != nil {
			return malformed("The number %s is out of range.", clip(text))
		}
		v.SetFloat(f)
		return nil
	}
	n, err := strconv.ParseInt(text, 10, s.Type.Bits())
	if err != nil {
		return malformed("The number %s is not an integer of %d bits.", clip(text), s.Type.Bits())
	}
	v.SetInt(n)
	return nil
}

func (d *decoder) blob(v reflect.Value) error {
	text, err := d.typedString("Blob")
	if err != nil {
		return err
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return malformed("A blob is not valid base64.")
	}
	v.SetBytes(data)
	return nil
}

// timestamp reads epoch seconds, or a date-time where the model says so.
func (d *decoder) timestamp(v reflect.Value, iso bool) error {
	if iso {
		text, err := d.typedString("Timestamp")
		if err != nil {
			return err
		}
		t, err := ParseISO8601(text)
		if err != nil {
			return err
		}
		v.Set(reflect.ValueOf(t))
		return nil
	}
	text, err := d.typedNumber(KindTime)
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || math.Abs(seconds) > 253402300799 { // the end of year 9999
		return malformed("The timestamp %s is out of range.", clip(text))
	}
	v.Set(reflect.ValueOf(time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()))
	return nil
}

// ParseISO8601 reads a date-time of Smithy's format, in UTC.
func ParseISO8601(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, malformed("The timestamp %q is not a date-time such as 2026-01-02T03:04:05Z.", clip(text))
	}
	return t.UTC(), nil
}

// any reads a document: maps, lists, strings, booleans, nil, and numbers as their text, so that none is rounded.
func (d *decoder) any() (any, error) {
	switch d.peek() {
	case '{':
		m := map[string]any{}
		return m, d.object(func(raw []byte) error {
			key := string(raw)
			if _, twice := m[key]; twice || key == "" {
				return malformed("A document's keys are not empty and not repeated.")
			}
			if err := d.count(); err != nil {
				return err
			}
			value, err := d.any()
			m[key] = value
			return err
		})
	case '[':
		list := []any{}
		err := d.array(func() error {
			if err := d.count(); err != nil {
				return err
			}
			value, err := d.any()
			list = append(list, value)
			return err
		})
		return list, err
	case '"':
		return d.string()
	}
	switch {
	case d.null():
		return nil, nil
	case d.literal("true"):
		return true, nil
	case d.literal("false"):
		return false, nil
	}
	text, err := d.number()
	return document.Number(text), err
}

// clip keeps what is quoted in a message short.
func clip(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}
