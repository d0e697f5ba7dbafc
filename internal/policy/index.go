package policy

import (
	"slices"
	"strings"
)

// blockSize is how many statements share an index: as many as a word has bits.
const blockSize = 64

// block is up to 64 statements of a document with the index of their actions. What it costs to find the statements that
// mean an action does not depend on how many actions they list.
type block struct {
	first      int // number of the first statement in the document
	statements []statement
	denies     uint64 // a bit a statement
	notActions uint64
	literals   literals
	globs      globs
}

// compile indexes the statements of a document.
func (d *Document) compile() {
	for first := 0; first < len(d.statements); first += blockSize {
		b := block{first: first, statements: d.statements[first:min(first+blockSize, len(d.statements))]}
		names := map[string]uint64{}
		var patterns []glob
		for i := range b.statements {
			s, bit := &b.statements[i], uint64(1)<<i
			if s.deny {
				b.denies |= bit
			}
			if s.notAction {
				b.notActions |= bit
			}
			for _, text := range s.actions {
				action := wild(lowerASCII(text))
				if at := strings.IndexAny(text, "*?"); at >= 0 {
					patterns = append(patterns, glob{action[:at], action[at:], bit})
				} else {
					names[action] |= bit
				}
			}
		}
		b.literals, b.globs = newLiterals(names), newGlobs(patterns)
		d.denies = d.denies || b.denies != 0
		d.blocks = append(d.blocks, b)
	}
}

// candidates returns the statements that mean the action of a request. An Allow by NotAction does not reach the actions
// that AWS does not have: who wrote it, such as AWS's own PowerUserAccess, left out the administration that there was to
// leave out.
func (b *block) candidates(e *evaluation) uint64 {
	found := b.literals.find(e.hash, e.action) | b.globs.find(e.action)
	not := b.notActions
	if e.own {
		not &= b.denies
		found &^= b.notActions &^ not
	}
	return found ^ not
}

// literals is a hash table of actions without wildcards. A request's action is hashed once for all documents.
type literals struct {
	slots []literal // a power of two, at most half of them taken; none when there are no names
}

type literal struct {
	name  string
	hash  uint32
	where uint64 // 0 in a free slot
}

func newLiterals(names map[string]uint64) literals {
	if len(names) == 0 {
		return literals{}
	}
	size := 4
	for size < 2*len(names) {
		size *= 2
	}
	slots := make([]literal, size)
	for name, where := range names {
		h := hash(name)
		i := h & uint32(size-1)
		for slots[i].where != 0 {
			i = (i + 1) & uint32(size-1)
		}
		slots[i] = literal{name, h, where}
	}
	return literals{slots}
}

func (l *literals) find(h uint32, action []byte) uint64 {
	if len(l.slots) == 0 {
		return 0
	}
	last := uint32(len(l.slots) - 1)
	for i := h & last; ; i = (i + 1) & last {
		switch s := &l.slots[i]; {
		case s.where == 0:
			return 0
		case s.hash == h && s.name == string(action):
			return s.where
		}
	}
}

// hash is FNV-1a with 32 bits. Whoever makes names collide makes lookups slower by a comparison each, in a table of a
// bounded document.
func hash[S string | []byte](s S) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}

// glob is a pattern of actions: text before its first wildcard, the rest from there on, and the statements it stands in.
type glob struct {
	lead, rest string
	where      uint64
}

// globs is a trie over the leads of patterns.
type globs struct {
	label    string // what leads here from the parent
	where    uint64 // of the patterns that end here, with a star
	rest     []glob // the patterns that go on here, with their lead taken off
	branches string // the first byte of each child
	children []globs
}

func newGlobs(patterns []glob) globs {
	slices.SortFunc(patterns, func(a, b glob) int { return strings.Compare(a.lead, b.lead) })
	return branch(patterns, 0)
}

// branch makes the node of the patterns, ordered by their leads, that share their first depth bytes and more.
func branch(patterns []glob, depth int) globs {
	if len(patterns) == 0 {
		return globs{}
	}
	n := globs{label: shared(patterns[0].lead[depth:], patterns[len(patterns)-1].lead[depth:])}
	depth += len(n.label)
	for len(patterns) > 0 && len(patterns[0].lead) == depth {
		if patterns[0].rest[0] == star && len(patterns[0].rest) == 1 {
			n.where |= patterns[0].where
		} else {
			n.rest = append(n.rest, glob{rest: patterns[0].rest, where: patterns[0].where})
		}
		patterns = patterns[1:]
	}
	for len(patterns) > 0 {
		c, end := patterns[0].lead[depth], 1
		for end < len(patterns) && patterns[end].lead[depth] == c {
			end++
		}
		n.branches += string([]byte{c})
		n.children = append(n.children, branch(patterns[:end], depth))
		patterns = patterns[end:]
	}
	return n
}

// shared returns the text that both begin with.
func shared(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

func (n *globs) find(action []byte) (where uint64) {
	for {
		if len(action) < len(n.label) || string(action[:len(n.label)]) != n.label {
			return where
		}
		action = action[len(n.label):]
		where |= n.where
		for i := range n.rest {
			if match(n.rest[i].rest, action) {
				where |= n.rest[i].where
			}
		}
		if len(action) == 0 {
			return where
		}
		i := strings.IndexByte(n.branches, action[0])
		if i < 0 {
			return where
		}
		n = &n.children[i]
	}
}

// lowerASCII lower-cases the letters that names of services and operations are made of.
func lowerASCII(s string) string { return string(appendLower(make([]byte, 0, len(s)), s)) }

// appendLower is lowerASCII without an allocation.
func appendLower(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		b = append(b, c)
	}
	return b
}
