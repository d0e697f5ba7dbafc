package catalogue

import (
	"slices"
	"strings"
)

// reads reports whether the operation only looks: a role in its input is something to look for.
func (c *Call) reads() bool {
	for _, verb := range []string{"Get", "List", "Describe", "Search", "Query", "Lookup"} {
		if strings.HasPrefix(c.Operation.Name, verb) {
			return true
		}
	}
	return false
}

// roles are the roles that the input hands over, in members of whatever depth whose names say so. See "Granting a user
// permissions to pass a role to an AWS service" in the IAM User Guide.
func (in *input) roles() (out []string) {
	var look func(name string, v any, depth int)
	look = func(name string, v any, depth int) {
		if depth > mostNested || len(out) > mostNeeds {
			return
		}
		switch v := v.(type) {
		case string:
			if len(v) <= longestARN && handsOver(name) && fits("arn:${Partition}:iam::${Account}:role/${RoleName}", v) {
				out = append(out, v)
			}
		case []any:
			for _, e := range v {
				look(name, e, depth+1)
			}
		case map[string]any:
			for member, e := range v {
				if number(member) >= 0 {
					member = name // the list of a form
				}
				look(member, e, depth+1)
			}
		}
	}
	look("", in.members, 0)
	slices.Sort(out)
	return slices.Compact(out)
}

// handsOver reports whether a member of this name hands a role over.
func handsOver(name string) bool {
	name = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(norm(name), "s"), "arn"), "s")
	return strings.HasSuffix(name, "role")
}
