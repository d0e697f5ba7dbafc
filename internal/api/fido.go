package api

import (
	"errors"

	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/factor/fido"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Party is the server as keys and passkeys know it, by a name for people.
func (s *Services) Party(name string) (*fido.Party, error) {
	p, err := fido.New(s.ExternalURL, name)
	if errors.Is(err, fido.ErrNoName) {
		return nil, fault.New(fault.Invalid, "ValidationException", "Keys and passkeys do not work here, because the address of this server is a number.")
	}
	return p, err
}

// AskKey returns what the browser asks of any key of who, and has the attempt wait for the answer.
func AskKey(tx *store.Tx, p *fido.Party, who *fido.Person, a *factor.Attempt, challenge []byte) (options []byte, err error) {
	if options, err = p.Ask(who, challenge); err != nil {
		return nil, err
	}
	a.Challenged(challenge, tx.Now)
	return options, store.Attempts.Save(tx, a)
}

// UseKey checks the answer of a key of who to a challenge, and keeps what it tells of the key. A key that proves who they are
// all alone has to have verified them. The error is wrong for an answer that is not right, and where none was waited for.
func (c *Call) UseKey(tx *store.Tx, p *fido.Party, who *fido.Person, challenge []byte, answer *fido.Answer, alone bool, wrong *fault.Fault) (*factor.Device, error) {
	if challenge == nil {
		return nil, wrong
	}
	used, err := p.Check(who, challenge, answer, alone)
	if err != nil {
		return nil, wrong.Because(err)
	}
	if used.Credential.Cloned {
		c.Note("counterWentBack", used.ID) // there may be a copy of the key: section 7.2 of Web Authentication Level 3, step 22
	}
	used.LastUsedAt = tx.Now
	return used, store.Factors.Save(tx, used)
}
