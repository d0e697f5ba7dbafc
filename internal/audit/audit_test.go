package audit

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

var at = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)

func sample(i int) Event {
	return Event{
		ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Time: at.Add(time.Duration(i) * time.Millisecond), Kind: Change,
		Account: "111111111111", Service: "sso", Operation: "CreatePermissionSet", Action: "sso:CreatePermissionSet",
		Resources: []string{"arn:aws:sso:::instance/ssoins-0123456789abcdef"},
		Principal: Principal{
			Type: "AssumedRole", ID: "AROAEXAMPLE1234567890:pcollins", ARN: "arn:aws:sts::111111111111:assumed-role/Admin/pcollins",
			Account: "111111111111", AccessKeyID: "ASIAEXAMPLE123456789", IssuerType: "Role", IssuerID: "AROAEXAMPLE1234567890",
			IssuerARN: "arn:aws:iam::111111111111:role/Admin", IssuerName: "Admin", SessionIssued: at.UnixMilli(),
		},
		SourceIP: "127.0.0.1", UserAgent: "aws-cli/2.23", RequestID: fmt.Sprint(i), Region: "us-east-1",
		Parameters: json.RawMessage(`{"name":"Admin & <co>"}`),
		Decisions:  []Decision{decision()},
	}
}

// decision is one as calls make them.
func decision() Decision {
	x := policy.NewContext()
	x.Set("aws:PrincipalArn", "arn:aws:iam::111111111111:role/Admin")
	x.Set("aws:PrincipalTag/Team", "red")
	x.SetList("aws:TagKeys", []string{"a", "b"})
	x.SetList("aws:PrincipalOrgPaths", nil)
	x.Set("aws:CurrentTime", "2026-01-02T03:04:05Z")
	x.Set("aws:EpochTime", "1767323045")
	for i := range 14 {
		x.Set(fmt.Sprint("aws:ResourceTag/key-", i), fmt.Sprint("value-", i))
	}
	return Decision{Decision: policy.Decision{Allowed: true, Layer: policy.LayerIdentity, PolicyName: "Admin", Sid: "1", Level: -1},
		Action: "sso:CreatePermissionSet", Resource: "arn:aws:sso:::instance/ssoins-0123456789abcdef", Owner: "111111111111", Context: x}
}

func mac(r *Record) []byte {
	m := hmac.New(sha256.New, []byte("key"))
	for _, p := range r.Signed() {
		m.Write(p)
	}
	return m.Sum(nil)
}

func check(r *Record) error {
	if !hmac.Equal(mac(r), r.MAC) {
		return errors.New("wrong")
	}
	return nil
}

// trail makes n chained records and the heads after each; numbers have gaps.
func trail(t *testing.T, n int) ([]Record, []Head) {
	t.Helper()
	var head Head
	var records []Record
	var heads []Head
	for i := range n {
		e := sample(i)
		body, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		r := Record{Seq: int64(10 + i*3/2), Time: e.Time.UnixMilli(), Body: body}
		r.MAC = mac(&r)
		head = head.Next(&r)
		r.Chain = slices.Clone(head.Chain[:])
		records, heads = append(records, r), append(heads, head)
	}
	return records, heads
}

func each(records []Record) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func TestEventsRoundTrip(t *testing.T) {
	t.Parallel()
	for _, e := range []Event{sample(1), {ID: "x", Time: at, Kind: SignIn}} {
		body, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(body)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		again, _ := got.Encode()
		if !bytes.Equal(body, again) {
			t.Errorf("encoded again:\n%s\n%s", body, again)
		}
	}
	minimal := Event{ID: "x", Time: at, Kind: Read}
	if body, _ := minimal.Encode(); len(body) > 60 {
		t.Errorf("%d bytes for an event that says nothing: %s", len(body), body)
	}
}

func TestDecodeRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "{", `{"id":"x"} {}`, `{"id":"x","new":1}`, `[]`, `{"id":"x","t":"now"}`} {
		if _, err := Decode([]byte(bad)); err == nil {
			t.Errorf("Decode(%q) succeeded", bad)
		}
	}
}

func TestVerifyAcceptsTheTrail(t *testing.T) {
	t.Parallel()
	records, heads := trail(t, 50)
	rep, err := Verify(Head{}, each(records), []Head{heads[10], heads[49]}, check)
	if err != nil || rep.Head != heads[49] || rep.Pending != 0 {
		t.Fatalf("%+v, %v", rep, err)
	}
	if rep, err = Verify(heads[19], each(records[20:]), []Head{heads[19], heads[30]}, check); err != nil || rep.Head != heads[49] {
		t.Errorf("from the middle: %+v, %v", rep, err)
	}
	records[49].Chain, records[48].Chain = nil, nil
	if rep, err = Verify(Head{}, each(records), nil, check); err != nil || rep.Pending != 2 || rep.Head != heads[47] {
		t.Errorf("with a tail that is not chained: %+v, %v", rep, err)
	}
	broken := errors.New("broken")
	reads := func(yield func(Record, error) bool) { yield(Record{}, broken) }
	if _, err = Verify(Head{}, reads, nil, check); !errors.Is(err, broken) || errors.Is(err, ErrTampered) {
		t.Errorf("a read that fails: %v", err)
	}
}

