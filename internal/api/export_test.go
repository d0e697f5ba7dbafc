package api

import "context"

// Authorising returns what decides a call from inside, as often as it is called: the condition keys are gathered, and policies
// asked, each time anew.
func (c *Corridor) Authorising(ctx context.Context, caller Caller, service, operation string, in any) (func() error, error) {
	snapshot := c.State.Current()
	k := &Call{Services: c.Services, corridor: c, Principal: caller.Principal, Snapshot: snapshot, live: snapshot, Now: c.now(), Region: c.Region,
		Address: caller.Address, UserAgent: caller.UserAgent, Secure: true, Service: service, Operation: operation, row: c.Row(service, operation), input: in}
	err := k.resolve(ctx)
	return func() error {
		k.decided = k.decided[:0]
		return k.authorise(snapshot)
	}, err
}
