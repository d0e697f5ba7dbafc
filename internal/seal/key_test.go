package seal

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRotationKeepsOldTokens(t *testing.T) {
	t.Parallel()
	root := newRoot(t, 1)
	stored, _ := root.MintMissing(nil, rand.Reader, start)
	reloads := 0
	a, err := NewRing(root, stored, nil)
	if err != nil {
		t.Fatal(err)
	}
	var down error
	b, _ := NewRing(root, stored, func() ([]WrappedKey, error) { reloads++; return stored, down })
	old, _ := a.SealToken(PortalToken, []byte("old"), nil, rand.Reader)
	for i := range stored {
		stored[i].RetiredAt = start.UnixMilli()
	}
	fresh, _ := root.MintMissing(stored, rand.Reader, start.Add(time.Hour))
	stored = append(stored, fresh...)
	if err := a.Replace(stored); err != nil {
		t.Fatal(err)
	}
	token, _ := a.SealToken(PortalToken, []byte("new"), nil, rand.Reader)
	if token[2:7] == old[2:7] {
		t.Error("the retired key still seals")
	}
	down = errors.New("database is down")
	if _, err := b.OpenToken(PortalToken, token, nil); !errors.Is(err, down) {
		t.Errorf("store down: %v", err)
	}
	down = nil
	for _, tok := range []string{token, token, old} {
		if _, err := b.OpenToken(PortalToken, tok, nil); err != nil {
			t.Error(err)
		}
	}
	if reloads != 2 {
		t.Errorf("%d reloads, want one that failed and one that did not", reloads)
	}
	epoch := b.Epoch()
	box, _ := tokenEncoding.DecodeString(token)
	invented := func() { _, _ = b.OpenToken(PortalToken, tokenEncoding.EncodeToString(box), nil) }
	for i := range 256 {
		box[4] = byte(i) // names that the root key did not make
		invented()
	}
	if reloads > 4 {
		t.Errorf("%d reloads for invented names", reloads)
	}
	for free := uint32(0); ; free += 1 << nameCheckBits { // one that it could have made
		if name := free | root.nameCheck(free); b.keys.Load().byName[name] == nil {
			binary.BigEndian.PutUint32(box[1:], name)
			break
		}
	}
	before := reloads
	invented()
	if reloads != before+1 || b.Epoch() != epoch {
		t.Errorf("an invented name costs %d reloads, and takes the epoch from %d to %d", reloads-before, epoch, b.Epoch())
	}
}

func TestWrappedKeysAreBound(t *testing.T) {
	t.Parallel()
	root := newRoot(t, 1)
	k, _ := root.mint(Session, rand.Reader, start)
	for name, change := range map[string]func(*WrappedKey){
		"purpose": func(k *WrappedKey) { k.Purpose = PageToken },
		"name":    func(k *WrappedKey) { k.Name++ },
		"created": func(k *WrappedKey) { k.CreatedAt++ },
		"bytes":   func(k *WrappedKey) { k.Wrapped = append([]byte{k.Wrapped[0] ^ 1}, k.Wrapped[1:]...) },
		"length":  func(k *WrappedKey) { k.Wrapped = k.Wrapped[1:] },
	} {
		bad := k
		change(&bad)
		if _, err := NewRing(root, []WrappedKey{bad}, nil); !errors.Is(err, ErrInvalid) {
			t.Errorf("changed %s: %v", name, err)
		}
	}
	if _, err := NewRing(newRoot(t, 2), []WrappedKey{k}, nil); !errors.Is(err, ErrInvalid) {
		t.Errorf("another root key: %v", err)
	}
	if _, err := NewRing(root, []WrappedKey{k, k}, nil); err == nil {
		t.Error("two keys of one name")
	}
}

func TestRootFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "root.key")
	made, err := CreateRoot(path, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	k, _ := made.mint(Session, rand.Reader, start)
	read, err := OpenRoot(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read.unwrap(k); err != nil {
		t.Error(err)
	}
	if _, err := CreateRoot(path, rand.Reader); !errors.Is(err, os.ErrExist) {
		t.Errorf("a second key: %v", err)
	}
	if left, _ := filepath.Glob(path + "*"); len(left) != 1 {
		t.Errorf("files left: %v", left)
	}
	for _, mode := range []os.FileMode{0o644, 0o640, 0o602} {
		_ = os.Chmod(path, mode)
		if _, err := OpenRoot(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	_ = os.Chmod(path, 0o600)
	_ = os.WriteFile(path, []byte("short\n"), 0o600)
	if _, err := OpenRoot(path); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("damaged: %v", err)
	}
}