// tampers are ways to change a trail behind the server's back.
var tampers = map[string]func(r *rand.Rand, t []Record) []Record{
	"cut inside": func(r *rand.Rand, t []Record) []Record {
		i := r.IntN(len(t) - 1)
		return slices.Delete(t, i, i+1+r.IntN(len(t)-1-i))
	},
	"cut the end": func(r *rand.Rand, t []Record) []Record { return t[:r.IntN(len(t))] },
	"swap two": func(r *rand.Rand, t []Record) []Record {
		i := r.IntN(len(t) - 1)
		t[i], t[i+1] = t[i+1], t[i]
		return t
	},
	"swap two and their numbers": func(r *rand.Rand, t []Record) []Record {
		i := r.IntN(len(t) - 1)
		t[i], t[i+1] = t[i+1], t[i]
		t[i].Seq, t[i+1].Seq = t[i+1].Seq, t[i].Seq
		return t
	},
	"repeat one": func(r *rand.Rand, t []Record) []Record {
		i := r.IntN(len(t))
		return slices.Insert(t, i, t[i])
	},
	"edit a body": func(r *rand.Rand, t []Record) []Record {
		c := &t[r.IntN(len(t))]
		c.Body = slices.Clone(c.Body)
		c.Body[r.IntN(len(c.Body))] ^= 1 << r.IntN(8)
		return t
	},
	"edit a time":   func(r *rand.Rand, t []Record) []Record { t[r.IntN(len(t))].Time++; return t },
	"edit a number": func(r *rand.Rand, t []Record) []Record { t[r.IntN(len(t))].Seq += int64(1 + r.IntN(3)); return t },
	"edit a MAC": func(r *rand.Rand, t []Record) []Record {
		c := &t[r.IntN(len(t))]
		c.MAC = slices.Clone(c.MAC)
		c.MAC[r.IntN(32)] ^= 1
		return t
	},
	"edit a link": func(r *rand.Rand, t []Record) []Record {
		c := &t[r.IntN(len(t))]
		c.Chain = slices.Clone(c.Chain)
		c.Chain[r.IntN(32)] ^= 1
		return t
	},
	"unchain one": func(r *rand.Rand, t []Record) []Record { t[r.IntN(len(t)-1)].Chain = nil; return t },
	"cut inside and chain anew": func(r *rand.Rand, t []Record) []Record {
		i := r.IntN(len(t) - 1)
		t = slices.Delete(t, i, i+1)
		var h Head
		for j := range t {
			h = h.Next(&t[j])
			t[j].Chain = slices.Clone(h.Chain[:])
		}
		return t
	},
}

func TestVerifyFindsTampering(t *testing.T) {
	t.Parallel()
	for name, tamper := range tampers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			records, heads := trail(t, 24)
			for seed := range uint64(200) {
				bad := tamper(rand.New(rand.NewPCG(seed, 1)), slices.Clone(records))
				var f *Finding
				_, err := Verify(Head{}, each(bad), heads[23:], check)
				if !errors.As(err, &f) || !errors.Is(err, ErrTampered) {
					t.Fatalf("seed %d: %v", seed, err)
				}
			}
		})
	}
}

func TestVerifyNamesTheRecord(t *testing.T) {
	t.Parallel()
	records, heads := trail(t, 10)
	records[4].MAC = []byte("x")
	rep, err := Verify(Head{}, each(records), nil, check)
	var f *Finding
	if !errors.As(err, &f) || f.Seq != records[4].Seq || rep.Head != heads[3] {
		t.Errorf("%+v, %v", rep, err)
	}
}

func TestHeadsRoundTrip(t *testing.T) {
	t.Parallel()
	_, heads := trail(t, 3)
	for _, h := range append(heads, Head{}) {
		if got, err := ParseHead(h.String()); err != nil || got != h {
			t.Errorf("%v: %v, %v", h, got, err)
		}
	}
	for _, bad := range []string{"", "1:2:", "1:2:zz", "1:2:00", heads[0].String() + "x", " " + heads[0].String()} {
		if _, err := ParseHead(bad); err == nil {
			t.Errorf("ParseHead(%q) succeeded", bad)
		}
	}
}

func TestBlocksRoundTrip(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, BlockEvents} {
		var events []Event
		for i := range n {
			events = append(events, sample(n-i))
		}
		body := block(t, events...)
		if n == BlockEvents && len(body) > 64*n {
			t.Errorf("%d bytes for %d events", len(body), n)
		}
		b, err := DecodeBlock(body)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(events, b.Events); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if b.Count != n || !b.First.Equal(sample(1).Time) || !b.Last.Equal(sample(n).Time) {
			t.Errorf("%d events from %v to %v", b.Count, b.First, b.Last)
		}
		if got, err := (&Record{Body: body}).Open(); err != nil || len(got) != n {
			t.Errorf("Open: %d events, %v", len(got), err)
		}
		if _, err := DecodeBlock(append(body, 0)); err == nil {
			t.Error("a byte after the block")
		}
		if _, err := DecodeBlock(body[:len(body)-1]); err == nil {
			t.Error("a byte cut off the block")
		}
	}
}

