package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/importer"
)

// importCmd brings a described organization into being.
type importCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	File        string `arg:"" help:"File with a JSON object on each line; - for standard input."`
	DryRun      bool   `help:"Say what would change, and change nothing."`
	JSON        bool   `name:"json" help:"Print the outcome of every line as a JSON object."`
}

// Help is shown after the flags.
func (*importCmd) Help() string {
	return `Each line describes a unit, account, policy, user, group, membership, permission-set,
assignment, iam-user or iam-role, and refers to others by name:

  {"kind": "user", "name": "jdoe", "given": "Jane", "family": "Doe"}
  {"kind": "membership", "group": "Admins", "user": "jdoe"}

What is there already is left as it is, or changed where it differs; nothing is removed. Importing the
same file again changes nothing. The exit code is 1 when a line failed; the others are done. docs/import.md
describes every kind.`
}

// How much goes to the server at a time. The text is written into JSON, which may double it.
const (
	batchText     = 400 << 10
	longestObject = batchText
)

// mostFailures is how many failures are told one by one: a group that is missing may fail each of its members.
const mostFailures = 100

// Run imports the file and prints what became of it.
func (c *importCmd) Run(a *app) error {
	in, err := c.input(a)
	if err != nil {
		return err
	}
	defer in.Close()
	return c.with(a, func(s *session) error {
		i := &importing{session: s, dry: c.DryRun, json: c.JSON, counts: map[string]int{}, planned: map[string]bool{}}
		if err := i.read(in); err != nil {
			return err
		}
		return i.summary()
	})
}

func (c *importCmd) input(a *app) (io.ReadCloser, error) {
	if c.File == "-" {
		return io.NopCloser(a.stdin), nil
	}
	f, err := os.Open(c.File)
	if err != nil {
		return nil, hinted(err, "name a file with a JSON object on each line, or - for standard input")
	}
	return f, nil
}

// importing is an import under way.
type importing struct {
	*session
	dry, json bool
	batch     importer.ImportObjectsInput
	lines     []int // of the batch's objects
	size      int
	counts    map[string]int
	planned   map[string]bool // in a dry run: what would be there
	told      int             // failures
}

// read goes through the lines, and sends them whenever there are enough.
func (i *importing) read(in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), longestObject)
	n := 0
	for lines.Scan() {
		n++
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		if i.size+len(text) > batchText || len(i.lines) == importer.MostObjects {
			if err := i.send(); err != nil {
				return err
			}
		}
		i.batch.Objects, i.lines, i.size = append(i.batch.Objects, string(text)), append(i.lines, n), i.size+len(text)
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return errors.Join(i.send(), fmt.Errorf("line %d is longer than %d bytes", n+1, longestObject))
	}
	return errors.Join(i.send(), lines.Err())
}

// send imports a batch and counts what became of it.
func (i *importing) send() error {
	if len(i.lines) == 0 {
		return nil
	}
	i.batch.DryRun = i.dry
	out, err := request[importer.ImportObjectsOutput](i.session, admin.Name, "ImportObjects", &i.batch)
	if err != nil {
		return hinted(fmt.Errorf("lines %d to %d: %w", i.lines[0], i.lines[len(i.lines)-1], err),
			"run it again when this is mended: what is done already stays, and is found")
	}
	if len(out.Results) != len(i.lines) {
		return fmt.Errorf("the server answered for %d of %d objects", len(out.Results), len(i.lines))
	}
	i.plan(out.Results)
	for at, r := range out.Results {
		i.counts[r.Outcome]++
		if err := i.report(i.lines[at], r); err != nil {
			return err
		}
	}
	i.batch.Objects, i.lines, i.size = i.batch.Objects[:0], i.lines[:0], 0
	return nil
}

// plan settles what a dry run could not know on the server: whether what an object refers to would be there by then.
func (i *importing) plan(results []importer.Result) {
	if !i.dry {
		return
	}
	for _, r := range results {
		if r.Outcome == importer.Created {
			i.planned[r.Object] = true
		}
	}
	for at, r := range results {
		for _, name := range r.Needs {
			if !i.planned[name] {
				results[at].Outcome = importer.Failed
				results[at].Message = fmt.Sprintf("there is no %s, and no line before makes it", name)
			}
		}
	}
}

// report says what became of a line: every line as JSON, else what failed and, in a dry run, what would change.
func (i *importing) report(line int, r importer.Result) error {
	object := r.Object
	if object == "" {
		object = "not an object"
	}
	switch {
	case i.json:
		_, err := fmt.Fprintf(i.stdout, "{\"line\":%d,\"object\":%s,\"outcome\":%s,\"message\":%s}\n", line, quoteJSON(r.Object), quoteJSON(r.Outcome), quoteJSON(r.Message))
		return err
	case r.Outcome == importer.Failed && i.told == mostFailures:
		return nil
	case r.Outcome == importer.Failed:
		i.told++
		_, err := fmt.Fprintf(i.stderr, "line %d: %s: %s\n", line, object, r.Message)
		return err
	case i.dry && r.Outcome != importer.Unchanged:
		_, err := fmt.Fprintf(i.stdout, "line %d: %s: would be %s\n", line, object, r.Outcome)
		return err
	}
	return nil
}

// summary says how many lines came to what. One that failed fails the import.
func (i *importing) summary() error {
	if more := i.counts[importer.Failed] - i.told; more > 0 && !i.json {
		fmt.Fprintf(i.stderr, "and %d more; --json prints the outcome of every line\n", more)
	}
	if !i.json {
		would := ""
		if i.dry {
			would = "would be "
		}
		fmt.Fprintf(i.stdout, "%screated: %d  updated: %d  unchanged: %d  failed: %d\n", would,
			i.counts[importer.Created], i.counts[importer.Updated], i.counts[importer.Unchanged], i.counts[importer.Failed])
	}
	switch n := i.counts[importer.Failed]; {
	case n == 0:
		return nil
	case i.dry:
		return fmt.Errorf("%d of the lines would fail", n)
	default:
		return hinted(fmt.Errorf("%d of the lines failed", n), "mend them and import the file again: what is done already is left as it is")
	}
}
