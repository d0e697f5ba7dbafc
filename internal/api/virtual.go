package api

import (
	"errors"

	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// TryCode compares a code with what a virtual MFA device of owner shows, and answers the device with the code used up in it.
// Who wants it to stay used up saves the device. Without such a device it answers nil; ok says whether the code is right.
func (s *Services) TryCode(tx *store.Tx, serial, owner, code string) (v *factor.Virtual, ok bool, err error) {
	v, err = store.Virtuals.Get(tx, serial)
	if errors.Is(err, store.ErrNotFound) || err == nil && v.Owner != owner {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	seed, err := s.Seal.OpenValue(v.SealedSeed, []byte(v.Serial))
	if err != nil {
		return nil, false, err
	}
	return v, v.Accept([]byte(seed.Reveal()), code, tx.Now), nil
}

// CountDevices is how many devices of any kind an IAM user or root user has.
func CountDevices(tx *store.Tx, owner string) (int, error) {
	apps, err := store.Virtuals.Count(tx, "owner", owner)
	if err != nil {
		return 0, err
	}
	keys, err := store.Factors.Count(tx, "owner", owner)
	return apps + keys, err
}
