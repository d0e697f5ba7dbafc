package main

import (
	"cmp"
	_ "embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"text/template"
	"time"
)

// Report is a run: where, how and what.
type Report struct {
	When         time.Time `json:"when"`
	Machine      Machine   `json:"machine"`
	Rounds       int       `json:"rounds"`
	Round        string    `json:"round"`
	Connections  int       `json:"connections"`
	Sessions     int       `json:"sessions"`
	ColdSessions int       `json:"coldSessions"`
	Figures      []Figure  `json:"figures"`
}

// Figure is one line of the table.
type Figure struct {
	Goal    string   `json:"goal"`
	What    string   `json:"what"`
	Want    string   `json:"want"`
	Got     string   `json:"got"`
	Met     bool     `json:"met"`
	Details []string `json:"details,omitempty"` // what the figure was made of
}

// Verdict is the figure's last word.
func (f Figure) Verdict() string {
	if f.Met {
		return "met"
	}
	return "MISSED"
}

func (r *Report) print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "goal\twhat\twant\tgot\tverdict")
	for _, f := range r.Figures {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", f.Goal, f.What, f.Want, f.Got, f.Verdict())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, f := range r.Figures {
		for _, d := range f.Details {
			fmt.Fprintf(w, "%s: %s\n", f.Goal, d)
		}
	}
	return nil
}

//go:embed performance.md.tmpl
var document string

// writeDocument renders docs/performance.md of the checkout that the program was started in.
func (r *Report) writeDocument() error {
	t, err := template.New("performance.md").Parse(document)
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := t.Execute(&b, r); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join("docs", "performance.md"), []byte(b.String()), 0o644)
}

// number is the number of a goal, by which the table is sorted.
func number(goal string) int {
	n, _ := strconv.Atoi(strings.TrimLeft(goal, "G")) // what is not numbered comes first
	return n
}

// median returns the middle value, the upper one of two.
func median[T cmp.Ordered](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
