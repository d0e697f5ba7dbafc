package seal

import (
	"encoding/base64"
	"io"
	"strings"
)

// The encodings of tokens are strict: a token has one spelling.
var (
	tokenEncoding   = base64.RawURLEncoding.Strict()
	sessionEncoding = base64.StdEncoding.Strict() // AWS's session tokens look like it
)

// SealToken returns an opaque token for purpose that holds contents; it opens only with the same additional data.
func (r *Ring) SealToken(purpose Purpose, contents, ad []byte, random io.Reader) (string, error) {
	k, err := r.current(purpose)
	if err != nil {
		return "", err
	}
	box, err := k.sealRandom(formatRandom, contents, ad, random)
	if err != nil {
		return "", err
	}
	return tokenEncoding.EncodeToString(box), nil
}

// SealDeterministic is SealToken without randomness: the same contents and additional data give the same token for as
// long as the purpose's key is in use. Contents that repeat are thus recognisable; use it where that is wanted.
func (r *Ring) SealDeterministic(purpose Purpose, contents, ad []byte) (string, error) {
	k, err := r.current(purpose)
	if err != nil {
		return "", err
	}
	own := k.macs.sum(nil, nonceSize, func(in []byte) []byte {
		return appendPart(appendPart(append(in, 'n'), ad), contents)
	})
	box, err := k.seal(nil, formatDeterministic, own, contents, ad)
	if err != nil {
		return "", err
	}
	return tokenEncoding.EncodeToString(box), nil
}

// OpenToken returns what SealToken or SealDeterministic put into token. Its error is ErrInvalid, or that of a store
// that could not be asked.
func (r *Ring) OpenToken(purpose Purpose, token string, ad []byte) ([]byte, error) {
	if len(token) > base64.RawURLEncoding.EncodedLen(maxBox) {
		return nil, ErrInvalid
	}
	box, err := tokenEncoding.DecodeString(token)
	if err != nil || len(box) == 0 || spelledOtherwise(token) {
		return nil, ErrInvalid
	}
	format := box[0]
	if format != formatRandom && format != formatDeterministic {
		return nil, ErrInvalid
	}
	contents, _, err := r.open(purpose, format, box, ad)
	return contents, err
}

// spelledOtherwise reports line breaks, which the decoder of base64 skips.
func spelledOtherwise(token string) bool {
	return strings.IndexByte(token, '\n') >= 0 || strings.IndexByte(token, '\r') >= 0
}

// SealValue seals a value that is kept at rest, bound to additional data that names its place: so that nobody who
// can write the database can move one user's secret to another.
func (r *Ring) SealValue(value Secret, ad []byte, random io.Reader) ([]byte, error) {
	k, err := r.current(Value)
	if err != nil {
		return nil, err
	}
	return k.sealRandom(formatRandom, []byte(value), ad, random)
}

// OpenValue returns a value that SealValue sealed.
func (r *Ring) OpenValue(box, ad []byte) (Secret, error) {
	contents, _, err := r.open(Value, formatRandom, append([]byte(nil), box...), ad)
	return Secret(contents), err
}
