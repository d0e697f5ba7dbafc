package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed schema
var schemas embed.FS

// migrate brings the schema up to date. It asks for the version first, because goose takes its time to find out that
// there is nothing to do.
func migrate(ctx context.Context, db *sql.DB, engine goose.Dialect, log *slog.Logger) error {
	folder := "schema/postgres"
	if engine == goose.DialectSQLite3 {
		folder = "schema/sqlite"
	}
	files, err := fs.Sub(schemas, folder)
	if err != nil {
		return fmt.Errorf("open %s: %w", folder, err)
	}
	newest, err := newestSchema(files)
	if err != nil {
		return err
	}
	switch version := currentSchema(ctx, db); {
	case version == newest:
		return nil
	case version > newest:
		return fmt.Errorf("the database was written by a newer gatehouse (its schema is %d, this program knows %d): run that version", version, newest)
	}
	options := []goose.ProviderOption{goose.WithSlog(log), goose.WithDisableGlobalRegistry(true)}
	if engine == goose.DialectPostgres {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return fmt.Errorf("lock the migration: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(engine, db, files, options...)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

// newestSchema returns the highest number that a migration begins with.
func newestSchema(files fs.FS) (int64, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return 0, err
	}
	if len(entries) == 0 {
		return 0, errors.New("there are no migrations")
	}
	number, _, _ := strings.Cut(entries[len(entries)-1].Name(), "_")
	return strconv.ParseInt(number, 10, 64)
}

// currentSchema returns the version of the database, and 0 when it has none or cannot tell: goose then says why.
func currentSchema(ctx context.Context, db *sql.DB) int64 {
	var version int64
	const query = "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied"
	if err := db.QueryRowContext(ctx, query).Scan(&version); err != nil {
		return 0
	}
	return version
}
