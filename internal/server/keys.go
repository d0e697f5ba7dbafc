package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// rootKey is the name of the root key's file in the data directory, where it is unless the configuration says otherwise.
const rootKey = "root.key"

// openRing reads the root key and the ring of keys under it, and mints the keys that are missing. A root key is made only
// where the database has no keys: beside keys, one that was just made cannot be the right one.
func openRing(ctx context.Context, path string, db *store.Store, random io.Reader, now time.Time) (*seal.Ring, error) {
	have, err := wrapped(ctx, db)
	if err != nil {
		return nil, err
	}
	root, err := seal.OpenRoot(path)
	if errors.Is(err, fs.ErrNotExist) {
		if len(have) > 0 {
			return nil, fmt.Errorf("%s is missing, and the database has keys that it wraps: put the key back from your backup, or put in the one that the other nodes use", path)
		}
		root, err = seal.CreateRoot(path, random)
	}
	if err != nil {
		return nil, err
	}
	missing, err := root.MintMissing(have, random, now)
	if err != nil {
		return nil, fmt.Errorf("mint keys: %w", err)
	}
	if len(missing) > 0 {
		err := db.Update(ctx, func(tx *store.Tx) error {
			for _, k := range missing {
				row := store.WrappedKey{Name: k.Name, Purpose: string(k.Purpose), Wrapped: k.Wrapped, CreatedAt: k.CreatedAt, RetiredAt: k.RetiredAt}
				if err := store.Keys.Save(tx, &row); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("store keys: %w", err)
		}
		have = append(have, missing...)
	}
	return seal.NewRing(root, have, func() ([]seal.WrappedKey, error) { return wrapped(context.Background(), db) })
}

func wrapped(ctx context.Context, db *store.Store) ([]seal.WrappedKey, error) {
	var out []seal.WrappedKey
	err := db.View(ctx, func(tx *store.Tx) error {
		out = nil
		return store.Keys.Each(tx, func(k *store.WrappedKey) error {
			out = append(out, seal.WrappedKey{Name: k.Name, Purpose: seal.Purpose(k.Purpose), Wrapped: k.Wrapped,
				CreatedAt: k.CreatedAt, RetiredAt: k.RetiredAt})
			return nil
		})
	})
	return out, err
}
