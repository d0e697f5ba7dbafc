package api

import (
	"context"

	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/password"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// HiddenName stands in the record for a name that nobody has, since people type their password into the field of the name.
// See "AWS Management Console sign-in events" in the CloudTrail User Guide.
const HiddenName = "HIDDEN_DUE_TO_SECURITY_REASONS"

// RecordSlowdowns writes down who began to be slowed down since it was last called, and who no longer is. See OWASP ASVS 5.0
// section 16.3.3.
func (s *Services) RecordSlowdowns(ctx context.Context) error {
	turns := s.Throttle.Turns()
	if len(turns) == 0 {
		return nil
	}
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		for _, t := range turns {
			e, err := s.slowdown(tx, t)
			if err != nil {
				return err
			}
			if err := s.append(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// slowdown is the event of a turn.
func (s *Services) slowdown(tx *store.Tx, t password.Turn) (*audit.Event, error) {
	id := s.IDs.UUID()
	e := &audit.Event{ID: id, RequestID: id, Time: inMillis(t.At), Kind: audit.SignIn, Service: SignInSource, Operation: "SlowDownEnded", Region: s.Region,
		Principal: audit.Principal{Type: "AWSService", InvokedBy: SignInSource}}
	if t.Began {
		e.Operation = "SlowDownBegan"
	}
	var facts []audit.Fact
	if t.Address.IsValid() {
		e.SourceIP = t.Address.String()
		facts = append(facts, audit.Fact{Name: "Of", Value: "ADDRESS"})
	} else {
		of, u, err := triedAt(tx, t.Account)
		if err != nil {
			return nil, err
		}
		facts = append(facts, audit.Fact{Name: "Of", Value: of})
		if u != nil {
			e.Resources = []string{"arn:" + ident.Partition + ":identitystore:::user/" + u.ID}
			facts = append(facts, audit.Fact{Name: "userName", Value: u.UserName})
			if i := s.State.Current().InstanceWith(u.StoreID); i != nil {
				e.Account = i.Owner
			}
		}
	}
	if !t.Began {
		facts = append(facts, audit.Fact{Name: "Reason", Value: string(t.Why)})
	}
	e.Details = audit.Facts(facts)
	return e, nil
}
