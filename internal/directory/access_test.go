package directory

import (
	"slices"
	"testing"
)

func TestAccessValuesAreWhatTheUserHas(t *testing.T) {
	t.Parallel()
	u := &User{UserName: "pcollins", GivenName: "Pat", Enterprise: &Enterprise{Department: "R&D", Manager: &Manager{Value: "m-1"}},
		Emails:       []Email{{Value: "home@example.com"}, {Value: "pat@example.com", Primary: true}},
		PhoneNumbers: []PhoneNumber{{Value: "1", Type: "home"}, {Value: "2", Type: "Work"}},
		Addresses:    []Address{{Locality: "Bonn", Type: "work"}, {Locality: "Kiel", Type: "work"}}}
	for source, want := range map[string][]string{
		"${path:userName}":                           {"pcollins"},
		"${path:name.givenName}":                     {"Pat"},
		"${path:name.familyName}":                    nil,
		"${path:enterprise.department}":              {"R&D"},
		"${path:enterprise.manager.value}":           {"m-1"},
		"${path:enterprise.costCenter}":              nil,
		"${path:emails[primary eq true].value}":      {"pat@example.com"},
		`${path:phoneNumbers[type eq "work"].value}`: {"2"},
		`${path:addresses[type eq "work"].locality}`: {"Bonn", "Kiel"},
		`${path:addresses[type eq "work"].region}`:   nil,
	} {
		if got := u.AccessValues(source); !slices.Equal(got, want) || !IsAccessSource(source) {
			t.Errorf("%s: got %q, want %q", source, got, want)
		}
	}
	if got := (&User{}).AccessValues("${path:enterprise.manager.value}"); got != nil {
		t.Errorf("of nobody's manager: got %q", got)
	}
	for _, source := range []string{"", "userName", "${path:PasswordHash}", "${path:username}"} {
		if IsAccessSource(source) || u.AccessValues(source) != nil {
			t.Errorf("%q is a source", source)
		}
	}
}
