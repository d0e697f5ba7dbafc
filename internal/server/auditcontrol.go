package server

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// AuditService names the operations about the audit trail that operators have, with a running server and without one.
const (
	AuditService = "audit"
	AuditVerify  = "AuditVerify"
	AuditTail    = "AuditTail"
)

// AuditVerifyInput has the heads that were logged elsewhere, as audit.Head writes them.
type AuditVerifyInput struct{ Heads []string }

// AuditVerifyOutput says what was found. An empty finding is a trail that is as it was written.
type AuditVerifyOutput struct {
	Head    string // of the last record that verifies
	Records int64
	Finding string
}

// AuditTailInput asks for a page of events from the end of the trail.
type AuditTailInput struct {
	Before int64 // only records at earlier positions; 0 for the last
	Events int   // how many are wanted; a page may have fewer, or more of a block
}

// AuditTailOutput is a page of events in their order.
type AuditTailOutput struct {
	Events []json.RawMessage // as audit.Decode reads them
	First  int64             // the position of the first record here; 1 or less when there are none before
}

// Bounds of a page: its records are read in steps, and it ends with the record that makes it large.
const (
	tailStep = 64
	tailSize = 256 << 10
)

// operateAudit answers an operation about the audit trail.
func (s *Server) operateAudit(ctx context.Context, operation string, in []byte) ([]byte, error) {
	switch operation {
	case AuditVerify:
		return answer(ctx, in, s.verifyOperation)
	case AuditTail:
		return answer(ctx, in, s.tailOperation)
	}
	return nil, fault.New(fault.NotBuilt, "NotImplementedException", "%s is not an operation about the audit trail.", operation)
}

// answer reads the input of an operation and writes its output.
func answer[In, Out any](ctx context.Context, in []byte, operate func(context.Context, In) (Out, error)) ([]byte, error) {
	var input In
	if err := json.Unmarshal(in, &input); err != nil {
		return nil, fault.New(fault.Invalid, "SerializationException", "The input is not JSON of the right form.")
	}
	out, err := operate(ctx, input)
	if err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

func (s *Server) verifyOperation(ctx context.Context, in AuditVerifyInput) (AuditVerifyOutput, error) {
	known := make([]audit.Head, 0, len(in.Heads))
	for _, text := range in.Heads {
		h, err := audit.ParseHead(text)
		if err != nil {
			return AuditVerifyOutput{}, fault.New(fault.Invalid, "ValidationException", "%s.", err)
		}
		known = append(known, h)
	}
	report, err := s.verifyAudit(ctx, known)
	out := AuditVerifyOutput{Head: report.Head.String(), Records: report.Head.Count}
	var finding *audit.Finding
	if errors.As(err, &finding) {
		out.Finding, err = finding.Error(), nil
	}
	return out, err
}

func (s *Server) tailOperation(ctx context.Context, in AuditTailInput) (out AuditTailOutput, err error) {
	if _, err := s.chain(); err != nil {
		return out, err
	}
	err = s.services.Store.View(ctx, func(tx *store.Tx) error {
		out = AuditTailOutput{First: in.Before}
		if in.Before <= 0 {
			head, err := auditHead(tx)
			if err != nil {
				return err
			}
			out.First = head.Count + 1
		}
		for size := 0; out.First > 1 && len(out.Events) < in.Events && size < tailSize; {
			after := max(0, out.First-1-tailStep)
			rows, err := tx.AuditFrom(after, int(out.First-1-after))
			if err != nil || len(rows) == 0 {
				return err
			}
			size, err = out.prepend(rows, in.Events, size)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// prepend puts rows before the page, the last of them first, until the page is full. It returns the size of the page.
func (o *AuditTailOutput) prepend(rows []store.AuditRow, events, size int) (int, error) {
	for i := len(rows) - 1; i >= 0 && len(o.Events) < events && size < tailSize; i-- {
		opened, err := record(rows[i]).Open()
		if err != nil {
			return size, err
		}
		texts := make([]json.RawMessage, 0, len(opened)+len(o.Events))
		for _, e := range opened {
			text, err := e.Encode()
			if err != nil {
				return size, err
			}
			size += len(text)
			texts = append(texts, text)
		}
		o.Events = append(texts, o.Events...)
		o.First = rows[i].Position
	}
	return size, nil
}
