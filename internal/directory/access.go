package directory

import "strings"

// accessSources are where the values of attributes for access control come from: the sources that an administrator may
// name. See "Attributes for access control" and "Attribute mappings between IAM Identity Center and External Identity
// Providers directory" in the IAM Identity Center User Guide.
var accessSources = map[string]func(*User) []string{
	"${path:userName}":                           func(u *User) []string { return []string{u.UserName} },
	"${path:name.familyName}":                    func(u *User) []string { return []string{u.FamilyName} },
	"${path:name.givenName}":                     func(u *User) []string { return []string{u.GivenName} },
	"${path:displayName}":                        func(u *User) []string { return []string{u.DisplayName} },
	"${path:nickName}":                           func(u *User) []string { return []string{u.NickName} },
	"${path:userType}":                           func(u *User) []string { return []string{u.UserType} },
	"${path:title}":                              func(u *User) []string { return []string{u.Title} },
	"${path:locale}":                             func(u *User) []string { return []string{u.Locale} },
	"${path:timezone}":                           func(u *User) []string { return []string{u.Timezone} },
	"${path:emails[primary eq true].value}":      primaryEmails,
	`${path:phoneNumbers[type eq "work"].value}`: workPhones,

	`${path:addresses[type eq "work"].streetAddress}`: workAddresses(func(a *Address) string { return a.StreetAddress }),
	`${path:addresses[type eq "work"].locality}`:      workAddresses(func(a *Address) string { return a.Locality }),
	`${path:addresses[type eq "work"].region}`:        workAddresses(func(a *Address) string { return a.Region }),
	`${path:addresses[type eq "work"].postalCode}`:    workAddresses(func(a *Address) string { return a.PostalCode }),
	`${path:addresses[type eq "work"].country}`:       workAddresses(func(a *Address) string { return a.Country }),
	`${path:addresses[type eq "work"].formatted}`:     workAddresses(func(a *Address) string { return a.Formatted }),

	"${path:enterprise.employeeNumber}": enterprise(func(e *Enterprise) string { return e.EmployeeNumber }),
	"${path:enterprise.costCenter}":     enterprise(func(e *Enterprise) string { return e.CostCenter }),
	"${path:enterprise.organization}":   enterprise(func(e *Enterprise) string { return e.Organization }),
	"${path:enterprise.division}":       enterprise(func(e *Enterprise) string { return e.Division }),
	"${path:enterprise.department}":     enterprise(func(e *Enterprise) string { return e.Department }),
	"${path:enterprise.manager.value}": enterprise(func(e *Enterprise) string {
		if e.Manager == nil {
			return ""
		}
		return e.Manager.Value
	}),

	"${user:email}":      primaryEmails,
	"${user:familyName}": func(u *User) []string { return []string{u.FamilyName} },
	"${user:givenName}":  func(u *User) []string { return []string{u.GivenName} },
	"${user:middleName}": func(u *User) []string { return []string{u.MiddleName} },
	"${user:name}":       func(u *User) []string { return []string{u.FormattedName} },
	"${user:subject}":    func(u *User) []string { return []string{u.UserName} },
}

func primaryEmails(u *User) []string {
	var list []string
	for _, e := range u.Emails {
		if e.Primary {
			list = append(list, e.Value)
		}
	}
	return list
}

func workPhones(u *User) []string {
	var list []string
	for _, p := range u.PhoneNumbers {
		if strings.EqualFold(p.Type, "work") {
			list = append(list, p.Value)
		}
	}
	return list
}

func workAddresses(part func(*Address) string) func(*User) []string {
	return func(u *User) []string {
		var list []string
		for i := range u.Addresses {
			if strings.EqualFold(u.Addresses[i].Type, "work") {
				list = append(list, part(&u.Addresses[i]))
			}
		}
		return list
	}
}

func enterprise(part func(*Enterprise) string) func(*User) []string {
	return func(u *User) []string {
		if u.Enterprise == nil {
			return nil
		}
		return []string{part(u.Enterprise)}
	}
}

// IsAccessSource reports whether attributes for access control can have their values from source.
func IsAccessSource(source string) bool { return accessSources[source] != nil }

// AccessValues returns what the user has at a source; empty values are left out. There is more than one value only
// where the user has several of what a source names, such as two work addresses.
func (u *User) AccessValues(source string) []string {
	of := accessSources[source]
	if of == nil {
		return nil
	}
	var list []string
	for _, v := range of(u) {
		if v != "" {
			list = append(list, v)
		}
	}
	return list
}
