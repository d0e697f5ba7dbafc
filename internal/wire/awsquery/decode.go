// Package awsquery is the AWS query protocol of IAM and STS: a form with Action and Version in, XML out.
//
// A request's parameters are sorted and walked along the plan of the input: X.member.N are lists, X.entry.N maps, and
// dots lead into structures. A parameter given twice is refused rather than guessed. The specification is Smithy's
// "AWS query protocol"; the policy documents in IAM's answers are percent-encoded as the IAM API reference says.
package awsquery

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

// maxIndex bounds the N of X.member.N.
const maxIndex = 10_000

// parameter is one name and value of the request, decoded.
type parameter struct{ key, value string }

// parameters are sorted by key.
type parameters []parameter

// Decode reads the query of r and its form into in, a pointer to the input of the operation. Parameters that the
// input does not have are ignored, among them those of a presigned request.
func Decode(r *http.Request, body []byte, in any) error {
	shape, err := wire.ShapeOf(reflect.TypeOf(in))
	if err != nil {
		return err
	}
	form := ""
	if r.Method == http.MethodPost && wire.IsForm(r) {
		form = string(body)
	}
	all, err := parse(r.URL.RawQuery, form)
	if err != nil {
		return err
	}
	d := decoder{}
	return d.structure(shape.Elem, reflect.ValueOf(in).Elem(), all, 0)
}

func malformed(format string, args ...any) error {
	return fault.New(fault.Invalid, "MalformedInput", format, args...)
}

// parse decodes and sorts the parameters of all sources.
func parse(sources ...string) (parameters, error) {
	n := 0
	for _, s := range sources {
		n += strings.Count(s, "&") + 1
	}
	if n > wire.MaxElements {
		return nil, malformed("The request has more than %d parameters.", wire.MaxElements)
	}
	all := make(parameters, 0, n)
	for _, rest := range sources {
		for rest != "" {
			var pair string
			pair, rest, _ = strings.Cut(rest, "&")
			if pair == "" {
				continue
			}
			key, value, _ := strings.Cut(pair, "=")
			key, err1 := url.QueryUnescape(key)
			value, err2 := url.QueryUnescape(value)
			if err1 != nil || err2 != nil || !utf8.ValidString(key) || !utf8.ValidString(value) {
				return nil, malformed("The parameters of the request are not percent-encoded UTF-8.")
			}
			all = append(all, parameter{key, value})
		}
	}
	slices.SortFunc(all, func(a, b parameter) int { return strings.Compare(a.key, b.key) })
	for i := 1; i < len(all); i++ {
		if all[i].key == all[i-1].key {
			return nil, malformed("A parameter is given twice.")
		}
	}
	return all, nil
}

// exact returns the value of the parameter whose key is name after its first off bytes.
func (p parameters) exact(off int, name string) (string, bool) {
	i := sort.Search(len(p), func(i int) bool { return p[i].key[off:] >= name })
	if i < len(p) && p[i].key[off:] == name {
		return p[i].value, true
	}
	return "", false
}

// below returns the parameters whose keys continue with name and a dot after their first off bytes.
func (p parameters) below(off int, name string) parameters {
	start := sort.Search(len(p), func(i int) bool { return comparePrefix(p[i].key[off:], name) >= 0 })
	end := start
	for end < len(p) && comparePrefix(p[end].key[off:], name) == 0 {
		end++
	}
	return p[start:end]
}

// comparePrefix compares the beginning of key with name and a dot.
func comparePrefix(key, name string) int {
	if len(key) <= len(name) {
		if c := strings.Compare(key, name); c != 0 {
			return c
		}
		return -1
	}
	if c := strings.Compare(key[:len(name)], name); c != 0 {
		return c
	}
	return int(key[len(name)]) - int('.')
}

// decoder walks the plan of an input along the parameters.
type decoder struct{ depth int }

// structure reads members; the keys of all have off bytes before the member's name.
func (d *decoder) structure(s *wire.Shape, v reflect.Value, all parameters, off int) error {
	if d.depth++; d.depth > wire.MaxDepth {
		return malformed("The parameters are nested too deeply.")
	}
	defer func() { d.depth-- }()
	for i := range s.Fields {
		f := &s.Fields[i]
		if err := d.member(f.Shape, v.Field(f.Index), all, off, f.Name); err != nil {
			return err
		}
	}
	return nil
}

// member reads the value called name, if it is there.
func (d *decoder) member(s *wire.Shape, v reflect.Value, all parameters, off int, name string) error {
	text, given := all.exact(off, name)
	below := all.below(off, name)
	if !given && len(below) == 0 {
		return nil
	}
	target, shape := v, s
	if s.Kind == wire.KindPointer {
		shape = s.Elem
		target = reflect.New(shape.Type).Elem()
	}
	if err := d.value(shape, target, text, given, below, off+len(name)+1); err != nil {
		return err
	}
	if s.Kind == wire.KindPointer {
		v.Set(target.Addr())
	}
	return nil
}

