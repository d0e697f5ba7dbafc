package policy

// matchAtOnce is match at a cost of len(p) times len(s) divided by the bits of a word, whatever they hold: it follows all ways
// through a part of the pattern at once (Baeza-Yates and Gonnet, "A new approach to text searching", 1992), part after part.
func matchAtOnce[P, S string | []byte](p P, s S) bool {
	var first, second [maxOnStack/64 + 1]uint64
	from, to := places64(first[:]), places64(second[:])
	if len(s) >= maxOnStack {
		from, to = make(places64, len(s)/64+1), make(places64, len(s)/64+1)
	}
	from.set(0)
	for begin := 0; begin < len(p); {
		end := min(begin+wordTokens, len(p))
		a := newAutomaton(p[begin:end])
		clear(to)
		if !follow(&a, s, from, to) {
			return false
		}
		from, to, begin = to, from, end
	}
	return from.has(len(s))
}

// maxOnStack is how long a text may be before its places need memory of their own: twice an ARN.
const maxOnStack = 4096

// wordTokens is how long a part of a pattern is: with n tokens there are n+1 places between them.
const wordTokens = 63

// places64 is a set of places in a text: 0 is before its first byte.
type places64 []uint64

func (b places64) set(i int)      { b[i/64] |= 1 << (i % 64) }
func (b places64) has(i int) bool { return b[i/64]>>(i%64)&1 == 1 }

// automaton is a part of a pattern. Bit i of its words stands for the token at i: a byte, a star or a question mark.
type automaton struct {
	bytes            [256]uint64
	stars, questions uint64
	last             uint64 // the place behind the last token
}

func newAutomaton[P string | []byte](tokens P) (a automaton) {
	for i := range len(tokens) {
		switch bit := uint64(1) << i; tokens[i] {
		case star:
			a.stars |= bit
		case question:
			a.questions |= bit
		default:
			a.bytes[tokens[i]] |= bit
		}
	}
	a.last = 1 << len(tokens)
	return a
}

// follow adds to to each place in s where the part may end that begins at one of from. It reports whether there is any.
func follow[S string | []byte](a *automaton, s S, from, to places64) (any bool) {
	var at, through uint64 // the places in the part, and those before question marks when the unit began
	next := 0              // where the unit ends
	for i := 0; ; i++ {
		if from.has(i) {
			at |= 1
		}
		begins := i == next
		if begins { // a star stands for whole units
			for more := at & a.stars << 1; more&^at != 0; more = at & a.stars << 1 {
				at |= more
			}
		}
		if at&a.last != 0 {
			to.set(i)
			any = true
		}
		if i == len(s) {
			return any
		}
		if begins {
			through, next = at&a.questions, i+unit(s, i)
		}
		at = at&a.bytes[s[i]]<<1 | at&a.stars
		if i+1 == next {
			at |= through << 1
		}
	}
}
