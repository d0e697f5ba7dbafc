package seal

import (
	"crypto/hmac"
	"encoding/binary"
)

// MACSize is the length of a MAC: the name of its key, then 128 bits of HMAC-SHA256.
const MACSize = 4 + 16

// MAC authenticates parts, each with its length, so that no byte can move from one to the next.
func (r *Ring) MAC(purpose Purpose, parts ...[]byte) ([]byte, error) {
	k, err := r.current(purpose)
	if err != nil {
		return nil, err
	}
	return k.mac(parts), nil
}

// CheckMAC returns nil when mac was made by MAC for this purpose and these parts, with any key that the ring still
// holds; else ErrInvalid, or the error of a store that could not be asked.
func (r *Ring) CheckMAC(purpose Purpose, mac []byte, parts ...[]byte) error {
	if len(mac) != MACSize {
		return ErrInvalid
	}
	k, err := r.find(binary.BigEndian.Uint32(mac), purpose)
	if err != nil {
		return err
	}
	if !hmac.Equal(k.mac(parts), mac) {
		return ErrInvalid
	}
	return nil
}

// mac makes a MAC with this key.
func (k *key) mac(parts [][]byte) []byte {
	out := binary.BigEndian.AppendUint32(make([]byte, 0, MACSize), k.name)
	return k.macs.sum(out, MACSize-4, func(in []byte) []byte {
		in = append(in, 'm') // apart from the nonces of deterministic tokens
		for _, p := range parts {
			in = appendPart(in, p)
		}
		return in
	})
}
