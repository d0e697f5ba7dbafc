package client

import (
	"strings"
	"unicode"
)

// Name makes the name of a profile from an account's name and a role's, as the portal does: what is neither a letter nor a
// digit would need quotes in the file or in a shell.
func Name(account, role string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(account+"-"+role), func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9')
	}), "-")
}

// plain reports whether what a server said of a role stays on its line of a configuration: a line of its own could have a
// program run in place of a sign-in.
func (p Profile) plain() bool {
	return Name(p.AccountID, "") == p.AccountID && !strings.ContainsFunc(p.RoleName, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	})
}

// distinct gives profiles whose names are taken already the id of their account as well.
func distinct(profiles []Profile) []Profile {
	taken := map[string]bool{"management": true, "default": true}
	out := make([]Profile, 0, len(profiles))
	for _, p := range profiles {
		if taken[p.Name] {
			p.Name = Name(p.AccountID, p.RoleName)
		}
		taken[p.Name] = true
		out = append(out, p)
	}
	return out
}
