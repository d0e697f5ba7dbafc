package store

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"reflect"
	"slices"
	"time"
)

// A row's body is a byte that names its format, then the fields that are not zero. A field is a tag of two bytes and its
// value. The tag is 15 bits of the digest of the field's name, so that fields may come, go and change places, and a bit
// that says how the value ends: it is a number (an unsigned varint), or bytes with their length before them. What has a
// tag that nobody knows any more is passed over.
const format = 1

// codec writes and reads values of one struct type.
type codec struct {
	fields []field
	byTag  map[uint16]int
}

// field is a field of a struct.
type field struct {
	name  string
	at    int
	tag   uint16
	value coding
}

// coding writes and reads values of one type: as a number, or as bytes.
type coding struct {
	zero      func(reflect.Value) bool
	number    func(reflect.Value) uint64
	setNumber func(reflect.Value, uint64)
	bytes     func([]byte, reflect.Value) []byte // appends
	setBytes  func(reflect.Value, []byte) error
}

var errBody = errors.New("store: this is not the body of a row")

// codecOf makes the codec of a struct type without the fields that are kept elsewhere, be they its own or of a struct that
// is embedded in it.
func codecOf(t reflect.Type, without ...string) *codec {
	c := &codec{byTag: map[uint16]int{}}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || slices.Contains(without, f.Name) {
			continue
		}
		value := codingOf(f.Type)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			value = structCoding(f.Type, without...)
		}
		tag := tagOf(f.Name, value.number != nil)
		if other, taken := c.byTag[tag>>1]; taken {
			panic(fmt.Sprintf("store: the fields %s and %s of %s have the same tag: rename one", f.Name, c.fields[other].name, t))
		}
		c.byTag[tag>>1] = len(c.fields)
		c.fields = append(c.fields, field{f.Name, i, tag, value})
	}
	return c
}

func tagOf(name string, number bool) uint16 {
	h := fnv.New32a()
	h.Write([]byte(name))
	sum := h.Sum32()
	tag := uint16(sum^sum>>16) << 1
	if number {
		tag |= 1
	}
	return tag
}

// encode appends the body of the struct v.
func (c *codec) encode(dst []byte, v reflect.Value) []byte { return c.put(append(dst, format), v) }

// decode fills the struct v, which is zero, from a body.
func (c *codec) decode(body []byte, v reflect.Value) error {
	if len(body) == 0 || body[0] != format {
		return errBody
	}
	return c.set(v, body[1:])
}

func (c *codec) put(dst []byte, v reflect.Value) []byte {
	for i := range c.fields {
		f := &c.fields[i]
		value := v.Field(f.at)
		if f.value.zero(value) {
			continue
		}
		dst = binary.BigEndian.AppendUint16(dst, f.tag)
		dst = f.value.put(dst, value)
	}
	return dst
}

func (c *codec) set(v reflect.Value, src []byte) error {
	expected := 0 // the fields were written in their order
	for len(src) > 0 {
		if len(src) < 2 {
			return errBody
		}
		tag := binary.BigEndian.Uint16(src)
		number, content, rest, err := next(src[2:], tag&1 == 1)
		if err != nil {
			return err
		}
		src = rest
		at, known := c.find(tag, expected)
		if !known {
			continue
		}
		expected = at + 1
		f := &c.fields[at]
		if err := f.value.set(v.Field(f.at), number, content); err != nil {
			return err
		}
	}
	return nil
}

// find returns the place of the field with a tag, which is that of the expected one or soon after it.
func (c *codec) find(tag uint16, expected int) (int, bool) {
	for at := expected; at < len(c.fields); at++ {
		if c.fields[at].tag == tag {
			return at, true
		}
	}
	at, known := c.byTag[tag>>1]
	return at, known && c.fields[at].tag == tag
}

// next takes a value off src.
func next(src []byte, isNumber bool) (number uint64, content, rest []byte, err error) {
	number, n := binary.Uvarint(src)
	if n <= 0 {
		return 0, nil, nil, errBody
	}
	src = src[n:]
	if isNumber {
		return number, nil, src, nil
	}
	if number > uint64(len(src)) {
		return 0, nil, nil, errBody
	}
	return 0, src[:number], src[number:], nil
}

// put appends a value with its length where it needs one.
func (c *coding) put(dst []byte, v reflect.Value) []byte {
	if c.number != nil {
		return binary.AppendUvarint(dst, c.number(v))
	}
	start := len(dst)
	dst = c.bytes(append(dst, 0), v)
	n := len(dst) - start - 1
	if n < 0x80 {
		dst[start] = byte(n)
		return dst
	}
	length := binary.AppendUvarint(nil, uint64(n))
	dst = slices.Insert(dst, start, length[1:]...)
	copy(dst[start:], length)
	return dst
}

func (c *coding) set(v reflect.Value, number uint64, content []byte) error {
	if c.number != nil {
		c.setNumber(v, number)
		return nil
	}
	return c.setBytes(v, content)
}