func TestBlocksRefuseWhatIsNotJSON(t *testing.T) {
	t.Parallel()
	var b builder
	bad := sample(1)
	bad.Parameters = json.RawMessage("{")
	if err := b.add(&bad); err == nil || b.count != 0 {
		t.Errorf("%d events, %v", b.count, err)
	}
	good := sample(2)
	if err := b.add(&good); err != nil {
		t.Fatal(err)
	}
	if got, err := DecodeBlock(b.finish()); err != nil || got.Count != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestBlocksKeepApartWhatLooksAlike(t *testing.T) {
	t.Parallel()
	var events []Event
	for i := range 6 {
		e := sample(i)
		e.Principal.IssuerName = fmt.Sprint(i % 2) // the traits that a dictionary looks at are the same
		e.ErrorCode = fmt.Sprint(i % 3)
		events = append(events, e)
	}
	got, err := DecodeBlock(block(t, events...))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(events, got.Events); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// block returns the block of events.
func block(t testing.TB, events ...Event) []byte {
	t.Helper()
	var b builder
	for i := range events {
		if err := b.add(&events[i]); err != nil {
			t.Fatal(err)
		}
	}
	return b.finish()
}

// BenchmarkAdd measures one event of many clients' in a block.
func BenchmarkAdd(b *testing.B) {
	events := make([]Event, 64)
	for i := range events {
		events[i] = sample(i)
		events[i].Principal.ID = fmt.Sprint("AROAEXAMPLE1234567890:", i)
	}
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

func TestCloudTrailRecord(t *testing.T) {
	t.Parallel()
	e := sample(7)
	e.Resources = append(e.Resources, "*")
	got, err := e.CloudTrail()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE1234567890:pcollins",` +
		`"arn":"arn:aws:sts::111111111111:assumed-role/Admin/pcollins","accountId":"111111111111","accessKeyId":"ASIAEXAMPLE123456789",` +
		`"sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE1234567890","arn":"arn:aws:iam::111111111111:role/Admin",` +
		`"accountId":"111111111111","userName":"Admin"},"attributes":{"creationDate":"2026-01-02T03:04:05Z","mfaAuthenticated":"false"}}},` +
		`"eventTime":"2026-01-02T03:04:05Z","eventSource":"sso.amazonaws.com","eventName":"CreatePermissionSet","awsRegion":"us-east-1",` +
		`"sourceIPAddress":"127.0.0.1","userAgent":"aws-cli/2.23","requestParameters":{"name":"Admin & <co>"},"responseElements":null,` +
		`"requestID":"7","eventID":"00000000-0000-4000-8000-000000000007","readOnly":false,` +
		`"resources":[{"ARN":"arn:aws:sso:::instance/ssoins-0123456789abcdef"}],"eventType":"AwsApiCall","managementEvent":true,` +
		`"recipientAccountId":"111111111111","eventCategory":"Management"}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCloudTrailTellsSignIns(t *testing.T) {
	t.Parallel()
	for code, outcome := range map[string]string{"": "Success", "InvalidCredentials": "Failure"} {
		e := Event{
			ID: "x", Time: at, Kind: SignIn, Account: "111111111111", Service: "signin", Operation: "UserAuthentication", ErrorCode: code,
			Principal: Principal{Type: "IdentityCenterUser", UserID: "u", IdentityStoreARN: "arn:aws:identitystore::111111111111:identitystore/d-1", CredentialID: "s"},
		}
		b, _ := e.CloudTrail()
		var got trailRecord
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if got.EventType != "AwsServiceEvent" || got.ServiceEventDetails["UserAuthentication"] != outcome ||
			got.UserIdentity.OnBehalfOf == nil || got.UserIdentity.CredentialID != "s" {
			t.Errorf("%s", b)
		}
	}
}

func FuzzRecordOpen(f *testing.F) {
	e := sample(1)
	body, _ := e.Encode()
	f.Add(body)
	denied := e
	denied.Explanation, denied.Decisions = json.RawMessage(`{"Layer":"scp"}`), append(denied.Decisions, decision())
	f.Add(block(f, e, e, denied, denied, Event{ID: "x", RequestID: "y", Time: at}))
	f.Fuzz(func(t *testing.T, b []byte) {
		events, err := (&Record{Body: b}).Open()
		if err == nil && len(events) == 0 {
			t.Fatal("no events and no error")
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	e := sample(1)
	b.ReportAllocs()
	for b.Loop() {
		body, err := e.Encode()
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(body)))
	}
}
