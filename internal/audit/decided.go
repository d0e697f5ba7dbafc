package audit

import (
	"encoding/json"
	"strings"
	"time"
)

// Decided is what an event says of who asked for what and when.
type Decided struct {
	Time      time.Time
	Principal *Principal
	By        int // a number of the principal, of which one record has one only
	Decisions []Decision
}

// DecisionReader reads the decisions of many records, and nothing else of their events. The room that one record took is
// used again for the next, so that a million decisions leave little to collect. It is for one goroutine.
type DecisionReader struct{ block blockReader }

// Read calls fn for the events of a record about which something was decided. What fn gets is good until it returns, and
// may be changed until then; of what is kept, texts have to be cloned, since they hold the record's.
func (r *DecisionReader) Read(record *Record, fn func(*Decided)) error {
	if !IsBlock(record.Body) {
		e, err := Decode(record.Body)
		if err == nil && len(e.Decisions) > 0 {
			fn(&Decided{e.Time, &e.Principal, 0, e.Decisions})
		}
		return err
	}
	b := &r.block
	b.begin(record.Body[1:])
	count := b.uvarint()
	b.uvarint() // the times of the first
	b.uvarint() // and of the last
	if count == 0 || count > BlockEvents {
		return errBlock
	}
	var d Decided
	for range count {
		d = b.decided()
		if b.bad {
			return errBlock
		}
		if len(d.Decisions) > 0 {
			fn(&d)
		}
	}
	if len(b.rest) != 0 {
		return errBlock
	}
	return nil
}

// begin makes r ready for another block.
func (r *blockReader) begin(body []byte) {
	*r = blockReader{rest: body, whole: string(body), principals: r.principals[:0], circumstances: r.circumstances[:0],
		decisions: r.decisions[:0], contexts: r.contexts[:0], explanations: r.explanations[:0], texts: r.texts[:0], lists: r.lists[:0],
		spare: append(r.spare, r.contexts...)}
}

// decided reads the next event as event does, and passes over the rest of it.
func (r *blockReader) decided() (d Decided) {
	r.previous += r.varint()
	d.Time = time.UnixMilli(r.previous).UTC()
	place(r, &r.circumstances, r.circumstance)
	d.By = place(r, &r.principals, r.principal)
	r.passID()
	r.passID()
	for n := r.uvarint(); n > 0 && !r.bad; n-- {
		r.shared()
	}
	for range 3 {
		r.take(r.uvarint())
	}
	d.Decisions = r.decisionsOfEvent()
	place(r, &r.explanations, func(*json.RawMessage) { r.take(r.uvarint()) })
	if !r.bad {
		d.Principal = &r.principals[d.By]
	}
	return d
}

func (r *blockReader) passID() {
	switch n := r.uvarint(); {
	case n == idUUID:
		r.take(16)
	case n >= idLength:
		r.take(n - idLength)
	}
}

// Clone returns a copy of p that holds nothing of the record that p was read from.
func (p *Principal) Clone() Principal {
	out := *p
	for _, f := range out.fields() {
		*f = strings.Clone(*f)
	}
	return out
}
