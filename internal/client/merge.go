package client

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// ErrEdited says that somebody changed the block of a server in a configuration file.
var ErrEdited = errors.New("what stands between the marks was changed by hand")

// TakenError says that sections which a block has are in the file already, outside of it.
type TakenError struct {
	Sections []string
	Line     int // of the first
}

// Error names the sections.
func (e *TakenError) Error() string {
	return fmt.Sprintf("line %d: sections with these names are there already: [%s]", e.Line, strings.Join(e.Sections, "], ["))
}

// Merge puts the text of a configuration into a file that has others' too. It stands in a block between two marks with the
// server's name, is put in place of the block that was there, and leaves every other byte as it is. Tools differ in
// what they make of two sections of one name, so there must not be any: with overwrite, those outside the block go, and
// without, they are a *TakenError. The last mark has a sum over the block, so that what somebody wrote into it by hand is not
// lost without a word: that is ErrEdited.
func Merge(file []byte, name, text string, overwrite bool) ([]byte, error) {
	if !utf8.Valid(file) || bytes.IndexByte(file, 0) >= 0 {
		return nil, errors.New("this is not text in UTF-8")
	}
	lines := bytes.SplitAfter(file, []byte("\n"))
	begin, end, err := findBlock(lines, name)
	if err != nil {
		return nil, err
	}
	if begin < end && !overwrite && !bytes.Contains(lines[end-1], []byte(sum(bytes.Join(lines[begin+1:end-1], nil)))) {
		return nil, fmt.Errorf("lines %d to %d: %w", begin+1, end, ErrEdited)
	}
	before, after := lines[:begin], lines[end:]
	wanted := map[string]bool{}
	for line := range strings.Lines(text) {
		wanted[sectionOf([]byte(line))] = true
	}
	delete(wanted, "")
	if taken := takenIn(before, 0, wanted).and(takenIn(after, end, wanted)); !overwrite && len(taken.Sections) > 0 {
		return nil, &taken
	}
	before, after = without(before, wanted), without(after, wanted)
	block := marked(name, text)
	if bytes.Contains(lines[0], []byte("\r\n")) {
		block = strings.ReplaceAll(block, "\n", "\r\n")
	}
	if begin == end {
		return appended(bytes.Join(slices.Concat(before, after), nil), block), nil
	}
	return slices.Concat(bytes.Join(before, nil), []byte(block), bytes.Join(after, nil)), nil
}

// marked is a text between the marks of a server.
func marked(name, text string) string {
	return fmt.Sprintf("# >>> %s >>> written by gatehouse aws-config --write: what you add belongs outside\n%s# <<< %[1]s <<< %[3]s\n",
		name, text, sum([]byte(text)))
}

// appended puts a block after a file, with an empty line between them.
func appended(file []byte, block string) []byte {
	newline := "\n"
	if strings.Contains(block, "\r\n") {
		newline = "\r\n"
	}
	if len(file) > 0 && !bytes.HasSuffix(file, []byte("\n")) {
		file = append(file, newline...)
	}
	if len(file) > 0 && !bytes.HasSuffix(file, []byte("\n"+newline)) {
		file = append(file, newline...)
	}
	return append(file, block...)
}

// sum is over a text whatever its line ends are: editors change them.
func sum(text []byte) string {
	hash := sha256.Sum256(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
	return "sum " + hex.EncodeToString(hash[:8])
}

// findBlock returns the lines from the first mark to behind the last; both are the end of the file when there is none.
func findBlock(lines [][]byte, name string) (begin, end int, err error) {
	begin, end = -1, -1
	for i, line := range lines {
		line = bytes.TrimSpace(line)
		switch {
		case bytes.HasPrefix(line, []byte("# >>> "+name+" >>>")):
			if begin >= 0 {
				return 0, 0, fmt.Errorf("line %d: the block of %s begins a second time; it began in line %d", i+1, name, begin+1)
			}
			begin = i
		case bytes.HasPrefix(line, []byte("# <<< "+name+" <<<")):
			if begin < 0 || end >= 0 {
				return 0, 0, fmt.Errorf("line %d: the block of %s ends where it has not begun", i+1, name)
			}
			end = i + 1
		}
	}
	switch {
	case begin < 0:
		return len(lines), len(lines), nil
	case end < 0:
		return 0, 0, fmt.Errorf("line %d: the block of %s begins and does not end", begin+1, name)
	}
	return begin, end, nil
}

// sectionOf returns the name of the section that a line begins, written in one way: tools take spaces and quotes in it. It
// is empty for a line that begins none.
func sectionOf(line []byte) string {
	text := strings.TrimPrefix(strings.TrimSpace(string(line)), "\ufeff")
	end := strings.IndexByte(text, ']')
	if end < 0 || text[0] != '[' {
		return ""
	}
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r == '"' || r == '\'' {
			return -1
		}
		return r
	}, text[1:end])), " ")
}

// takenIn finds the sections that are wanted; first is how many lines stand before these.
func takenIn(lines [][]byte, first int, wanted map[string]bool) TakenError {
	var taken TakenError
	for i, line := range lines {
		if name := sectionOf(line); wanted[name] {
			taken = taken.and(TakenError{[]string{name}, first + i + 1})
		}
	}
	return taken
}

// and is both together.
func (e TakenError) and(more TakenError) TakenError {
	if len(e.Sections) == 0 {
		return more
	}
	return TakenError{append(e.Sections, more.Sections...), e.Line}
}

// without returns lines without some sections. What stands right above the next section, such as a comment on it, stays.
func without(lines [][]byte, sections map[string]bool) [][]byte {
	kept := make([][]byte, 0, len(lines))
	var loose [][]byte // comments and empty lines since the last setting of a section that goes
	going := false
	for _, line := range lines {
		if name := sectionOf(line); name != "" {
			kept = append(kept, loose...)
			loose, going = nil, sections[name]
		}
		text := bytes.TrimSpace(line)
		switch {
		case !going:
			kept = append(kept, line)
		case len(text) == 0 || text[0] == '#' || text[0] == ';':
			loose = append(loose, line)
		default:
			loose = nil
		}
	}
	return append(kept, loose...)
}
