// Package directory holds the people and groups of an identity store: what may be said of them, which of their names are
// one (Fold), and what they give attributes for access control. The shapes follow the Identity Store API.
package directory

import (
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// User is a person.
type User struct {
	ID       string // a UUID
	StoreID  string // d-…
	UserName string // as given; unique in its folded form, see Fold

	DisplayName                                             string
	GivenName, FamilyName, MiddleName, FormattedName        string
	HonorificPrefix, HonorificSuffix                        string
	NickName, ProfileURL, Title, UserType, Locale, Timezone string
	PreferredLanguage                                       string
	Website                                                 string
	Birthdate                                               string // YYYY-MM-DD
	Emails                                                  []Email
	PhoneNumbers                                            []PhoneNumber
	Addresses                                               []Address
	Photos                                                  []Photo
	Roles                                                   []Role
	ExternalIDs                                             []ExternalID
	Enterprise                                              *Enterprise

	Disabled     bool
	PasswordHash string // a PHC string, empty when there is none
	// PastHashes are those of earlier passwords that may not be used again, the newest first.
	PastHashes []string
	// MustChange has the person choose another password before they sign in. A password that somebody else made is good
	// until PasswordUntil, unless that is zero.
	MustChange    bool
	PasswordUntil time.Time
	// VerifiedEmail is the address at which the person is known to read mail: they used a link that went there.
	VerifiedEmail string
	// Generation is raised to end every session of the person and every key handed out in them.
	Generation uint64
	Trail
}

// Expired reports whether the person's password has come to its end, as those do that somebody else made.
func (u *User) Expired(now time.Time) bool {
	return !u.PasswordUntil.IsZero() && !now.Before(u.PasswordUntil)
}

// Trail is who made a row and who changed it last. Revision counts its states.
type Trail struct {
	CreatedAt, UpdatedAt time.Time
	CreatedBy, UpdatedBy string
	Revision             uint64
}

// Created begins the trail of a new row.
func (t *Trail) Created(at time.Time, by string) { *t = Trail{at, at, by, by, 1} }

// Changed notes a change.
func (t *Trail) Changed(at time.Time, by string) {
	t.UpdatedAt, t.UpdatedBy = at, by
	t.Revision++
}

// Email is an e-mail address of a user.
type Email struct {
	Value, Type string
	Primary     bool
}

// PhoneNumber is a telephone number of a user.
type PhoneNumber struct {
	Value, Type string
	Primary     bool
}

// Address is a postal address of a user.
type Address struct {
	StreetAddress, Locality, Region, PostalCode, Country, Formatted, Type string
	Primary                                                               bool
}

// Photo is a picture of a user, or its address.
type Photo struct {
	Value, Type, Display string
	Primary              bool
}

// Role is what a user does in the organization. It grants nothing.
type Role struct {
	Value, Type string
	Primary     bool
}

// ExternalID is what an external identity provider calls a user or a group. Neither part has blanks.
type ExternalID struct{ Issuer, ID string }

// String is both parts.
func (e ExternalID) String() string { return e.Issuer + " " + e.ID }

// EnterpriseExtension is the name of the extension Enterprise.
const EnterpriseExtension = "aws:identitystore:enterprise"

// Enterprise is where a user stands in a company. See the enterprise user of RFC 7643, section 4.3.
type Enterprise struct {
	EmployeeNumber string   `json:"employeeNumber,omitempty"`
	CostCenter     string   `json:"costCenter,omitempty"`
	Organization   string   `json:"organization,omitempty"`
	Division       string   `json:"division,omitempty"`
	Department     string   `json:"department,omitempty"`
	Manager        *Manager `json:"manager,omitempty"`
}

// Manager is a user's superior.
type Manager struct {
	Value       string `json:"value,omitempty"`
	Ref         string `json:"$ref,omitempty"`
	DisplayName string `json:"displayName,omitempty"`
}

// OrNil is nil for an extension that says nothing.
func (e *Enterprise) OrNil() *Enterprise {
	if e == nil {
		return nil
	}
	if e.Manager != nil && *e.Manager == (Manager{}) {
		e.Manager = nil
	}
	if *e == (Enterprise{}) {
		return nil
	}
	return e
}

// Group is a set of users.
type Group struct {
	ID          string // a UUID
	StoreID     string
	DisplayName string // unique in its folded form
	Description string
	ExternalIDs []ExternalID
	Trail
}

// Membership puts a user into a group.
type Membership struct {
	ID        string // a UUID
	StoreID   string
	GroupID   string
	UserID    string
	CreatedAt time.Time
	CreatedBy string
}

// Fold is the form in which names of users, groups and accounts are compared: compatibility composed and case folded.
func Fold(name string) string { return cases.Fold().String(norm.NFKC.String(name)) }
