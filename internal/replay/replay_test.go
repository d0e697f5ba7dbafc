package replay_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/replay"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const (
	management ident.AccountID = "111111111111"
	inUnit     ident.AccountID = "222222222222"
	alone      ident.AccountID = "333333333333" // in no organization
	other      ident.AccountID = "444444444444" // in another one
)

const (
	ann      = "90676f9b-0000-4000-8000-000000000001"
	adminSet = "arn:aws:sso:::permissionSet/ssoins-1/ps-1"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func statement(effect, action, more string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"` + effect + `","Action":"` + action + `","Resource":"*"` + more + `}]}`
}

// world has two organizations and an account in none. In each account are a user, a role and a person's permission set.
type world struct{ *authz.State }

func (w world) save(rows ...any) {
	for _, row := range rows {
		w.Apply([]store.Change{{Row: row}})
	}
	w.Hooks().Committed()
}

func (w world) remove(row any) {
	w.Apply([]store.Change{{Row: row, Deleted: true}})
	w.Hooks().Committed()
}

func newWorld() world {
	w := world{authz.NewState()}
	both := []string{organization.ServiceControlPolicy, organization.ResourceControlPolicy}
	full := func(o, target string) any {
		return &organization.Attachment{OrganizationID: o, PolicyID: organization.FullAccessID, TargetID: target}
	}
	w.save(&organization.Organization{ID: "o-a", Management: management, RootID: "r-a", FeatureSet: organization.AllFeatures, Enabled: both},
		&organization.Organization{ID: "o-b", Management: other, RootID: "r-b", FeatureSet: organization.AllFeatures, Enabled: both},
		&organization.Unit{ID: "ou-a-1", OrganizationID: "o-a", ParentID: "r-a"},
		full("o-a", "r-a"), full("o-a", "ou-a-1"), full("o-a", string(management)), full("o-a", string(inUnit)), full("o-b", "r-b"), full("o-b", string(other)),
		&directory.User{ID: ann, StoreID: "d-1", UserName: "ann"},
		&permission.Set{ARN: adminSet, InstanceARN: "i", Name: "Admin", Version: 1, Grants: permission.Grants{Inline: statement("Allow", "*", "")}},
		&permission.Version{SetARN: adminSet, Number: 1, Grants: permission.Grants{Inline: statement("Allow", "*", "")}})
	for id, at := range map[ident.AccountID][2]string{management: {"o-a", "r-a"}, inUnit: {"o-a", "ou-a-1"}, alone: {}, other: {"o-b", "r-b"}} {
		text := string(id)
		w.save(&account.Account{ID: id, Name: text, Email: text + "@example.com", Status: account.Active, OrganizationID: at[0], ParentID: at[1]},
			&iam.User{ID: "AIDA" + text, Account: id, Name: "bob", Path: "/", Policies: iam.Policies{Inline: map[string]string{"all": statement("Allow", "*", "")}}},
			&iam.Role{ID: "AROA" + text, Account: id, Name: "open", Path: "/", Trust: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}`,
				Policies: iam.Policies{Inline: map[string]string{"some": statement("Allow", "s3:*", "")}}},
			&permission.Provisioned{InstanceARN: "i", SetARN: adminSet, SetName: "Admin", Account: id, Version: 1, Generation: 1},
			&permission.Assignment{SetARN: adminSet, Account: id, PrincipalType: permission.UserPrincipal, PrincipalID: ann})
	}
	return w
}

