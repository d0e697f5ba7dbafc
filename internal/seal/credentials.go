package seal

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// Limits of the packed part: deflated, as AWS's packed binary format has a limit of its own; and before it is deflated,
// which bounds the work of opening.
const (
	maxPacked   = 2048
	maxUnpacked = 64 << 10
)

// Credentials are session credentials as they are handed out.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey Secret
	SessionToken    string
	Expiration      time.Time
	PackedSize      int // the packed part in percent of what is allowed, as STS answers it
}

// Issue makes session credentials of claims.
func (r *Ring) Issue(random io.Reader, claims *Claims) (Credentials, error) {
	k, err := r.current(Session)
	if err != nil {
		return Credentials{}, err
	}
	if _, err := ident.ParseAccountID(string(claims.Account)); err != nil {
		return Credentials{}, fmt.Errorf("issue credentials: %w", err)
	}
	if claims.Kind < AssumedRole || claims.Kind > Federated || !claims.ExpiresAt.After(claims.IssuedAt) {
		return Credentials{}, errors.New("issue credentials: the claims name no kind or no time to live")
	}
	packed, err := r.pack(&claims.Packed)
	if err != nil {
		return Credentials{}, err
	}
	own := make([]byte, nonceSize)
	if _, err := io.ReadFull(random, own); err != nil {
		return Credentials{}, fmt.Errorf("issue credentials: read randomness: %w", err)
	}
	// Five bytes of the nonce make the access key id differ from session to session.
	id := ident.AccessKeyIDFrom(ident.TemporaryPrefix, claims.Account, own[:5])
	contents := claims.encode(make([]byte, 0, 256+len(packed)), packed)
	box, err := k.seal(make([]byte, 0, boxSize+len(contents)), formatSession, own, contents, []byte(id))
	if err != nil {
		return Credentials{}, err
	}
	return Credentials{
		AccessKeyID:     id,
		SecretAccessKey: k.secret(own),
		SessionToken:    sessionEncoding.EncodeToString(box),
		Expiration:      claims.ExpiresAt.Truncate(time.Millisecond),
		PackedSize:      (len(packed)*100 + maxPacked - 1) / maxPacked,
	}, nil
}

// Open returns the claims of session credentials and the secret that a signature by them must have been made with. The
// error is ErrExpired for what was good and has run out, ErrInvalid for everything else that is wrong, or that of a store
// that could not be asked.
func (r *Ring) Open(accessKeyID, token string, now time.Time) (*Claims, Secret, error) {
	if len(accessKeyID) != 20 || len(token) > base64.StdEncoding.EncodedLen(maxBox) || spelledOtherwise(token) {
		return nil, "", ErrInvalid
	}
	room := make([]byte, base64.StdEncoding.DecodedLen(len(token)))
	n, err := sessionEncoding.Decode(room, []byte(token))
	if err != nil || n < boxSize {
		return nil, "", ErrInvalid
	}
	contents, k, err := r.open(Session, formatSession, room[:n], []byte(accessKeyID))
	if err != nil {
		return nil, "", err
	}
	claims := new(Claims)
	packed, ok := claims.decode(contents)
	if !ok || packed != "" && !r.unpack(packed, &claims.Packed) {
		return nil, "", ErrInvalid
	}
	if !now.Before(claims.ExpiresAt) {
		return nil, "", ErrExpired
	}
	return claims, k.secret(room[5:headerSize]), nil
}

// secret derives the secret access key of a nonce: 240 bits in 40 characters, as long as AWS's. One block of HKDF's expansion
// (RFC 5869 section 2.3), whose input names its use.
func (k *key) secret(own []byte) Secret {
	var okm [30]byte
	k.secrets.sum(okm[:0], len(okm), func(in []byte) []byte {
		in = append(append(in, "gatehouse secret access key\x00"...), own...)
		return append(in, 1)
	})
	var text [40]byte
	base64.StdEncoding.Encode(text[:], okm[:])
	return Secret(text[:])
}

// pack deflates p, or refuses when the result is too large.
func (r *Ring) pack(p *Packed) ([]byte, error) {
	if p.empty() {
		return nil, nil
	}
	raw := p.encode(nil)
	out, err := r.deflate(raw)
	if err != nil {
		return nil, fmt.Errorf("pack session policies and tags: %w", err)
	}
	if len(out) > maxPacked || len(raw) > maxUnpacked {
		percent := max((len(out)*100+maxPacked-1)/maxPacked, 101)
		return nil, fault.New(fault.Invalid, "PackedPolicyTooLarge",
			"Packed policy consumes %d%% of allotted space, please use smaller policy.", percent)
	}
	return out, nil
}

// unpack inflates what pack made.
func (r *Ring) unpack(packed string, p *Packed) bool {
	raw, ok := r.inflate(packed, maxUnpacked)
	return ok && p.decode(raw)
}
