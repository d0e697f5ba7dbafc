package audit

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// Limits of a block.
const (
	BlockEvents  = 256
	maxBlockSize = 16 << 20 // of the encoded events, which bounds the work of decoding
)

// blockMagic is the first byte of a block; an event begins with a brace.
const blockMagic = 1

// Block is up to BlockEvents events under one MAC. What it says about itself is part of what the MAC is made of.
type Block struct {
	First, Last time.Time // the earliest and the latest event
	Count       int
	Events      []Event
}

// IsBlock reports whether the body of a record is a block, not an event.
func IsBlock(body []byte) bool { return len(body) > 0 && body[0] == blockMagic }

// Encoder encodes blocks, one at a time. It keeps its buffers and its compressor, which is larger than what it
// compresses: a busy server writes a hundred blocks a second. The zero value is ready.
type Encoder struct {
	event   []byte
	raw     bytes.Buffer
	deflate *flate.Writer
}

// Block returns the body of a record that holds events:
//
//	1 | count | first | last | size, as uvarints | deflate(each event with its length)
func (e *Encoder) Block(events []Event) ([]byte, error) {
	if len(events) == 0 || len(events) > BlockEvents {
		return nil, fmt.Errorf("a block holds 1 to %d events, not %d", BlockEvents, len(events))
	}
	e.raw.Reset()
	first, last := events[0].Time, events[0].Time
	for i := range events {
		if err := e.append(&events[i]); err != nil {
			return nil, err
		}
		if t := events[i].Time; t.Before(first) {
			first = t
		} else if t.After(last) {
			last = t
		}
	}
	if e.raw.Len() > maxBlockSize {
		return nil, fmt.Errorf("a block of %d bytes is too large", e.raw.Len())
	}
	head := []byte{blockMagic}
	for _, n := range []uint64{uint64(len(events)), uint64(first.UnixMilli()), uint64(last.UnixMilli()), uint64(e.raw.Len())} {
		head = binary.AppendUvarint(head, n)
	}
	return e.deflated(head)
}

// append adds an event and its length to raw.
func (e *Encoder) append(event *Event) error {
	body, err := event.encode(e.event[:0])
	if err != nil {
		return err
	}
	e.event = body
	e.raw.Write(binary.AppendUvarint(e.raw.AvailableBuffer(), uint64(len(body))))
	e.raw.Write(body)
	return nil
}

// deflated returns raw, deflated, after head.
func (e *Encoder) deflated(head []byte) (_ []byte, err error) {
	out := bytes.NewBuffer(head)
	out.Grow(e.raw.Len() / 4)
	if e.deflate == nil {
		if e.deflate, err = flate.NewWriter(out, flate.BestSpeed); err != nil {
			return nil, err
		}
	}
	e.deflate.Reset(out)
	_, err = e.deflate.Write(e.raw.Bytes())
	if err = errors.Join(err, e.deflate.Close()); err != nil {
		return nil, fmt.Errorf("deflate a block: %w", err)
	}
	return out.Bytes(), nil
}

// errBlock is every way in which a body is not a block.
var errBlock = errors.New("not a block of audit events")

// DecodeBlock reads what an Encoder wrote.
func DecodeBlock(body []byte) (Block, error) {
	if !IsBlock(body) {
		return Block{}, errBlock
	}
	rest := bytes.NewReader(body[1:])
	var head [4]uint64
	for i := range head {
		n, err := binary.ReadUvarint(rest)
		if err != nil {
			return Block{}, errBlock
		}
		head[i] = n
	}
	if head[0] == 0 || head[0] > BlockEvents || head[3] > maxBlockSize {
		return Block{}, errBlock
	}
	raw, err := io.ReadAll(io.LimitReader(flate.NewReader(rest), int64(head[3])+1))
	if err != nil || uint64(len(raw)) != head[3] || rest.Len() != 0 {
		return Block{}, errBlock
	}
	b := Block{Count: int(head[0]), First: time.UnixMilli(int64(head[1])).UTC(), Last: time.UnixMilli(int64(head[2])).UTC()}
	for range b.Count {
		size, n := binary.Uvarint(raw)
		if n <= 0 || size > uint64(len(raw)-n) {
			return Block{}, errBlock
		}
		e, err := Decode(raw[n : n+int(size)])
		if err != nil {
			return Block{}, err
		}
		b.Events = append(b.Events, e)
		raw = raw[n+int(size):]
	}
	if len(raw) != 0 {
		return Block{}, errBlock
	}
	return b, nil
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
