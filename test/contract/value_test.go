package contract

import (
	"fmt"
	"reflect"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"

	"github.com/gatehouse-sso/gatehouse/internal/wire"
	"github.com/gatehouse-sso/gatehouse/internal/wire/constraint"
)

// at finds the value at a path of the model in an input, and makes what is missing on the way: structures, one element
// of a list, the first member of a union. It returns an invalid value where the SDK's type has no such member.
func at(v reflect.Value, path []string) reflect.Value {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		v = v.Elem()
	}
	if len(path) == 0 || !v.IsValid() {
		return v
	}
	switch v.Kind() {
	case reflect.Struct:
		name := path[0]
		return at(v.FieldByName(strings.ToUpper(name[:1])+name[1:]), path[1:])
	case reflect.Slice:
		if v.Len() == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		}
		return at(v.Index(0), path[1:])
	case reflect.Interface:
		shape, err := wire.ShapeOf(v.Type())
		if err != nil || shape.Member(path[0]) == nil {
			return reflect.Value{}
		}
		if t := shape.Member(path[0]).Type; v.IsNil() || v.Elem().Type() != t {
			v.Set(reflect.New(t.Elem()))
		}
		return at(v.Elem().Elem().FieldByName("Value"), path[1:])
	}
	return reflect.Value{}
}

// field is at, without the last pointer: what can be unset.
func field(in any, path []string) reflect.Value {
	v := at(reflect.ValueOf(in), path[:len(path)-1])
	last := path[len(path)-1]
	if v.Kind() == reflect.Struct {
		return v.FieldByName(strings.ToUpper(last[:1]) + last[1:])
	}
	return at(v, path[len(path)-1:])
}

// put sets the value at a path from a text, a number or a boolean, and reports whether there is such a place.
func put(in any, path []string, value any) bool {
	v := at(reflect.ValueOf(in), path)
	if !v.IsValid() {
		return false
	}
	switch value := value.(type) {
	case string:
		if v.Kind() != reflect.String {
			return false
		}
		v.SetString(value)
	case int64:
		if !v.CanInt() {
			return false
		}
		v.SetInt(value)
	default:
		v.Set(reflect.ValueOf(value))
	}
	return true
}

var (
	unicodeEscape = regexp.MustCompile(`\\u([0-9A-F]{4})`)
	lookAhead     = regexp.MustCompile(`\(\?[=!][^)]*\)`)
)

// compiled is a pattern of the model as Go reads it; without look-ahead, which RE2 has not.
func compiled(java string) *regexp.Regexp {
	java = strings.ReplaceAll(java, `\u10000-\u10FFFF`, `\x{10000}-\x{10FFFF}`)
	return regexp.MustCompile(`\A(?:` + lookAhead.ReplaceAllString(unicodeEscape.ReplaceAllString(java, `\x{$1}`), "") + `)\z`)
}

// matching makes a text of at least min characters that matches a pattern.
func matching(m constraint.Member) string {
	least := 1
	if m.Min != nil {
		least = int(*m.Min)
	}
	if m.Pattern == "" {
		return strings.Repeat("x", least)
	}
	tree, err := syntax.Parse(compiled(m.Pattern).String(), syntax.Perl)
	if err != nil {
		panic(err)
	}
	text := ""
	for repeat := 1; repeat <= max(least, 1); repeat++ {
		if text = write(tree, repeat); len([]rune(text)) >= least {
			break
		}
	}
	return text
}

