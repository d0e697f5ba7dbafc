package audit

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// Limits of a block.
const (
	BlockEvents  = 2048
	maxBlockSize = 1 << 20 // of the encoded events, unless one alone is larger
)

// blockMagic is the first byte of a block; an event begins with a brace.
const blockMagic = 2

// leastEvent is the fewest bytes that an event takes in a block.
const leastEvent = 10

// Block is up to BlockEvents events under one MAC. What it says about itself is part of what the MAC is made of.
type Block struct {
	First, Last time.Time // the earliest and the latest event
	Count       int
	Events      []Event
}

// IsBlock reports whether the body of a record is a block, not an event.
func IsBlock(body []byte) bool { return len(body) > 0 && body[0] == blockMagic }

// circumstances are the parts of an event that the calls of one client share.
type circumstances struct {
	kind                       Kind
	account                    ident.AccountID
	service, operation, action string
	sourceIP, userAgent        string
	region, code, message      string
}

// fields are the texts of c in the order of the format.
func (c *circumstances) fields() [10]*string {
	return [10]*string{(*string)(&c.kind), (*string)(&c.account), &c.service, &c.operation, &c.action, &c.sourceIP, &c.userAgent,
		&c.region, &c.code, &c.message}
}

// fields are the texts of p in the order of the format.
func (p *Principal) fields() [17]*string {
	return [17]*string{&p.Type, &p.ID, &p.ARN, (*string)(&p.Account), &p.AccessKeyID, &p.UserName, &p.InvokedBy, &p.IssuerType,
		&p.IssuerID, &p.IssuerARN, &p.IssuerName, &p.SessionName, &p.SourceIdentity, &p.UserID, &p.IdentityStoreARN, &p.CredentialID, &p.SessionPolicies}
}

// errBlock is every way in which a body is not a block.
var errBlock = errors.New("not a block of audit events")

// DecodeBlock reads what a Batcher wrote.
func DecodeBlock(body []byte) (Block, error) {
	if !IsBlock(body) {
		return Block{}, errBlock
	}
	r := blockReader{rest: body[1:]}
	count, first, last := r.uvarint(), r.uvarint(), r.uvarint()
	if count == 0 || count > BlockEvents {
		return Block{}, errBlock
	}
	b := Block{Count: int(count), First: time.UnixMilli(int64(first)).UTC(), Last: time.UnixMilli(int64(last)).UTC()}
	b.Events = make([]Event, 0, min(b.Count, len(body)/leastEvent))
	for range b.Count {
		e := r.event()
		if r.bad {
			return Block{}, errBlock
		}
		b.Events = append(b.Events, e)
	}
	if len(r.rest) != 0 {
		return Block{}, errBlock
	}
	return b, nil
}

// blockReader takes a block apart. Once something is missing it is bad and yields zeros.
type blockReader struct {
	rest     []byte
	whole    string // of which rest is the end, where texts need no room of their own
	bad      bool
	previous int64

	principals    []Principal
	circumstances []circumstances
	decisions     []Decision
	contexts      []*policy.Context
	explanations  []json.RawMessage
	texts         []string
	lists         []string          // room for the values of condition keys
	spare         []*policy.Context // to be used again
}

func (r *blockReader) event() Event {
	r.previous += r.varint()
	c := entry(r, &r.circumstances, r.circumstance)
	e := Event{Time: time.UnixMilli(r.previous).UTC(), Kind: c.kind, Account: c.account, Service: c.service, Operation: c.operation,
		Action: c.action, SourceIP: c.sourceIP, UserAgent: c.userAgent, Region: c.region, ErrorCode: c.code, ErrorMessage: c.message}
	e.Principal = entry(r, &r.principals, r.principal)
	e.ID = r.id("")
	e.RequestID = r.id(e.ID)
	for n := r.uvarint(); n > 0 && !r.bad; n-- {
		e.Resources = append(e.Resources, r.shared())
	}
	e.Parameters, e.Response, e.Details = r.json(), r.json(), r.json()
	e.Decisions = r.decisionsOfEvent()
	e.Explanation = entry(r, &r.explanations, func(to *json.RawMessage) { *to = r.json() })
	return e
}

func (r *blockReader) circumstance(c *circumstances) {
	for _, f := range c.fields() {
		*f = r.text()
	}
}

func (r *blockReader) principal(p *Principal) {
	for _, f := range p.fields() {
		*f = r.text()
	}
	p.SessionIssued = r.varint()
	p.MFA = r.uvarint() == 1
}

// entry reads the number of a dictionary's entry, and the entry itself where it is new.
func entry[T any](r *blockReader, dictionary *[]T, read func(*T)) (out T) {
	if at := place(r, dictionary, read); !r.bad {
		return (*dictionary)[at]
	}
	return out
}

// place does what entry does and returns where the entry stands.
func place[T any](r *blockReader, dictionary *[]T, read func(*T)) int {
	n := r.uvarint()
	if n > uint64(len(*dictionary)) {
		r.bad = true
	}
	if !r.bad && n == uint64(len(*dictionary)) {
		var added T
		*dictionary = append(*dictionary, added)
		read(&(*dictionary)[n]) // which adds to other dictionaries only
	}
	return int(n)
}

func (r *blockReader) uvarint() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.bad = true
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *blockReader) varint() int64 {
	n, size := binary.Varint(r.rest)
	if size <= 0 {
		r.bad = true
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *blockReader) take(n uint64) []byte {
	if r.bad || n > uint64(len(r.rest)) {
		r.bad = true
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *blockReader) text() string {
	taken := r.take(r.uvarint())
	if r.whole == "" {
		return string(taken)
	}
	end := len(r.whole) - len(r.rest)
	return r.whole[end-len(taken) : end]
}

// json is a text that is JSON, or nil.
func (r *blockReader) json() json.RawMessage {
	text := r.take(r.uvarint())
	if len(text) == 0 {
		return nil
	}
	if !json.Valid(text) {
		r.bad = true
	}
	return append(json.RawMessage(nil), text...)
}

// id reads an id; same is what it is when it is the same.
func (r *blockReader) id(same string) string {
	n := r.uvarint()
	switch {
	case r.bad:
		return ""
	case n == idSame:
		return same
	case n >= idLength:
		return string(r.take(n - idLength))
	}
	raw := r.take(16)
	if r.bad {
		return ""
	}
	return formatUUID(raw)
}

// Open returns the events of a record, be it one or a block.
func (r *Record) Open() ([]Event, error) {
	if IsBlock(r.Body) {
		b, err := DecodeBlock(r.Body)
		return b.Events, err
	}
	e, err := Decode(r.Body)
	if err != nil {
		return nil, err
	}
	return []Event{e}, nil
}
