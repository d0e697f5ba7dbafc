// Command bench measures the figures that Gatehouse promises, prints them beside their goals and exits 1 when one is
// missed:
//
//	go run ./test/bench [--rounds N] [--round D] [--json FILE] [--write] [--scale]
//	go run ./test/bench --only WORD [--json FILE]
//
// With --only it takes the steps that have the word in their names, such as policy or portal.
//
// It builds the binary as it is released and needs nothing but Go. What is compared is ratios, because requests per
// second say more about the machine than about the server: every round measures Gatehouse and, right after or before
// it, a bare net/http handler that answers the same bytes to the same requests and checks nothing. The handler is a
// process of its own (this program, run as "bench reference"), the gate is the processor time that each of the two
// processes spent on a request, and the figure is the median of the rounds.
//
// A figure is a file: identity.go, credentials.go, tokens.go, signins.go, portal.go, start.go, binary.go and policy.go. The
// rest is what they share.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

var errMissed = errors.New("a goal is missed")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are what the command line decides.
type options struct {
	rounds int
	length time.Duration
	conns  int
	json   string
	write  bool
	scale  bool
	only   string
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	if len(args) == 1 && args[0] == "reference" {
		return serveReference(ctx, stdin, stdout)
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var o options
	flags.IntVar(&o.rounds, "rounds", 7, "rounds of each comparison, at least 5")
	flags.DurationVar(&o.length, "round", 1500*time.Millisecond, "length of a round")
	flags.IntVar(&o.conns, "conns", 32, "keep-alive connections")
	flags.StringVar(&o.json, "json", "", "also write the figures to this `FILE`")
	flags.BoolVar(&o.write, "write", false, "also write docs/performance.md")
	flags.BoolVar(&o.scale, "scale", false, "also fill a server with a large organization, which takes minutes, and measure it")
	flags.StringVar(&o.only, "only", "", "take only the steps with this `WORD` in their names")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.only != "" && o.write {
		return errors.New("--only takes some figures; docs/performance.md has all")
	}
	if flags.NArg() > 0 || o.rounds < 5 || o.length < 100*time.Millisecond || o.conns < 1 {
		return errors.New("want no arguments, at least 5 rounds of at least 100ms, and a connection")
	}
	report, err := measure(ctx, o, stderr)
	if err != nil {
		return err
	}
	return publish(report, o, stdout)
}

// measure builds the binary and takes every figure.
func measure(ctx context.Context, o options, progress io.Writer) (*Report, error) {
	dir, err := os.MkdirTemp("", "gatehouse-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	b := &bench{options: o, dir: dir}
	report := &Report{When: time.Now().UTC().Truncate(time.Second), Machine: readMachine(), Rounds: o.rounds,
		Round: o.length.String(), Connections: o.conns, Sessions: sessions, ColdSessions: coldSessions}
	if load := report.Machine.Load; load > 2*float64(report.Machine.Cores) {
		fmt.Fprintf(progress, "bench: the load is %.1f on %d cores; expect noise\n", load, report.Machine.Cores)
	}
	type step struct {
		doing string
		take  func(context.Context) ([]Figure, error)
	}
	steps := []step{
		{"building the binary", b.binary},
		{"starting and stopping it", b.start},
		{"signed calls and vended credentials", b.ratios},
		{"durable calls", b.durable},
		{"a permission set in many accounts", b.provisioning},
		{"tokens", b.tokens},
		{"sign-ins", b.signIns},
		{"the portal", b.portal},
		{"the policy engine", b.policy},
	}
	if o.scale {
		steps = append(steps, step{"filling a server with a large organization", b.scale})
	}
	if o.only != "" {
		all := slices.DeleteFunc(steps[1:], func(s step) bool { return !strings.Contains(s.doing, o.only) })
		steps = append(steps[:1], all...) // what is measured has to be built
	}
	for _, s := range steps {
		fmt.Fprintf(progress, "bench: %s\n", s.doing)
		figures, err := s.take(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.doing, err)
		}
		report.Figures = append(report.Figures, figures...)
	}
	slices.SortStableFunc(report.Figures, func(a, b Figure) int { return cmp.Compare(number(a.Goal), number(b.Goal)) })
	return report, nil
}

// bench is one run.
type bench struct {
	options
	dir  string // removed at the end
	path string // of the binary
}

// publish prints the report and writes the files that were asked for.
func publish(r *Report, o options, stdout io.Writer) error {
	if err := r.print(stdout); err != nil {
		return err
	}
	if o.json != "" {
		data, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(o.json, append(data, '\n'), 0o644); err != nil {
			return err
		}
	}
	if o.write {
		if err := r.writeDocument(); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(r.Figures, func(f Figure) bool { return !f.Met }) {
		return errMissed
	}
	return nil
}
