package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
)

// whatCanCmd asks what somebody may do.
type whatCanCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	askFlags    `embed:""`
	Set         string `help:"Only with this permission set, by name." placeholder:"NAME"`
	All         bool   `help:"Name every service, with the numbers of its actions."`
	Who         string `arg:"" help:"User name of a person; or an ARN; or root, user/NAME or role/NAME with --account."`
}

// Run prints a paragraph for each role that a person has.
func (c *whatCanCmd) Run(a *app) error {
	keys, err := c.keys()
	if err != nil {
		return err
	}
	return c.with(a, func(s *session) error {
		in := &admin.WhatCanInput{AccountId: c.As, Who: c.Who, Context: keys, Account: c.Account, PermissionSet: c.Set}
		w := bufio.NewWriter(s.stdout)
		some := false
		var failed error
		err := every(s, admin.Name, "WhatCan", in, &in.NextToken, func(out *admin.WhatCanOutput) *string {
			some = some || len(out.Roles) > 0
			if c.JSON {
				failed = errors.Join(failed, lines(w, out.Roles...))
				return out.NextToken
			}
			for _, r := range out.Roles {
				c.print(w, r)
			}
			return out.NextToken
		})
		if !some && err == nil && !c.JSON {
			fmt.Fprintf(w, "%s has no such role.\n", c.Who)
		}
		return errors.Join(err, failed, w.Flush())
	})
}

// accesses are the levels in the order in which they are told, and what they mean.
var accesses = [...]struct{ level, meaning string }{{"full", "everything"}, {"limited", "something"}, {"read", "looking only"}}

// mostServices is how many services of one level are named, unless all are wanted.
const mostServices = 12

func (c *whatCanCmd) print(w io.Writer, r admin.WhatCanRole) {
	fmt.Fprintf(w, "%s (%s)", r.AccountName, r.AccountId)
	if r.PermissionSet != "" {
		fmt.Fprintf(w, " %s", r.PermissionSet)
	}
	if len(r.Groups) > 0 {
		fmt.Fprintf(w, ", through %s", strings.Join(r.Groups, ", "))
	}
	fmt.Fprintln(w)
	if len(r.Services) == 0 {
		fmt.Fprintln(w, "  nothing")
	}
	for _, a := range accesses {
		var names []string
		for _, s := range r.Services {
			switch {
			case s.Access != a.level:
			case c.All:
				names = append(names, s.Service+numbers(s))
			default:
				names = append(names, s.Service)
			}
		}
		if len(names) == 0 {
			continue
		}
		most := mostServices
		if c.All {
			most = len(names)
		}
		fmt.Fprintf(w, "  %-8s %s (%s): %s\n", a.level, services(len(names)), a.meaning, few(names, most))
	}
}

// numbers are how many of a service's actions are allowed, and how many under conditions or on some resources.
func numbers(s admin.WhatCanService) string {
	text := fmt.Sprintf(" %d/%d", s.Reads.Yes+s.Changes.Yes, s.Reads.All+s.Changes.All)
	if conditional := s.Reads.YesIf + s.Changes.YesIf; conditional > 0 {
		text += fmt.Sprintf("+%d", conditional)
	}
	return text
}

func services(n int) string {
	if n == 1 {
		return "1 service"
	}
	return strconv.Itoa(n) + " services"
}
