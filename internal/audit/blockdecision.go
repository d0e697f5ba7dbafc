package audit

import (
	"encoding/binary"
	"hash/maphash"

	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// recorded is a decision with the number of its context in place of the context.
type recorded struct {
	Decision
	context uint64
}

// Flags of a decision in a block.
const (
	flagAllowed = 1 << iota
	flagExplicit
	flagAdmitted
)

// fields are the texts of d in the order of the format.
func (d *Decision) fields() [8]*string {
	return [8]*string{&d.Action, &d.Resource, (*string)(&d.Owner), &d.Trust, &d.Organization, &d.PolicyARN, &d.PolicyName, &d.Sid}
}

// addDecisions adds how many decisions there are, and each by its number.
func (b *builder) addDecisions(list []Decision) {
	b.buf = binary.AppendUvarint(b.buf, uint64(len(list)))
	for i := range list {
		d := &list[i]
		context, old := b.contexts.number(d.Context)
		key := recorded{Decision: *d, context: context}
		key.Context = nil
		if known(b, b.decisions, key) {
			continue
		}
		b.buf = append(b.buf, d.flags())
		for _, n := range [...]uint64{uint64(d.Layer), uint64(d.StatementIndex + 1), uint64(d.Level + 1)} {
			b.buf = binary.AppendUvarint(b.buf, n)
		}
		for _, text := range d.fields() {
			b.addText(b.texts, *text)
		}
		b.buf = binary.AppendUvarint(b.buf, context)
		if !old {
			b.addContext(d.Context)
		}
	}
}

func (d *Decision) flags() (flags byte) {
	if d.Allowed {
		flags |= flagAllowed
	}
	if d.Explicit {
		flags |= flagExplicit
	}
	if d.Admitted {
		flags |= flagAdmitted
	}
	return flags
}

// addContext adds the number of keys, and for each its text, 0 where it has one value, else 1 more than it has, and them.
func (b *builder) addContext(x *policy.Context) {
	kept := x.Len()
	for i := range x.Len() {
		if key, _, _, _ := x.At(i); policy.TellsTime(key) {
			kept--
		}
	}
	b.buf = binary.AppendUvarint(b.buf, uint64(kept))
	for i := range x.Len() {
		key, value, values, multi := x.At(i)
		if policy.TellsTime(key) {
			continue
		}
		b.addText(b.texts, key)
		if !multi {
			b.buf = append(b.buf, 0)
			b.addText(b.texts, value)
			continue
		}
		b.buf = binary.AppendUvarint(b.buf, uint64(len(values))+1)
		for _, v := range values {
			b.addText(b.texts, v)
		}
	}
}

// contexts numbers the contexts of decisions. It finds one by a sum of hashes, which does not depend on the order in which
// the keys were set.
type contexts struct {
	seed   maphash.Seed
	at     map[uint64]uint64
	values []*policy.Context
}

// number returns the number of a context, and whether it had one.
func (c *contexts) number(x *policy.Context) (n uint64, ok bool) {
	if c.at == nil {
		c.seed, c.at = maphash.MakeSeed(), map[uint64]uint64{}
	}
	sum := c.sum(x)
	if n, ok := c.at[sum]; ok && c.values[n].Equal(x) {
		return n, true
	}
	n = uint64(len(c.values))
	c.values = append(c.values, x)
	c.at[sum] = n
	return n, false
}

func (c *contexts) sum(x *policy.Context) (sum uint64) {
	const odd = 0x9e3779b97f4a7c15 // tells a key from a value
	for i := range x.Len() {
		key, value, values, _ := x.At(i)
		if policy.TellsTime(key) {
			continue
		}
		h := maphash.String(c.seed, key)*odd ^ maphash.String(c.seed, value)
		for _, v := range values {
			h = h*odd ^ maphash.String(c.seed, v)
		}
		sum += h * odd
	}
	return sum
}

func (c *contexts) clear() {
	clear(c.at)
	clear(c.values)
	c.values = c.values[:0]
}

// decisionsOfEvent reads the decisions of an event. One alone, as most are, is not copied out of the dictionary.
func (r *blockReader) decisionsOfEvent() (list []Decision) {
	n := r.uvarint()
	for i := uint64(0); i < n; i++ {
		at := place(r, &r.decisions, r.decision)
		if r.bad {
			return nil
		}
		if n == 1 {
			return r.decisions[at : at+1 : at+1]
		}
		list = append(list, r.decisions[at])
	}
	return list
}

func (r *blockReader) decision(d *Decision) {
	flags := r.uvarint()
	d.Allowed, d.Explicit, d.Admitted = flags&flagAllowed != 0, flags&flagExplicit != 0, flags&flagAdmitted != 0
	layer := r.uvarint()
	d.StatementIndex, d.Level = int(r.uvarint())-1, int(r.uvarint())-1
	for _, text := range d.fields() {
		*text = r.shared()
	}
	if layer > uint64(policy.LayerIdentity) {
		r.bad = true
		return
	}
	d.Layer = policy.Layer(layer)
	d.Context = entry(r, &r.contexts, r.context)
}

func (r *blockReader) context(x **policy.Context) {
	if n := len(r.spare); n > 0 {
		*x, r.spare = r.spare[n-1], r.spare[:n-1]
		(*x).Reset()
	} else {
		*x = policy.NewContext()
	}
	for n := r.uvarint(); n > 0 && !r.bad; n-- {
		key, m := r.shared(), r.uvarint()
		if m == 0 {
			(*x).Set(key, r.shared())
			continue
		}
		from := len(r.lists)
		for ; m > 1 && !r.bad; m-- {
			r.lists = append(r.lists, r.shared())
		}
		(*x).SetList(key, r.lists[from:len(r.lists):len(r.lists)])
	}
}

// shared reads a text of the dictionary.
func (r *blockReader) shared() string {
	return entry(r, &r.texts, func(to *string) { *to = r.text() })
}
