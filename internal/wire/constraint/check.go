package constraint

import (
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxViolations = 25  // a hostile list must not make an answer many times its own size
	maxEcho       = 512 // bytes of a value that are repeated in a message
)

// Check returns what in breaks of the constraints of an operation's input; in is the SDK's input struct, or a
// pointer to it. Services have the names of their models: "sso-admin", "identitystore", "organizations", "sso",
// "sso-oidc", "iam", "sts" and "account". For an operation that the table does not know there is nothing to break.
func Check(service, operation string, in any) []Violation {
	v := reflect.ValueOf(in)
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if !v.IsValid() {
		return nil
	}
	p := planFor(service, operation, v.Type())
	if p == nil {
		return nil
	}
	var w walk
	w.check(p, v, nil, false)
	return w.found
}

// walk collects violations.
type walk struct{ found []Violation }

// place is where a value is; paths are written only when something is wrong.
type place struct {
	above *place
	name  string
	index int // of a list's element, from 1
}

func (at *place) String() string {
	if at == nil {
		return ""
	}
	name := at.name
	if at.index > 0 {
		name = strconv.Itoa(at.index) + ".member"
	}
	if at.above == nil {
		return name
	}
	return at.above.String() + "." + name
}

func (w *walk) add(at *place, s *shape, kind Constraint, value, phrase string) {
	if len(w.found) < maxViolations {
		w.found = append(w.found, Violation{at.String(), kind, s != nil && s.ranged(), value, phrase})
	}
}

// check checks a value that is present. hidden says that something around it is sensitive.
func (w *walk) check(p *plan, v reflect.Value, at *place, hidden bool) {
	hidden = hidden || p.sensitive
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch {
	case p.cases != nil:
		if name, inner, sub := p.caseOf(v.Elem()); sub != nil {
			w.check(sub, inner, &place{above: at, name: name}, hidden)
		}
	case p.fields != nil:
		w.fields(p, v, at, hidden)
	case p.simple:
		w.value(p, v, at, hidden)
	default:
		w.collection(p, v, at, hidden)
	}
}

func (w *walk) fields(p *plan, v reflect.Value, at *place, hidden bool) {
	for i := range p.fields {
		f := &p.fields[i]
		value := v.Field(f.index)
		switch {
		case absent(value, f.required):
			if f.required {
				w.add(&place{above: at, name: f.name}, nil, Required, " null", "Member must not be null")
			}
		case f.plan != nil:
			w.check(f.plan, value, &place{above: at, name: f.name}, hidden)
		}
	}
}

// absent reports whether a member was not sent. Numbers and truth values that the SDK has no pointer for are absent
// when they are zero, unless they are required.
func absent(v reflect.Value, required bool) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return v.IsNil()
	case reflect.String:
		return v.Len() == 0
	case reflect.Int32, reflect.Int64, reflect.Bool, reflect.Float32, reflect.Float64:
		return !required && v.IsZero()
	}
	return false
}

func (w *walk) value(p *plan, v reflect.Value, at *place, hidden bool) {
	for _, kind := range p.breaks(v) {
		w.add(at, p.shape, kind, echo(v, hidden), p.phrase(kind))
	}
}

// breaks lists the constraints of its own that a value breaks.
func (p *plan) breaks(v reflect.Value) []Constraint {
	switch v.Kind() {
	case reflect.String:
		return p.broken(int64(utf8.RuneCountInString(v.String())), v.String(), true)
	case reflect.Int32, reflect.Int64:
		return p.broken(v.Int(), "", false)
	case reflect.Slice, reflect.Map:
		return p.broken(int64(v.Len()), "", false)
	}
	return nil
}

func (p *plan) phrase(kind Constraint) string {
	switch kind {
	case Max:
		return p.atMost()
	case Min:
		return p.atLeast()
	case Pattern:
		return p.matching()
	}
	return p.oneOf()
}

// collection checks a list or a map. Elements that have parts are checked one by one; for the others AWS names the
// collection, and everything that its elements must satisfy.
func (w *walk) collection(p *plan, v reflect.Value, at *place, hidden bool) {
	w.value(p, v, at, hidden)
	switch v.Kind() {
	case reflect.Slice:
		w.parts(p.elem, "Member", v, at, hidden, func(yield func(place, reflect.Value) bool) {
			for i := 0; i < v.Len() && yield(place{above: at, index: i + 1}, v.Index(i)); i++ {
			}
		})
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		w.parts(p.key, "Map keys", v, at, hidden, func(yield func(place, reflect.Value) bool) {
			for i := 0; i < len(keys) && yield(place{above: at}, keys[i]); i++ {
			}
		})
		w.parts(p.val, "Map value", v, at, hidden, func(yield func(place, reflect.Value) bool) {
			for i := 0; i < len(keys) && yield(place{above: at, name: keys[i].String()}, v.MapIndex(keys[i])); i++ {
			}
		})
	}
}

// parts checks the keys, values or elements of a collection, which all have the plan p. The first simple one that
// breaks something is a violation of the collection.
func (w *walk) parts(p *plan, who string, all reflect.Value, at *place, hidden bool, each iter.Seq2[place, reflect.Value]) {
	if p == nil {
		return
	}
	for where, e := range each {
		if !p.simple {
			if !absent(e, true) {
				w.check(p, e, &where, hidden)
			}
			continue
		}
		if broken := p.breaks(reflect.Indirect(e)); len(broken) > 0 {
			w.add(at, p.shape, broken[0], echo(all, hidden || p.sensitive),
				who+" must satisfy constraint: ["+strings.Join(p.phrases(), ", ")+"]")
			return
		}
	}
}

// echo is the value as a message repeats it: not at all where it is sensitive, has structure, or is binary.
func echo(v reflect.Value, hidden bool) string {
	if hidden {
		return ""
	}
	text := ""
	switch {
	case v.Kind() == reflect.String:
		text = v.String()
	case v.CanInt():
		text = strconv.FormatInt(v.Int(), 10)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String:
		all := make([]string, 0, min(v.Len(), maxEcho))
		for i := range min(v.Len(), maxEcho) {
			all = append(all, v.Index(i).String())
		}
		text = "[" + strings.Join(all, ", ") + "]"
	case v.Kind() == reflect.Slice && v.Len() == 0:
		text = "[]"
	default:
		return ""
	}
	if len(text) > maxEcho {
		text = strings.ToValidUTF8(text[:maxEcho], "") + "..."
	}
	return fmt.Sprintf(" '%s'", text)
}
