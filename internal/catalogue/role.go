package catalogue

import (
	"maps"
	"slices"
	"strings"
)

// reads reports whether the operation only looks, or hands on what is not for its service: a role in its input is something
// to look for, or a part of a payload.
func (c *Call) reads() bool {
	for _, verb := range []string{"Get", "List", "Describe", "Search", "Query", "Lookup", "Invoke", "Publish"} {
		if strings.HasPrefix(c.Operation.Name, verb) {
			return true
		}
	}
	return false
}

// passed are the permissions to pass the roles that the call hands over. Which role an instance profile has, the request
// does not tell. See "Granting a user permissions to pass a role to an AWS service" in the IAM User Guide.
func (c *Call) passed(by Caller) (needs []Need) {
	if c.reads() {
		return nil
	}
	pass := func(arn string, unknown bool) {
		needs = append(needs, Need{Action: "iam:PassRole", Resource: arn, Unknown: unknown, Account: ownerOf(arn, by.Account),
			Keys: []string{"iam:PassedToService", "iam:AssociatedResourceArn"}})
	}
	for _, arn := range c.in.roles() {
		pass(arn, false)
	}
	if len(c.in.word("iaminstanceprofile")) > 0 {
		pass("arn:aws:iam::"+string(by.Account)+":role/*", true)
	}
	return needs
}

// roles are the roles that the input hands over, each once, in members of whatever depth whose names say so.
func (in *input) roles() []string {
	found := map[string]bool{}
	var look func(name string, v any, depth int)
	look = func(name string, v any, depth int) {
		if depth > mostNested || len(found) > mostNeeds {
			return
		}
		switch v := v.(type) {
		case string:
			if len(v) <= longestARN && handsOver(name) && fits("arn:${Partition}:iam::${Account}:role/${RoleName}", v) {
				found[v] = true
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
	look("", in.beside, 0)
	return slices.Sorted(maps.Keys(found))
}

// handsOver reports whether a member of this name hands a role over.
func handsOver(name string) bool {
	name = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(norm(name), "s"), "arn"), "s")
	return strings.HasSuffix(name, "role")
}
