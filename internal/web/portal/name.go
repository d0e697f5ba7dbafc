package portal

import (
	"strings"
	"unicode"
)

// initials returns the first letters of the first and the last word of a name.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return "?"
	}
	letters := firstLetter(words[0])
	if len(words) > 1 {
		letters += firstLetter(words[len(words)-1])
	}
	return letters
}

func firstLetter(word string) string {
	for _, c := range word {
		return string(unicode.ToUpper(c))
	}
	return ""
}

// profileName turns names that people gave into the name of a profile, as gatehouse aws-config does: a configuration file and
// a shell read it without quotes.
func profileName(account, role string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(account+"-"+role), func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9')
	}), "-")
}
