package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
)

// outputFlags say in which form a result is printed.
type outputFlags struct {
	JSON bool `name:"json" help:"Print JSON for programs, a list as an array."`
}

// print prints rows of columns under their names, or the same as JSON, where a row's keys are the names.
func (o outputFlags) print(s *session, names []string, rows [][]string) error {
	if o.JSON {
		list := make([]object, 0, len(rows))
		for _, row := range rows {
			list = append(list, object{names, row})
		}
		return indented(s.stdout, list)
	}
	w := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.ToUpper(strings.Join(names, "\t")))
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}

// show prints one thing: its fields under each other, or a JSON object.
func (o outputFlags) show(s *session, names, fields []string) error {
	if o.JSON {
		return indented(s.stdout, object{names, fields})
	}
	w := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	for i, name := range names {
		if fields[i] != "" {
			fmt.Fprintf(w, "%s:\t%s\n", name, strings.ReplaceAll(fields[i], "\n", "\n\t"))
		}
	}
	return w.Flush()
}

// done says what a command did, unless it failed.
func (a *app) done(err error, format string, args ...any) error {
	if err == nil {
		_, err = fmt.Fprintf(a.stdout, format+"\n", args...)
	}
	return err
}

// object is a JSON object of strings that keeps the order of its keys.
type object struct{ names, values []string }

// MarshalJSON writes the object.
func (o object) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	b.WriteByte('{')
	for i, name := range o.names {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%s:%s", quoteJSON(strings.ReplaceAll(name, " ", "_")), quoteJSON(o.values[i]))
	}
	b.WriteByte('}')
	return []byte(b.String()), nil
}

func quoteJSON(text string) string {
	quoted, _ := json.Marshal(text) // a string always encodes
	return string(quoted)
}
