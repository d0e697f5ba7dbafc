package api

import (
	"io"
	"log/slog"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/password"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Services is what handlers work with.
type Services struct {
	Store     *store.Store
	State     *authz.State
	IDs       *ident.Source
	Random    io.Reader
	Seal      *seal.Ring
	Passwords *password.Hasher
	Throttle  *password.Throttle
	Clock     func() time.Time
	Region    string // fixed at the first start
	// ExternalURL is the one origin that people and clients use, without a slash at the end.
	ExternalURL string
	Log         *slog.Logger
	// Limits are those of every service, which operators may list and set.
	Limits []Limit
	// Work wakes the workers that go on with what calls have begun; see Wake. Without it they find it by looking.
	Work chan struct{}
	// Courier takes mail to mail servers. Mailbox keeps it instead where none is set up; nil for a server that then has
	// no mail.
	Courier mail.Courier
	Mailbox *mail.Box
	// Letters wakes who sends them. Without it they find them by looking.
	Letters chan struct{}

	uses *lastUses // made by New
}

// now is the time of a call: UTC, in whole milliseconds, as the store keeps it.
func (s *Services) now() time.Time { return inMillis(s.Clock()) }

func inMillis(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
