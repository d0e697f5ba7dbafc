package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// rootKey is the name of the root key's file in the data directory.
const rootKey = "root.key"

// openRoot reads the root key. It makes one only where there is no key; whether the database is as new as the key is
// seen when the ring is opened.
func openRoot(dir string, random io.Reader) (root *seal.Root, made bool, err error) {
	path := filepath.Join(dir, rootKey)
	root, err = seal.OpenRoot(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return root, false, err
	}
	if _, err := os.Stat(filepath.Join(dir, "gatehouse.db")); err == nil {
		return nil, false, fmt.Errorf("%s is missing beside an existing database: put the key back from your backup", path)
	}
	root, err = seal.CreateRoot(path, random)
	return root, true, err
}

// openRing reads the ring of keys and mints those that are missing. Beside keys that are there already, a root key
// that was just made cannot be the right one.
func openRing(ctx context.Context, db *store.Store, root *seal.Root, made bool, random io.Reader, now time.Time) (*seal.Ring, error) {
	have, err := wrapped(ctx, db)
	if err != nil {
		return nil, err
	}
	if made && len(have) > 0 {
		return nil, errors.New("the database has keys, and this data directory had no root.key: put in the key that the other nodes use")
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
