package support

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/test/support/source"
)

// command is a command of the program: how it is called, and what it calls.
type command struct {
	line       string
	operations []string
	named      []string // of these, what it names itself
}

// commandsOf finds the command of each operation: the one that names it itself or, where several do so through others,
// that with the fewest operations; all of them that do the same.
func commandsOf(cli *source.Package, rows []api.Row) map[string]string {
	all := walk(cli, "gatehouse", "commands", func(name string) bool {
		return slices.ContainsFunc(rows, func(r api.Row) bool { return r.Name == name })
	})
	found := map[string]string{}
	for _, r := range rows {
		var best *command
		better := func(c *command) bool {
			if best == nil {
				return true
			}
			mine, its := slices.Contains(c.named, r.Name), slices.Contains(best.named, r.Name)
			return mine && !its || mine == its && len(c.operations) < len(best.operations)
		}
		for i := range all {
			c := &all[i]
			if !slices.Contains(c.operations, r.Name) {
				continue
			}
			if better(c) {
				best, found[r.Name] = c, c.line
			} else if slices.Equal(c.operations, best.operations) && len(c.named) == len(best.named) {
				found[r.Name] += "`, `" + c.line
			}
		}
	}
	return found
}

// walk returns the commands below a struct of them.
func walk(cli *source.Package, line, name string, operation func(string) bool) (list []command) {
	t := cli.Types[name]
	if t == nil {
		return nil
	}
	if run := cli.Run(name); run != nil {
		c := command{line: line + arguments(cli, t)}
		pick := func(names []string) []string {
			names = slices.DeleteFunc(names, func(s string) bool { return !operation(s) })
			slices.Sort(names)
			return slices.Compact(names)
		}
		c.named = pick(source.Strings(run))
		c.operations = pick(source.Strings(cli.Within(run, "Run", "with", "withOne", "center")...))
		return []command{c}
	}
	for _, f := range t.Fields {
		if _, is := f.Tag.Lookup("cmd"); !is {
			continue
		}
		list = append(list, walk(cli, line+" "+word(f), f.Type, operation)...)
	}
	return list
}

// arguments are the positional arguments of a command.
func arguments(cli *source.Package, t *source.Type) (line string) {
	for _, f := range t.Fields {
		if _, is := f.Tag.Lookup("embed"); is && cli.Types[f.Type] != nil {
			line += arguments(cli, cli.Types[f.Type])
		}
		if _, is := f.Tag.Lookup("arg"); is {
			line += " <" + word(f) + ">"
		}
	}
	return line
}

// word is what the command line calls a field.
func word(f source.Field) string { return cmp.Or(f.Tag.Get("name"), hyphenated(f.Name)) }

// hyphenated is the name of a flag or a command, as kong makes it from that of a field.
func hyphenated(name string) string {
	var b strings.Builder
	for i, c := range name {
		if i > 0 && unicode.IsUpper(c) && !unicode.IsUpper(rune(name[i-1])) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
