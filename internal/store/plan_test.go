package store

import (
	"database/sql"
	"strings"
	"testing"
)

// every returns what all tables know about their SQL.
func every() []*shape {
	return []*shape{
		&Accounts.shape, &Profiles.shape, &Users.shape, &Groups.shape, &Memberships.shape, &IAMUsers.shape,
		&AccessKeys.shape, &Roles.shape, &Aliases.shape, &LastUses.shape, &ManagedPolicies.shape, &IAMGroups.shape,
		&IAMMemberships.shape, &Organizations.shape, &Units.shape, &Policies.shape, &Attachments.shape, &Delegates.shape,
		&ResourcePolicies.shape, &Handshakes.shape, &CreateStatuses.shape, &Instances.shape, &PermissionSets.shape,
		&Versions.shape, &Assignments.shape, &Provisioned.shape, &Statuses.shape, &Settings.shape, &Keys.shape, &authorities.shape, &setups.shape, &Logos.shape,
		&Tokens.shape, &Portals.shape, &Devices.shape, &Codes.shape, &Families.shape,
		&Shelves.shape, &Factors.shape, &Holders.shape, &SignInPolicies.shape, &Attempts.shape,
		&Outbox.shape, &mailSettings.shape, &Links.shape,
		&Virtuals.shape, &Logins.shape, &PasswordPolicies.shape,
	}
}

// readWhole are lists that nobody reads in pages.
var readWhole = map[string]bool{
	"assignment account": true, // of an account that leaves
	"provisioned home":   true, // the derived roles of an account, which has a few hundred at most
	"provisioned role":   true, // the one of which a role derives, but for digests that collide
}

// TestAPageCostsTheSameWhereverItIs asks SQLite how it finds the rows of a page: by walking an index from where the page
// begins, without reading what comes before it, and without sorting. So a page costs no more when there are more rows, or
// when it is the last.
func TestAPageCostsTheSameWhereverItIs(t *testing.T) {
	t.Parallel()
	s := openTest(t, Hooks{})
	if p := plan(t, s, auditSince, 3); scans(p) || sorts(p) {
		t.Errorf("the audit trail is read by %q", p)
	}
	for _, table := range every() {
		for name, list := range table.list {
			if readWhole[table.name+" "+name] {
				continue
			}
			columns := len(table.lists[name])
			first := plan(t, s, list.first, columns+1)
			rest := plan(t, s, list.rest, columns+len(list.order)+1)
			if sorts(first) || columns > 0 && scans(first) {
				t.Errorf("%s %s: the first page is found by %q", table.name, name, first)
			}
			if sorts(rest) || scans(rest) {
				t.Errorf("%s %s: a later page is found by %q", table.name, name, rest)
			}
		}
		for name, query := range table.by {
			if p := plan(t, s, query, len(table.unique[name])); scans(p) {
				t.Errorf("%s %s: a row is found by %q", table.name, name, p)
			}
		}
		if p := plan(t, s, table.get, len(table.key)); scans(p) {
			t.Errorf("%s: a row is found by %q", table.name, p)
		}
		if table.expired != "" {
			if p := plan(t, s, table.expired, 2); scans(p) || sorts(p) {
				t.Errorf("%s: what has expired is found by %q", table.name, p)
			}
		}
	}
}

func sorts(plan string) bool { return strings.Contains(plan, "TEMP B-TREE") }

func scans(plan string) bool { return strings.Contains(plan, "SCAN ") }

// plan is how SQLite runs a query. See "EXPLAIN QUERY PLAN" in its documentation.
func plan(t *testing.T, s *Store, query string, args int) string {
	t.Helper()
	var steps []string
	err := s.View(t.Context(), func(tx *Tx) error {
		return tx.each("EXPLAIN QUERY PLAN "+query, make([]any, args), func(r *sql.Rows) error {
			var id, parent, unused int
			var step string
			err := r.Scan(&id, &parent, &unused, &step)
			steps = append(steps, step)
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "; ")
}

// TestNoTableIsLeftOut compares every with the schema.
func TestNoTableIsLeftOut(t *testing.T) {
	t.Parallel()
	s, known := openTest(t, Hooks{}), map[string]bool{}
	for _, table := range every() {
		known[table.name] = true
	}
	err := s.View(t.Context(), func(tx *Tx) error {
		return tx.each("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '% body %'", nil, func(r *sql.Rows) error {
			var name string
			err := r.Scan(&name)
			if err == nil && !known[name] && !strings.HasPrefix(name, "audit_") {
				t.Errorf("no plan of %s is looked at", name)
			}
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}