// callers are those who can call in an account, as they stand on record.
func callers(s *authz.Snapshot, id ident.AccountID) []audit.Principal {
	reserved := s.Role(id, iam.Reserved{Instance: "i", Set: adminSet, SetName: "Admin", Account: id}.Name())
	return []audit.Principal{
		{Type: "Root", ID: string(id), ARN: ident.RootARN(id), Account: id},
		{Type: "IAMUser", ID: "AIDA" + string(id), ARN: "arn:aws:iam::" + string(id) + ":user/bob", Account: id, UserName: "bob"},
		{Type: "AssumedRole", ID: "AROA" + string(id) + ":x", ARN: ident.SessionARN(id, "open", "x"), Account: id, IssuerID: "AROA" + string(id), SessionName: "x"},
		{Type: "AssumedRole", ID: "AROA" + string(id) + ":y", ARN: ident.SessionARN(id, "open", "y"), Account: id, IssuerID: "AROA" + string(id), SessionName: "y",
			SessionPolicies: `["{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"]`},
		{Type: "AssumedRole", ID: reserved.ID + ":ann", ARN: ident.SessionARN(id, reserved.Name, "ann"), Account: id, IssuerID: reserved.ID, SessionName: "ann", UserID: ann},
		{Type: "FederatedUser", ID: string(id) + ":fay", ARN: ident.FederatedARN(id, "fay"), Account: id, IssuerID: "AIDA" + string(id), SessionName: "fay"},
		{Type: "IdentityCenterUser", ID: ann, UserID: ann},
	}
}

// drawEvents draws calls of everybody, with the condition keys that the corridor sets.
func drawEvents(t *rapid.T, s *authz.Snapshot) (events []audit.Event) {
	accounts := rapid.SampledFrom([]ident.AccountID{management, inUnit, alone, other})
	for i := range rapid.IntRange(0, 40).Draw(t, "events") {
		by := rapid.SampledFrom(callers(s, accounts.Draw(t, "account"))).Draw(t, "caller")
		e := audit.Event{ID: fmt.Sprint("e", i), RequestID: fmt.Sprint("e", i), Principal: by, Account: by.Account,
			Time: noon.Add(time.Duration(rapid.IntRange(-3, 3).Draw(t, "hour")) * time.Hour)}
		for range rapid.IntRange(0, 2).Draw(t, "decisions") {
			d := audit.Decision{Action: rapid.SampledFrom([]string{"iam:GetUser", "s3:GetObject"}).Draw(t, "action"), Resource: rapid.SampledFrom([]string{"*", "arn:aws:iam::1:user/a"}).Draw(t, "resource"),
				Owner: accounts.Draw(t, "owner"), Context: policy.NewContext()}
			if rapid.Bool().Draw(t, "assume") {
				d.Action, d.Resource, d.Trust = "sts:AssumeRole", "arn:aws:iam::"+string(d.Owner)+":role/open", "AROA"+string(d.Owner)
			}
			d.Allowed = rapid.Bool().Draw(t, "was allowed")
			s.PrincipalKeys(&authz.Principal{Account: by.Account, ARN: by.ARN}, d.Context)
			s.OwnerKeys(d.Owner, d.Context)
			d.Context.Set("aws:SourceIp", rapid.SampledFrom([]string{"192.0.2.1", "198.51.100.1"}).Draw(t, "address"))
			if by.Account != "" && rapid.IntRange(0, 5).Draw(t, "joined later") == 0 {
				d.Context.Set("aws:PrincipalOrgID", "o-former")
			}
			e.Decisions = append(e.Decisions, d)
		}
		events = append(events, e)
	}
	return events
}

// written are the records of events: some alone, the others in blocks.
func written(t *rapid.T, events []audit.Event) (records []audit.Record) {
	batch := audit.NewBatcher(audit.BatchCapacity, time.Hour)
	for i := range events {
		if rapid.IntRange(0, 3).Draw(t, "alone") > 0 {
			if err := batch.Add(&events[i]); err != nil {
				t.Fatal(err)
			}
			continue
		}
		body, err := events[i].Encode()
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, audit.Record{Body: body})
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := batch.Run(ctx, func(block []byte) error { records = append(records, audit.Record{Body: block}); return nil }); err != nil {
		t.Fatal(err)
	}
	return records
}

