package catalogue

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// ownerOf is the account that an ARN names, or the caller's.
func ownerOf(arn string, otherwise ident.AccountID) ident.AccountID {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		if id, err := ident.ParseAccountID(parts[4]); err == nil {
			return id
		}
	}
	return otherwise
}

// arns are the ARNs that the input's own members hold.
func (in *input) arns() []string {
	if in.found == nil {
		in.found = []string{}
		for _, text := range texts(slices.Concat(step(in.members, "*"), step(in.beside, "*"))) {
			if strings.HasPrefix(text, "arn:") && len(text) <= longestARN && utf8.ValidString(text) {
				in.found = append(in.found, text)
			}
		}
		slices.Sort(in.found)
		in.found = slices.Compact(in.found)
	}
	return in.found
}

// longestARN bounds what is looked at as an ARN.
const longestARN = 2048

// fits reports whether an ARN could be one of a pattern: every variable stands for something, and one of the first five
// parts for the whole part.
func fits(pattern, arn string) bool {
	want, got := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	if len(want) != 6 || len(got) != 6 {
		return false
	}
	for i := range 5 {
		if want[i] != got[i] && !strings.HasPrefix(want[i], "${") {
			return false
		}
	}
	return like(want[5], got[5])
}

// like reports whether text is a pattern with something in the place of every variable. Going back to the last variable
// only keeps this from being slow: what the ones before it stand for never needs to grow.
func like(pattern, text string) bool {
	back, from := "", -1 // the pattern after the last variable, and where in text its match was begun
	at := 0
	for {
		if end := variableEnd(pattern); end > 0 && at < len(text) {
			pattern = pattern[end:]
			at++
			back, from = pattern, at
			continue
		}
		switch {
		case pattern == "" && at == len(text):
			return true
		case pattern != "" && at < len(text) && variableEnd(pattern) == 0 && pattern[0] == text[at]:
			pattern, at = pattern[1:], at+1
		case from >= 0 && from < len(text):
			from++
			pattern, at = back, from
		default:
			return false
		}
	}
}

// variableEnd is the length of the variable that a pattern begins with, or 0.
func variableEnd(pattern string) int {
	if !strings.HasPrefix(pattern, "${") {
		return 0
	}
	return strings.IndexByte(pattern, '}') + 1
}
