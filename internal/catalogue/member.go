package catalogue

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// guess finds the member that fills a variable by its name: it has the variable's, in whole or in part; it has the type's,
// where the ARN has no other variable; or it is a bare name or id in an operation whose own name speaks of what the
// variable names.
func (d *derivation) guess(variable string, only bool) []string {
	names := slices.DeleteFunc(candidates(variable), func(name string) bool { return d.anothers(name, variable) })
	kind, operation := norm(d.kind.name), norm(d.call.Operation.Name)
	if only {
		for _, end := range ends {
			names = append(names, kind+end, kind+end+"s")
		}
	}
	if stem := stemOf(norm(variable)); stem != "" && strings.Contains(operation, stem) || only && strings.Contains(operation, kind) {
		names = append(names, ends[1:]...)
	}
	for _, name := range names {
		if values := usable(texts(d.call.in.word(name))); len(values) > 0 {
			return values
		}
	}
	return nil
}

// anothers reports whether a name is that of a variable of another type of the action, as "SubnetId" is where a
// "SecondarySubnetId" may be too.
func (d *derivation) anothers(name, variable string) bool {
	if d.act == nil || name == norm(variable) {
		return false
	}
	for _, t := range d.act.types {
		for pattern := d.call.Scope.resources[prefixOf(d.act.name)+":"+t.name]; pattern != ""; {
			var other string
			_, pattern, _ = strings.Cut(pattern, "${")
			other, pattern, _ = strings.Cut(pattern, "}")
			if other != variable && norm(other) == name {
				return true
			}
		}
	}
	return false
}

// ends are how names of members end that name a thing.
var ends = []string{"", "name", "id", "identifier"}

// stemOf is a variable's name without such an end.
func stemOf(name string) string {
	for _, end := range append(ends[1:], "arn") {
		if stem, ok := strings.CutSuffix(name, end); ok {
			return stem
		}
	}
	return name
}

// candidates are names that a member with the value of a variable may have, the likeliest first.
func candidates(variable string) []string {
	full := norm(variable)
	out := []string{full, full + "s"}
	if stem := stemOf(full); stem != "" {
		for _, end := range ends {
			out = append(out, stem+end, stem+end+"s")
		}
	}
	words := wordsOf(variable)
	for i := 1; i+1 < len(words); i++ { // "SecurityGroupId" is "GroupId" on the wire
		short := norm(strings.Join(words[i:], ""))
		out = append(out, short, short+"s")
	}
	return out
}

// wordsOf splits a name before its capital letters.
func wordsOf(name string) (words []string) {
	start := 0
	for i := 1; i < len(name); i++ {
		if name[i] >= 'A' && name[i] <= 'Z' && name[i-1] >= 'a' && name[i-1] <= 'z' {
			words, start = append(words, name[start:i]), i
		}
	}
	return append(words, name[start:])
}

// usable leaves out what cannot be a part of an ARN: nothing at all, and what is an ARN itself and did not fit.
func usable(values []string) (out []string) {
	for _, v := range values {
		if _, name, ok := strings.Cut(v, ":function:"); ok && !strings.HasPrefix(v, "arn:") {
			v = name // of Lambda: "111122223333:function:name"
		}
		if v != "" && !strings.HasPrefix(v, "arn:") && utf8.ValidString(v) && !strings.ContainsFunc(v, unicode.IsControl) {
			out = append(out, v)
		}
	}
	return out
}