func drawChange(t *rapid.T) authz.Change {
	target := rapid.SampledFrom([]string{"r-a", "ou-a-1", string(management), string(inUnit)}).Draw(t, "target")
	action := rapid.SampledFrom([]string{"*", "iam:*", "sts:AssumeRole", "s3:GetObject"}).Draw(t, "action")
	condition := rapid.SampledFrom([]string{"", `,"Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`,
		`,"Condition":{"DateLessThan":{"aws:CurrentTime":"2026-03-04T12:30:00Z"}}`, `,"Condition":{"StringLike":{"aws:PrincipalArn":"*ann"}}`}).Draw(t, "condition")
	switch rapid.IntRange(0, 3).Draw(t, "change") {
	case 0:
		return authz.NewPolicy{Organization: "o-a", Type: organization.ServiceControlPolicy, Name: "new", Content: statement("Deny", action, condition), Target: target}
	case 1:
		return authz.NewPolicy{Organization: "o-a", Type: organization.ResourceControlPolicy, Name: "new", Target: target,
			Content: `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Resource":"*"` + condition + `}]}`}
	case 2:
		return authz.Detachment{Organization: "o-a", Policy: "p-guard", Target: "ou-a-1"}
	}
	return authz.InlinePolicy{Set: adminSet, Document: statement("Allow", action, condition)}
}

// asked answers a decision on record by a snapshot, in the plainest way.
func asked(s *authz.Snapshot, e *audit.Event, d *audit.Decision) (*authz.Principal, bool) {
	p := &authz.Principal{Account: e.Principal.Account, ARN: e.Principal.ARN, SessionName: e.Principal.SessionName, UserID: e.Principal.UserID}
	switch e.Principal.Type {
	case "Root":
		p.Kind = authz.Root
	case "IAMUser":
		p.Kind, p.IAMUserID = authz.IAMUser, e.Principal.ID
	case "AssumedRole":
		p.Kind, p.RoleID = authz.Role, e.Principal.IssuerID
	case "FederatedUser":
		p.Kind, p.IAMUserID, p.HasSession = authz.Federated, e.Principal.IssuerID, true
	}
	if e.Principal.SessionPolicies != "" {
		doc, err := policy.Parse([]byte(statement("Allow", "s3:*", "")), policy.Session)
		if err != nil {
			panic(err)
		}
		p.HasSession, p.SessionPolicies = true, []policy.Policy{{Doc: doc}}
	}
	x := d.Context.Clone()
	x.Set("aws:CurrentTime", e.Time.Format(time.RFC3339))
	answer, _ := s.Decide(authz.Question{Principal: p, Action: d.Action, Resource: d.Resource, Owner: d.Owner, Context: x, Trust: d.Trust})
	return p, answer.Allowed
}

// naive is what a replay finds, by asking each decision of both snapshots.
func naive(before, after *authz.Snapshot, events []audit.Event, from time.Time) *replay.Report {
	out := &replay.Report{}
	for i := range events {
		e := &events[i]
		for j := range e.Decisions {
			d := &e.Decisions[j]
			if e.Principal.Type == "IdentityCenterUser" || e.Time.Before(from) {
				continue
			}
			p, was := asked(before, e, d)
			_, would := asked(after, e, d)
			a, owner := before.Account(p.Account), before.Account(d.Owner)
			ours := a.OrganizationID == "o-a" && d.Context.Single("aws:PrincipalOrgID") == "o-a"
			switch {
			case ours && !before.Exists(p):
				out.Decisions++
				out.Gone++
			case ours:
				out.Decisions++
				if was != would {
					out.Differences = append(out.Differences, replay.Difference{Count: 1, Last: e.Time, Key: replay.Key{Lost: was, Action: d.Action, Resource: d.Resource,
						Who: replay.Who{Kind: p.Kind, Account: p.Account, UserID: p.UserID, RoleID: p.RoleID, IAMUserID: p.IAMUserID}}})
				}
			case was != would && owner.OrganizationID == "o-a" && before.Exists(p):
				if was {
					out.OutsideLost++
				} else {
					out.OutsideGained++
				}
			}
		}
	}
	return out
}

// all hands out records once.
func all(records []audit.Record) func(context.Context) ([]audit.Record, error) {
	return func(context.Context) ([]audit.Record, error) {
		page := records
		records = nil
		return page, nil
	}
}

func fine(*audit.Record) error { return nil }

