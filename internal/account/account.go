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

// Account is one AWS account.
type Account struct {
	ID        ident.AccountID
	Name      string
	Email     string // as given; unique in its folded form, see FoldEmail
	Status    Status
	CreatedAt time.Time

	// Where the account stands. All are empty for a standalone account.
	OrganizationID string    // o-…
	ParentID       string    // r-… or ou-…
	JoinedAt       time.Time // when it joined its organization
	JoinedMethod   string    // CREATED or INVITED

	// RootGeneration is raised to end every session of the root user.
	RootGeneration uint64
}

// ARN returns the account's ARN in its organization. See DescribeAccount of the Organizations API.
func (a *Account) ARN(management ident.AccountID) string {
	return "arn:aws:organizations::" + string(management) + ":account/" + a.OrganizationID + "/" + string(a.ID)
}

// Join puts the account under parent in an organization.
func (a *Account) Join(organization, parent, method string, now time.Time) error {
	if a.OrganizationID != "" {
		return fault.New(fault.Conflict, "AlreadyInOrganizationException", "The account %s is a member of an organization already.", a.ID)
	}
	a.OrganizationID, a.ParentID, a.JoinedMethod, a.JoinedAt = organization, parent, method, now
	return nil
}
