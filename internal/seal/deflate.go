package seal

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"strings"
)

// deflate compresses raw.
func (r *Ring) deflate(raw []byte) ([]byte, error) {
	var out bytes.Buffer
	w, _ := r.deflaters.Get().(*flate.Writer)
	defer r.deflaters.Put(w)
	w.Reset(&out)
	_, err := w.Write(raw)
	err = errors.Join(err, w.Close())
	return out.Bytes(), err
}

// inflate returns what deflate compressed, if it is most bytes at most.
func (r *Ring) inflate(packed string, most int64) (string, bool) {
	z, _ := r.inflaters.Get().(io.ReadCloser)
	defer r.inflaters.Put(z)
	if err := z.(flate.Resetter).Reset(strings.NewReader(packed), nil); err != nil {
		return "", false
	}
	var raw bytes.Buffer
	n, err := raw.ReadFrom(io.LimitReader(z, most+1))
	return raw.String(), err == nil && n <= most
}

// maxDenial is how long a text SealDenial takes.
const maxDenial = 64 << 10

// ErrTooLong is SealDenial's answer to a text that does not fit.
var ErrTooLong = errors.New("seal: the text does not fit")

// SealDenial returns an encoded authorization message of an account, of most characters at most. What a denial is made of
// is not for everybody who is denied, so that it travels sealed.
func (r *Ring) SealDenial(text []byte, account string, most int, random io.Reader) (string, error) {
	if len(text) > maxDenial {
		return "", ErrTooLong
	}
	packed, err := r.deflate(text)
	if err != nil {
		return "", err
	}
	if tokenEncoding.EncodedLen(boxSize+len(packed)) > most {
		return "", ErrTooLong
	}
	return r.SealToken(DenialMessage, packed, []byte(account), random)
}

// OpenDenial returns the text of a message that SealDenial made for the account.
func (r *Ring) OpenDenial(message, account string) (string, error) {
	packed, err := r.OpenToken(DenialMessage, message, []byte(account))
	if err != nil {
		return "", err
	}
	text, ok := r.inflate(string(packed), maxDenial)
	if !ok {
		return "", ErrInvalid
	}
	return text, nil
}
