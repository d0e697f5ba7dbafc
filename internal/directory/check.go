package directory

import (
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// Check refuses a user that lacks what every user has to have, or whose name is reserved.
// See CreateUser of the Identity Store API.
func (u *User) Check() error {
	for _, a := range []struct{ name, value string }{
		{"userName", u.UserName}, {"displayName", u.DisplayName},
		{"name.givenName", u.GivenName}, {"name.familyName", u.FamilyName},
	} {
		if strings.TrimSpace(a.value) == "" {
			return fault.New(fault.Invalid, "ValidationException", "%s is a required attribute", a.name)
		}
	}
	primary := 0
	for _, e := range u.Emails {
		if e.Primary {
			primary++
		}
	}
	if primary > 1 {
		return fault.New(fault.Invalid, "ValidationException", "At most one e-mail address can be primary.")
	}
	return reserved("userName", u.UserName)
}

// Check refuses a group without a name, or whose name is reserved.
func (g *Group) Check() error {
	if strings.TrimSpace(g.DisplayName) == "" {
		return fault.New(fault.Invalid, "ValidationException", "displayName is a required attribute")
	}
	return reserved("displayName", g.DisplayName)
}

// reserved refuses the names that AWS keeps for itself.
func reserved(attribute, name string) error {
	switch Fold(name) {
	case "administrator", "awsadministrators":
		return fault.New(fault.Invalid, "ValidationException", "%s is a reserved %s", name, attribute)
	}
	return nil
}
