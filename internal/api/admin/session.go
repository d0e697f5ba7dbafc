package admin

import (
	"context"
	"slices"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// listSessions lists where somebody is signed in, browsers and programs.
func listSessions(ctx context.Context, c *api.Call, in *ListSessionsInput) (*ListSessionsOutput, error) {
	return api.Look(ctx, c, func(tx *store.Tx) (*ListSessionsOutput, error) {
		who, err := signerOf(tx, c, in.called())
		if err != nil {
			return nil, err
		}
		sessions, err := who.sessions(tx)
		if err != nil {
			return nil, err
		}
		out := &ListSessionsOutput{Sessions: []UserSession{}}
		for _, s := range sessions {
			shown := UserSession{SessionId: s.ID, Address: s.Address, Client: factor.Browser(s.UserAgent), Program: len(s.SecretHash) == 0,
				CreatedDate: s.CreatedAt, ExpirationDate: s.ExpiresAt}
			if !s.MFAAt.IsZero() {
				shown.MfaDate = &s.MFAAt
			}
			out.Sessions = append(out.Sessions, shown)
		}
		return out, nil
	})
}

// batchDeleteSession signs somebody out: of the sessions that are named, or of all. The keys that were handed out in
// them die with them.
func batchDeleteSession(ctx context.Context, c *api.Call, in *BatchDeleteSessionInput) (*BatchDeleteSessionOutput, error) {
	return &BatchDeleteSessionOutput{}, c.Update(ctx, func(tx *store.Tx) error {
		who, err := signerOf(tx, c, in.called())
		if err != nil {
			return err
		}
		sessions, err := who.sessions(tx)
		if err != nil {
			return err
		}
		found := 0
		for _, s := range sessions {
			if len(in.SessionIds) > 0 && !slices.Contains(in.SessionIds, s.ID) {
				continue
			}
			found++
			if err := api.EndSession(tx, s.ID); err != nil {
				return err
			}
		}
		if found < len(in.SessionIds) {
			return fault.New(fault.NotFound, "ResourceNotFoundException", "%s has no such session, or not any more.", who.name)
		}
		return nil
	})
}

// describeSignInDelay says how long somebody has to wait after failed tries.
func describeSignInDelay(ctx context.Context, c *api.Call, in *DescribeSignInDelayInput) (*DescribeSignInDelayOutput, error) {
	who, err := api.Look(ctx, c, func(tx *store.Tx) (*signer, error) { return signerOf(tx, c, in.called()) })
	if err != nil {
		return nil, err
	}
	out := &DescribeSignInDelayOutput{}
	for _, name := range who.tries {
		failures, wait := c.Throttle.Delay(name)
		out.FailedAttempts += int32(failures)
		out.Seconds = max(out.Seconds, int32(wait.Seconds()+0.999))
	}
	return out, nil
}

// clearSignInDelay lets somebody try again at once, and have another mail, on this node. Addresses that failed often go on waiting.
func clearSignInDelay(ctx context.Context, c *api.Call, in *ClearSignInDelayInput) (*ClearSignInDelayOutput, error) {
	var who *signer
	err := c.Update(ctx, func(tx *store.Tx) (err error) {
		who, err = signerOf(tx, c, in.called())
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, name := range who.tries {
		c.Throttle.Clear(name)
	}
	return &ClearSignInDelayOutput{}, nil
}
