package permission

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// mostFormer is how many addresses a portal may have had. They are kept from everybody else.
const mostFormer = 20

// addressForm is what the address of a portal looks like: what AWS lets people choose before .awsapps.com. See Alias of
// CreateAlias in the AWS Directory Service API Reference.
var addressForm = regexp.MustCompile(`^[a-z0-9]+(-+[a-z0-9]+)*$`)

// CheckAddress says what is wrong with the address that somebody chose for a portal.
func CheckAddress(address string) error {
	switch {
	case len(address) > 62 || !addressForm.MatchString(address):
		return fault.New(fault.Invalid, "ValidationException", "The address of a portal has at most 62 letters a to z, digits and hyphens, and begins and ends without a hyphen.")
	case strings.HasPrefix(address, "d-") || strings.HasPrefix(address, "ssoins-") || ReservedPortal(address):
		return fault.New(fault.Invalid, "ValidationException", "No portal can have the address %q. Choose another one.", address)
	}
	return nil
}

// PortalName is what follows /start/ in the address of the portal; empty for /start itself.
func (i *Instance) PortalName() string { return cmp.Or(i.Address, i.Portal) }

// PortalNames are all names that lead to the portal.
func (i *Instance) PortalNames() []string {
	names := append([]string{i.Portal, i.IdentityStoreID}, i.Former...)
	if i.Address != "" {
		names = append(names, i.Address)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// PutAddress gives the portal an address, or the first one again when it is empty. Bookmarks outlive a change, and whoever
// got an address that others had would be asked for their passwords: so an address stays with who had it.
func (i *Instance) PutAddress(address string) error {
	if address == i.Address {
		return nil
	}
	if address != "" {
		if err := CheckAddress(address); err != nil {
			return err
		}
	}
	i.Former = slices.DeleteFunc(slices.Clone(i.Former), func(f string) bool { return f == address })
	if i.Address != "" {
		i.Former = append(i.Former, i.Address)
	}
	if len(i.Former) > mostFormer {
		return fault.New(fault.Limit, "LimitExceededException", "The address of this portal was changed %d times, which is as often as it can be.", mostFormer)
	}
	i.Address = address
	return nil
}
