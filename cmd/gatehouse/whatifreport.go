package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
)

// mostLines is how many things are told of one person or role. All of them are in the JSON.
const mostLines = 12

// whatIfReport tells people who would lose and gain what.
type whatIfReport struct {
	to   io.Writer
	days int32
	out  *admin.WhatIfOutput
}

// print writes a paragraph for everybody who would lose something, then for those who would gain, and the sum.
func (r *whatIfReport) print() error {
	var b strings.Builder
	for _, p := range paragraphs(r.out.Differences) {
		p.write(&b)
	}
	r.sum(&b)
	_, err := io.WriteString(r.to, b.String())
	return err
}

// paragraph is what one person or role loses, or gains.
type paragraph struct {
	who, effect string
	places      []string // in the order of what happens most often there
	lines       map[string][]admin.AccessDifference
	count       int64
}

func paragraphs(list []admin.AccessDifference) []*paragraph {
	byHead := map[string]*paragraph{}
	var all []*paragraph
	for _, d := range list {
		who, place := holder(&d)
		p := byHead[d.Effect+who]
		if p == nil {
			p = &paragraph{who: who, effect: d.Effect, lines: map[string][]admin.AccessDifference{}}
			byHead[d.Effect+who], all = p, append(all, p)
		}
		if p.lines[place] == nil {
			p.places = append(p.places, place)
		}
		p.lines[place] = append(p.lines[place], d)
		p.count += d.Count
	}
	slices.SortStableFunc(all, func(a, b *paragraph) int {
		return cmp.Or(-cmp.Compare(a.effect, b.effect), -cmp.Compare(a.count, b.count), cmp.Compare(a.who, b.who))
	})
	return all
}

// holder says of whom a paragraph is, and in which part of it a difference stands: a person has roles in accounts.
func holder(d *admin.AccessDifference) (who, place string) {
	in := "in " + d.AccountName + " (" + d.AccountId + ")"
	switch {
	case d.UserName != "" && d.PermissionSetName != "":
		return d.UserName, "with " + d.PermissionSetName + " " + in
	case d.UserName != "":
		return d.UserName, "as the role " + d.RoleName + " " + in
	case d.RoleName != "":
		return "the role " + d.RoleName + " " + in, ""
	case d.FederatedUserName != "":
		return "the federated user " + d.FederatedUserName + " of the IAM user " + d.IAMUserName + " " + in, ""
	case d.IAMUserName != "":
		return "the IAM user " + d.IAMUserName + " " + in, ""
	}
	return "the root user " + in, ""
}

func (p *paragraph) write(b *strings.Builder) {
	fmt.Fprintf(b, "%s %s:\n", p.who, strings.ToLower(p.effect))
	told, all := 0, 0
	for _, place := range p.places {
		all += len(p.lines[place])
		if place != "" && told < mostLines {
			fmt.Fprintf(b, "  %s\n", place)
		}
		for _, d := range p.lines[place][:min(len(p.lines[place]), mostLines-told)] {
			fmt.Fprintf(b, "    %s on %s: %s, last %s\n", d.Action, d.Resource, times(d.Count), d.Last.UTC().Format("2006-01-02 15:04 UTC"))
			told++
		}
	}
	if told < all {
		fmt.Fprintf(b, "    and %d more, which --json lists\n", all-told)
	}
	b.WriteByte('\n')
}

func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return grouped(n) + " times"
}

// sum says how much was looked at, and what was left out.
func (r *whatIfReport) sum(b *strings.Builder) {
	o := r.out
	if o.Lost+o.Gained == 0 {
		b.WriteString("Nobody would lose or gain anything.")
	} else {
		fmt.Fprintf(b, "Requests that would be denied and are allowed today: %s; the other way round: %s.", grouped(o.Lost), grouped(o.Gained))
	}
	fmt.Fprintf(b, " The change bears on %s of the %s decisions of the last %d days.\n", grouped(o.Asked), grouped(o.Decisions), r.days)
	for _, note := range []struct {
		n    int64
		text string
	}{
		{o.Gone, "Left out: %s for people, users and roles that could not call today, whatever changed.\n"},
		{o.Drifted, "Not what it was: %s were decided otherwise at the time; today's policies are what the change is measured by.\n"},
		{o.OutsideLost, "From outside the organization: %s on its resources would be denied.\n"},
		{o.OutsideGained, "From outside the organization: %s on its resources would be allowed that are denied today.\n"},
		{o.UnreadableRecords, "Left out: %s records of the audit trail that are not as they were written. Run: gatehouse audit verify\n"},
		{o.Unlisted, "Counted but not listed: %s.\n"},
	} {
		if note.n > 0 {
			fmt.Fprintf(b, note.text, grouped(note.n))
		}
	}
}

// grouped writes a number with its thousands apart.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
