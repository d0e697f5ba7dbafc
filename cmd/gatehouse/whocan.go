package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
)

// whoCanCmd asks who may do something.
type whoCanCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	askFlags    `embed:""`
	All         bool   `help:"Name every account and every member of a group, however many."`
	Action      string `arg:"" help:"Action, such as s3:GetObject."`
	Resource    string `arg:"" help:"ARN of the resource, taken literally, or *."`
}

// Run prints the groups and people who can, then root users, IAM users and roles. Conditions are numbered and stand at the
// end.
func (c *whoCanCmd) Run(a *app) error {
	keys, err := c.keys()
	if err != nil {
		return err
	}
	return c.with(a, func(s *session) error {
		in := &admin.WhoCanInput{AccountId: c.As, Action: c.Action, Resource: c.Resource, Context: keys, Account: c.Account}
		r := &whoCanReport{Writer: bufio.NewWriter(s.stdout), all: c.All, numbers: map[string]int{}, names: map[string]string{}}
		print := r.page
		if c.JSON {
			print = r.lines
		}
		var failed error
		err := every(s, admin.Name, "WhoCan", in, &in.NextToken, func(out *admin.WhoCanOutput) *string {
			if failed = print(out); failed != nil {
				return nil
			}
			return out.NextToken
		})
		if err == nil && failed == nil && !c.JSON {
			r.end()
		}
		return errors.Join(err, failed, r.Flush())
	})
}

// whoCanReport is a report in the making.
type whoCanReport struct {
	*bufio.Writer
	all     bool
	section string
	numbers map[string]int // of conditions, by their text
	texts   []string
	names   map[string]string // of accounts
}

// Mosts of what a line names, unless all is wanted.
const (
	mostAccounts = 5
	mostMembers  = 10
)

func (r *whoCanReport) most(n int) int {
	if r.all {
		return 1 << 30
	}
	return n
}

// page prints a page for people.
func (r *whoCanReport) page(out *admin.WhoCanOutput) error {
	for _, a := range out.Accounts {
		r.names[a.AccountId] = a.AccountName
	}
	slices.SortStableFunc(out.Holders, func(a, b admin.WhoCanHolder) int {
		return cmp.Or(cmp.Compare(min(len(b.GroupId), 1), min(len(a.GroupId), 1)), cmp.Compare(a.Group, b.Group))
	})
	for _, h := range out.Holders {
		r.enter("People")
		name := h.User
		if h.GroupId != "" {
			name = fmt.Sprintf("group %s (%d): %s", cmp.Or(h.Group, h.GroupId), len(h.Members), few(h.Members, r.most(mostMembers)))
		}
		fmt.Fprintf(r, "  %s\n", name)
		for _, a := range h.Access {
			fmt.Fprintf(r, "    %-6s  %s in %s%s\n", short(out.Answers[a.Answer]), strings.Join(a.PermissionSets, ", "), r.accounts(a.Accounts), r.number(out.Answers[a.Answer]))
		}
	}
	r.actors(out)
	_, err := r.Write(nil)
	return err
}

// actors prints the root users with the same answer on one line, and everybody else on their own.
func (r *whoCanReport) actors(out *admin.WhoCanOutput) {
	roots := map[int32][]string{}
	var order []int32
	for _, a := range out.Actors {
		if a.Kind == "Root" {
			if roots[a.Answer] == nil {
				order = append(order, a.Answer)
			}
			roots[a.Answer] = append(roots[a.Answer], a.AccountId)
		}
	}
	for _, answer := range order {
		r.enter("Root users")
		fmt.Fprintf(r, "  %-6s  %s%s\n", short(out.Answers[answer]), r.accounts(roots[answer]), r.number(out.Answers[answer]))
	}
	for _, a := range out.Actors {
		if a.Kind != "Root" {
			r.enter("IAM users and roles")
			fmt.Fprintf(r, "  %-6s  %s%s\n", short(out.Answers[a.Answer]), a.Arn, r.number(out.Answers[a.Answer]))
		}
	}
}

func (r *whoCanReport) enter(section string) {
	if r.section != section {
		r.section = section
		fmt.Fprintln(r, section)
	}
}

// accounts names accounts.
func (r *whoCanReport) accounts(ids []string) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = cmp.Or(r.names[id], id)
	}
	slices.Sort(names)
	return few(names, r.most(mostAccounts))
}

// number refers to the conditions of a yes-if.
func (r *whoCanReport) number(a admin.Answer) string {
	if len(a.Ways) == 0 {
		return ""
	}
	var b strings.Builder
	_ = conditions(&b, "      ", a) // which cannot fail
	n, found := r.numbers[b.String()]
	if !found {
		r.texts = append(r.texts, b.String())
		n = len(r.texts)
		r.numbers[b.String()] = n
	}
	return fmt.Sprintf(" [%d]", n)
}

// end prints the conditions, or that nobody can.
func (r *whoCanReport) end() {
	if r.section == "" {
		fmt.Fprintln(r, "Nobody can.")
	}
	for i, text := range r.texts {
		r.enter("Conditions")
		fmt.Fprintf(r, "  %s%s", fmt.Sprintf("[%d] ", i+1), strings.TrimPrefix(text, "      "))
	}
}

// whoCanLine is one line for programs: a group or a person with permission sets in accounts, or an actor.
type whoCanLine struct {
	Group, GroupId string       `json:",omitempty"`
	Members        []string     `json:",omitempty"`
	User, UserId   string       `json:",omitempty"`
	PermissionSets []string     `json:",omitempty"`
	Kind, Arn      string       `json:",omitempty"`
	Accounts       []string     `json:",omitempty"`
	Answer         admin.Answer `json:""`
}

// lines prints a page for programs.
func (r *whoCanReport) lines(out *admin.WhoCanOutput) error {
	for _, h := range out.Holders {
		for _, a := range h.Access {
			err := lines(r, whoCanLine{Group: h.Group, GroupId: h.GroupId, Members: h.Members, User: h.User, UserId: h.UserId,
				PermissionSets: a.PermissionSets, Accounts: a.Accounts, Answer: out.Answers[a.Answer]})
			if err != nil {
				return err
			}
		}
	}
	for _, a := range out.Actors {
		if err := lines(r, whoCanLine{Kind: a.Kind, Arn: a.Arn, Accounts: []string{a.AccountId}, Answer: out.Answers[a.Answer]}); err != nil {
			return err
		}
	}
	return nil
}
