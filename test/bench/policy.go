package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// The benchmarks of the policy engine, and how often each is run; the median counts. They ask for the processor time of a
// turn, on one core.
const (
	policyCount = "5"
	policyTime  = "100ms"
)

// turn is what a benchmark found for one turn.
type turn struct {
	nanoseconds []float64 // of processor time, a run each
	allocations float64
}

func (t turn) microseconds() float64 { return median(t.nanoseconds) / 1000 }

// situation is a figure of one or more scenarios of internal/testkit/workload: all have to stay below.
type situation struct {
	goal, what string
	most       float64 // µs
	scenarios  []string
}

var situations = []situation{
	{"A, B", "AdministratorAccess; PowerUserAccess, allowed and denied", 0.3, []string{"A_AdministratorAccess", "B_PowerUserAccess", "B_PowerUserAccess_denied"}},
	{"C, G", "ViewOnlyAccess (373 actions), allowed and denied; ReadOnlyAccess (2,744 actions)", 0.5, []string{"C_ViewOnlyAccess", "C_ViewOnlyAccess_denied", "G_ReadOnlyAccess"}},
	{"D", "PowerUserAccess under five levels of service control policies", 1, []string{"D_five_levels"}},
	{"E", "twenty statements with conditions, allowed and denied", 1.5, []string{"E_twenty_statements", "E_twenty_statements_denied"}},
	{"F", "every layer, across accounts", 3, []string{"F_full_stack"}},
}

// What else is promised of the engine, in µs and as ratios.
const (
	mostExplained  = 20.0
	mostAuthorised = 6.0
	leastOverCedar = 3.0
	mostUneven     = 2.0
)

// policy takes the figures of the policy engine: decisions beside cedar-go on the same requests, the explanation of one, the
// decision of a whole call, and decisions among few and many accounts. It runs in the checkout, as writeDocument does.
func (b *bench) policy(ctx context.Context) ([]Figure, error) {
	decided, err := benchmarks(ctx, filepath.Join("test", "bench", "cedar"), ".", "Decide")
	if err != nil {
		return nil, err
	}
	explained, err := benchmarks(ctx, ".", "./internal/policy", "Explain/F_full_stack")
	if err != nil {
		return nil, err
	}
	authorised, err := benchmarks(ctx, ".", "./internal/api", "Authorise")
	if err != nil {
		return nil, err
	}
	spread, err := benchmarks(ctx, ".", "./internal/authz", "DecideIn")
	if err != nil {
		return nil, err
	}
	var figures []Figure
	for _, s := range situations {
		figures = append(figures, s.figure(decided))
	}
	few, many := spread["DecideIn/10_accounts"], spread["DecideIn/10000_accounts"]
	uneven := many.microseconds() / few.microseconds()
	f := explained["Explain/F_full_stack"].microseconds()
	call := authorised["Authorise"].microseconds()
	return append(figures, overCedar(decided),
		Figure{Goal: "F", What: "the same explained: every layer, and the smallest change", Want: fmt.Sprintf("<= %.0f µs", mostExplained), Got: fmt.Sprintf("%.1f µs", f), Met: f <= mostExplained},
		Figure{Goal: "F", What: "the same for a call: its condition keys gathered, the policies looked up", Want: fmt.Sprintf("<= %.0f µs", mostAuthorised), Got: fmt.Sprintf("%.1f µs", call), Met: call <= mostAuthorised},
		Figure{Goal: "G11", What: "a decision among 10,000 accounts that share permission sets, over one among 10", Want: fmt.Sprintf("<= %.0f x", mostUneven),
			Got: fmt.Sprintf("%.2f x", uneven), Met: uneven <= mostUneven,
			Details: []string{fmt.Sprintf("%.2f µs among 10 accounts, %.2f µs among 10,000, the policies looked up", few.microseconds(), many.microseconds())}}), nil
}

// figure is the slowest of the situation's scenarios. None may allocate.
func (s situation) figure(decided map[string]turn) Figure {
	worst, allocations := 0.0, 0.0
	var details []string
	for _, name := range s.scenarios {
		own, theirs := decided["Decide/"+name+"/gatehouse"], decided["Decide/"+name+"/cedar"]
		worst, allocations = max(worst, own.microseconds()), max(allocations, own.allocations)
		details = append(details, fmt.Sprintf("%s %.2f µs, cedar-go %.2f µs (%.0f x)", strings.ReplaceAll(name[2:], "_", " "),
			own.microseconds(), theirs.microseconds(), theirs.microseconds()/own.microseconds()))
	}
	return Figure{Goal: s.goal, What: s.what, Want: fmt.Sprintf("<= %.1f µs, 0 allocations", s.most), Got: fmt.Sprintf("%.2f µs, %.0f", worst, allocations),
		Met: worst <= s.most && worst > 0 && allocations == 0, Details: []string{strings.Join(details, "; ")}}
}

func overCedar(decided map[string]turn) Figure {
	ratio := decided["Decide/F_full_stack/cedar"].microseconds() / decided["Decide/F_full_stack/gatehouse"].microseconds()
	return Figure{Goal: "F", What: "the same, over cedar-go in the same run", Want: fmt.Sprintf(">= %.0f x", leastOverCedar), Got: fmt.Sprintf("%.1f x", ratio), Met: ratio >= leastOverCedar}
}

// benchmarks runs the benchmarks of a package and returns what each found, by its name.
func benchmarks(ctx context.Context, dir, pkg, pattern string) (map[string]turn, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", pattern, "-count", policyCount, "-benchtime", policyTime, pkg)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOMAXPROCS=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	found := readBenchmarks(out)
	if len(found) == 0 {
		return nil, errors.New("no benchmark of " + pkg + " has run")
	}
	return found, nil
}

// readBenchmarks reads what go test prints: a name, the number of turns, and values with their units.
func readBenchmarks(out []byte) map[string]turn {
	found := map[string]turn{}
	for line := range bytes.Lines(out) {
		words := strings.Fields(string(line))
		if len(words) < 4 || !strings.HasPrefix(words[0], "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(words[0], "Benchmark")
		value := func(unit string) float64 {
			at := slices.Index(words, unit)
			if at < 1 {
				return 0
			}
			v, _ := strconv.ParseFloat(words[at-1], 64)
			return v
		}
		t := found[name]
		t.nanoseconds = append(t.nanoseconds, value("cpu-ns/op"))
		t.allocations = max(t.allocations, value("allocs/op"))
		found[name] = t
	}
	return found
}
