package main

import (
	"bufio"
	"errors"
	"fmt"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
)

// canCmd asks whether somebody may do something.
type canCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	askFlags    `embed:""`
	Set         string `help:"Only with this permission set, by name." placeholder:"NAME"`
	Who         string `arg:"" help:"User name of a person; or an ARN; or root, user/NAME or role/NAME with --account."`
	Action      string `arg:"" help:"Action, such as s3:GetObject."`
	Resource    string `arg:"" help:"ARN of the resource, taken literally, or *."`
}

// Run prints a line for each role that a person has, with what the answer depends on.
func (c *canCmd) Run(a *app) error {
	keys, err := c.keys()
	if err != nil {
		return err
	}
	return c.with(a, func(s *session) error {
		in := &admin.CanInput{AccountId: c.As, Who: c.Who, Action: c.Action, Resource: c.Resource, Context: keys, Account: c.Account, PermissionSet: c.Set}
		w := bufio.NewWriter(s.stdout)
		some := false
		err := every(s, admin.Name, "Can", in, &in.NextToken, func(out *admin.CanOutput) *string {
			some = some || len(out.Answers) > 0
			err = errors.Join(err, c.print(w, out.Answers))
			return out.NextToken
		})
		if !some && err == nil && !c.JSON {
			_, err = fmt.Fprintf(w, "no      %s has no such role\n", c.Who)
		}
		return errors.Join(err, w.Flush())
	})
}

func (c *canCmd) print(w *bufio.Writer, list []admin.CanAnswer) error {
	if c.JSON {
		return lines(w, list...)
	}
	for _, one := range list {
		fmt.Fprintf(w, "%-6s  %s (%s)", short(one.Answer), one.AccountName, one.AccountId)
		if one.PermissionSet != "" {
			fmt.Fprintf(w, " %s", one.PermissionSet)
		}
		if one.Answer.Reason != "" {
			fmt.Fprintf(w, ": %s", one.Answer.Reason)
		}
		fmt.Fprintln(w)
		if err := conditions(w, "        ", one.Answer); err != nil {
			return err
		}
	}
	return nil
}
