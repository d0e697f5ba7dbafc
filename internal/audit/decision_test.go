package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

func drawDecision(t *rapid.T) Decision {
	text := rapid.SampledFrom([]string{"", "a", "b", "arn:aws:iam::111111111111:role/Admin", "é<&>\"\u2028"})
	d := Decision{
		Decision: policy.Decision{Allowed: rapid.Bool().Draw(t, "allowed"), Explicit: rapid.Bool().Draw(t, "explicit"),
			Layer:     policy.Layer(rapid.IntRange(0, int(policy.LayerIdentity)).Draw(t, "layer")),
			PolicyARN: text.Draw(t, "policy"), PolicyName: text.Draw(t, "name"), Sid: text.Draw(t, "sid"),
			StatementIndex: rapid.IntRange(-1, 300).Draw(t, "statement"), Level: rapid.IntRange(-1, 5).Draw(t, "level")},
		Action: text.Draw(t, "action"), Resource: text.Draw(t, "resource"), Owner: ident.AccountID(text.Draw(t, "owner")),
		Trust: text.Draw(t, "trust"), Organization: text.Draw(t, "organization"), Admitted: rapid.Bool().Draw(t, "admitted"),
		Context: policy.NewContext(),
	}
	for range rapid.IntRange(0, 4).Draw(t, "keys") {
		key := "aws:" + text.Draw(t, "key")
		if rapid.Bool().Draw(t, "multi") {
			d.Context.SetList(key, rapid.SliceOf(text).Draw(t, "values"))
		} else {
			d.Context.Set(key, text.Draw(t, "value"))
		}
	}
	return d
}

// MarshalJSON is what encoding/json would write of decisions.
func (l decisions) MarshalJSON() ([]byte, error) {
	rows := make([]decisionRow, len(l))
	for i := range l {
		rows[i] = decisionRowOf(&l[i])
		if i > 0 && l[i].Context.Len() > 0 && l[i].Context.Equal(l[i-1].Context) {
			rows[i].Same, rows[i].Context = true, nil
		}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(rows)
	return out.Bytes(), err
}

func decisionRowOf(d *Decision) decisionRow {
	r := decisionRow{Action: d.Action, Resource: d.Resource, Owner: d.Owner, Trust: d.Trust, Organization: d.Organization,
		Admitted: d.Admitted, Allowed: d.Allowed, Explicit: d.Explicit, Layer: d.Layer.String(), ARN: d.PolicyARN, Name: d.PolicyName,
		Sid: d.Sid, Statement: d.StatementIndex + 1, Level: d.Level + 1, Context: map[string]json.RawMessage{}}
	for i := range d.Context.Len() {
		key, value, values, multi := d.Context.At(i)
		if multi {
			o := object{}
			o.values(values)
			r.Context[key] = o.buf
		} else {
			r.Context[key] = appendJSONString(nil, value)
		}
	}
	return r
}

// TestOneContextIsWrittenOnce: an operation on several resources asks about all of them in the same circumstances.
func TestOneContextIsWrittenOnce(t *testing.T) {
	t.Parallel()
	x := policy.NewContext()
	x.Set("aws:username", "alice")
	e := Event{ID: "one", Time: time.UnixMilli(1).UTC(), Kind: Change, Decisions: []Decision{{Action: "a:A", Context: x}, {Action: "a:B", Context: x.Clone()}}}
	body, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(body, []byte("alice")); n != 1 {
		t.Errorf("%s: the context is written %d times, want once", body, n)
	}
	back, err := Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	if len(back.Decisions) != 2 || back.Decisions[1].Context.Single("aws:username") != "alice" {
		t.Errorf("read back: %+v", back.Decisions)
	}
	for _, wrong := range []string{`[{"same":true}]`, `[{},{"same":true,"context":{"a":"b"}}]`} {
		if err := new(decisions).UnmarshalJSON([]byte(wrong)); err == nil {
			t.Errorf("%s was read", wrong)
		}
	}
}

// TestDecisionsComeBackAsTheyWent: what may be asked again later is just what was asked, in a row of its own and in a block.
func TestDecisionsComeBackAsTheyWent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var events []Event
		for i := range rapid.IntRange(1, 6).Draw(t, "events") {
			e := Event{ID: fmt.Sprint(i), Time: at, Kind: Read, Decisions: rapid.SliceOfN(rapid.Custom(drawDecision), 0, 3).Draw(t, "decisions")}
			if len(e.Decisions) == 0 {
				e.Decisions = nil
			} else if rapid.Bool().Draw(t, "again") && i > 0 {
				e.Decisions = events[i-1].Decisions
			}
			body, err := e.Encode()
			if err != nil {
				t.Fatal(err)
			}
			alone, err := Decode(body)
			if diff := cmp.Diff(e, alone); err != nil || diff != "" {
				t.Fatalf("%v (-want +got):\n%s", err, diff)
			}
			events = append(events, e)
		}
		var b builder
		for i := range events {
			if err := b.add(&events[i]); err != nil {
				t.Fatal(err)
			}
		}
		got, err := DecodeBlock(b.finish())
		if diff := cmp.Diff(events, got.Events); err != nil || diff != "" {
			t.Fatalf("%v (-want +got):\n%s", err, diff)
		}
	})
}

