package store

import (
	"strconv"
	"sync/atomic"
	"testing"
)

func BenchmarkUpdate(b *testing.B) {
	s := openTest(b, Hooks{})
	for i := 0; b.Loop(); i++ {
		if err := s.Update(b.Context(), save("u"+strconv.Itoa(i))); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUpdateBy64(b *testing.B) {
	s := openTest(b, Hooks{})
	var n atomic.Int64
	b.SetParallelism(32) // times GOMAXPROCS, which is 2 where this is measured
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if err := s.Update(b.Context(), save("u"+strconv.FormatInt(n.Add(1), 10))); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkGet(b *testing.B) {
	s := openTest(b, Hooks{})
	if err := s.Update(b.Context(), save("u")); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := s.View(b.Context(), func(tx *Tx) error { _, err := Users.Get(tx, "u"); return err }); err != nil {
			b.Fatal(err)
		}
	}
}
