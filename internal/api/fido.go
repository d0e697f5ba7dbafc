package api

import (
	"errors"

	"github.com/gatehouse-sso/gatehouse/internal/factor/fido"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// Party is the server as keys and passkeys know it, by a name for people.
func (s *Services) Party(name string) (*fido.Party, error) {
	p, err := fido.New(s.ExternalURL, name)
	if errors.Is(err, fido.ErrNoName) {
		return nil, fault.New(fault.Invalid, "ValidationException", "Keys and passkeys do not work here, because the address of this server is a number.")
	}
	return p, err
}
