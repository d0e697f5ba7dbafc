package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/policy/cases"
)

// policyCmds work on policies in files; they need no server.
type policyCmds struct {
	Test  policyTestCmd  `cmd:"" help:"Decide the cases of test files, and say which are not decided as expected."`
	Check policyCheckCmd `cmd:"" help:"Say what is wrong with policies, where, and how much of their quotas is left."`
}

// policyTestCmd tests policies.
type policyTestCmd struct {
	JSON  bool     `name:"json" help:"Print a JSON object for each case."`
	Files []string `arg:"" name:"file" help:"Files of cases, one JSON object a line."`
}

// Run prints the cases that fail and how many passed.
func (c *policyTestCmd) Run(a *app) error {
	passed, failed := 0, 0
	for _, file := range c.Files {
		list, err := cases.Read(file)
		if err != nil {
			return unreadable(err)
		}
		for _, one := range list {
			result, err := one.Run()
			if err != nil {
				return unreadable(fmt.Errorf("%s: %w", file, err))
			}
			if result.Passed {
				passed++
			} else {
				failed++
			}
			if err := c.print(a, one, result); err != nil {
				return err
			}
		}
	}
	if !c.JSON {
		fmt.Fprintf(a.stdout, "%d passed, %d failed\n", passed, failed)
	}
	if failed > 0 {
		return exitCode(exitFailed)
	}
	return nil
}

func (c *policyTestCmd) print(a *app, one *cases.Case, r *cases.Result) error {
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(r)
	}
	if r.Passed {
		return nil
	}
	why := ""
	if one.Why != "" {
		why = " (" + one.Why + ")"
	}
	_, err := fmt.Fprintf(a.stdout, "%s%s: %s\n%s\n", r.ID, why, strings.Join(r.Wrong, "; "), indent(r.Explanation))
	return err
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  ")
}

// unreadable ends a command whose files cannot be read: nothing was tested, which is not the same as a test that failed.
func unreadable(err error) error { return &problem{err: err, misuse: true} }

// policyKinds are the types of documents, by the names that the command line has for them.
var policyKinds = map[string]policy.Kind{
	"identity": policy.Identity, "resource": policy.Resource, "trust": policy.Trust, "scp": policy.SCP, "rcp": policy.RCP,
	"session": policy.Session, "boundary": policy.Boundary, "permission-set": policy.Inline,
}

// policyCheckCmd checks documents.
type policyCheckCmd struct {
	Type  string   `enum:"identity,resource,trust,scp,rcp,session,boundary,permission-set" default:"identity" help:"What the policies are for: ${enum}." placeholder:"TYPE"`
	JSON  bool     `name:"json" help:"Print a JSON object for each file."`
	Files []string `arg:"" name:"file" help:"Files with a policy each."`
}

// Run prints what there is to say about each file; it fails when AWS would refuse one of them.
func (c *policyCheckCmd) Run(a *app) error {
	wrong := false
	for _, file := range c.Files {
		text, err := os.ReadFile(file)
		if err != nil {
			return unreadable(err)
		}
		review := policy.Check(text, policyKinds[c.Type])
		for _, r := range review.Remarks {
			wrong = wrong || r.Severity == policy.Error
		}
		for _, s := range review.Sizes {
			wrong = wrong || s.Left() < 0 && len(review.Sizes) == 1
		}
		if err := c.print(a, file, &review); err != nil {
			return err
		}
	}
	if wrong {
		return exitCode(exitFailed)
	}
	return nil
}

func (c *policyCheckCmd) print(a *app, file string, review *policy.Review) error {
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(newCheckResult(file, review))
	}
	for _, r := range review.Remarks {
		why := ""
		if r.Why != "" {
			why = " (" + r.Why + ")"
		}
		fmt.Fprintf(a.stdout, "%s:%d:%d: %s %s: %s%s\n", file, r.At.Line, r.At.Column, r.Severity, r.Code, r.Text, why)
	}
	if review.Document != nil {
		fmt.Fprintf(a.stdout, "%s: a valid %s of %d statements\n", file, review.Document.Kind(), review.Document.Len())
	}
	for _, s := range review.Sizes {
		left := fmt.Sprintf("%d left", s.Left())
		if s.Left() < 0 {
			left = fmt.Sprintf("%d too many", -s.Left())
		}
		fmt.Fprintf(a.stdout, "  %s: %d of %d characters, %s\n", s.Quota, s.Used, s.Allowed, left)
	}
	return nil
}

// checkResult is a review for programs.
type checkResult struct {
	File    string        `json:"file"`
	Valid   bool          `json:"valid"`
	Remarks []checkRemark `json:"remarks"`
	Sizes   []checkSize   `json:"sizes"`
}

type checkRemark struct {
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Text     string `json:"text"`
	Why      string `json:"why,omitempty"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
}

type checkSize struct {
	Quota   string `json:"quota"`
	Used    int    `json:"used"`
	Allowed int    `json:"allowed"`
	Left    int    `json:"left"`
}

func newCheckResult(file string, review *policy.Review) checkResult {
	out := checkResult{File: file, Valid: review.Document != nil, Remarks: []checkRemark{}, Sizes: []checkSize{}}
	for _, r := range review.Remarks {
		out.Remarks = append(out.Remarks, checkRemark{r.Severity.String(), r.Code, r.Text, r.Why, r.At.Line, r.At.Column})
	}
	for _, s := range review.Sizes {
		out.Sizes = append(out.Sizes, checkSize{s.Quota, s.Used, s.Allowed, s.Left()})
	}
	return out
}
