package api

import (
	"context"
	"sync"

	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Run writes the records of reads, denials and vended credentials in blocks, so that no such call waits for the disk.
// Beside them it writes the last uses of keys and roles. When ctx ends it writes what is left, and returns.
func (c *Corridor) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var uses sync.WaitGroup
	uses.Go(func() { c.keepUses(ctx) })
	err := c.batch.Run(ctx, c.writeBlock)
	cancel()
	uses.Wait()
	return err
}

// writeBlock stores a block. It does not listen to the server's context: what happened is recorded also while stopping.
func (c *Corridor) writeBlock(block []byte) error {
	return c.Store.Update(context.Background(), func(tx *store.Tx) error {
		return appendRecord(tx, c.Seal, "block", block)
	})
}

// writeThrough stores one record before its call is answered, as the setting audit.strict wants.
func (c *Corridor) writeThrough(k *Call, kind audit.Kind, err error) error {
	var e audit.Event
	k.fill(&e, kind, err)
	if err := c.Store.Update(context.Background(), func(tx *store.Tx) error { return k.append(tx, &e) }); err != nil {
		c.Log.Error("audit record not written", "operation", k.Operation, "request", k.RequestID, "error", err)
		return fault.New(fault.Unavailable, "ServiceUnavailable", "The audit record cannot be written. Try again in a moment.").Because(err)
	}
	return nil
}
