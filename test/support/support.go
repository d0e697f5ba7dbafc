// Package support renders docs/api-support.md: every operation that AWS's models have of the services that Gatehouse
// speaks, and those of its own, built or not. It reads the rows that requests are routed by, so that it cannot say
// anything else than the server does, and what package seen remembers of a run of all tests, so that it calls nothing
// built that no real client succeeded with. It writes the table of limits in docs/operations.md too. Its tests fail when a page is
// stale; to write them anew:
//
//	go test ./test/support -update
//
// With -seen DIR, the directory that all tests ran with in GATEHOUSE_SEEN, the test also fails when an operation was not
// seen, or the page names a client that was not. Without it, what the page says about clients is kept.
package support

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest/seen"
	"github.com/gatehouse-sso/gatehouse/internal/server"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

const intro = `# What the API supports

<!-- Written by go test ./test/support -update. Do not edit. -->

An operation that is not built answers, to those who have proved who they are, HTTP 501 with its name. Nothing is
accepted that is not done. *Who* says how a caller proves who they are: **signed** with an access key (SigV4; policies
decide on the action), **bearer** with an access token of the portal, **session** from Gatehouse's own pages,
**operator** by whoever may read the data directory, **open** to anybody.

*Seen with* names the clients, unmodified, that the server saw succeed with the operation when all tests ran last;
` + "`.ci/run`" + ` fails where there is none. **botocore** are the helpers aws-sso-util and aws-export-credentials. Gatehouse's own
services are seen with the **gatehouse** command and with a **browser** on its pages. Where only a refusal can be true, that counts:
IAM users have no security keys, which are all that GetMFADevice knows, and
GetGovCloudAccountInformation finds no account of another partition.
`

// columns are the head of each service's table.
const columns = "| Operation | Action | Who | Seen with |\n|---|---|---|---|\n"

// none stands where no client was seen.
const none = "nothing yet"

// Page reads the clients that a page names.
func Page(page string) seen.Calls {
	calls, service := seen.Calls{}, ""
	for line := range strings.Lines(page) {
		if name, ok := strings.CutPrefix(line, "## "); ok {
			service = strings.TrimSpace(name)
		}
		cells := strings.Split(strings.Trim(line, "|\n"), "|")
		if service == "" || len(cells) != 4 {
			continue
		}
		for _, kind := range strings.Split(strings.TrimSpace(cells[3]), ", ") {
			if slices.Contains(seen.Kinds(), kind) {
				calls[seen.Call{Service: service, Operation: strings.TrimSpace(cells[0]), Client: kind}] = true
			}
		}
	}
	return calls
}

// Optional keeps what a page says of Terraform when it was not seen at all: it is the one client that a machine may lack.
func Optional(calls, page seen.Calls) seen.Calls {
	all := maps.Clone(calls)
	for c := range calls {
		if c.Client == seen.Terraform {
			return all
		}
	}
	for c := range page {
		if c.Client == seen.Terraform {
			all[c] = true
		}
	}
	return all
}

// Proved leaves a page its claims where the calls prove them, though they may prove more: one scenario more somewhere
// makes no page stale. Where they do not, or the page claims nothing, it has to say what was seen.
func Proved(calls, page seen.Calls) seen.Calls {
	all := seen.Calls{}
	for c := range calls {
		claims := page.By(c.Service, c.Operation)
		unproved := func(kind string) bool {
			return !calls[seen.Call{Service: c.Service, Operation: c.Operation, Client: kind}]
		}
		if page[c] || len(claims) == 0 || slices.ContainsFunc(claims, unproved) {
			all[c] = true
		}
	}
	return all
}

// Unseen returns the operations that are built and that no client was seen to succeed with.
func Unseen(calls seen.Calls) (list []string) {
	for service, table := range server.Tables() {
		for _, row := range table {
			if len(calls.By(service, row.Name)) == 0 {
				list = append(list, service+" "+row.Name)
			}
		}
	}
	slices.Sort(list)
	return list
}

// Render returns the page, with the clients that calls were seen of.
func Render(calls seen.Calls) string {
	var summary, body strings.Builder
	tables := server.Tables()
	for _, s := range wire.Services() {
		rows := slices.SortedFunc(slices.Values(tables[s.Name]), func(a, b api.Row) int { return strings.Compare(a.Name, b.Name) })
		missing := unbuilt(s, rows)
		fmt.Fprintf(&summary, "| [%s](#%s) | %s | %d | %d |\n", s.Name, s.Name, s.Protocol, len(rows), len(rows)+len(missing))
		fmt.Fprintf(&body, "\n## %s\n\n", s.Name)
		if len(rows) > 0 {
			body.WriteString(columns)
		}
		for _, row := range rows {
			fmt.Fprintf(&body, "| %s | %s | %s | %s |\n", row.Name, action(row), who(row.Who), by(calls, s.Name, row.Name))
		}
		if len(missing) > 0 {
			fmt.Fprintf(&body, "\n<details><summary>%d operations are not built</summary>\n\n%s\n\n</details>\n", len(missing), strings.Join(missing, ", "))
		}
	}
	return intro + "\n| Service | Protocol | Built | Known |\n|---|---|---|---|\n" + summary.String() + body.String()
}

// unbuilt returns the operations of the service's model that have no row.
func unbuilt(s *wire.Service, rows []api.Row) []string {
	return slices.DeleteFunc(s.Operations(), func(name string) bool {
		return slices.ContainsFunc(rows, func(r api.Row) bool { return r.Name == name })
	})
}

func by(calls seen.Calls, service, operation string) string {
	if kinds := calls.By(service, operation); len(kinds) > 0 {
		return strings.Join(kinds, ", ")
	}
	return none
}

func action(r api.Row) string {
	if r.Action == "" {
		return "none needed"
	}
	return "`" + r.Action + "`"
}

func who(w api.Who) string {
	var names []string
	for _, n := range []struct {
		bit  api.Who
		name string
	}{{api.Signed, "signed"}, {api.Bearer, "bearer"}, {api.Session | api.Door, "session"}, {api.Open, "open"}, {api.OperatorsOnly, "operator"}} {
		if w&n.bit != 0 {
			names = append(names, n.name)
		}
	}
	return strings.Join(names, ", ")
}
