package api

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// How the last uses of keys and roles are written: so often, and so many in one transaction. A crash loses what was noted
// since, which no decision depends on.
const (
	usesWindow = time.Minute
	usesChunk  = 256
)

// lastUses remembers when access keys and roles were used, until it is written down: requests do not wait for that.
type lastUses struct {
	waiting sync.Map // id → *iam.LastUse, which is not changed any more
}

// note notes a use. Most find that the second, the service and the region are noted already, and cost one look.
func (l *lastUses) note(id, service, region string, now time.Time) {
	now = now.Truncate(time.Second)
	if v, ok := l.waiting.Load(id); ok {
		if u := v.(*iam.LastUse); u.Time.Equal(now) && u.Service == service && u.Region == region {
			return
		}
	}
	l.waiting.Store(id, &iam.LastUse{ID: id, Time: now, Service: service, Region: region})
}

// LastUse returns the last use of an access key or role, or nil when none is known.
func (s *Services) LastUse(tx *store.Tx, id string) (*iam.LastUse, error) {
	kept, err := store.LastUses.Get(tx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if v, ok := s.uses.waiting.Load(id); ok {
		if u := v.(*iam.LastUse); kept == nil || u.Time.After(kept.Time) {
			return u, nil
		}
	}
	return kept, nil
}

// ForgetUse forgets the last use of what is being deleted.
func (s *Services) ForgetUse(tx *store.Tx, id string) error {
	kept, err := store.LastUses.Get(tx, id)
	if err != nil {
		return store.Missing(err, nil)
	}
	return store.LastUses.Delete(tx, kept)
}

// keepUses writes the last uses down now and then, and once more when ctx ends.
func (c *Corridor) keepUses(ctx context.Context) {
	ticker := time.NewTicker(usesWindow)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			c.writeUses()
			return
		}
		c.writeUses()
	}
}

// writeUses writes what waits. What cannot be written goes on waiting.
func (c *Corridor) writeUses() {
	var chunk []*iam.LastUse
	write := func() bool {
		err := c.Store.Update(context.Background(), func(tx *store.Tx) error { return c.saveUses(tx, chunk) })
		if err != nil {
			c.Log.Error("last uses of keys and roles not written", "error", err)
			return false
		}
		for _, u := range chunk {
			c.uses.waiting.CompareAndDelete(u.ID, u)
		}
		chunk = chunk[:0]
		return true
	}
	going := true
	c.uses.waiting.Range(func(_, v any) bool {
		if chunk = append(chunk, v.(*iam.LastUse)); len(chunk) == usesChunk {
			going = write()
		}
		return going
	})
	if going && len(chunk) > 0 {
		write()
	}
}

// saveUses saves uses that are later than those that are kept, since another server may know of later ones. What was
// deleted meanwhile has none.
func (c *Corridor) saveUses(tx *store.Tx, uses []*iam.LastUse) error {
	snap := c.State.Current()
	for _, u := range uses {
		if snap.AccessKey(u.ID) == nil && snap.RoleByID(u.ID) == nil {
			continue
		}
		kept, err := store.LastUses.Get(tx, u.ID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if kept != nil && !u.Time.After(kept.Time) {
			continue
		}
		if err := store.LastUses.Save(tx, u); err != nil {
			return err
		}
	}
	return nil
}
