package wire

import (
	"unicode/utf16"
	"unicode/utf8"
)

// The lexical half of the decoder: RFC 8259, strictly.

// space skips white space.
func (d *decoder) space() {
	for d.pos < len(d.data) {
		switch d.data[d.pos] {
		case ' ', '\t', '\n', '\r':
			d.pos++
		default:
			return
		}
	}
}

// peek skips white space and returns the next byte, or 0 at the end.
func (d *decoder) peek() byte {
	d.space()
	if d.pos < len(d.data) {
		return d.data[d.pos]
	}
	return 0
}

// take skips white space and then c, if it is next.
func (d *decoder) take(c byte) bool {
	if d.peek() != c {
		return false
	}
	d.pos++
	return true
}

// literal takes a word, if it is next.
func (d *decoder) literal(word string) bool {
	d.space()
	if len(d.data)-d.pos < len(word) || string(d.data[d.pos:d.pos+len(word)]) != word {
		return false
	}
	d.pos += len(word)
	return true
}

func (d *decoder) null() bool { return d.literal("null") }

// enter and leave bound the depth.
func (d *decoder) enter() error {
	if d.depth++; d.depth > MaxDepth {
		return malformed("The body is nested deeper than %d levels.", MaxDepth)
	}
	return nil
}

func (d *decoder) leave() { d.depth-- }

// object reads an object, calling member with each key, which must read the value.
func (d *decoder) object(member func(key []byte) error) error {
	if !d.take('{') {
		return d.mismatch("Structure")
	}
	if err := d.enter(); err != nil {
		return err
	}
	defer d.leave()
	if d.take('}') {
		return nil
	}
	for {
		if d.peek() != '"' {
			return d.unexpected()
		}
		key, err := d.text()
		if err != nil {
			return err
		}
		if !d.take(':') {
			return d.unexpected()
		}
		if err := member(key); err != nil {
			return err
		}
		if d.take(',') {
			continue
		}
		if d.take('}') {
			return nil
		}
		return d.unexpected()
	}
}

// array reads a list, calling element for each, which must read it.
func (d *decoder) array(element func() error) error {
	if !d.take('[') {
		return d.mismatch("List")
	}
	if err := d.enter(); err != nil {
		return err
	}
	defer d.leave()
	if d.take(']') {
		return nil
	}
	for {
		if err := element(); err != nil {
			return err
		}
		if d.take(',') {
			continue
		}
		if d.take(']') {
			return nil
		}
		return d.unexpected()
	}
}

// skip reads over the value of an unknown member.
func (d *decoder) skip() error {
	switch d.peek() {
	case '{':
		return d.object(func([]byte) error { return d.skip() })
	case '[':
		return d.array(d.skip)
	case '"':
		_, err := d.text()
		return err
	}
	if d.null() || d.literal("true") || d.literal("false") {
		return nil
	}
	_, err := d.number()
	return err
}

// string reads a string.
func (d *decoder) string() (string, error) {
	text, err := d.text()
	return string(text), err
}

// typedString reads a string where the model has one.
func (d *decoder) typedString(want string) (string, error) {
	if d.peek() != '"' {
		return "", d.mismatch(want)
	}
	return d.string()
}

// typedNumber reads a number where the model has one.
func (d *decoder) typedNumber(kind Kind) (string, error) {
	if c := d.peek(); c != '-' && (c < '0' || c > '9') {
		switch kind {
		case KindInt:
			return "", d.mismatch("Integer")
		case KindTime:
			return "", d.mismatch("Timestamp")
		}
		return "", d.mismatch("Float")
	}
	return d.number()
}

// text reads a string; the result is part of the body where nothing is escaped.
func (d *decoder) text() ([]byte, error) {
	d.pos++ // the quote, which the caller has seen
	start := d.pos
	for d.pos < len(d.data) {
		c := d.data[d.pos]
		switch {
		case c == '"':
			text := d.data[start:d.pos]
			d.pos++
			return text, nil
		case c == '\\':
			return d.escaped(start)
		case c < 0x20:
			return nil, malformed("A string holds a control character.")
		case c < utf8.RuneSelf:
			d.pos++
		default:
			r, size := utf8.DecodeRune(d.data[d.pos:])
			if r == utf8.RuneError && size == 1 {
				return nil, malformed("The body is not valid UTF-8.")
			}
			d.pos += size
		}
	}
	return nil, d.unexpected()
}

