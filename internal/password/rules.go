package password

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Rules are what a new password has to meet. They are asked when a password is set, never when one is tried.
type Rules struct {
	// MinLength and MaxLength count code points after normalisation.
	MinLength, MaxLength int
	// Classes asks for a lower case and an upper case letter, a digit and a symbol.
	Classes bool
	// History is how many earlier passwords may not be used again. Whoever has their hashes asks.
	History int
}

// longest is the longest password in code points that people may set. It is under MaxLength however they are encoded.
const longest = 256

// NIST returns the rules of NIST SP 800-63B-4, section 3.1.1.2: 15 characters where the password may be all that is asked
// for, 8 where a second factor always is. What it is made of and how old it is are nobody's business.
func NIST(secondFactor bool) Rules {
	if secondFactor {
		return Rules{MinLength: 8, MaxLength: longest}
	}
	return Rules{MinLength: 15, MaxLength: longest}
}

// AWS returns the rules of IAM Identity Center: see "Password requirements when managing identities in IAM Identity
// Center" in its User Guide.
func AWS() Rules { return Rules{MinLength: 8, MaxLength: 64, Classes: true, History: 3} }

// Objection is a reason why a password may not be set.
type Objection string

// The objections.
const (
	TooShort   Objection = "too short"
	TooLong    Objection = "too long"
	NoLower    Objection = "no lower case letter"
	NoUpper    Objection = "no upper case letter"
	NoDigit    Objection = "no digit"
	NoSymbol   Objection = "no symbol"
	Unreadable Objection = "not text"  // invalid UTF-8 or a control character
	Known      Objection = "known"     // it is on the list of passwords that were stolen, or nearly
	Repetitive Objection = "pattern"   // a few characters over and over, or in a row
	Contextual Objection = "own words" // little more than the names of the person or of the place
	Reused     Objection = "reused"    // one of the earlier ones; told by whoever has them
)

// mostShrink is how many times longer than its normal form a password can be: four bytes become one ASCII character.
const mostShrink = 4

// normal returns a password as it is hashed and counted: in the form NFKC, so that it does not matter which keyboard an
// accent came from. See NIST SP 800-63B-4, section 3.1.1.2. It is measured after that, because a character may become 18.
func normal(password string) (form string, fits bool) {
	if len(password) > mostShrink*MaxLength {
		return "", false
	}
	form = norm.NFKC.String(password)
	return form, len(form) <= MaxLength
}

// Object returns what is to be said against a new password; nothing when it may be set. Words are what an attacker would
// try first: the person's names, the organization's.
func (r Rules) Object(password string, words ...string) (all []Objection) {
	password, fits := normal(password)
	switch n := utf8.RuneCountInString(password); {
	case !fits || n > r.MaxLength:
		return []Objection{TooLong}
	case n < r.MinLength:
		all = append(all, TooShort)
	}
	if !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl) {
		return []Objection{Unreadable}
	}
	if r.Classes {
		all = append(all, missingClasses(password)...)
	}
	switch guess := fold(password); {
	case repetitive(guess):
		all = append(all, Repetitive)
	case contextual(guess, words):
		all = append(all, Contextual)
	case known(guess):
		all = append(all, Known)
	}
	return all
}

// Says is an objection as a sentence for who chose the password.
func (r Rules) Says(o Objection) string {
	switch o {
	case TooShort:
		return fmt.Sprintf("Use %d characters or more.", r.MinLength)
	case TooLong:
		return fmt.Sprintf("Use at most %d characters.", r.MaxLength)
	case NoLower:
		return "Use a lower case letter."
	case NoUpper:
		return "Use an upper case letter."
	case NoDigit:
		return "Use a digit."
	case NoSymbol:
		return "Use a symbol, such as a full stop."
	case Unreadable:
		return "It has characters that cannot be typed."
	case Known:
		return "Many people have used this password, and it is among the first that thieves try."
	case Repetitive:
		return "It repeats a few characters, or runs along the alphabet."
	case Contextual:
		return "It is little more than a name of yours, or of your organization."
	case Reused:
		return "You had this password before. Choose another one."
	}
	return "Choose another password."
}

// missingClasses returns the classes of ASCII characters that IAM Identity Center asks for and the password lacks.
func missingClasses(password string) (missing []Objection) {
	for _, class := range []struct {
		lacks Objection
		has   func(rune) bool
	}{
		{NoLower, func(c rune) bool { return 'a' <= c && c <= 'z' }},
		{NoUpper, func(c rune) bool { return 'A' <= c && c <= 'Z' }},
		{NoDigit, func(c rune) bool { return '0' <= c && c <= '9' }},
		{NoSymbol, func(c rune) bool { return c > ' ' && c < unicode.MaxASCII && !isAlphanumeric(c) }},
	} {
		if !strings.ContainsFunc(password, class.has) {
			missing = append(missing, class.lacks)
		}
	}
	return missing
}

func isAlphanumeric(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

// fold is how passwords are compared with words: upper case is the first thing that a guesser tries.
func fold(password string) string { return strings.ToLower(norm.NFKC.String(password)) }

// leastSurprise is how many surprises a password needs.
const leastSurprise = 5

// repetitive reports whether a folded password is short once repetitions and sequences are taken out of it.
func repetitive(folded string) bool { return surprises(folded) < leastSurprise }

// surprises counts the characters that are new: neither the one before again nor its neighbour in the alphabet, and not
// part of a repetition.
func surprises(text string) (n int) {
	previous := rune(-2)
	for _, c := range unit(text) {
		if c < previous-1 || c > previous+1 {
			n++
		}
		previous = c
	}
	return n
}

// unit returns what a text repeats: "abcabcab" repeats "abc". It is the text itself when it repeats nothing.
func unit(text string) string {
	for n := 1; n <= len(text)/2; n++ {
		if text[n:] == text[:len(text)-n] {
			return text[:n]
		}
	}
	return text
}

// Bounds of words: shorter ones stand in too much, and what is left besides them has to surprise in its own right.
const (
	shortestWord = 3
	leftBesides  = 8
)

// contextual reports whether little is left of a folded password without the words.
func contextual(folded string, words []string) bool {
	left := folded
	for _, w := range words {
		for part := range strings.FieldsFuncSeq(fold(w), func(c rune) bool { return !isAlphanumeric(c) }) {
			if utf8.RuneCountInString(part) >= shortestWord {
				left = strings.ReplaceAll(left, part, "")
			}
		}
	}
	return left != folded && surprises(left) < leftBesides
}
