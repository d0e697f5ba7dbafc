// Package account holds the accounts of a server: what they are called, whose they are, and whether they are open.
// An account may stand alone or belong to one organization; which one is the organization's business.
package account

import (
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// Status is the state of an account, in the words of Organizations' AccountStatus.
type Status string

// The states of an account.
const (
	Active    Status = "ACTIVE"
	Suspended Status = "SUSPENDED"
)

// How an account came to its organization, in the words of Organizations' AccountJoinedMethod.
const (
	Created = "CREATED"
	Invited = "INVITED"
)

const (
	// WaitBeforeLeaving is how long an account that was created in an organization has to stay. See
	// ConstraintViolationException, WAIT_PERIOD_ACTIVE.
	WaitBeforeLeaving = 4 * 24 * time.Hour
	// PostClosure is how long a closed account is still shown in its organization. See CloseAccount.
	PostClosure = 90 * 24 * time.Hour
)

// Account is one AWS account.
type Account struct {
	ID        ident.AccountID
	Name      string
	Email     string // as given; unique in its folded form, see FoldEmail
	Status    Status
	CreatedAt time.Time
	ClosedAt  time.Time // zero while the account is open

	// Where the account stands. All are empty for a standalone account.
	OrganizationID string            // o-…
	ParentID       string            // r-… or ou-…
	JoinedAt       time.Time         // when it joined its organization
	JoinedMethod   string            // Created or Invited
	Tags           map[string]string // of the member; they end with the membership

	// RootGeneration is raised to end every session of the root user.
	RootGeneration uint64
}

// Join puts the account under parent in an organization.
func (a *Account) Join(organization, parent, method string, now time.Time) error {
	if a.OrganizationID != "" {
		return fault.New(fault.Conflict, "AlreadyInOrganizationException", "The AWS account is already a member of an organization.")
	}
	a.OrganizationID, a.ParentID, a.JoinedMethod, a.JoinedAt = organization, parent, method, now
	return nil
}

// Leave makes the account stand alone again.
func (a *Account) Leave() {
	a.OrganizationID, a.ParentID, a.JoinedMethod, a.JoinedAt, a.Tags = "", "", "", time.Time{}, nil
}

// Waits reports whether the account is too new to leave its organization. Invited accounts never are.
func (a *Account) Waits(now time.Time) bool {
	return a.JoinedMethod == Created && now.Sub(a.CreatedAt) < WaitBeforeLeaving
}

// Close closes the account: nobody can act in it any more, at once.
func (a *Account) Close(now time.Time) error {
	if a.Status != Active {
		return fault.New(fault.Conflict, "AccountAlreadyClosedException", "You attempted to close an account that is already closed.")
	}
	a.Status, a.ClosedAt = Suspended, now
	a.RootGeneration++
	return nil
}

// Gone reports whether the account was closed so long ago that it is closed for good.
func (a *Account) Gone(now time.Time) bool {
	return !a.ClosedAt.IsZero() && now.Sub(a.ClosedAt) >= PostClosure
}
