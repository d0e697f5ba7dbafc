package ssoadmin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/provision"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Provisioning of all accounts goes in batches, each a transaction, so that nobody's write waits long. A status says how
// far it is, and is saved with each batch: whoever finds it after a crash goes on from there. On several nodes two may
// do so at once; the database makes them take turns, and a batch that is done is not done again.
const (
	batchSize = 100
	lookEvery = 30 * time.Second // for what a node that ended has left
)

// Work provisions what calls have begun and what was left unfinished, until ctx ends.
func Work(ctx context.Context, s *api.Services) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		if err := finishAll(ctx, s); err != nil && ctx.Err() == nil {
			s.Log.Error("provisioning stands still", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.Work:
		case <-tick.C:
		}
	}
}

// finishAll works on every unfinished status to its end.
func finishAll(ctx context.Context, s *api.Services) error {
	var waiting []*permission.Status
	err := s.Store.View(ctx, func(tx *store.Tx) (err error) {
		waiting, _, err = store.Statuses.List(tx, "unfinished", []any{permission.InProgress}, "", 0)
		return err
	})
	for _, status := range waiting {
		err = errors.Join(err, finish(ctx, s, status.RequestID))
	}
	return err
}

// finish works on one status. What it cannot do ends the status too: nobody should wait for ever.
func finish(ctx context.Context, s *api.Services, id string) error {
	for done := false; !done; {
		err := s.Continue(ctx, id, func(tx *store.Tx, effect func(api.Effect)) error {
			status, err := store.Statuses.By(tx, "request", id)
			if done = err == nil && status.State != permission.InProgress; err != nil || done {
				return err
			}
			if err := advance(tx, status, s.Region, effect); err != nil {
				return err
			}
			done = status.State != permission.InProgress
			return store.Statuses.Save(tx, status)
		})
		if err != nil && ctx.Err() == nil {
			return errors.Join(err, giveUp(ctx, s, id))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// giveUp ends a status that cannot be worked on, in AWS's words for it.
func giveUp(ctx context.Context, s *api.Services, id string) error {
	return s.Continue(ctx, id, func(tx *store.Tx, _ func(api.Effect)) error {
		status, err := store.Statuses.By(tx, "request", id)
		if err != nil {
			return err
		}
		status.Job = nil
		status.Fail("An unexpected internal service exception was encountered")
		return store.Statuses.Save(tx, status)
	})
}

// advance provisions the next batch of accounts, and ends the status with the last. A failure in one account keeps no
// other from it; the first one is the reason.
func advance(tx *store.Tx, status *permission.Status, region string, effect func(api.Effect)) error {
	set, err := store.PermissionSets.Get(tx, status.SetARN)
	if errors.Is(err, store.ErrNotFound) {
		status.Job = nil
		status.Fail("Received a 404 status error: PermissionSet with PermissionSetArn " + status.SetARN + " was not found")
		return nil
	}
	if err != nil {
		return err
	}
	version, err := store.Versions.Get(tx, set.ARN, status.Job.Version)
	if err != nil {
		return fmt.Errorf("find version %d of %s: %w", status.Job.Version, set.ARN, err)
	}
	i, err := store.Instances.Get(tx, set.InstanceARN)
	if err != nil {
		return fmt.Errorf("find instance %s: %w", set.InstanceARN, err)
	}
	rows, next, err := store.Provisioned.List(tx, "set", []any{set.ARN}, status.Job.After, batchSize)
	if err != nil {
		return err
	}
	for _, r := range rows {
		place := provision.Place{Set: set, Account: r.Account, Region: region}
		denied := ""
		if r.Account == i.Owner {
			denied = status.Job.Denied
		}
		reason, err := bring(tx, place, version, denied, effect)
		if err != nil {
			return err
		}
		if reason != "" {
			status.Job.Note(reason)
		}
	}
	if status.Job.After = next; next == "" {
		status.End()
	}
	return nil
}

// bring moves the role of one place to a version. A reason says why it could not be.
func bring(tx *store.Tx, place provision.Place, v *permission.Version, denied string, effect func(api.Effect)) (reason string, err error) {
	if denied != "" {
		return denied, nil
	}
	moved, err := provision.Update(tx, place, v)
	var lacking *provision.MissingPolicyError
	switch {
	case errors.As(err, &lacking):
		return notThere(lacking.Error()), nil
	case errors.Is(err, store.ErrNotFound):
		return notThere("Permission set provision not found in AWS account " + string(place.Account) + "."), nil
	case moved:
		effect(api.Effect{Account: place.Account, Service: service, Operation: "UpdateRole", Resource: place.RoleARN()})
	}
	return "", err
}