// value reads a value from its own text or from the parameters below it.
func (d *decoder) value(s *wire.Shape, v reflect.Value, text string, given bool, below parameters, off int) error {
	switch s.Kind {
	case wire.KindStruct, wire.KindList, wire.KindMap, wire.KindUnion:
		if given && text != "" {
			return malformed("A structure or list is expected where a value is given.")
		}
	default:
		if !given {
			return malformed("A value is expected where a structure or list is given.")
		}
		return scalar(s, v, text)
	}
	switch s.Kind {
	case wire.KindStruct:
		return d.structure(s, v, below, off)
	case wire.KindList:
		return d.list(s, v, below, off)
	case wire.KindMap:
		return d.mapping(s, v, below, off)
	}
	return d.union(s, v, below, off)
}

// scalar reads text.
func scalar(s *wire.Shape, v reflect.Value, text string) error {
	switch s.Kind {
	case wire.KindString:
		v.SetString(text)
		return nil
	case wire.KindBool:
		if text != "true" && text != "false" {
			return malformed("A boolean is neither true nor false.")
		}
		v.SetBool(text == "true")
		return nil
	case wire.KindInt:
		n, err := strconv.ParseInt(text, 10, s.Type.Bits())
		if err != nil {
			return malformed("A number is not an integer of %d bits.", s.Type.Bits())
		}
		v.SetInt(n)
		return nil
	case wire.KindFloat:
		f, err := strconv.ParseFloat(text, s.Type.Bits())
		if err != nil {
			return malformed("A number is malformed.")
		}
		v.SetFloat(f)
		return nil
	case wire.KindBlob:
		data, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return malformed("A blob is not valid base64.")
		}
		v.SetBytes(data)
		return nil
	case wire.KindTime:
		t, err := wire.ParseISO8601(text)
		if err != nil {
			return malformed("A timestamp is not a date-time such as 2026-01-02T03:04:05Z.")
		}
		v.Set(reflect.ValueOf(t))
		return nil
	}
	return malformed("A member cannot be given in a form.")
}

// element is the N-th of a list or map: its number and the name it has, such as "12".
type element struct {
	n    int
	name string
}

// elements finds the numbers that follow the first off bytes, in order. Gaps are allowed, as on AWS.
func elements(below parameters, off int) ([]element, error) {
	var found []element
	last := ""
	for _, p := range below {
		name, _, _ := strings.Cut(p.key[off:], ".")
		if name == last {
			continue
		}
		last = name
		n, err := strconv.Atoi(name)
		if err != nil || n < 1 || n > maxIndex || name[0] == '0' || name[0] == '+' {
			return nil, malformed("The number of a list element is not between 1 and %d.", maxIndex)
		}
		found = append(found, element{n, name})
	}
	slices.SortFunc(found, func(a, b element) int { return a.n - b.n })
	return slices.CompactFunc(found, func(a, b element) bool { return a.n == b.n }), nil
}

func (d *decoder) list(s *wire.Shape, v reflect.Value, below parameters, off int) error {
	const prefix = "member"
	below = below.below(off, prefix)
	off += len(prefix) + 1
	found, err := elements(below, off)
	if err != nil {
		return err
	}
	v.Set(reflect.MakeSlice(s.Type, len(found), len(found)))
	for i, e := range found {
		if err := d.member(s.Elem, v.Index(i), below, off, e.name); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) mapping(s *wire.Shape, v reflect.Value, below parameters, off int) error {
	const prefix = "entry"
	below = below.below(off, prefix)
	off += len(prefix) + 1
	found, err := elements(below, off)
	if err != nil {
		return err
	}
	v.Set(reflect.MakeMapWithSize(s.Type, len(found)))
	for _, e := range found {
		entry := below.below(off, e.name)
		inside := off + len(e.name) + 1
		text, ok := entry.exact(inside, "key")
		if !ok {
			return malformed("A map entry has no key.")
		}
		key := reflect.ValueOf(text).Convert(s.Type.Key())
		if v.MapIndex(key).IsValid() {
			return malformed("A key of a map is given twice.")
		}
		value := reflect.New(s.Elem.Type).Elem()
		if err := d.member(s.Elem, value, entry, inside, "value"); err != nil {
			return err
		}
		v.SetMapIndex(key, value)
	}
	return nil
}

func (d *decoder) union(s *wire.Shape, v reflect.Value, below parameters, off int) error {
	for _, m := range s.Members {
		_, given := below.exact(off, m.Name)
		if !given && len(below.below(off, m.Name)) == 0 {
			continue
		}
		if !v.IsNil() {
			return malformed("Only one member of a union may be set.")
		}
		target := reflect.New(m.Type.Elem())
		if err := d.member(m.Shape, target.Elem().Field(0), below, off, m.Name); err != nil {
			return err
		}
		v.Set(target)
	}
	if v.IsNil() {
		return malformed("No known member of a union is set.")
	}
	return nil
}
