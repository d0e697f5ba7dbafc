package main

import (
	"fmt"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// whyCmd explains why a request was allowed or denied.
type whyCmd struct {
	targetFlags `embed:""`
	JSON        bool   `name:"json" help:"Print JSON for programs."`
	Request     string `arg:"" name:"request-id" help:"Id of the request: x-amzn-requestid in the headers of its answer, RequestID in the errors of most clients."`
}

// Run prints the explanation.
func (c *whyCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		out, err := request[admin.ExplainRequestOutput](s, admin.Name, "ExplainRequest", &admin.ExplainRequestInput{RequestId: strings.TrimSpace(c.Request)})
		switch {
		case fault.Is(err, "ResourceNotFoundException"):
			return hinted(err, "requests are seen by their own account, by the management account of its organization, and with --data by whoever may read the data directory")
		case fault.Is(err, "ValidationException"):
			return hinted(err, "the AWS CLI shows it with --debug, the SDKs in the metadata of a response or an error")
		case err != nil:
			return err
		case c.JSON:
			return indented(s.stdout, out)
		}
		for i := range out.Calls {
			if i > 0 {
				fmt.Fprintln(s.stdout)
			}
			if err := s.tellCall(&out.Calls[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// tellCall prints a call: what it was, and what decided.
func (s *session) tellCall(call *admin.ExplainedCall) error {
	var t telling
	who := call.PrincipalArn
	if who == "" {
		who = call.UserName
	}
	t.line(0, "%s %s by %s", call.Service, call.Operation, orElse(who, "somebody unknown"))
	from := ""
	if call.SourceIp != "" {
		from = " from " + call.SourceIp
	}
	t.line(0, "%s%s", call.Time.UTC().Format("2006-01-02 15:04:05.000 UTC"), from)
	if call.ErrorCode != "" {
		t.line(0, "%s: %s", call.ErrorCode, call.ErrorMessage)
	}
	if len(call.Decisions) == 0 {
		t.line(0, "")
		t.line(0, "No policy was asked: %s.", undecided(call))
	}
	for i := range call.Decisions {
		t.line(0, "")
		t.decision(&call.Decisions[i])
	}
	_, err := s.stdout.Write([]byte(t.String()))
	return err
}

// undecided says why a call was not for policies to decide.
func undecided(call *admin.ExplainedCall) string {
	if call.ErrorCode != "" {
		return "the request was refused before"
	}
	return "this needs no permission, or a signed-in person or an operator called"
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
