package policy

import (
	"encoding/json"
	"strings"
)

// RenamePrincipals returns a document in which every AWS principal that rename has another name for bears that one. All else
// stays as it was written. The document has been accepted by Parse before.
func RenamePrincipals(document string, rename func(string) string) (string, error) {
	root, err := readJSON(document)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	done := 0
	for _, n := range awsPrincipals(&root) {
		name := rename(n.text)
		if name == n.text {
			continue
		}
		quoted, err := json.Marshal(name)
		if err != nil {
			return "", err
		}
		b.WriteString(document[done:n.start])
		b.Write(quoted)
		done = n.end
	}
	b.WriteString(document[done:])
	return b.String(), nil
}

// awsPrincipals returns the strings under "AWS" of every Principal and NotPrincipal, in the order of the text.
func awsPrincipals(root *node) (found []node) {
	for _, statements := range root.under("Statement") {
		for _, s := range statements.list() {
			for _, m := range s.members {
				if m.name != "Principal" && m.name != "NotPrincipal" {
					continue
				}
				for _, principals := range m.value.under("AWS") {
					found = append(found, principals.list()...)
				}
			}
		}
	}
	return found
}

// under returns the member of an object, if it has one of this name.
func (n *node) under(name string) []node {
	for _, m := range n.members {
		if m.name == name {
			return []node{m.value}
		}
	}
	return nil
}

// list returns the items of a list, or the one that stands for itself.
func (n *node) list() []node {
	if n.kind == '[' {
		return n.items
	}
	return []node{*n}
}
