package api

import (
	"errors"

	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// LetsDevicesIn reports whether a person may let devices in by a code, as things are now.
func LetsDevicesIn(tx *store.Tx, f *factor.DeviceFlow, userID string) (bool, error) {
	return f.Permits(func(group string) (bool, error) {
		_, err := store.Memberships.By(tx, "pair", group, userID)
		if errors.Is(err, store.ErrNotFound) {
			return false, nil
		}
		return err == nil, err
	})
}

// OtherThanCodes tells people how to sign in where devices are not let in by a code.
const OtherThanCodes = "Sign in with your program's browser window instead: aws sso login, without --use-device-code."