func TestAReplayFindsWhatAskingEveryDecisionFinds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		w.save(&organization.Policy{ID: "p-guard", OrganizationID: "o-a", Type: organization.ServiceControlPolicy, Name: "guard", Content: statement("Deny", "s3:*", "")},
			&organization.Attachment{OrganizationID: "o-a", PolicyID: "p-guard", TargetID: "ou-a-1"})
		events := drawEvents(t, w.Current())
		records := written(t, events)
		if rapid.IntRange(0, 3).Draw(t, "bob leaves") == 0 {
			w.remove(&iam.User{ID: "AIDA" + string(inUnit), Account: inUnit, Name: "bob"})
		}
		before := w.Current()
		after, err := w.Hypothesis(before, drawChange(t))
		if err != nil {
			t.Fatal(err)
		}
		r := replay.Replay{Before: before, After: after, Organization: "o-a", From: noon.Add(-2 * time.Hour), Check: fine}
		got, err := r.Run(context.Background(), all(records))
		if err != nil {
			t.Fatal(err)
		}
		want := naive(before, after, events, r.From)
		counts := []int64{got.Decisions, got.Gone, got.OutsideLost, got.OutsideGained}
		if diff := cmp.Diff([]int64{want.Decisions, want.Gone, want.OutsideLost, want.OutsideGained}, counts); diff != "" {
			t.Fatalf("counts (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(byKey(want.Differences), byKey(got.Differences), cmpopts.IgnoreFields(replay.Difference{}, "By")); diff != "" {
			t.Fatalf("differences (-want +got):\n%s", diff)
		}
		var lost, gained int64
		for _, d := range got.Differences {
			if d.By.Allowed {
				t.Fatalf("%+v is not what denies", d.By)
			}
			if d.Lost {
				lost += d.Count
			} else {
				gained += d.Count
			}
		}
		if lost != got.Lost || gained != got.Gained {
			t.Fatalf("lost %d and gained %d, counted %d and %d", lost, gained, got.Lost, got.Gained)
		}
	})
}

// byKey sums what is told as one.
func byKey(list []replay.Difference) map[replay.Key]replay.Difference {
	out := map[replay.Key]replay.Difference{}
	for _, d := range list {
		d.Federated = ""
		sum := out[d.Key]
		sum.Key, sum.Count = d.Key, sum.Count+d.Count
		if d.Last.After(sum.Last) {
			sum.Last = d.Last
		}
		out[d.Key] = sum
	}
	return out
}

func TestARecordThatIsNotAsItWasWrittenCountsForNothing(t *testing.T) {
	t.Parallel()
	w := newWorld()
	after, err := w.Hypothesis(w.Current(), authz.NewPolicy{Organization: "o-a", Type: organization.ServiceControlPolicy, Name: "guard", Content: statement("Deny", "*", ""), Target: "r-a"})
	if err != nil {
		t.Fatal(err)
	}
	x := policy.NewContext()
	x.Set("aws:PrincipalOrgID", "o-a")
	e := audit.Event{ID: "e", Time: noon, Principal: callers(w.Current(), inUnit)[1], Decisions: []audit.Decision{{Decision: policy.Decision{Allowed: true}, Action: "s3:GetObject", Resource: "*", Context: x}}}
	body, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	check := func(r *audit.Record) error {
		if string(r.MAC) != "good" {
			return errors.New("forged")
		}
		return nil
	}
	r := replay.Replay{Before: w.Current(), After: after, Organization: "o-a", Check: check}
	got, err := r.Run(t.Context(), all([]audit.Record{{Body: body, MAC: []byte("good")}, {Body: body, MAC: []byte("bad")}, {Body: []byte("{"), MAC: []byte("good")}}))
	if err != nil {
		t.Fatal(err)
	}
	if got.Lost != 1 || got.Unreadable != 2 || len(got.Differences) != 1 || got.Differences[0].By.PolicyName != "guard" {
		t.Errorf("%+v", got)
	}
}

func TestAReplayEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	w := newWorld()
	ctx, cancel := context.WithCancel(t.Context())
	r := replay.Replay{Before: w.Current(), After: w.Current(), Check: fine}
	_, err := r.Run(ctx, func(ctx context.Context) ([]audit.Record, error) {
		cancel()
		return nil, ctx.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
