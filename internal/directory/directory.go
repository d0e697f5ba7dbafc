// Package directory holds the people and groups of an identity store. The shapes follow the Identity Store API.
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
	Emails                                                  []Email
	PhoneNumbers                                            []PhoneNumber
	Addresses                                               []Address

	Disabled     bool
	PasswordHash string // a PHC string, empty when there is none
	// Generation is raised to end every session of the person and every key handed out in them.
	Generation           uint64
	CreatedAt, UpdatedAt time.Time
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

// Group is a set of users.
type Group struct {
	ID                   string // a UUID
	StoreID              string
	DisplayName          string // unique in its folded form
	Description          string
	CreatedAt, UpdatedAt time.Time
}

// Membership puts a user into a group.
type Membership struct {
	ID        string // a UUID
	StoreID   string
	GroupID   string
	UserID    string
	CreatedAt time.Time
}

// Fold is the form in which names of users, groups and accounts are compared: compatibility composed and case folded.
func Fold(name string) string { return cases.Fold().String(norm.NFKC.String(name)) }
