package api

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
)

// AccessToken is what a portal access token says: whose it is, which portal session it lives in, and until when.
type AccessToken struct {
	SessionID  string
	UserID     string
	StoreID    string
	Generation uint64 // the user's
	ExpiresAt  time.Time
}

// errToken is the one answer to every access token that is not good.
var errToken = errors.New("access token: not valid")

// SealAccessToken makes the text that clients hold. The parts are ids of Gatehouse's own, which hold no NUL.
func (s *Services) SealAccessToken(t AccessToken) (string, error) {
	text := strings.Join([]string{t.SessionID, t.UserID, t.StoreID, strconv.FormatUint(t.Generation, 10),
		strconv.FormatInt(t.ExpiresAt.UnixMilli(), 10)}, "\x00")
	return s.Seal.SealToken(seal.PortalToken, []byte(text), nil, s.Random)
}

// bearer opens an access token and returns the person, whether still welcome or not.
func (s *Services) bearer(token string, now time.Time) (*authz.Principal, error) {
	if token == "" || len(token) > 1024 {
		return nil, errToken
	}
	raw, err := s.Seal.OpenToken(seal.PortalToken, token, nil)
	if err != nil {
		return nil, errToken
	}
	part := strings.Split(string(raw), "\x00")
	if len(part) != 5 {
		return nil, errToken
	}
	generation, err1 := strconv.ParseUint(part[3], 10, 64)
	expires, err2 := strconv.ParseInt(part[4], 10, 64)
	if err1 != nil || err2 != nil || now.UnixMilli() >= expires {
		return nil, errToken
	}
	return &authz.Principal{Kind: authz.Person, SessionID: part[0], UserID: part[1], StoreID: part[2],
		UserGeneration: generation, ExpiresAt: time.UnixMilli(expires).UTC(), Temporary: true}, nil
}
