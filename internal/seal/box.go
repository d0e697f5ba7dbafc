package seal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
)

// A box is what sealing makes:
//
//	format 1 | key name 4 | nonce 16 | sealed contents and tag
//
// The additional data is the header without the nonce, the purpose, and what the caller binds.
const (
	nonceSize  = 16
	headerSize = 1 + 4 + nonceSize
	boxSize    = headerSize + chacha20poly1305.Overhead // of empty contents
	maxBox     = 4096                                   // no box is longer
)

// Formats, the first byte of a box. A new layout gets a new one.
const (
	formatSession       = 1
	formatRandom        = 2
	formatDeterministic = 3
)

// errTooLong is a mistake of the server's: what it seals has bounded parts.
var errTooLong = errors.New("seal: contents too long")

// nonceOf fills the nonce: 16 bytes of the box, then 8 that are constant for the format.
func nonceOf(dst *[chacha20poly1305.NonceSizeX]byte, format byte, own []byte) {
	copy(dst[:nonceSize], own)
	copy(dst[nonceSize:], "gatehse")
	dst[len(dst)-1] = format
}

// header appends a box's header without the nonce.
func (k *key) header(dst []byte, format byte) []byte {
	return binary.BigEndian.AppendUint32(append(dst, format), k.name)
}

// bind appends the additional data of a box. The purpose ends in a zero byte, so that nothing can move between it and ad.
func (k *key) bind(dst []byte, format byte, ad []byte) []byte {
	dst = append(k.header(dst, format), k.purpose...)
	return append(append(dst, 0), ad...)
}

// seal appends a box to dst.
func (k *key) seal(dst []byte, format byte, own, contents, ad []byte) ([]byte, error) {
	if boxSize+len(contents) > maxBox {
		return nil, errTooLong
	}
	var nonce [chacha20poly1305.NonceSizeX]byte
	var room [128]byte
	nonceOf(&nonce, format, own)
	dst = append(k.header(dst, format), own...)
	return k.aead.Seal(dst, nonce[:], contents, k.bind(room[:0], format, ad)), nil
}

// sealRandom is seal with a nonce read from random.
func (k *key) sealRandom(format byte, contents, ad []byte, random io.Reader) ([]byte, error) {
	own := make([]byte, nonceSize)
	if _, err := io.ReadFull(random, own); err != nil {
		return nil, fmt.Errorf("seal: read randomness: %w", err)
	}
	return k.seal(make([]byte, 0, boxSize+len(contents)), format, own, contents, ad)
}

// open returns the contents of box, in place, and the key that made it.
func (r *Ring) open(purpose Purpose, format byte, box, ad []byte) ([]byte, *key, error) {
	if len(box) < boxSize || len(box) > maxBox || box[0] != format {
		return nil, nil, ErrInvalid
	}
	k, err := r.find(binary.BigEndian.Uint32(box[1:5]), purpose)
	if err != nil {
		return nil, nil, err
	}
	var nonce [chacha20poly1305.NonceSizeX]byte
	var room [128]byte
	nonceOf(&nonce, format, box[5:headerSize])
	sealed := box[headerSize:]
	contents, err := k.aead.Open(sealed[:0], nonce[:], sealed, k.bind(room[:0], format, ad))
	if err != nil {
		return nil, nil, ErrInvalid
	}
	return contents, k, nil
}
