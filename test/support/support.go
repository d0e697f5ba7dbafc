// Package support renders docs/api-support.md: every operation that AWS's models have of the services that Gatehouse
// speaks, and those of its own, built or not. It reads the rows that requests are routed by, so that it cannot say
// anything else than the server does. Its test fails when the page is stale; to write it anew:
//
//	go test ./test/support -update
package support

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/server"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

const intro = `# What the API supports

<!-- Written by go test ./test/support -update. Do not edit. -->

An operation that is not built answers, to those who have proved who they are, HTTP 501 with its name. Nothing is
accepted that is not done. *Who* says how a caller proves who they are: **signed** with an access key (SigV4; policies
decide on the action), **bearer** with an access token of the portal, **session** from Gatehouse's own pages,
**operator** by whoever may read the data directory, **open** to anybody.
`

// Render returns the page.
func Render() string {
	var summary, body strings.Builder
	tables := server.Tables()
	for _, s := range wire.Services() {
		rows := slices.SortedFunc(slices.Values(tables[s.Name]), func(a, b api.Row) int { return strings.Compare(a.Name, b.Name) })
		missing := unbuilt(s, rows)
		fmt.Fprintf(&summary, "| [%s](#%s) | %s | %d | %d |\n", s.Name, s.Name, s.Protocol, len(rows), len(rows)+len(missing))
		fmt.Fprintf(&body, "\n## %s\n\n", s.Name)
		if len(rows) > 0 {
			body.WriteString("| Operation | Action | Who |\n|---|---|---|\n")
		}
		for _, row := range rows {
			fmt.Fprintf(&body, "| %s | %s | %s |\n", row.Name, action(row), who(row.Who))
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
	}{{api.Signed, "signed"}, {api.Bearer, "bearer"}, {api.Session, "session"}, {api.Open, "open"}, {api.OperatorsOnly, "operator"}} {
		if w&n.bit != 0 {
			names = append(names, n.name)
		}
	}
	return strings.Join(names, ", ")
}
