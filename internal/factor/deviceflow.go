package factor

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// DeviceProof says when a fresh proof of who the person is comes before they let a device in.
type DeviceProof string

// When it does.
const (
	ProveNever     DeviceProof = "" // unless access keys want one, too
	ProveElsewhere DeviceProof = "ADDRESS_DIFFERS"
	ProveAlways    DeviceProof = "ALWAYS"
)

// DeviceFlow is what a policy says about devices that are let in by their code: a code can be sent by somebody else. See
// RFC 8628 section 5.4.
type DeviceFlow struct {
	Off     bool     // for all
	OnlyFor []string // groups whose members alone let devices in, by id; none for everybody
	NotFor  []string // groups whose members let none in, by id
	Proof   DeviceProof
	Session time.Duration // how long a device is let in; 0 for as long as the sign-in lasts that it stands on
}

var errDeviceSession = errors.New("a device is let in for 15 minutes to 90 days, or 0 for as long as the sign-in lasts")

func (f *DeviceFlow) check() error {
	switch {
	case !slices.Contains([]DeviceProof{ProveNever, ProveElsewhere, ProveAlways}, f.Proof):
		return fmt.Errorf("a fresh proof comes before a device is let in %s, if %s, or NEVER", ProveAlways, ProveElsewhere)
	case f.Session != 0 && (f.Session < ShortSession || f.Session > LongSession):
		return errDeviceSession
	}
	return nil
}

// Permits reports whether a person lets devices in. member says whether they are in a group.
func (f *DeviceFlow) Permits(member func(group string) (bool, error)) (bool, error) {
	if f.Off {
		return false, nil
	}
	if in, err := inAny(f.NotFor, member); err != nil || in {
		return false, err
	}
	if len(f.OnlyFor) == 0 {
		return true, nil
	}
	return inAny(f.OnlyFor, member)
}

func inAny(groups []string, member func(string) (bool, error)) (bool, error) {
	for _, g := range groups {
		if in, err := member(g); err != nil || in {
			return in, err
		}
	}
	return false, nil
}

// WantsProof reports whether a fresh proof comes first. elsewhere says that the device is at another address than the
// person.
func (f *DeviceFlow) WantsProof(elsewhere bool) bool {
	return f.Proof == ProveAlways || f.Proof == ProveElsewhere && elsewhere
}
