package audit

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestAReaderOfDecisionsReadsWhatTheEventsHold reads records of both kinds one after the other with one reader, and changes
// what it gets: nothing of a record may be left in the next.
func TestAReaderOfDecisionsReadsWhatTheEventsHold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var reader DecisionReader
		for range rapid.IntRange(1, 4).Draw(t, "records") {
			record, events := drawRecord(t)
			at := 0
			err := reader.Read(record, func(d *Decided) {
				for at < len(events) && len(events[at].Decisions) == 0 {
					at++
				}
				e := &events[at]
				at++
				if !d.Time.Equal(e.Time) || d.Principal.Clone() != e.Principal || !same(d.Decisions, e.Decisions) {
					t.Fatalf("read %+v of %+v", d, e)
				}
				d.Decisions[0].Context.Set("aws:CurrentTime", "now")
			})
			if err != nil {
				t.Fatal(err)
			}
			for ; at < len(events); at++ {
				if len(events[at].Decisions) > 0 {
					t.Fatalf("%+v was left out", events[at])
				}
			}
		}
	})
}

// drawRecord draws a record and returns what Open reads of it.
func drawRecord(t *rapid.T) (*Record, []Event) {
	var b builder
	for i := range rapid.IntRange(1, 6).Draw(t, "events") {
		e := sample(i)
		e.Principal.SessionName = fmt.Sprint("s", rapid.IntRange(0, 2).Draw(t, "session"))
		e.RequestID = rapid.SampledFrom([]string{e.ID, "other", "00000000-0000-4000-8000-000000000009"}).Draw(t, "request")
		e.Time = at.Add(time.Duration(rapid.IntRange(-5, 5).Draw(t, "time")) * time.Second)
		e.Decisions = nil
		for range rapid.IntRange(0, 3).Draw(t, "decisions") {
			e.Decisions = append(e.Decisions, drawDecision(t))
		}
		if err := b.add(&e); err != nil {
			t.Fatal(err)
		}
		if body, err := e.Encode(); i == 0 && err == nil && rapid.IntRange(0, 3).Draw(t, "alone") == 0 {
			return opened(t, &Record{Body: body})
		}
	}
	return opened(t, &Record{Body: b.finish()})
}

func opened(t *rapid.T, r *Record) (*Record, []Event) {
	events, err := r.Open()
	if err != nil {
		t.Fatal(err)
	}
	return r, events
}

func same(a, b []Decision) bool {
	for i := range a {
		if len(a) != len(b) || !a[i].Context.Equal(b[i].Context) || a[i].Decision != b[i].Decision || *a[i].fields()[1] != *b[i].fields()[1] || a[i].Owner != b[i].Owner {
			return false
		}
	}
	return len(a) == len(b)
}

// TestAReaderOfDecisionsRefusesWhatDecodeBlockRefuses cuts a block short and changes single bytes of it.
func TestAReaderOfDecisionsRefusesWhatDecodeBlockRefuses(t *testing.T) {
	t.Parallel()
	var b builder
	for i := range 3 {
		e := sample(i)
		if err := b.add(&e); err != nil {
			t.Fatal(err)
		}
	}
	body := b.finish()
	var reader DecisionReader
	for i := 1; i < len(body); i++ {
		for _, broken := range [][]byte{body[:i], append(append(append([]byte{}, body[:i]...), body[i]^0x80), body[i+1:]...)} {
			_, want := DecodeBlock(broken)
			if err := reader.Read(&Record{Body: broken}, func(*Decided) {}); want == nil && err != nil || len(broken) < len(body) && err == nil {
				t.Fatalf("at byte %d: %v, and DecodeBlock %v", i, err, want)
			}
		}
	}
}