// escaped goes on with a string at its first backslash.
func (d *decoder) escaped(start int) ([]byte, error) {
	text := append([]byte(nil), d.data[start:d.pos]...)
	for d.pos < len(d.data) {
		c := d.data[d.pos]
		switch {
		case c == '"':
			d.pos++
			return text, nil
		case c == '\\':
			r, err := d.escape()
			if err != nil {
				return nil, err
			}
			text = utf8.AppendRune(text, r)
		case c < 0x20:
			return nil, malformed("A string holds a control character.")
		case c < utf8.RuneSelf:
			text = append(text, c)
			d.pos++
		default:
			r, size := utf8.DecodeRune(d.data[d.pos:])
			if r == utf8.RuneError && size == 1 {
				return nil, malformed("The body is not valid UTF-8.")
			}
			text = append(text, d.data[d.pos:d.pos+size]...)
			d.pos += size
		}
	}
	return nil, d.unexpected()
}

// escape reads one escape sequence. Half a surrogate pair is refused: replacing it would make different names equal.
func (d *decoder) escape() (rune, error) {
	if d.pos+1 >= len(d.data) {
		return 0, d.unexpected()
	}
	c := d.data[d.pos+1]
	d.pos += 2
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		r, ok := d.hex4()
		if !ok {
			return 0, d.unexpected()
		}
		if !utf16.IsSurrogate(r) {
			return r, nil
		}
		if d.pos+1 < len(d.data) && d.data[d.pos] == '\\' && d.data[d.pos+1] == 'u' {
			d.pos += 2
			if low, ok := d.hex4(); ok {
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					return r, nil
				}
			}
		}
		return 0, malformed("A string holds half a surrogate pair.")
	}
	return 0, malformed("A string holds an unknown escape.")
}

// hex4 reads four hexadecimal digits.
func (d *decoder) hex4() (r rune, ok bool) {
	if len(d.data)-d.pos < 4 {
		return 0, false
	}
	for _, c := range d.data[d.pos : d.pos+4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	d.pos += 4
	return r, true
}

// number reads the text of a number.
func (d *decoder) number() (string, error) {
	d.space()
	start := d.pos
	d.accept('-')
	if !d.accept('0') && !d.digits() {
		return "", d.unexpected()
	}
	if d.accept('.') && !d.digits() {
		return "", d.unexpected()
	}
	if d.accept('e') || d.accept('E') {
		if !d.accept('+') {
			d.accept('-')
		}
		if !d.digits() {
			return "", d.unexpected()
		}
	}
	return string(d.data[start:d.pos]), nil
}

// accept takes c if it is the very next byte.
func (d *decoder) accept(c byte) bool {
	if d.pos < len(d.data) && d.data[d.pos] == c {
		d.pos++
		return true
	}
	return false
}

// digits takes one or more digits.
func (d *decoder) digits() bool {
	start := d.pos
	for d.pos < len(d.data) && d.data[d.pos] >= '0' && d.data[d.pos] <= '9' {
		d.pos++
	}
	return d.pos > start
}

// mismatch is the fault for a value of the wrong type, in the words of AWS.
func (d *decoder) mismatch(want string) error {
	switch c := d.peek(); {
	case c == '{':
		return malformed("Start of structure or map found where not expected.")
	case c == '[':
		return malformed("Start of list found where not expected")
	case c == '"':
		return malformed("STRING_VALUE can not be converted to %s", article(want))
	case c == 't' || c == 'f':
		return malformed("%s_VALUE can not be converted to %s", map[byte]string{'t': "TRUE", 'f': "FALSE"}[c], article(want))
	case c == '-' || c >= '0' && c <= '9':
		return malformed("NUMBER_VALUE can not be converted to %s", article(want))
	}
	return d.unexpected()
}

func article(noun string) string {
	if noun == "Integer" {
		return "an " + noun
	}
	return "a " + noun
}

// unexpected is the fault for text that is not JSON. It tells the place and not the text, which may be secret.
func (d *decoder) unexpected() error {
	if d.pos >= len(d.data) {
		return malformed("The body ends in the middle of its JSON.")
	}
	return malformed("The body is not valid JSON at byte %d.", d.pos)
}
