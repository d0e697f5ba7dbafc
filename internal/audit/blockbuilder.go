package audit

import (
	"encoding/binary"
	"encoding/json"
)

// builder puts a block together while its events happen:
//
//	2 | count | first | last, as uvarints | the events
//
// Who called, the circumstances of a call, its resources, its decisions and the condition keys that they saw repeat from
// event to event. Each has a dictionary, and an event names the entry by its number; the number after the last stands
// before a new entry. So an event costs little more than its two ids, without a compressor, which would cost more than
// the call it tells of. The zero value is ready.
type builder struct {
	buf         []byte
	count       int
	first, last int64 // milliseconds
	previous    int64 // the time of the event before

	principals    dictionary[Principal]
	circumstances dictionary[circumstances]
	decisions     map[recorded]uint64
	contexts      contexts
	explanations  map[string]uint64
	texts         map[string]uint64 // of resources, decisions and condition keys
}

// add appends an event. It fails, and adds nothing, when a part of the event that has to be JSON is not.
func (b *builder) add(e *Event) error {
	if err := e.check(); err != nil {
		return err
	}
	if b.texts == nil {
		b.texts, b.explanations, b.decisions = map[string]uint64{}, map[string]uint64{}, map[recorded]uint64{}
	}
	at := e.Time.UnixMilli()
	if b.count == 0 {
		b.first, b.last = at, at
	}
	b.first, b.last = min(b.first, at), max(b.last, at)
	b.buf = binary.AppendVarint(b.buf, at-b.previous)
	b.previous = at
	b.count++
	b.addCircumstances(e)
	b.addPrincipal(&e.Principal)
	b.buf = appendID(b.buf, e.ID)
	if e.RequestID == e.ID {
		b.buf = append(b.buf, idSame)
	} else {
		b.buf = appendID(b.buf, e.RequestID)
	}
	b.buf = binary.AppendUvarint(b.buf, uint64(len(e.Resources)))
	for _, r := range e.Resources {
		b.addText(b.texts, r)
	}
	for _, part := range [...]json.RawMessage{e.Parameters, e.Response, e.Details} {
		b.buf = appendText(b.buf, string(part))
	}
	b.addDecisions(e.Decisions)
	b.addText(b.explanations, string(e.Explanation))
	return nil
}

func (b *builder) addCircumstances(e *Event) {
	c := circumstances{e.Kind, e.Account, e.Service, e.Operation, e.Action, e.SourceIP, e.UserAgent, e.Region, e.ErrorCode, e.ErrorMessage}
	n, ok := b.circumstances.number(traits{c.operation, c.userAgent, c.sourceIP}, &c)
	b.buf = binary.AppendUvarint(b.buf, n)
	if ok {
		return
	}
	for _, f := range c.fields() {
		b.buf = appendText(b.buf, *f)
	}
}

func (b *builder) addPrincipal(p *Principal) {
	n, ok := b.principals.number(traits{p.ID, p.AccessKeyID, p.CredentialID}, p)
	b.buf = binary.AppendUvarint(b.buf, n)
	if ok {
		return
	}
	for _, f := range p.fields() {
		b.buf = appendText(b.buf, *f)
	}
	b.buf = binary.AppendVarint(b.buf, p.SessionIssued)
	mfa := uint64(0)
	if p.MFA {
		mfa = 1
	}
	b.buf = binary.AppendUvarint(b.buf, mfa)
}

// addText adds a text by its number in a dictionary.
func (b *builder) addText(numbers map[string]uint64, text string) {
	if !known(b, numbers, text) {
		b.buf = appendText(b.buf, text)
	}
}

// known appends the number of an entry and reports whether the dictionary had it; if not it has it now.
func known[K comparable](b *builder, numbers map[K]uint64, entry K) bool {
	n, ok := numbers[entry]
	if !ok {
		n = uint64(len(numbers))
		numbers[entry] = n
	}
	b.buf = binary.AppendUvarint(b.buf, n)
	return ok
}

// dictionary numbers values of many fields. It finds one by its traits, because hashing every field costs more than
// comparing them.
type dictionary[T comparable] struct {
	at     map[traits]uint64
	values []T
}

// traits are what nearly always tells a value of a dictionary from the others.
type traits [3]string

// number returns the number of a value, and whether it had one.
func (d *dictionary[T]) number(by traits, value *T) (n uint64, ok bool) {
	if n, ok := d.at[by]; ok && d.values[n] == *value {
		return n, true
	}
	if d.at == nil {
		d.at = map[traits]uint64{}
	}
	n = uint64(len(d.values))
	d.values = append(d.values, *value)
	d.at[by] = n
	return n, false
}

func (d *dictionary[T]) clear() {
	clear(d.at)
	clear(d.values)
	d.values = d.values[:0]
}

// full reports whether the block takes no more.
func (b *builder) full() bool { return b.count >= BlockEvents || len(b.buf) >= maxBlockSize }

// finish returns the body of the block and makes b ready for the next.
func (b *builder) finish() []byte {
	body := append(make([]byte, 0, len(b.buf)+32), blockMagic)
	for _, n := range [...]uint64{uint64(b.count), uint64(b.first), uint64(b.last)} {
		body = binary.AppendUvarint(body, n)
	}
	body = append(body, b.buf...)
	b.principals.clear()
	b.circumstances.clear()
	clear(b.decisions)
	b.contexts.clear()
	clear(b.explanations)
	clear(b.texts)
	b.buf, b.count, b.previous = b.buf[:0], 0, 0
	return body
}

func appendText(buf []byte, s string) []byte {
	return append(binary.AppendUvarint(buf, uint64(len(s))), s...)
}

// What stands where the length of an id would: two short forms, and then the lengths.
const (
	idUUID   = iota // the 16 bytes of a UUID in its usual form
	idSame          // nothing: the id of the request is that of the event
	idLength        // plus the length of a text
)

// appendID appends an id that is a UUID, as nearly all are, in its 16 bytes, and any other as its text.
func appendID(buf []byte, id string) []byte {
	var raw [16]byte
	if !parseUUID(&raw, id) {
		return append(binary.AppendUvarint(buf, uint64(len(id))+idLength), id...)
	}
	return append(append(buf, idUUID), raw[:]...)
}
