package main

import (
	"errors"
	"fmt"

	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/server"
)

// auditCmds are the commands about the audit trail.
type auditCmds struct {
	Tail   auditTailCmd   `cmd:"" help:"Print the last events."`
	Verify auditVerifyCmd `cmd:"" help:"Check that every record is as it was written."`
}

// auditVerifyCmd verifies the audit trail.
type auditVerifyCmd struct {
	dataFlags `embed:""`
	Head      []string `help:"A head of the chain that the log has; it must be met. May be given several times." placeholder:"SEQ:COUNT:HEX"`
}

// Run prints the head of the chain.
func (c *auditVerifyCmd) Run(a *app) error {
	for _, text := range c.Head {
		if _, err := audit.ParseHead(text); err != nil {
			return misuse("copy it from a line with \"audit head\" of the server's log", "--head: %w", err)
		}
	}
	var out server.AuditVerifyOutput
	if err := c.operate(a, server.AuditService, server.AuditVerify, server.AuditVerifyInput{Heads: c.Head}, &out); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "records: %d\nhead:    %s\n", out.Records, out.Head)
	if out.Finding != "" {
		return hinted(errors.New("the audit trail was tampered with: "+out.Finding), "keep a copy of the data directory, and compare it with your backups")
	}
	fmt.Fprintln(a.stdout, "The audit trail is as it was written.")
	return nil
}

// auditTailCmd prints the end of the audit trail.
type auditTailCmd struct {
	dataFlags `embed:""`
	Number    int    `short:"n" help:"How many events." default:"20" placeholder:"N"`
	Format    string `help:"text, or json for CloudTrail records, one a line." default:"text" placeholder:"FORMAT"`
}

// Run prints the events, the last at the end.
func (c *auditTailCmd) Run(a *app) error {
	if c.Number < 1 {
		return misuse("want a number of 1 or more", "-n %d: there is nothing to print", c.Number)
	}
	if c.Format != "text" && c.Format != "json" {
		return misuse("want text or json", "--format: there is no format %q", c.Format)
	}
	events, err := c.events(a)
	if err != nil {
		return err
	}
	for i := range events {
		line := eventLine(&events[i])
		if c.Format == "json" {
			text, err := events[i].CloudTrail()
			if err != nil {
				return err
			}
			line = string(text)
		}
		if _, err := fmt.Fprintln(a.stdout, line); err != nil {
			return err
		}
	}
	return nil
}

// events collects pages from the end until there are enough.
func (c *auditTailCmd) events(a *app) ([]audit.Event, error) {
	var events []audit.Event
	for before := int64(0); ; {
		var page server.AuditTailOutput
		in := server.AuditTailInput{Before: before, Events: c.Number - len(events)}
		if err := c.operate(a, server.AuditService, server.AuditTail, in, &page); err != nil {
			return nil, err
		}
		decoded := make([]audit.Event, 0, len(page.Events)+len(events))
		for _, text := range page.Events {
			e, err := audit.Decode(text)
			if err != nil {
				return nil, err
			}
			decoded = append(decoded, e)
		}
		events = append(decoded, events...)
		if len(events) >= c.Number || page.First <= 1 || len(page.Events) == 0 {
			return events[max(0, len(events)-c.Number):], nil
		}
		before = page.First
	}
}

// eventLine writes an event for people.
func eventLine(e *audit.Event) string {
	who, outcome := e.Principal.ARN, "ok"
	if who == "" {
		who = e.Principal.UserName
	}
	if who == "" {
		who = "-"
	}
	if e.ErrorCode != "" {
		outcome = e.ErrorCode + "  " + e.RequestID // for gatehouse why
	}
	return fmt.Sprintf("%s  %-8s %s:%s  %s  %s", e.Time.UTC().Format("2006-01-02T15:04:05.000Z"), e.Kind, e.Service, e.Operation, who, outcome)
}
