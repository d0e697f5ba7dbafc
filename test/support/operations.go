package support

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/server"
	"github.com/gatehouse-sso/gatehouse/test/support/source"
)

// Operations returns the text of docs/operations.md with its tables of commands, settings and limits as the program has
// them. It fails when the text has no place for one of them.
func Operations(text, root string) (string, error) {
	cli, err := source.Read(root + "/cmd/gatehouse")
	if err != nil {
		return "", err
	}
	listed, err := commandTable(cli)
	if err != nil {
		return "", err
	}
	for _, table := range []struct{ what, rows string }{{"commands", listed}, {"flags", flagTable(cli, "serveCmd")}, {"limits", limitTable()}} {
		if text, err = within(text, table.what, table.rows); err != nil {
			return "", err
		}
	}
	return text, nil
}

// within puts what is written by this package between its marks in a page.
func within(page, what, written string) (string, error) {
	begin := "<!-- The " + what + ". Written by go test ./test/support -update. Do not edit. -->\n"
	end := "<!-- End of the " + what + ". -->\n"
	before, rest, begun := strings.Cut(page, begin)
	_, after, ended := strings.Cut(rest, end)
	if !begun || !ended {
		return "", fmt.Errorf("no place for the %s: %q, and %q after it", what, begin, end)
	}
	return before + begin + written + end + after, nil
}

// more is where the documents say more about a command.
var more = map[string]string{
	"dev":             "[quickstart.md](quickstart.md)",
	"serve":           "[below](#settings-of-serve)",
	"init":            "[first start](#first-start)",
	"identity-center": "[the portal](#the-portal)",
	"user":            "[signing in](#signing-in), [passwords](#passwords)",
	"sign-in-policy":  "[signing in](#signing-in)",
	"can":             "[policies.md](policies.md#who-can-what-can)",
	"who-can":         "[policies.md](policies.md#who-can-what-can)",
	"what-can":        "[policies.md](policies.md#who-can-what-can)",
	"policy":          "[policies.md](policies.md#test-policies)",
	"what-if":         "[policies.md](policies.md#what-would-this-change-break)",
	"why":             "[policies.md](policies.md#why-was-this-denied)",
	"import":          "[import.md](import.md)",
	"break-glass":     "[emergency](#emergency)",
	"audit":           "[audit](#audit)",
	"setting":         "[limits](#limits)",
	"mail":            "[mail](#mail)",
	"ca":              "[clients/proxy.md](clients/proxy.md)",
	"aws-config":      "[clients.md](clients.md#profiles)",
}

// commandTable has a row for every command, with its verbs.
func commandTable(cli *source.Package) (string, error) {
	var b strings.Builder
	b.WriteString("\n| command | verbs | | more |\n|---|---|---|---|\n")
	linked := 0
	for _, f := range cli.Types["commands"].Fields {
		if _, is := f.Tag.Lookup("cmd"); !is {
			continue
		}
		name := word(f)
		if more[name] != "" {
			linked++
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", name, strings.Join(verbs(cli, "", f.Type), ", "), f.Tag.Get("help"), more[name])
	}
	b.WriteString("\n")
	if linked != len(more) {
		return "", fmt.Errorf("more is written about %d commands, of which %d are there", len(more), linked)
	}
	return b.String(), nil
}

// verbs are the commands below a struct of them, as they are typed after what leads to it.
func verbs(cli *source.Package, before, name string) (list []string) {
	for _, f := range cli.Types[name].Fields {
		if _, is := f.Tag.Lookup("cmd"); !is {
			continue
		}
		line := before + word(f)
		if below := verbs(cli, line+" ", f.Type); below != nil {
			list = append(list, below...)
		} else {
			list = append(list, "`"+line+"`")
		}
	}
	return list
}

// flagTable has a row for every flag of a command.
func flagTable(cli *source.Package, name string) string {
	return "\n| flag | environment | meaning |\n|---|---|---|\n" + flagRows(cli, name) + "\n"
}

func flagRows(cli *source.Package, name string) (rows string) {
	for _, f := range cli.Types[name].Fields {
		if _, is := f.Tag.Lookup("embed"); is {
			rows += flagRows(cli, f.Type)
			continue
		}
		variable := f.Tag.Get("from")
		meaning := strings.Replace(f.Tag.Get("help"), " ("+variable+")", "", 1)
		rows += fmt.Sprintf("| `--%s %s` | `%s` | %s |\n", word(f), cmp.Or(f.Tag.Get("placeholder"), strings.ToUpper(f.Name)), variable, meaning)
	}
	return rows
}

// limitTable has a row for every limit.
func limitTable() string {
	var b strings.Builder
	b.WriteString("\n| setting | default | may be | what AWS calls it | see |\n|---|---|---|---|---|\n")
	for _, l := range server.Limits() {
		fmt.Fprintf(&b, "| `%s` | %d | %d to %d | %s | %s |\n", l.Name, l.Default, l.Least, l.Most, l.Quota, l.Page)
	}
	return b.String() + "\n"
}
