package self

import (
	"errors"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/factor/fido"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// subject is a person with all that they prove themselves with, and what is asked of them, as one transaction sees it.
type subject struct {
	user     *directory.User
	instance *permission.Instance
	policy   *factor.Policy
	devices  []*factor.Device
	holder   *factor.Holder // nil for who never had a device
}

// subjectOf reads who a person is. One who is disabled or gone is nobody.
func subjectOf(tx *store.Tx, c *api.Call, userID string) (*subject, error) {
	u, err := store.Users.Get(tx, userID)
	if err != nil {
		return nil, store.Missing(err, wrong())
	}
	s := &subject{user: u, instance: c.Snapshot.InstanceWith(u.StoreID)}
	if u.Disabled || s.instance == nil {
		return nil, wrong()
	}
	if s.policy, err = api.SignInPolicy(tx, s.instance.ARN); err != nil {
		return nil, err
	}
	if s.devices, _, err = store.Factors.List(tx, "owner", []any{u.ID}, "", 0); err != nil {
		return nil, err
	}
	s.holder, err = store.Holders.Get(tx, u.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	return s, nil
}

// state is the fingerprint of what the person proves themselves with.
func (s *subject) state() []byte {
	return factor.Fingerprint(s.user.PasswordHash, s.user.Generation, s.devices)
}

// fido is the person as keys and passkeys know them.
func (s *subject) fido() *fido.Person {
	p := &fido.Person{Name: s.user.UserName, Display: s.user.DisplayName, Devices: s.devices}
	if s.holder != nil {
		p.Handle = s.holder.Handle
	}
	if p.Display == "" {
		p.Display = p.Name
	}
	return p
}

// codes is how many recovery codes the person has left.
func (s *subject) codes() int {
	if s.holder == nil || !s.policy.OwnDevices {
		return 0
	}
	return len(s.holder.Codes)
}

// issuer is what the person's sign-in is called on their devices: the name of the organization's chief account.
func (s *subject) issuer(c *api.Call) string {
	return c.Organization(s.instance)
}

// party is the relying party of the server.
func (s *subject) party(c *api.Call) (*fido.Party, error) {
	return c.Party(s.issuer(c))
}

// ended is the answer to a sign-in that cannot go on.
func ended() error {
	return fault.New(fault.Unauthenticated, "UnauthorizedException", "This sign-in took too long, or something about your account changed. Begin again.")
}
