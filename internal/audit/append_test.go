package audit

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// TestEventsAreEncodedAsEncodingJSONWould holds the format still: records are hashed as bytes.
func TestEventsAreEncodedAsEncodingJSONWould(t *testing.T) {
	t.Parallel()
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "\u2028", "\xff", "a\"\\\b\f\n\r\t\x00\x7f<&>", "é𐐀\ufffd"}))
	rapid.Check(t, func(t *rapid.T) {
		s := func(name string) string { return text.Draw(t, name) }
		e := Event{ID: s("id"), Time: time.UnixMilli(rapid.Int64Range(0, 1e13).Draw(t, "t")).UTC(), Kind: Kind(s("kind")), Account: ident.AccountID(s("account")),
			Service: s("service"), Operation: s("operation"), Action: s("action"), SourceIP: s("ip"), UserAgent: s("ua"), RequestID: s("rid"),
			Region: s("region"), ErrorCode: s("code"), ErrorMessage: s("message"),
			Resources: rapid.SliceOf(text).Draw(t, "resources")}
		if rapid.Bool().Draw(t, "principal") {
			e.Principal = Principal{Type: s("type"), ID: s("pid"), ARN: s("arn"), Account: ident.AccountID(s("pa")), AccessKeyID: s("key"), UserName: s("name"),
				InvokedBy: s("by"), IssuerType: s("it"), IssuerID: s("ii"), IssuerARN: s("ia"), IssuerName: s("in"), SessionName: s("sn"),
				SessionIssued: rapid.Int64Range(0, 9).Draw(t, "issued"), MFA: rapid.Bool().Draw(t, "mfa"), SourceIdentity: s("si"), UserID: s("u"),
				IdentityStoreARN: s("d"), CredentialID: s("c")}
		}
		if rapid.Bool().Draw(t, "decision") {
			e.Decisions = rapid.SliceOfN(rapid.Custom(drawDecision), 0, 3).Draw(t, "decisions")
		}
		if rapid.Bool().Draw(t, "raw") {
			e.Parameters, e.Response, e.Details, e.Explanation = json.RawMessage(`{"a":1}`), json.RawMessage(`{"b":"c"}`), json.RawMessage(`[]`), json.RawMessage(`{"l":[]}`)
		}
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(rowOf(&e)); err != nil {
			t.Fatal(err)
		}
		if got := appendEvent(nil, &e); string(got)+"\n" != want.String() {
			t.Fatalf("got  %s\nwant %s", got, want.String())
		}
	})
}

// rowOf is the event as Decode reads it.
func rowOf(e *Event) row {
	return row{
		ID: e.ID, Time: e.Time.UnixMilli(), Kind: e.Kind, Account: e.Account, Service: e.Service, Operation: e.Operation,
		Action: e.Action, Resources: e.Resources, Principal: e.Principal, SourceIP: e.SourceIP, UserAgent: e.UserAgent,
		RequestID: e.RequestID, Region: e.Region, Code: e.ErrorCode, Message: e.ErrorMessage, Params: e.Parameters,
		Response: e.Response, Details: e.Details, Decisions: e.Decisions, Why: e.Explanation,
	}
}
