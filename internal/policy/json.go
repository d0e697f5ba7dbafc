package policy

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds the nesting of a document; the grammar needs seven levels.
const maxDepth = 16

// node is a JSON value with the place where it stands.
type node struct {
	kind       byte     // one of { [ " 0 t n: object, list, string, number, boolean, null
	text       string   // the value of a string; a number or boolean as written
	members    []member // of an object, in order
	items      []node   // of a list
	start, end int      // byte offsets, end exclusive
}

type member struct {
	name  string
	start int // where the name stands, in its quotes
	value node
}

// syntaxError is what a reader found, and where.
type syntaxError struct {
	offset  int
	message string
	words   string // what IAM says of it, where it has a sentence of its own
	alone   bool   // the words stand alone, whatever the kind of document
	json    bool   // the text is not even JSON
}

func (e *syntaxError) Error() string { return e.message }

// reader reads JSON (RFC 8259) strictly: no duplicate names, no unpaired surrogates, bounded depth. encoding/json would let
// the last of two equal names win, and a policy must not mean something else than the person who reviewed it read.
type reader struct {
	s string
	i int
}

func readJSON(s string) (node, error) {
	if !utf8.ValidString(s) {
		return node{}, &syntaxError{message: "the document is not valid UTF-8", json: true}
	}
	r := &reader{s: s}
	n, err := r.value(0)
	if err != nil {
		return node{}, err
	}
	if r.space(); r.i < len(s) {
		return node{}, r.fail("unexpected text after the document")
	}
	return n, nil
}

func (r *reader) fail(format string, args ...any) error {
	return &syntaxError{offset: r.i, message: fmt.Sprintf(format, args...), json: true}
}

func (r *reader) space() {
	for r.i < len(r.s) && strings.IndexByte(" \t\r\n", r.s[r.i]) >= 0 {
		r.i++
	}
}

// next skips space and consumes c if it is there.
func (r *reader) next(c byte) bool {
	r.space()
	if r.i < len(r.s) && r.s[r.i] == c {
		r.i++
		return true
	}
	return false
}

func (r *reader) value(depth int) (n node, err error) {
	r.space()
	if depth > maxDepth {
		return n, r.fail("the document is nested too deeply")
	}
	if r.i >= len(r.s) {
		return n, r.fail("unexpected end of the document")
	}
	n.start = r.i
	switch c := r.s[r.i]; {
	case c == '{':
		n.kind = '{'
		n.members, err = r.object(depth)
	case c == '[':
		n.kind = '['
		n.items, err = r.list(depth)
	case c == '"':
		n.kind = '"'
		n.text, err = r.str()
	default:
		n.kind, n.text, err = r.literal()
	}
	n.end = r.i
	return n, err
}

func (r *reader) object(depth int) ([]member, error) {
	r.i++
	var members []member
	if r.next('}') {
		return members, nil
	}
	seen := map[string]bool{}
	for {
		if r.space(); r.i >= len(r.s) || r.s[r.i] != '"' {
			return nil, r.fail("expected a name in double quotes")
		}
		at := r.i
		name, err := r.str()
		if err != nil {
			return nil, err
		}
		if seen[name] {
			r.i = at
			return nil, r.fail("%q appears twice in one object", name)
		}
		seen[name] = true
		if !r.next(':') {
			return nil, r.fail("expected \":\" after %q", name)
		}
		value, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		members = append(members, member{name, at, value})
		if r.next('}') {
			return members, nil
		}
		if !r.next(',') {
			return nil, r.fail("expected \",\" or \"}\"")
		}
	}
}

func (r *reader) list(depth int) ([]node, error) {
	r.i++
	var items []node
	if r.next(']') {
		return items, nil
	}
	for {
		item, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
		if r.next(']') {
			return items, nil
		}
		if !r.next(',') {
			return nil, r.fail("expected \",\" or \"]\"")
		}
	}
}

// str reads the string that begins at the current quote.
func (r *reader) str() (string, error) {
	start := r.i
	escaped := false
	for r.i++; r.i < len(r.s); r.i++ {
		switch c := r.s[r.i]; {
		case c == '\\':
			escaped = true
			r.i++
		case c == '"':
			r.i++
			if !escaped {
				return r.s[start+1 : r.i-1], nil
			}
			var text string
			if json.Unmarshal([]byte(r.s[start:r.i]), &text) != nil || unpaired(r.s[start:r.i]) {
				r.i = start
				return "", r.fail("the string holds an escape that means no character")
			}
			return text, nil
		case c < 0x20:
			return "", r.fail("a control character must be escaped inside a string")
		}
	}
	r.i = start
	return "", r.fail("the string is not closed")
}

// unpaired reports whether a string in JSON, known to be well formed, escapes half of a surrogate pair.
func unpaired(s string) bool {
	want := -1 // where the escape of a low surrogate must begin
	for i := 0; i+1 < len(s); i++ {
		if s[i] != '\\' {
			continue
		}
		begin := i
		if i++; s[i] != 'u' {
			continue
		}
		c, _ := strconv.ParseUint(s[i+1:i+5], 16, 32)
		i += 4
		low := c >= 0xdc00 && c < 0xe000
		if want >= 0 && (begin != want || !low) || want < 0 && low {
			return true
		}
		want = -1
		if c >= 0xd800 && c < 0xdc00 {
			want = i + 1
		}
	}
	return want >= 0
}

func (r *reader) literal() (byte, string, error) {
	start := r.i
	for r.i < len(r.s) && strings.IndexByte(" \t\r\n,:]}[{\"", r.s[r.i]) < 0 {
		r.i++
	}
	text := r.s[start:r.i]
	switch {
	case text == "true" || text == "false":
		return 't', text, nil
	case text == "null":
		return 'n', text, nil
	case text != "" && (text[0] == '-' || text[0] >= '0' && text[0] <= '9') && json.Valid([]byte(text)):
		return '0', text, nil
	}
	r.i = start
	return 0, "", r.fail("expected a value")
}

// Position is a place in the text of a document: line and column, both counted from one; a column is a character.
type Position struct{ Line, Column int }

// places finds the positions of byte offsets that are asked for in ascending order, reading the text once.
type places struct {
	rest   string
	offset int // where rest begins
	at     Position
}

func newPlaces(s string) *places { return &places{rest: s, at: Position{1, 1}} }

func (p *places) of(offset int) Position {
	passed := p.rest[:min(max(offset-p.offset, 0), len(p.rest))]
	p.rest, p.offset = p.rest[len(passed):], p.offset+len(passed)
	if n := strings.Count(passed, "\n"); n > 0 {
		p.at = Position{p.at.Line + n, 1}
		passed = passed[strings.LastIndexByte(passed, '\n')+1:]
	}
	p.at.Column += utf8.RuneCountInString(passed)
	return p.at
}
