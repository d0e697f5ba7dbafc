package kit

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"html/template"
)

// Part is a part of a page that is written and compressed once for all pages that it is on.
type Part struct {
	text   []byte
	packed []byte // whole blocks of deflate that look back at nothing before them; see RFC 1951, section 3.2
}

// NewPart returns a part with a text, which is ours or escaped.
func (a *Area) NewPart(text []byte) *Part {
	var packed bytes.Buffer
	z := a.packers.Get().(*flate.Writer)
	defer a.packers.Put(z)
	z.Reset(&packed)
	_, _ = z.Write(text) // into memory
	_ = z.Flush()
	return &Part{text, packed.Bytes()}
}

// Size is how much memory the part takes.
func (p *Part) Size() int { return cap(p.text) + cap(p.packed) }

// Sheet is a page as it is being written, with its parts in their places.
type Sheet struct {
	text  bytes.Buffer // without the parts
	parts []placed
}

// placed is a part and how much of the text stands before it.
type placed struct {
	*Part
	at int
}

// Put puts a part where a template has got to that writes to the sheet. Where there is no sheet, the part is text as all.
func (s *Sheet) Put(p *Part) template.HTML {
	if s == nil {
		return template.HTML(p.text)
	}
	s.parts = append(s.parts, placed{p, s.text.Len()})
	return ""
}

// pieces gives the text and the parts to fn in their order. A piece of the text has no part.
func (s *Sheet) pieces(fn func(text []byte, p *Part)) {
	text, from := s.text.Bytes(), 0
	for _, p := range s.parts {
		fn(text[from:p.at], nil)
		fn(p.text, p.Part)
		from = p.at
	}
	fn(text[from:], nil)
}

// plain returns the page.
func (s *Sheet) plain() *bytes.Buffer {
	var page bytes.Buffer
	s.pieces(func(text []byte, _ *Part) { page.Write(text) })
	return &page
}

// pack returns the page as gzip. See RFC 1952, section 2.3.
func (s *Sheet) pack(z *flate.Writer) *bytes.Buffer {
	page := bytes.NewBuffer([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255}) // deflate, the fastest, of no system
	sum, size := uint32(0), 0
	s.pieces(func(text []byte, p *Part) {
		sum, size = crc32.Update(sum, crc32.IEEETable, text), size+len(text)
		if p != nil {
			page.Write(p.packed)
			return
		}
		z.Reset(page) // nothing is looked back at over a part
		_, _ = z.Write(text)
		_ = z.Flush() // into memory, as all of this
	})
	_ = z.Close()
	page.Write(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, sum), uint32(size)))
	return page
}
