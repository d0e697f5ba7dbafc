package policy

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// corpus is where recorded decisions of AWS lie beside the checkout, for those who have them.
const corpus = "../../../shared/captures/"

// policyCase is a test case in the neutral format of policy tests.
type policyCase struct {
	ID, Why string
	Request struct {
		Principal                         any
		Action, Resource, ResourceAccount string
		Context                           map[string]any
		WildcardOnlyAction                bool
		PrincipalFacts                    struct{ ManagementAccount, ServiceLinkedRole bool }
		ResourceFacts                     struct{ ManagementAccount bool }
	}
	Policies struct {
		Identity, Resource, Boundary, Session []json.RawMessage
		SCP, RCP                              [][]json.RawMessage
	}
	Expected struct {
		Decision, Message string
		BlockedBy         []string
	}
}

// lines calls fn with each line of a file of the corpus.
func lines(t *testing.T, name string, fn func(line []byte)) {
	t.Helper()
	f, err := os.Open(corpus + name)
	if err != nil {
		t.Skipf("no recorded corpus beside the checkout: %v", err)
	}
	defer f.Close()
	scan := bufio.NewScanner(f)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		fn(scan.Bytes())
	}
	if err := scan.Err(); err != nil {
		t.Fatal(err)
	}
}

func TestDecisionsAreThoseRecordedOnAWS(t *testing.T) {
	t.Parallel()
	lines(t, "cases.jsonl", func(line []byte) {
		var c policyCase
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		t.Run(c.ID, func(t *testing.T) { c.run(t, func(d *Document) *Document { return d }) })
		t.Run(c.ID+"/reprinted", func(t *testing.T) {
			c.run(t, func(d *Document) *Document {
				again, err := Parse([]byte(d.String()), d.Kind())
				if err != nil {
					t.Fatalf("Parse(%s): %v", d, err)
				}
				return again
			})
		})
	})
}

func (c *policyCase) run(t *testing.T, via func(*Document) *Document) {
	t.Helper()
	parse := func(docs []json.RawMessage, kind Kind) []Policy {
		var out []Policy
		for _, raw := range docs {
			d, err := Parse(raw, kind)
			if err != nil {
				t.Fatalf("Parse(%s): %v", raw, err)
			}
			out = append(out, Policy{Doc: via(d)})
		}
		return out
	}
	l := Layers{Identity: parse(c.Policies.Identity, Identity), Session: parse(c.Policies.Session, Session),
		HasSession: c.Policies.Session != nil}
	for _, p := range parse(c.Policies.Boundary, Boundary) {
		l.Boundary = &p
	}
	kind := Resource
	if l.ResourceIsTrust = len(c.Policies.Resource) > 0 && strings.HasPrefix(c.Request.Action, "sts:AssumeRole"); l.ResourceIsTrust {
		kind = Trust
	}
	for _, p := range parse(c.Policies.Resource, kind) {
		l.Resource = &p
	}
	for _, level := range c.Policies.SCP {
		l.SCP = append(l.SCP, parse(level, SCP))
	}
	if !c.Request.ResourceFacts.ManagementAccount {
		for _, level := range c.Policies.RCP {
			// Recorded policies stand for all that deny, whatever they look like.
			l.RCP = append(l.RCP, parse(level, Resource))
		}
	}
	r := c.request()
	d := Decide(r, &l)
	got := "ImplicitlyDenied"
	if d.Allowed {
		got = "Allowed"
	} else if d.Explicit {
		got = "ExplicitlyDenied"
	}
	if got != c.Expected.Decision {
		t.Errorf("%s: got %s by %s, want %s\n%s", c.Why, got, d.Layer, c.Expected.Decision, c.Policies)
	}
	names := map[Layer]string{LayerTrust: "resource", LayerBoundary: "pb"}
	layer := names[d.Layer]
	if layer == "" {
		layer = d.Layer.String()
	}
	if !d.Allowed && len(c.Expected.BlockedBy) > 0 && !contains(c.Expected.BlockedBy, layer) {
		t.Errorf("%s: blocked by %s, want %s", c.Why, layer, c.Expected.BlockedBy)
	}
	if want := c.Expected.Message; want != "" && d.Message(r) != want {
		t.Errorf("message\n got %s\nwant %s", d.Message(r), want)
	}
}

func (c *policyCase) request() *Request {
	r := &Request{Action: c.Request.Action, Resource: c.Request.Resource, Context: NewContext(),
		ResourceAccount: ident.AccountID(c.Request.ResourceAccount)}
	if c.Request.WildcardOnlyAction {
		r.Resource = "*"
	}
	for k, v := range c.Request.Context {
		switch v := v.(type) {
		case string:
			r.Context.Set(k, v)
		case []any:
			list := []string{}
			for _, s := range v {
				list = append(list, s.(string))
			}
			r.Context.SetList(k, list)
		}
	}
	text, _ := c.Request.Principal.(string)
	p := Principal{ARN: text, ManagementAccount: c.Request.PrincipalFacts.ManagementAccount,
		ServiceLinkedRole: c.Request.PrincipalFacts.ServiceLinkedRole}
	arn, err := ident.ParseARN(text)
	switch p.Account = arn.Account; {
	case text == "":
		p.Kind = Anonymous
	case err != nil:
		p.Kind, p.Service = Service, text
	case arn.Resource == "root":
		p.Kind = Root
	case strings.HasPrefix(arn.Resource, "user/"):
		p.Kind = User
	case strings.HasPrefix(arn.Resource, "assumed-role/"):
		p.Kind = RoleSession
	case strings.HasPrefix(arn.Resource, "federated-user/"):
		p.Kind = FederatedUser
	default:
		p.Kind = Federated
	}
	r.Principal = p
	return r
}

func TestDocumentsAreAcceptedAsRecordedOnAWS(t *testing.T) {
	t.Parallel()
	kinds := map[string]Kind{"trust": Trust, "session": Session, "rcp": RCP, "identity": Identity}
	lines(t, "documents.jsonl", func(line []byte) {
		var c struct {
			ID, Type, Message string
			Document          json.RawMessage
			Accepted          bool
		}
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		kind, known := kinds[c.Type]
		if !known {
			return
		}
		t.Run(c.ID, func(t *testing.T) {
			_, err := Parse(c.Document, kind)
			if (err == nil) != c.Accepted {
				t.Fatalf("Parse(%s) = %v, want accepted %v", c.Document, err, c.Accepted)
			}
			if f := fault.As(err); err != nil && c.Message != "" && f.Message != c.Message {
				t.Errorf("message\n got %s\nwant %s", f.Message, c.Message)
			}
		})
	})
}
