package seal

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// keySize is the length of the root key and of ring keys.
const keySize = 32

// Root is the root key. It wraps the keys of the ring and checks their names, and does nothing else.
type Root struct {
	wrap  cipher.AEAD
	names []byte // makes the check inside a key's name
}

// FromBytes makes a root key of 32 bytes.
func FromBytes(raw []byte) (*Root, error) {
	if len(raw) != keySize {
		return nil, fmt.Errorf("a root key has %d bytes, not %d", keySize, len(raw))
	}
	wrapKey, err := derive(raw, "gatehouse root wrap")
	if err != nil {
		return nil, err
	}
	names, err := derive(raw, "gatehouse root names")
	if err != nil {
		return nil, err
	}
	wrap, err := chacha20poly1305.NewX(wrapKey)
	if err != nil {
		return nil, err
	}
	return &Root{wrap: wrap, names: names}, nil
}

// derive makes a key of 32 bytes out of raw, which is uniformly random, so that HKDF's extract step is not needed
// (RFC 5869 section 3.3).
func derive(raw []byte, label string) ([]byte, error) {
	return hkdf.Expand(sha256.New, raw, label, keySize)
}

// OpenRoot reads the root key at path. It refuses a file that others than its owner may read or write.
func OpenRoot(path string) (*Root, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("root key: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("root key: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("root key: %s is not a regular file", path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("root key: %s has mode %04o, so that others than its owner may use it; run: chmod 600 %s", path, mode, path)
	}
	line, err := io.ReadAll(io.LimitReader(f, 256))
	if err != nil {
		return nil, fmt.Errorf("root key: read %s: %w", path, err)
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(strings.TrimSpace(string(line)))
	if err != nil || len(raw) != keySize {
		return nil, fmt.Errorf("root key: %s is damaged: want one line, the base64 of %d bytes", path, keySize)
	}
	return FromBytes(raw)
}

// CreateRoot makes a new root key and writes it to path, which must not exist. The file appears whole or not at
// all: it is written beside, synced, and linked to its name. Whether a key may be minted is the caller's to decide: never
// beside data that another root key wraps.
func CreateRoot(path string, random io.Reader) (*Root, error) {
	raw := make([]byte, keySize)
	if _, err := io.ReadFull(random, raw); err != nil {
		return nil, fmt.Errorf("root key: read randomness: %w", err)
	}
	if err := writeOnce(path, []byte(base64.StdEncoding.EncodeToString(raw)+"\n")); err != nil {
		return nil, fmt.Errorf("root key: %w", err)
	}
	return FromBytes(raw)
}

// writeOnce writes a file of mode 0600 that does not exist yet, durably.
func writeOnce(path string, content []byte) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, filepath.Base(path)+".new-*") // O_EXCL and mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s: %w", path, fs.ErrExist)
		}
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
