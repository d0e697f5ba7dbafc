package account

import "github.com/gatehouse-sso/gatehouse/internal/ident"

// Profile is what the Account Management API keeps of an account. Nothing in it decides access.
type Profile struct {
	Account    ident.AccountID
	Contact    *Contact                    // nil until it is put
	Alternates map[string]AlternateContact // BILLING, OPERATIONS, SECURITY
	Regions    map[string]string           // opt-in Region → ENABLED; one that is not there is DISABLED
}

// Contact is the primary contact. See ContactInformation of the Account Management API.
type Contact struct {
	AddressLine1, AddressLine2, AddressLine3 string
	City, CompanyName, CountryCode           string
	DistrictOrCounty, FullName, PhoneNumber  string
	PostalCode, StateOrRegion, WebsiteURL    string
}

// AlternateContact is who is asked besides the root user. See AlternateContact of the Account Management API.
type AlternateContact struct{ Email, Name, Phone, Title string }