// write writes a text that an expression matches; what may be repeated is, repeat times.
func write(re *syntax.Regexp, repeat int) string {
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCharClass:
		return string(pleasant(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "x"
	case syntax.OpStar, syntax.OpPlus:
		return strings.Repeat(write(re.Sub[0], repeat), repeat)
	case syntax.OpQuest:
		return ""
	case syntax.OpRepeat:
		n := max(re.Min, 0)
		if repeat > n && re.Min > 0 && (re.Max < 0 || repeat <= re.Max) {
			n = repeat
		}
		return strings.Repeat(write(re.Sub[0], 1), n)
	case syntax.OpAlternate:
		return write(re.Sub[0], repeat)
	case syntax.OpConcat, syntax.OpCapture:
		text := ""
		for _, sub := range re.Sub {
			text += write(sub, repeat)
		}
		return text
	}
	return ""
}

// pleasant is a character of a class, a letter or a digit where it has one.
func pleasant(ranges []rune) rune {
	for _, want := range "x0ab" {
		for i := 0; i+1 < len(ranges); i += 2 {
			if ranges[i] <= want && want <= ranges[i+1] {
				return want
			}
		}
	}
	for i := 0; i+1 < len(ranges); i += 2 {
		if unicode.IsPrint(ranges[i]) {
			return ranges[i]
		}
	}
	return ranges[0]
}

// breaking makes a text that does not match a pattern, or "" where nothing that can be sent breaks it.
func breaking(m constraint.Member) string {
	re := compiled(m.Pattern)
	for _, bad := range []string{"\u2603 \u2603", "~ !", "\x01"} {
		for m.Min != nil && len([]rune(bad)) < int(*m.Min) {
			bad += bad
		}
		if m.Max != nil && len([]rune(bad)) > int(*m.Max) {
			bad = string([]rune(bad)[:*m.Max])
		}
		if bad != "" && !re.MatchString(bad) {
			return bad
		}
	}
	return ""
}

// breach is an input with one constraint broken.
type breach struct {
	what  string
	apply func(in any) bool // false where the SDK's types cannot say it
}

// breaches lists the ways in which a member can break its constraints, each at its boundary.
func breaches(m constraint.Member) []breach {
	var all []breach
	add := func(what string, apply func(any) bool) {
		all = append(all, breach{fmt.Sprintf("%s %s", strings.Join(m.Path, "."), what), apply})
	}
	if m.Required {
		add("missing", func(in any) bool {
			f := field(in, m.Path)
			if !f.IsValid() || f.Kind() == reflect.Bool || f.CanInt() {
				return false
			}
			f.SetZero()
			return true
		})
	}
	set := func(what string, value any) { add(what, func(in any) bool { return put(in, m.Path, value) }) }
	switch m.Kind {
	case "string":
		if m.Max != nil {
			set("too long", strings.Repeat("x", int(*m.Max)+1))
		}
		if m.Min != nil && *m.Min > 0 && len(m.Enum) == 0 {
			set("too short", strings.Repeat("0", int(*m.Min)-1))
		}
		if bad := ""; m.Pattern != "" {
			if bad = breaking(m); bad != "" {
				set("against its pattern", bad)
			}
		}
		if len(m.Enum) > 0 {
			set("unknown", "UNKNOWN_VALUE")
		}
	case "integer", "long":
		if m.Max != nil {
			set("too large", *m.Max+1)
		}
		if m.Min != nil {
			set("too small", *m.Min-1)
		}
	case "list":
		if m.Max != nil {
			add("too many", func(in any) bool { return lengthen(in, m.Path, int(*m.Max)+1) })
		}
		if m.Min != nil && *m.Min > 0 {
			add("too few", func(in any) bool { return lengthen(in, m.Path, int(*m.Min)-1) })
		}
	}
	return all
}

// say puts a text somewhere into a value, since the query protocol does not write what is empty.
func say(v reflect.Value) {
	switch v = at(v, nil); v.Kind() {
	case reflect.String:
		if v.Len() == 0 {
			v.SetString("x")
		}
	case reflect.Struct:
		say(v.Field(0))
	case reflect.Slice:
		say(at(v, []string{"member"}))
	case reflect.Interface:
		if shape, err := wire.ShapeOf(v.Type()); err == nil && len(shape.Members) > 0 {
			say(at(v, []string{shape.Members[0].Name}))
		}
	}
}

// lengthen gives a list n elements that are like its first.
func lengthen(in any, path []string, n int) bool {
	v := at(reflect.ValueOf(in), path)
	if v.Kind() != reflect.Slice {
		return false
	}
	say(at(v, []string{"member"}))
	list := reflect.MakeSlice(v.Type(), 0, n)
	for range n {
		list = reflect.Append(list, v.Index(0))
	}
	v.Set(list)
	return true
}
