package store

import "encoding/hex"

// share sees to it that a text has a number in shared_text, where the texts stand that many rows have in common: the ids
// of users, groups, accounts and permission sets in a million assignments. Texts are never taken out again.
func (tx *Tx) share(text any) error {
	if _, done := tx.shared[text]; done {
		return nil
	}
	if _, err := tx.exec("INSERT INTO shared_text (value) VALUES ($1) ON CONFLICT (value) DO NOTHING", text); err != nil {
		return err
	}
	if tx.shared == nil {
		tx.shared = map[any]struct{}{}
	}
	tx.shared[text] = struct{}{}
	return nil
}

// packUUID makes 16 bytes of a UUID in lower case. Any other text keeps its length apart from that of a UUID: one byte is
// put before it, or two where one would make it 16.
func packUUID(text string) []byte {
	var packed [16]byte
	if len(text) == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-' {
		digits := []byte(text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:])
		if _, err := hex.Decode(packed[:], digits); err == nil && unpackUUID(packed[:]) == text {
			return packed[:]
		}
	}
	if len(text) == 15 {
		return append([]byte{2, 0}, text...)
	}
	return append([]byte{1}, text...)
}

// unpackUUID returns the text of which packUUID made these bytes, or nothing.
func unpackUUID(packed []byte) string {
	if len(packed) != 16 {
		if len(packed) == 0 || int(packed[0]) > len(packed) {
			return ""
		}
		return string(packed[packed[0]:])
	}
	var text [36]byte
	hex.Encode(text[:8], packed[:4])
	hex.Encode(text[9:13], packed[4:6])
	hex.Encode(text[14:18], packed[6:8])
	hex.Encode(text[19:23], packed[8:10])
	hex.Encode(text[24:], packed[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}
