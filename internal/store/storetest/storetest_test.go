package storetest

import (
	"context"
	"database/sql"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sso/gatehouse/internal/store"
	"github.com/gatehouse-sso/gatehouse/internal/testkit/postgres"
)

var cluster *postgres.Cluster // set by TestMain; nil without PostgreSQL

func TestMain(m *testing.M) { os.Exit(postgres.Main(m, func(c *postgres.Cluster) { cluster = c })) }

func TestSQLite(t *testing.T) { t.Parallel(); Run(t, openSQLite) }

func TestPostgres(t *testing.T) {
	t.Parallel()
	postgres.Installed(t)
	Run(t, openPostgres)
}

func openSQLite(t testing.TB, hooks store.Hooks) (*store.Store, Raw) {
	t.Helper()
	dir := t.TempDir()
	s := opened(t, store.Options{Dir: dir, Hooks: hooks})
	return s, rawly(t, "sqlite", "file:"+filepath.Join(dir, "gatehouse.db")+"?_pragma=busy_timeout(5000)")
}

func openPostgres(t testing.TB, hooks store.Hooks) (*store.Store, Raw) {
	t.Helper()
	url := cluster.Database(t)
	s := opened(t, store.Options{Database: url, Hooks: hooks})
	return s, rawly(t, "pgx", url)
}

func opened(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	o.Now, o.MAC = time.Now, MAC
	s, err := store.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func rawly(t testing.TB, driver, dsn string) Raw {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return func(query string, args ...any) int64 {
		result, err := db.Exec(query, args...)
		if err != nil {
			t.Fatal(err)
		}
		n, _ := result.RowsAffected()
		return n
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	opened(t, store.Options{Dir: dir})
	_, err := store.Open(context.Background(), store.Options{Dir: dir, Now: time.Now, MAC: MAC})
	if err == nil || !strings.Contains(err.Error(), "another gatehouse is using "+dir) {
		t.Errorf("a second store: %v", err)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := opened(t, store.Options{Dir: dir}).Close(); err != nil {
		t.Fatal(err)
	}
	rawly(t, "sqlite", "file:"+filepath.Join(dir, "gatehouse.db"))("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)")
	_, err := store.Open(context.Background(), store.Options{Dir: dir, Now: time.Now, MAC: MAC})
	if err == nil || !strings.Contains(err.Error(), "newer gatehouse") {
		t.Errorf("a newer schema: %v", err)
	}
}

func TestSchemasAreTheSame(t *testing.T) {
	t.Parallel()
	postgres.Installed(t)
	dir := t.TempDir()
	opened(t, store.Options{Dir: dir})
	url := cluster.Database(t)
	opened(t, store.Options{Database: url})
	for what, queries := range map[string][2]string{
		"columns": {
			`SELECT t.name, c.name || CASE WHEN c."notnull" OR c.pk > 0 THEN ' not null' ELSE '' END FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'`,
			"SELECT table_name::text, column_name::text || CASE WHEN is_nullable = 'NO' THEN ' not null' ELSE '' END FROM information_schema.columns WHERE table_schema = 'public'",
		},
		"indexes": {
			"SELECT tbl_name, name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL",
			"SELECT tablename::text, indexname::text FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%_pkey'",
		},
	} {
		lite := names(t, "sqlite", "file:"+filepath.Join(dir, "gatehouse.db"), queries[0])
		full := names(t, "pgx", url, queries[1])
		if diff := cmp.Diff(lite, full); diff != "" {
			t.Errorf("%s (-SQLite +PostgreSQL):\n%s", what, diff)
		}
	}
}

// names returns "table.name" of every row of the query, in order.
func names(t *testing.T, driver, dsn, query string) []string {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := map[string]bool{}
	for rows.Next() {
		var table, name string
		if err := rows.Scan(&table, &name); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(table, "goose_") && !strings.HasPrefix(table, "sqlite_") {
			found[table+"."+name] = true
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(found))
}
