package api

import (
	"errors"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
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

// CodeTries is whose tries at the codes of virtual MFA devices are counted: their owner's.
func CodeTries(owner string) string { return "code\x00" + owner }

// IAMPasswordTries is whose tries at the password of an IAM user are counted, whether there is such a user or not; without
// a name they are those at the root user's.
func IAMPasswordTries(account ident.AccountID, userName string) string {
	return "iam\x00" + string(account) + "\x00" + strings.ToLower(userName)
}

// Slow begins a try at what belongs to a name. A try counts as a failure when it begins; the throttle's Success takes that back.
func (c *Call) Slow(name string) error {
	wait := c.Throttle.Attempt(name, c.Address)
	if wait <= 0 {
		return nil
	}
	code := "TooManyRequestsException"
	if c.Service == "iam" || c.Service == "sts" {
		code = "Throttling"
	}
	return fault.New(fault.Throttled, code, "There were too many tries. Wait %s and try again.", max(wait.Round(time.Second), time.Second))
}
