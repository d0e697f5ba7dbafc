package organization

import (
	"slices"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// Actions of handshakes. See Handshake of the Organizations API.
const (
	Invite             = "INVITE"
	EnableAllFeatures  = "ENABLE_ALL_FEATURES"  // the one of the management account, finished last
	ApproveAllFeatures = "APPROVE_ALL_FEATURES" // one for every invited account
)

// States of handshakes.
const (
	Requested = "REQUESTED" // others have to answer first
	Open      = "OPEN"
	Canceled  = "CANCELED"
	Accepted  = "ACCEPTED"
	Declined  = "DECLINED"
	Expired   = "EXPIRED"
)

// Kinds of parties of handshakes.
const (
	AccountParty = "ACCOUNT"
	EmailParty   = "EMAIL"
)

const (
	invitationLife = 15 * 24 * time.Hour
	approvalLife   = 90 * 24 * time.Hour
	// afterlife is how long a handshake that is over can still be looked at. See DescribeHandshake.
	afterlife = 30 * 24 * time.Hour
)

// Handshake is a request of an organization to an account, and the answer.
type Handshake struct {
	ID             string // h-…
	OrganizationID string // who asks
	Management     ident.AccountID
	Action         string
	Kind           string          // ACCOUNT or EMAIL
	Target         string          // who is asked: an account id, or an e-mail address
	Account        ident.AccountID // who answered to an e-mail address, or is meant by an account id
	Parent         string          // the ENABLE_ALL_FEATURES handshake that an APPROVE_ALL_FEATURES belongs to
	State          string
	Notes          string
	Tags           map[string]string // of an invited account, once it is a member
	Sender         Sender
	RequestedAt    time.Time
	ExpiresAt      time.Time
	EndedAt        time.Time // zero while it is not answered
}

// Sender is what a handshake tells of the organization at the time it was made.
type Sender struct{ Email, Name, FeatureSet string }

// NewHandshake returns a handshake that waits for the target's answer.
func (o *Organization) NewHandshake(ids *ident.Source, action, kind, target string, now time.Time) *Handshake {
	h := &Handshake{ID: "h-" + ids.Hex(16), OrganizationID: o.ID, Management: o.Management, Action: action, Kind: kind,
		Target: target, State: Open, RequestedAt: now, ExpiresAt: now.Add(invitationLife)}
	if kind == AccountParty {
		h.Account = ident.AccountID(target)
	}
	if action != Invite {
		h.ExpiresAt = now.Add(approvalLife)
	}
	return h
}

// Recipient is by what the handshake is found: the account once it is known, else the e-mail address.
func (h *Handshake) Recipient() string {
	if h.Account != "" {
		return string(h.Account)
	}
	return h.Target
}

// KeptUntil is when nobody can look at the handshake any more.
func (h *Handshake) KeptUntil() time.Time {
	if h.EndedAt.IsZero() {
		return h.ExpiresAt.Add(afterlife)
	}
	return h.EndedAt.Add(afterlife)
}

// StateAt is the state as it is seen at a time: what nobody answered expires by itself.
func (h *Handshake) StateAt(now time.Time) string {
	if h.waiting() && !now.Before(h.ExpiresAt) {
		return Expired
	}
	return h.State
}

// waiting reports whether there is no answer yet.
func (h *Handshake) waiting() bool { return h.State == Open || h.State == Requested }

// End brings the handshake into a final state. Only one that is open can be accepted or declined; one that waits for
// others can be canceled too.
func (h *Handshake) End(state string, now time.Time) error {
	at := h.StateAt(now)
	if at == state {
		return fault.New(fault.Conflict, "HandshakeAlreadyInStateException", "The handshake is already in the requested state.")
	}
	from := []string{Open}
	if state == Canceled {
		from = append(from, Requested)
	}
	if !slices.Contains(from, at) {
		return fault.New(fault.Conflict, "InvalidHandshakeTransitionException",
			"You cannot perform this operation on a handshake in its current state, such as attempting to cancel a handshake "+
				"that was previously accepted or attempting to accept a handshake that was declined.")
	}
	h.State, h.EndedAt = state, now
	return nil
}

// ARN returns the handshake's ARN.
func (h *Handshake) ARN() string {
	return "arn:aws:organizations::" + string(h.Management) + ":handshake/" + h.OrganizationID + "/" + lower(h.Action) + "/" + h.ID
}
