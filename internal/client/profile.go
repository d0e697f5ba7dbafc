package client

import (
	"fmt"
	"strings"
)

// Name makes the name of a profile from an account's name and a role's: what is not a letter, a digit or one of -_.
// would need quotes in the file or in a shell.
func Name(account, role string) string {
	clean := func(s string) string {
		return strings.Trim(strings.Map(func(r rune) rune {
			switch {
			case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
				return r
			}
			return '-'
		}, s), "-")
	}
	return strings.Trim(clean(account)+"-"+clean(role), "-")
}

// Distinct gives profiles whose names are taken already the id of their account as well.
func Distinct(profiles []Profile) []Profile {
	taken := map[string]bool{"management": true, "default": true}
	out := make([]Profile, 0, len(profiles))
	for _, p := range profiles {
		if taken[p.Name] {
			p.Name = fmt.Sprintf("%s-%s", p.AccountID, p.RoleName)
		}
		taken[p.Name] = true
		out = append(out, p)
	}
	return out
}
