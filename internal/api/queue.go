package api

import (
	"context"

	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Run writes the records of reads, denials and vended credentials in blocks, so that no such call waits for the disk.
// When ctx ends it writes what is left, and returns.
func (c *Corridor) Run(ctx context.Context) error { return c.batch.Run(ctx, c.writeBlock) }

// writeBlock stores a block. It does not listen to the server's context: what happened is recorded also while stopping.
func (c *Corridor) writeBlock(block []byte) error {
	return c.Store.Update(context.Background(), func(tx *store.Tx) error {
		return appendRecord(tx, c.Seal, "block", block)
	})
}
