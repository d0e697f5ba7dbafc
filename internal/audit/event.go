// Package audit is the record of what happened: events in the shape of CloudTrail's that also keep what each decision
// was made of, their encoding, the chain that makes cuts and edits visible, and blocks of events that come in numbers.
//
// It does no I/O and holds no key. The store keeps the rows, and whoever has the keys hands in functions that make
// and check MACs.
//
// # What protects a record
//
// A record carries a MAC from the moment it is written, in the transaction of the change it tells of; so nobody without
// the key writes or edits one. Afterwards one sealer chains the committed records in their order: each link is the hash
// of the link before and of the whole record, MAC included; so a record that is taken out, put elsewhere or swapped
// breaks every later link. The hash has no key, so that anybody can check a copy; what makes a rewritten chain visible is
// a head that was logged elsewhere. Verify takes such heads.
//
// Reads, vended credentials and denials come in numbers and go in blocks: up to 2048 events, which share what they have in
// common, under one MAC.
//
// Events never hold secrets: whoever makes one redacts its parameters.
package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// Kind groups events by what they are kept for.
type Kind string

// The kinds.
const (
	Change       Kind = "change"  // a management operation that wrote, or tried to
	Read         Kind = "read"    // a management operation that only read
	Vend         Kind = "vend"    // credentials were handed out
	Denial       Kind = "denial"  // a policy said no
	ServiceEvent Kind = "service" // done by a service on somebody's behalf
	SignIn       Kind = "signin"  // somebody signed in, or could not
)

// Principal is who did it, as CloudTrail's userIdentity tells it.
type Principal struct {
	Type        string          `json:"type,omitempty"` // Root, IAMUser, AssumedRole, FederatedUser, IdentityCenterUser, AWSService, AWSAccount, Unknown
	ID          string          `json:"id,omitempty"`   // the principal id, such as AROA…:pcollins
	ARN         string          `json:"arn,omitempty"`
	Account     ident.AccountID `json:"account,omitempty"`
	AccessKeyID string          `json:"key,omitempty"`
	UserName    string          `json:"name,omitempty"`
	InvokedBy   string          `json:"by,omitempty"` // the service that acted

	// Of sessions.
	IssuerType     string `json:"issuerType,omitempty"` // Role, IAMUser or Root
	IssuerID       string `json:"issuerId,omitempty"`
	IssuerARN      string `json:"issuerArn,omitempty"`
	IssuerName     string `json:"issuerName,omitempty"`
	SessionName    string `json:"session,omitempty"`
	SessionIssued  int64  `json:"issued,omitempty"` // milliseconds
	MFA            bool   `json:"mfa,omitempty"`
	SourceIdentity string `json:"source,omitempty"`
	// SessionPolicies are what bounds the session, as it was passed: documents and ARNs, as a JSON array of strings.
	SessionPolicies string `json:"policies,omitempty"`

	// Of people in the directory.
	UserID           string `json:"user,omitempty"`
	IdentityStoreARN string `json:"directory,omitempty"`
	CredentialID     string `json:"credential,omitempty"` // the portal session
}

// Event is one thing that happened.
type Event struct {
	ID        string
	Time      time.Time // milliseconds
	Kind      Kind
	Account   ident.AccountID // the account it happened in
	Principal Principal
	Service   string // the event source without its domain, such as "sso"
	Operation string
	Action    string // the IAM action that was decided on
	Resources []string

	SourceIP     string
	UserAgent    string
	RequestID    string
	Region       string
	ErrorCode    string
	ErrorMessage string

	Parameters json.RawMessage // the input, redacted
	Response   json.RawMessage // ids of the output, made by Facts
	Details    json.RawMessage // additionalEventData

	Decisions   []Decision      // in their order; the last is the one that refused a call that was denied
	Explanation json.RawMessage // of the decision that refused the call, by the policies of that time
}

// Fact is a member of a response that is kept.
type Fact struct{ Name, Value string }

// Called is the detail that names the service and the operation of a call which is told of as something else, such as a
// sign-in's UserAuthentication.
const Called = "Called"

// Facts returns the JSON object of facts, nil when there are none.
func Facts(facts []Fact) json.RawMessage {
	if len(facts) == 0 {
		return nil
	}
	o := object{buf: append(make([]byte, 0, 128), '{')}
	for _, f := range facts {
		o.member(f.Name)
		o.buf = appendJSONString(o.buf, f.Value)
	}
	return append(o.buf, '}')
}

// row is the encoded form: one JSON object with short names in this order. The order and the names are part of the
// format: records are hashed as bytes and never written again.
type row struct {
	ID        string          `json:"id"`
	Time      int64           `json:"t"`
	Kind      Kind            `json:"k"`
	Account   ident.AccountID `json:"a,omitempty"`
	Service   string          `json:"s,omitempty"`
	Operation string          `json:"o,omitempty"`
	Action    string          `json:"act,omitempty"`
	Resources []string        `json:"res,omitempty"`
	Principal Principal       `json:"p,omitzero"`
	SourceIP  string          `json:"ip,omitempty"`
	UserAgent string          `json:"ua,omitempty"`
	RequestID string          `json:"rid,omitempty"`
	Region    string          `json:"r,omitempty"`
	Code      string          `json:"e,omitempty"`
	Message   string          `json:"em,omitempty"`
	Params    json.RawMessage `json:"in,omitempty"`
	Response  json.RawMessage `json:"out,omitempty"`
	Details   json.RawMessage `json:"x,omitempty"`
	Decisions decisions       `json:"d,omitempty"`
	Why       json.RawMessage `json:"why,omitempty"`
}

// decodeStrictly reads one JSON value whose members are all known.
func decodeStrictly(body []byte, to any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(to); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errTrailing
	}
	return nil
}

// Encode returns the compact form of e. Equal events have equal encodings. The parts that are JSON already have to be
// compact, as json.Marshal writes them.
func (e *Event) Encode() ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	return appendEvent(nil, e), nil
}

// check refuses an event a part of which has to be JSON and is not.
func (e *Event) check() error {
	for _, part := range [...]json.RawMessage{e.Parameters, e.Details, e.Explanation} {
		if len(part) > 0 && !json.Valid(part) {
			return fmt.Errorf("encode audit event %s: %w", e.ID, errNotJSON)
		}
	}
	return nil
}

// errNotJSON is what parameters, a response or details may not be.
var errNotJSON = errors.New("a part of it is not JSON")

// errTrailing is what follows an event in its body.
var errTrailing = errors.New("something follows the event")

// Decode reads what Encode wrote. It refuses members it does not know: an older program must not explain half an event.
func Decode(body []byte) (Event, error) {
	var r row
	if err := decodeStrictly(body, &r); err != nil {
		return Event{}, fmt.Errorf("decode audit event: %w", err)
	}
	return Event{
		ID: r.ID, Time: time.UnixMilli(r.Time).UTC(), Kind: r.Kind, Account: r.Account, Service: r.Service, Operation: r.Operation,
		Action: r.Action, Resources: r.Resources, Principal: r.Principal, SourceIP: r.SourceIP, UserAgent: r.UserAgent,
		RequestID: r.RequestID, Region: r.Region, ErrorCode: r.Code, ErrorMessage: r.Message, Parameters: r.Params,
		Response: r.Response, Details: r.Details, Decisions: r.Decisions, Explanation: r.Why,
	}, nil
}
