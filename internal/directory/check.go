package directory

import (
	"strings"
	"time"
	"unicode/utf8"

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
	if _, err := time.Parse(time.DateOnly, u.Birthdate); u.Birthdate != "" && err != nil {
		return fault.New(fault.Invalid, "ValidationException", "birthdate is not a date in the format YYYY-MM-DD")
	}
	for _, err := range []error{
		onePrimary("emails", u.Emails, func(e Email) bool { return e.Primary }),
		onePrimary("photos", u.Photos, func(p Photo) bool { return p.Primary }),
		u.Enterprise.check(), oneExternal(u.ExternalIDs),
	} {
		if err != nil {
			return err
		}
	}
	return reserved("userName", u.UserName)
}

// Check refuses a group without a name, or whose name is reserved.
func (g *Group) Check() error {
	if strings.TrimSpace(g.DisplayName) == "" {
		return fault.New(fault.Invalid, "ValidationException", "displayName is a required attribute")
	}
	if err := oneExternal(g.ExternalIDs); err != nil {
		return err
	}
	return reserved("displayName", g.DisplayName)
}

func onePrimary[T any](attribute string, list []T, primary func(T) bool) error {
	n := 0
	for _, v := range list {
		if primary(v) {
			n++
		}
	}
	if n > 1 {
		return fault.New(fault.Invalid, "ValidationException", "Only one of %s can be primary", attribute)
	}
	return nil
}

// oneExternal keeps external ids to one, by which a user or a group is found.
func oneExternal(ids []ExternalID) error {
	if len(ids) > 1 {
		return fault.New(fault.Invalid, "ValidationException", "externalIds has at most one element")
	}
	return nil
}

// longestText is the length of the longest attribute of an extension, in characters, as of all other attributes.
const longestText = 1024

func (e *Enterprise) check() error {
	if e == nil {
		return nil
	}
	texts := []string{e.EmployeeNumber, e.CostCenter, e.Organization, e.Division, e.Department}
	if m := e.Manager; m != nil {
		texts = append(texts, m.Value, m.Ref, m.DisplayName)
	}
	for _, t := range texts {
		if utf8.RuneCountInString(t) > longestText {
			return fault.New(fault.Invalid, "ValidationException", "An attribute of %s has more than %d characters", EnterpriseExtension, longestText)
		}
	}
	return nil
}

// reserved refuses the names that AWS keeps for itself.
func reserved(attribute, name string) error {
	switch Fold(name) {
	case "administrator", "awsadministrators":
		return fault.New(fault.Invalid, "ValidationException", "%s is a reserved %s", name, attribute)
	}
	return nil
}