func TestContextsAreFoundInAnyOrder(t *testing.T) {
	t.Parallel()
	one, other, third := policy.NewContext(), policy.NewContext(), policy.NewContext()
	for i := range 10 {
		one.Set(fmt.Sprint(i), fmt.Sprint(-i))
		other.Set(fmt.Sprint(9-i), fmt.Sprint(i-9))
		third.Set(fmt.Sprint(i), fmt.Sprint(-(i+1)%10))
	}
	other.Set("aws:EpochTime", "1")
	var c contexts
	for i, want := range []uint64{0, 0, 1, 1} {
		if n, _ := c.number([]*policy.Context{one, other, third, third}[i]); n != want {
			t.Errorf("context %d has the number %d, want %d", i, n, want)
		}
	}
}

// many are n events as clients make them: 50 callers, 100 resources, each with a context of 18 keys.
func many(n int) []Event {
	events := make([]Event, n)
	for i := range events {
		e := sample(i)
		e.Kind, e.Parameters, e.RequestID = Read, nil, e.ID
		e.Principal.ID = fmt.Sprint("AROAEXAMPLE1234567890:", i%50)
		e.Resources = []string{fmt.Sprint("arn:aws:iam::111111111111:user/", i%100)}
		d := decision()
		d.Resource = e.Resources[0]
		d.Context.Set("aws:userid", e.Principal.ID)
		d.Context.Set("aws:MultiFactorAuthAge", fmt.Sprint(i/500))
		d.Context.Set("aws:EpochTime", fmt.Sprint(i))
		e.Decisions = []Decision{d}
		events[i] = e
	}
	return events
}

// TestDecisionsAreCompact: what a million of them costs is what can be kept.
func TestDecisionsAreCompact(t *testing.T) {
	t.Parallel()
	events := many(BlockEvents)
	if size := len(block(t, events...)) / len(events); size > 110 {
		t.Errorf("%d bytes for an event with its decision", size)
	}
}

func BenchmarkAddDecisions(b *testing.B) {
	events := many(BlockEvents)
	var blocks builder
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := blocks.add(&events[i%len(events)]); err != nil {
			b.Fatal(err)
		}
		if blocks.full() {
			blocks.finish()
		}
	}
}

// BenchmarkDecodeBlock measures the reading of one event with its decision.
func BenchmarkDecodeBlock(b *testing.B) {
	body := block(b, many(BlockEvents)...)
	b.ReportAllocs()
	start, n := time.Now(), 0
	for b.Loop() {
		if _, err := DecodeBlock(body); err != nil {
			b.Fatal(err)
		}
		n += BlockEvents
	}
	b.ReportMetric(float64(time.Since(start).Nanoseconds())/float64(n), "ns/event")
	b.ReportMetric(float64(len(body))/BlockEvents, "B/event")
}
