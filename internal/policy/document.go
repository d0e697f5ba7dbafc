package policy

import (
	"slices"
	"strings"
)

// Kind says what a document is for, and so what may appear in it.
type Kind uint8

// The kinds of documents.
const (
	Identity Kind = iota // attached to a user, group or role; inline or managed
	Resource             // attached to a resource: has Principal and Resource
	Trust                // of a role: has Principal, no Resource
	SCP                  // service control policy
	RCP                  // resource control policy
	Session              // passed when a session is made
	Boundary             // permissions boundary
	Inline               // inline policy of a permission set
)

// String names the kind as AWS's pages do.
func (k Kind) String() string {
	return [...]string{"identity-based policy", "resource-based policy", "role trust policy", "service control policy",
		"resource control policy", "session policy", "permissions boundary", "permission set's inline policy"}[k]
}

// isStored reports whether IAM keeps documents of the kind with users, groups and roles, and so how strictly it reads them.
func (k Kind) isStored() bool { return k == Identity || k == Boundary || k == Inline }

// hasPrincipal reports whether statements of the kind name principals.
func (k Kind) hasPrincipal() bool { return k == Resource || k == Trust || k == RCP }

// Document is a compiled policy. It never changes after Parse and is safe for concurrent use.
type Document struct {
	kind       Kind
	version    string // as written: "", "2008-10-17" or "2012-10-17"
	id         string
	statements []statement
	blocks     []block // the same statements, indexed
	denies     bool    // some statement does
	opening    Position
}

// Kind returns the kind that the document was parsed as.
func (d *Document) Kind() Kind { return d.kind }

// Version returns the language version as written; empty when the document names none.
func (d *Document) Version() string { return d.version }

// Len returns the number of statements.
func (d *Document) Len() int { return len(d.statements) }

// Sid returns the Sid of statement i, or "".
func (d *Document) Sid(i int) string { return d.statements[i].sid }

// Span returns where statement i stands in the text that was parsed; end is exclusive.
func (d *Document) Span(i int) (start, end Position) {
	return d.statements[i].start, d.statements[i].end
}

// Reach returns where statement i stands as IAM's policy simulator counts, recorded on AWS: from the end of the statement
// before it, the first one from behind the bracket that opens the list, and a lone one from behind its own brace.
func (d *Document) Reach(i int) (start, end Position) {
	if i == 0 {
		return d.opening, d.statements[0].end
	}
	return d.statements[i-1].end, d.statements[i].end
}

// Element returns where an element of statement i stands, such as "Action": the name in its quotes. ok is false when the
// statement has none of that name.
func (d *Document) Element(i int, name string) (at Position, ok bool) {
	for _, e := range d.statements[i].elements {
		if e.name == name {
			return e.at, true
		}
	}
	return Position{}, false
}

// Allows reports whether a statement allows anything.
func (d *Document) Allows() bool {
	return slices.ContainsFunc(d.statements, func(s statement) bool { return !s.deny })
}

// Principals returns the AWS principals that the document names, as written and without repetition: ARNs, account
// numbers, unique ids and "*". A caller that stores the document checks that they exist.
func (d *Document) Principals() []string {
	var names []string
	seen := map[string]bool{}
	for i := range d.statements {
		if p := d.statements[i].principal; p != nil {
			for _, a := range p.aws {
				if !seen[a.text] {
					seen[a.text] = true
					names = append(names, a.text)
				}
			}
		}
	}
	return names
}

// Policy is a document with its provenance: which policy it is, or under which name it is inline.
type Policy struct {
	ARN  string // empty for an inline policy
	Name string
	Doc  *Document // never nil
}

// statement is one compiled statement. Its actions are compiled in the index of its block.
type statement struct {
	sid          string
	deny         bool
	notAction    bool
	notResource  bool
	notPrincipal bool
	everywhere   bool        // one of the resources is "*"
	actions      []string    // as written
	resources    []resource  // nil in a trust policy, which speaks of its role only
	principal    *principals // nil where the kind has none
	conditions   []condition
	start, end   Position
	elements     []element
}

// element is where a member of a statement stands.
type element struct {
	name string
	at   Position
}

// resource is a pattern of ARNs, and its text as written.
type resource struct {
	template template
	text     string
}

// newResource compiles an ARN pattern. One with fewer than six parts is completed with "*", unless it holds a variable.
func newResource(text string, variables bool) resource {
	full := text
	if strings.HasPrefix(text, "arn:") && !(variables && strings.Contains(text, "${")) {
		for n := strings.Count(text, ":"); n < 5; n++ {
			full += ":*"
		}
	}
	return resource{newTemplate(full, true, variables), text}
}

// matches reports whether a statement that means the action and the caller of the request applies to it.
func (s *statement) matches(e *evaluation) bool {
	if e.doubts != nil {
		return e.doubts.reading(e, s) == yes
	}
	if !s.matchesResource(e) {
		return false
	}
	undecided := false
	for i := range s.conditions {
		switch s.conditions[i].holds(e) {
		case no:
			return false
		case failClosed:
			undecided = true
		}
	}
	return !undecided || s.deny
}

// matchesResource: an entry whose variable has no value matches no resource, in Resource and in NotResource alike.
func (s *statement) matchesResource(e *evaluation) bool {
	if s.resources == nil {
		return true
	}
	if s.everywhere {
		return !s.notResource
	}
	for i := range s.resources {
		if s.resources[i].template.match(e, e.resource) {
			return !s.notResource
		}
	}
	return s.notResource
}
