package api

import (
	"slices"
	"strings"
)

// readings are the ways to read what a decision on t sees. Condition keys have no letter case, but the tags of many
// services do: of tags that differ in nothing else a policy may mean either, and the call has to be allowed with each.
// Nearly always there is one reading, which is t. See "Tag keys" under "Controlling access to AWS resources using tags"
// in the IAM User Guide.
func (t Target) readings(yield func(Target) bool) {
	most := max(spellings(t.Context), spellings(t.Tags))
	if most < 2 {
		yield(t)
		return
	}
	for i := range most {
		reading := t
		reading.Context, reading.Tags = spelling(t.Context, i), spelling(t.Tags, i)
		if !yield(reading) {
			return
		}
	}
}

// spellings returns how many keys there are at most that differ in letter case only.
func spellings[V any](m map[string]V) int {
	if len(m) < 2 {
		return len(m)
	}
	seen, most := make(map[string]int, len(m)), 0
	for key := range m {
		folded := strings.ToLower(key)
		seen[folded]++
		most = max(most, seen[folded])
	}
	return most
}

// spelling returns m with one key of those that differ in letter case only: the one with number n, or the last.
func spelling[V any](m map[string]V, n int) map[string]V {
	same := make(map[string][]string, len(m))
	for key := range m {
		folded := strings.ToLower(key)
		same[folded] = append(same[folded], key)
	}
	out := make(map[string]V, len(same))
	for _, keys := range same {
		slices.Sort(keys)
		key := keys[min(n, len(keys)-1)]
		out[key] = m[key]
	}
	return out
}