// codingOf returns how values of a type are written.
func codingOf(t reflect.Type) coding {
	if t == reflect.TypeFor[time.Time]() {
		return timeCoding()
	}
	switch t.Kind() {
	case reflect.String:
		return coding{zero: reflect.Value.IsZero,
			bytes:    func(dst []byte, v reflect.Value) []byte { return append(dst, v.String()...) },
			setBytes: func(v reflect.Value, b []byte) error { v.SetString(string(b)); return nil }}
	case reflect.Bool:
		return coding{zero: reflect.Value.IsZero, number: bit,
			setNumber: func(v reflect.Value, n uint64) { v.SetBool(n != 0) }}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return coding{zero: reflect.Value.IsZero, number: func(v reflect.Value) uint64 { return zigzag(v.Int()) },
			setNumber: func(v reflect.Value, n uint64) { v.SetInt(unzigzag(n)) }}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return coding{zero: reflect.Value.IsZero, number: reflect.Value.Uint, setNumber: reflect.Value.SetUint}
	case reflect.Struct:
		return structCoding(t)
	case reflect.Pointer:
		return pointerCoding(t)
	case reflect.Slice:
		return sliceCoding(t)
	case reflect.Map:
		if t.Key().Kind() == reflect.String {
			return mapCoding(t)
		}
	}
	panic(fmt.Sprintf("store: rows cannot hold values of %s", t))
}

func structCoding(t reflect.Type, without ...string) coding {
	c := codecOf(t, without...)
	return coding{zero: reflect.Value.IsZero, bytes: c.put, setBytes: c.set}
}

// timeCoding writes a time as milliseconds, which is what a transaction's time has, or else as nanoseconds. The lowest bit
// tells the two apart.
func timeCoding() coding {
	at := func(v reflect.Value) time.Time { return v.Interface().(time.Time) }
	return coding{
		zero: func(v reflect.Value) bool { return at(v).IsZero() },
		number: func(v reflect.Value) uint64 {
			t := at(v)
			if ms := t.UnixMilli(); time.UnixMilli(ms).Equal(t) {
				return zigzag(ms) << 1
			}
			return zigzag(t.UnixNano())<<1 | 1
		},
		setNumber: func(v reflect.Value, n uint64) {
			t := time.UnixMilli(unzigzag(n >> 1))
			if n&1 == 1 {
				t = time.Unix(0, unzigzag(n>>1))
			}
			v.Set(reflect.ValueOf(t.UTC()))
		},
	}
}

// pointerCoding writes what is pointed to, even when that is zero.
func pointerCoding(t reflect.Type) coding {
	to := codingOf(t.Elem())
	c := coding{zero: reflect.Value.IsNil}
	if to.number != nil {
		c.number = func(v reflect.Value) uint64 { return to.number(v.Elem()) }
		c.setNumber = func(v reflect.Value, n uint64) {
			v.Set(reflect.New(t.Elem()))
			to.setNumber(v.Elem(), n)
		}
		return c
	}
	c.bytes = func(dst []byte, v reflect.Value) []byte { return to.bytes(dst, v.Elem()) }
	c.setBytes = func(v reflect.Value, b []byte) error {
		v.Set(reflect.New(t.Elem()))
		return to.setBytes(v.Elem(), b)
	}
	return c
}

// empty takes an empty slice or map for none.
func empty(v reflect.Value) bool { return v.Len() == 0 }

// sliceCoding writes one element after the other.
func sliceCoding(t reflect.Type) coding {
	if t.Elem().Kind() == reflect.Uint8 {
		return coding{zero: empty,
			bytes:    func(dst []byte, v reflect.Value) []byte { return append(dst, v.Bytes()...) },
			setBytes: func(v reflect.Value, b []byte) error { v.SetBytes(slices.Clone(b)); return nil }}
	}
	element := codingOf(t.Elem())
	return coding{zero: empty,
		bytes: func(dst []byte, v reflect.Value) []byte {
			for i := range v.Len() {
				dst = element.put(dst, v.Index(i))
			}
			return dst
		},
		setBytes: func(v reflect.Value, src []byte) error {
			for len(src) > 0 {
				one := reflect.New(t.Elem()).Elem()
				rest, err := element.take(src, one)
				if err != nil {
					return err
				}
				src = rest
				v.Set(reflect.Append(v, one))
			}
			return nil
		},
	}
}

// mapCoding writes keys and values in turns, in the order of the keys.
func mapCoding(t reflect.Type) coding {
	key, element := codingOf(t.Key()), codingOf(t.Elem())
	return coding{zero: empty,
		bytes: func(dst []byte, v reflect.Value) []byte {
			keys := v.MapKeys()
			slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
			for _, k := range keys {
				dst = element.put(key.put(dst, k), v.MapIndex(k))
			}
			return dst
		},
		setBytes: func(v reflect.Value, src []byte) error {
			v.Set(reflect.MakeMap(t))
			for len(src) > 0 {
				k, e := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
				rest, err := key.take(src, k)
				if err == nil {
					rest, err = element.take(rest, e)
				}
				if err != nil {
					return err
				}
				src = rest
				v.SetMapIndex(k, e)
			}
			return nil
		},
	}
}

// take takes a value off src and sets v to it.
func (c *coding) take(src []byte, v reflect.Value) (rest []byte, err error) {
	number, content, rest, err := next(src, c.number != nil)
	if err != nil {
		return nil, err
	}
	return rest, c.set(v, number, content)
}

func bit(v reflect.Value) uint64 {
	if v.Bool() {
		return 1
	}
	return 0
}

// zigzag makes small numbers of negative ones that are close to zero.
func zigzag(n int64) uint64 { return uint64(n)<<1 ^ uint64(n>>63) }

func unzigzag(n uint64) int64 { return int64(n>>1) ^ -int64(n&1) }
