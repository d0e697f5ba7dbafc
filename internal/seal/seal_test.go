package seal

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)

func newRoot(t testing.TB, fill byte) *Root {
	t.Helper()
	root, err := FromBytes(bytes.Repeat([]byte{fill}, keySize))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func newRing(t testing.TB) (*Ring, *Root, []WrappedKey) {
	t.Helper()
	root := newRoot(t, 7)
	wrapped, err := root.MintMissing(nil, rand.Reader, start)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := NewRing(root, wrapped, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !ring.Has(Purposes()...) {
		t.Fatal("the ring is not complete")
	}
	return ring, root, wrapped
}

func TestTokensAreBoundToPurposeAndData(t *testing.T) {
	t.Parallel()
	ring, _, _ := newRing(t)
	token, err := ring.SealToken(PageToken, []byte("last key"), []byte("operation"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ring.OpenToken(PageToken, token, []byte("operation")); err != nil || string(got) != "last key" {
		t.Fatalf("OpenToken = %q, %v", got, err)
	}
	for _, p := range Purposes() {
		if _, err := ring.OpenToken(p, token, []byte("operation")); p != PageToken && err != ErrInvalid {
			t.Errorf("opened for %s: %v", p, err)
		}
	}
	if _, err := ring.OpenToken(PageToken, token, []byte("operatiom")); err != ErrInvalid {
		t.Errorf("opened with other data: %v", err)
	}
	box, _ := tokenEncoding.DecodeString(token)
	for i := range len(box) * 8 {
		box[i/8] ^= 1 << (i % 8)
		if _, err := ring.OpenToken(PageToken, tokenEncoding.EncodeToString(box), []byte("operation")); err != ErrInvalid {
			t.Errorf("bit %d flipped: %v", i, err)
		}
		box[i/8] ^= 1 << (i % 8)
	}
}

func TestDeterministicTokensRepeat(t *testing.T) {
	t.Parallel()
	ring, _, _ := newRing(t)
	one, _ := ring.SealDeterministic(RefreshToken, []byte("family 1"), nil)
	again, _ := ring.SealDeterministic(RefreshToken, []byte("family 1"), nil)
	two, _ := ring.SealDeterministic(RefreshToken, []byte("family 2"), nil)
	bound, _ := ring.SealDeterministic(RefreshToken, []byte("family 1"), []byte("x"))
	if one != again || one == two || one == bound {
		t.Errorf("%s, %s, %s, %s", one, again, two, bound)
	}
	if got, err := ring.OpenToken(RefreshToken, one, nil); err != nil || string(got) != "family 1" {
		t.Errorf("OpenToken = %q, %v", got, err)
	}
}

func TestValuesStayInTheirPlace(t *testing.T) {
	t.Parallel()
	ring, _, _ := newRing(t)
	box, err := ring.SealValue("hunter2", []byte("user 1"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // opening must not use the box up
		if got, err := ring.OpenValue(box, []byte("user 1")); err != nil || got.Reveal() != "hunter2" {
			t.Fatalf("OpenValue: %v", err)
		}
	}
	if _, err := ring.OpenValue(box, []byte("user 2")); err != ErrInvalid {
		t.Errorf("moved to another user: %v", err)
	}
}

func TestMACs(t *testing.T) {
	t.Parallel()
	ring, _, _ := newRing(t)
	mac, err := ring.MAC(RowMAC, []byte("ab"), []byte("c"))
	if err != nil || len(mac) != MACSize {
		t.Fatal(err)
	}
	if err := ring.CheckMAC(RowMAC, mac, []byte("ab"), []byte("c")); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"moved byte":    ring.CheckMAC(RowMAC, mac, []byte("a"), []byte("bc")),
		"joined":        ring.CheckMAC(RowMAC, mac, []byte("abc")),
		"other purpose": ring.CheckMAC(AuditMAC, mac, []byte("ab"), []byte("c")),
		"cut":           ring.CheckMAC(RowMAC, mac[:MACSize-1], []byte("ab"), []byte("c")),
		"empty":         ring.CheckMAC(RowMAC, nil, []byte("ab"), []byte("c")),
	} {
		if err != ErrInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	s := Secret("hunter2")
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "a", s, "b", struct{ S Secret }{s})
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "a", s, "b", struct{ S Secret }{s})
	j, _ := json.Marshal(map[string]any{"s": s, "c": Credentials{SecretAccessKey: s}})
	out := log.String() + string(j) + fmt.Sprint(s, &s, []Secret{s}, struct{ S Secret }{s}) +
		fmt.Sprintf("%v %+v %#v %s %q %x %d %10.3s", s, s, s, s, s, s, s, s)
	if strings.Contains(out, "hunter2") || strings.Contains(out, fmt.Sprintf("%x", "hunter2")) {
		t.Error(out)
	}
	if !s.Equal("hunter2") || s.Equal("hunter3") {
		t.Error("Equal")
	}
}

func BenchmarkMAC(b *testing.B) {
	ring, _, _ := newRing(b)
	row := make([]byte, 200)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.MAC(RowMAC, row); err != nil {
			b.Fatal(err)
		}
	}
}
