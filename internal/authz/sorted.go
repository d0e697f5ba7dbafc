package authz

import (
	"cmp"
	"slices"
)

// chunkSize is how many numbers a chunk of a sorted set holds at most.
const chunkSize = 512

// sorted is an immutable set of numbers in their order, cut into chunks so that a change copies one of them only.
type sorted struct{ chunks [][]uint64 }

// place returns the chunk that v is or would be in, and where in it.
func (s sorted) place(v uint64) (chunk, at int, found bool) {
	if len(s.chunks) == 0 {
		return 0, 0, false
	}
	chunk, found = slices.BinarySearchFunc(s.chunks, v, func(c []uint64, v uint64) int { return cmp.Compare(c[0], v) })
	if found {
		return chunk, 0, true
	}
	chunk = max(chunk-1, 0)
	at, found = slices.BinarySearch(s.chunks[chunk], v)
	return chunk, at, found
}

func (s sorted) has(v uint64) bool {
	_, _, found := s.place(v)
	return found
}

// with adds v. When fresh says that nobody else has seen the set, nothing is copied.
func (s sorted) with(v uint64, fresh bool) sorted {
	i, at, found := s.place(v)
	switch {
	case found:
		return s
	case len(s.chunks) == 0:
		return sorted{[][]uint64{{v}}}
	}
	if !fresh {
		s.chunks = slices.Clone(s.chunks)
		grown := make([]uint64, 0, len(s.chunks[i])+1)
		s.chunks[i] = append(grown, s.chunks[i]...)
	}
	s.chunks[i] = slices.Insert(s.chunks[i], at, v)
	if c := s.chunks[i]; len(c) > chunkSize {
		half := len(c) / 2
		s.chunks[i] = slices.Clone(c[:half])
		s.chunks = slices.Insert(s.chunks, i+1, slices.Clone(c[half:]))
	}
	return s
}

func (s sorted) without(v uint64) sorted {
	i, at, found := s.place(v)
	if !found {
		return s
	}
	if len(s.chunks[i]) == 1 {
		return sorted{slices.Delete(slices.Clone(s.chunks), i, i+1)}
	}
	s.chunks = slices.Clone(s.chunks)
	s.chunks[i] = slices.Delete(slices.Clone(s.chunks[i]), at, at+1)
	return s
}

// cursor is a place in a sorted set.
type cursor struct {
	set       sorted
	chunk, at int
}

// from returns the place of the first number that is v or above it.
func (s sorted) from(v uint64) cursor {
	i, at, _ := s.place(v)
	c := cursor{s, i, at}
	c.settle()
	return c
}

// settle goes on to the next chunk from the end of one.
func (c *cursor) settle() {
	if c.chunk < len(c.set.chunks) && c.at == len(c.set.chunks[c.chunk]) {
		c.chunk, c.at = c.chunk+1, 0
	}
}

// value returns the number at c; ok is false at the end.
func (c *cursor) value() (v uint64, ok bool) {
	if c.chunk >= len(c.set.chunks) {
		return 0, false
	}
	return c.set.chunks[c.chunk][c.at], true
}

func (c *cursor) next() {
	c.at++
	c.settle()
}
