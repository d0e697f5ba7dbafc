package api

import (
	"context"
	"net/netip"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Call is one request on its way through the corridor: who asks for what, from where, and when. Only the corridor
// makes one, after it knows the caller.
type Call struct {
	*Services
	Principal *authz.Principal
	Snapshot  *authz.Snapshot // what was decided on; a change inside Update is decided on the newest instead
	Now       time.Time       // UTC, in milliseconds
	RequestID string
	Region    string // of the signature's scope, or the server's
	Address   netip.Addr
	UserAgent string
	Referer   string
	Secure    bool   // the caller came by TLS
	Service   string // "sso-admin", …
	Operation string

	corridor *Corridor
	row      *Row
	input    any
	targets  []Target
	decided  []audit.Decision  // for the record; none when no permission was needed
	room     [1]audit.Decision // of decided, as long as one is enough
	refusal  *Refusal          // of the last of decided, when that was no
	effects  []Effect
	recorded bool
	live     *authz.Snapshot // on which the principal was found to be live
	unheard  bool
	counted  bool
	person   *directory.User
	eventID  string // of its record; empty when that has the id of the request
	response []audit.Fact
	event    event
	besides  []event
	wrote    bool // letters, of which who sends them has to hear
	quiet    bool // nobody is written to
}

// event is what a call is called in its record, where AWS has a name for what happened that is not an operation's.
type event struct {
	source, name string
	details      []audit.Fact
}

// Effect is something done in another account as a service principal: no SCP bounds it, and it has an event of its own.
type Effect struct {
	Account   ident.AccountID
	Service   string // "sso.amazonaws.com"
	Operation string // "CreateRole"
	Resource  string // an ARN
}

// Effect notes an effect; it is recorded with the change.
func (c *Call) Effect(account ident.AccountID, service, operation, resource string) {
	c.effects = append(c.effects, Effect{account, service, operation, resource})
}

// Person returns the person who calls, or whose sign-in made the caller's session; nil when there is none (any more).
func (c *Call) Person() *directory.User {
	if c.person == nil && c.Principal.UserID != "" {
		c.person = c.Snapshot.User(c.Principal.UserID)
	}
	return c.person
}

// Note keeps a fact of the answer for the record, such as the access key id of credentials that were handed out.
func (c *Call) Note(name, value string) {
	c.response = append(c.response, audit.Fact{Name: name, Value: value})
}

// SignInSource is the source of events of signing in. See "IAM Identity Center information in CloudTrail" in the IAM
// Identity Center User Guide.
const SignInSource = "signin"

// Event has the call recorded as an event of a source ("signin", "sso-directory") that is no operation of AWS's, with
// details beside what it notes.
func (c *Call) Event(source, name string, details ...audit.Fact) {
	c.event = event{source, name, details}
}

// Besides adds an event to that of a change, where one call does what AWS tells of twice.
func (c *Call) Besides(source, name string, details ...audit.Fact) {
	c.besides = append(c.besides, event{source, name, details})
}

// Unrecorded keeps the call off the record when it fails: it asked whether something has happened, and nothing had. It
// is for calls that clients repeat every few seconds.
func (c *Call) Unrecorded() { c.unheard = true }

// Counted says that a rate has counted this call. Until then the refusal of a stranger leaves no record: they can send as
// many as they like, and the record is kept for ever.
func (c *Call) Counted() { c.counted = true }

// unbounded reports whether nothing bounds how many calls like this one there are.
func (c *Call) unbounded() bool { return c.Principal.Kind == authz.Nobody && !c.counted }

// View runs fn in a transaction that reads.
func (c *Call) View(ctx context.Context, fn func(*store.Tx) error) error {
	return c.Store.View(ctx, fn)
}

// Look returns what fn finds in a transaction that reads.
func Look[T any](ctx context.Context, c *Call, fn func(*store.Tx) (T, error)) (T, error) {
	var found T
	err := c.View(ctx, func(tx *store.Tx) (err error) {
		found, err = fn(tx)
		return err
	})
	return found, err
}

// Prepare runs fn in a transaction that writes, before the call does what it is for. It is for what has to stay even if
// the call then fails, such as a try that is counted. It leaves no record of its own. fn may run more than once.
func (c *Call) Prepare(ctx context.Context, fn func(*store.Tx) error) error {
	return c.Store.Update(ctx, fn)
}

// Update runs fn in a transaction that writes. Before fn, the call is authorised again on what the changes before it
// have left; after fn, its audit event is written, so that the change and its record commit together or not at all.
// fn may run more than once.
func (c *Call) Update(ctx context.Context, fn func(*store.Tx) error) error {
	effects, notes := len(c.effects), len(c.response)
	err := c.Store.Update(ctx, func(tx *store.Tx) error {
		c.effects, c.response, c.besides = c.effects[:effects], c.response[:notes], nil
		if err := c.authoriseWithin(ctx, tx); err != nil {
			return err
		}
		if err := fn(tx); err != nil {
			return err
		}
		return c.recordChange(tx)
	})
	if err == nil {
		c.recorded = true
		if c.wrote {
			c.WakePost()
		}
	}
	return err
}
