package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
)

// Record is an event, or a block of events, as the store keeps it.
type Record struct {
	Seq   int64  // grows; numbers may be missing where a transaction was undone
	Time  int64  // milliseconds, of the event or of a block's first
	Body  []byte // an encoded event or block
	MAC   []byte // over Signed
	Chain []byte // the link, once the sealer has come by; empty before
}

// Head is a point of the chain.
type Head struct {
	Seq   int64
	Count int64 // records up to here
	Chain [sha256.Size]byte
}

// String writes a head as the log has it.
func (h Head) String() string {
	return fmt.Sprintf("%d:%d:%s", h.Seq, h.Count, hex.EncodeToString(h.Chain[:]))
}

// ParseHead reads what String wrote.
func ParseHead(s string) (Head, error) {
	var h Head
	var link string
	if n, err := fmt.Sscanf(s, "%d:%d:%64s", &h.Seq, &h.Count, &link); n != 3 || err != nil {
		return Head{}, fmt.Errorf("%q is not the head of an audit chain", s)
	}
	raw, err := hex.DecodeString(link)
	if err != nil || len(raw) != len(h.Chain) {
		return Head{}, fmt.Errorf("%q is not the head of an audit chain", s)
	}
	copy(h.Chain[:], raw)
	if h.String() != s {
		return Head{}, fmt.Errorf("%q is not the head of an audit chain", s)
	}
	return h, nil
}

// Signed returns the parts of a record that its MAC is made of. The sequence number is not among them, because the
// database gives it; the chain holds it fast.
func (r *Record) Signed() [][]byte {
	return [][]byte{binary.BigEndian.AppendUint64(nil, uint64(r.Time)), r.Body}
}

// Next returns the head after r.
func (h Head) Next(r *Record) Head {
	d := sha256.New()
	var b [8]byte
	part := func(p []byte) { // each part with its length, so that no byte can move to the next
		binary.BigEndian.PutUint64(b[:], uint64(len(p)))
		d.Write(b[:])
		d.Write(p)
	}
	d.Write([]byte("gatehouse audit 1\x00"))
	d.Write(h.Chain[:])
	binary.BigEndian.PutUint64(b[:], uint64(r.Seq))
	d.Write(b[:])
	for _, p := range r.Signed() {
		part(p)
	}
	part(r.MAC)
	next := Head{Seq: r.Seq, Count: h.Count + 1}
	d.Sum(next.Chain[:0])
	return next
}

// ErrTampered is wrapped by every finding of Verify.
var ErrTampered = errors.New("the audit trail was tampered with")

// Finding is the first record that does not verify.
type Finding struct {
	Seq    int64 // of the record, or of the head that is missing
	Reason string
}

// Error names the record.
func (f *Finding) Error() string {
	return fmt.Sprintf("audit record %d: %s", f.Seq, f.Reason)
}

// Unwrap makes findings recognisable.
func (f *Finding) Unwrap() error { return ErrTampered }

// Report is what Verify saw.
type Report struct {
	Head    Head  // of the last record that is chained
	Pending int64 // records after it that await the sealer
}

// Verify walks the records from after from, in the order of their numbers, and stops at the first that is wrong: out
// of order, with a MAC that check refuses, or not linked to the one before. Known heads that lie after from must
// be met exactly; they are what shows a chain that was cut at its end, or made anew. Records that are not chained yet are
// accepted at the end only.
func Verify(from Head, records iter.Seq2[Record, error], known []Head, check func(*Record) error) (Report, error) {
	rep := Report{Head: from}
	expect := make(map[int64]Head, len(known))
	for _, h := range known {
		if h.Seq > from.Seq {
			expect[h.Seq] = h
		} else if h.Seq == from.Seq && h != from {
			return rep, &Finding{Seq: h.Seq, Reason: "the head that was logged is another"}
		}
	}
	last := from.Seq
	for r, err := range records {
		if err != nil {
			return rep, fmt.Errorf("read the audit record after %d: %w", last, err)
		}
		if r.Seq <= last {
			return rep, &Finding{Seq: r.Seq, Reason: fmt.Sprintf("it follows record %d", last)}
		}
		last = r.Seq
		if err := check(&r); err != nil {
			return rep, &Finding{Seq: r.Seq, Reason: "its MAC does not verify"}
		}
		if reason := rep.take(&r, expect); reason != "" {
			return rep, &Finding{Seq: r.Seq, Reason: reason}
		}
	}
	for _, h := range known {
		if _, missing := expect[h.Seq]; missing {
			return rep, &Finding{Seq: h.Seq, Reason: "it was logged as the head and is missing"}
		}
	}
	return rep, nil
}

// take checks the link of one record and returns what is wrong with it.
func (p *Report) take(r *Record, expect map[int64]Head) string {
	if len(r.Chain) == 0 {
		p.Pending++
		return ""
	}
	next := p.Head.Next(r)
	h, logged := expect[r.Seq]
	switch {
	case p.Pending > 0:
		return "it is chained, and a record before it is not"
	case string(r.Chain) != string(next.Chain[:]):
		return fmt.Sprintf("it is not linked to record %d", p.Head.Seq)
	case logged && h != next:
		return "the head that was logged is another"
	}
	delete(expect, r.Seq)
	p.Head = next
	return ""
}
