package authz

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// crowd is how much there is of everything in an organization.
type crowd struct {
	accounts, sets, users, groups, memberships, assignments int
	guard                                                   string // a statement of a service control policy at the root
	grants                                                  func(i int) permission.Grants
}

const (
	crowdInstance = "arn:aws:sso:::instance/ssoins-1"
	crowdStore    = "d-1"
)

// world makes the organization in memory, as reading it from a database would.
func (c crowd) world() (*Snapshot, *organization.Organization) {
	s, lib := &Snapshot{fresh: true}, newLibrary()
	put := func(row any) { s.apply(row, false, lib) }
	o := &organization.Organization{ID: "o-1", Management: here, RootID: "r-1", Enabled: []string{organization.ServiceControlPolicy}}
	put(o)
	attach := func(policy, target string) {
		put(&organization.Attachment{OrganizationID: o.ID, PolicyID: policy, TargetID: target})
	}
	attach(organization.FullAccessID, o.RootID)
	if c.guard != "" {
		put(&organization.Policy{ID: "p-1", OrganizationID: o.ID, Type: organization.ServiceControlPolicy, Name: "guard",
			Content: `{"Version":"2012-10-17","Statement":[` + c.guard + `]}`})
		attach("p-1", o.RootID)
	}
	id := func(i int) ident.AccountID { return ident.AccountID(fmt.Sprintf("1%011d", i*7919)) }
	put(&permission.Instance{ARN: crowdInstance, IdentityStoreID: crowdStore, Owner: here, OrganizationID: o.ID})
	for i := range c.accounts {
		put(&account.Account{ID: id(i), Name: fmt.Sprintf("account%05d", i), Status: account.Active, OrganizationID: o.ID, ParentID: o.RootID})
		attach(organization.FullAccessID, string(id(i)))
	}
	set := func(i int) string { return fmt.Sprintf("arn:aws:sso:::permissionSet/ssoins-1/ps-%02d", i) }
	for i := range c.sets {
		p := permission.Set{ARN: set(i), InstanceARN: crowdInstance, Name: fmt.Sprintf("Set%02d", i), Version: 1, Grants: c.grants(i)}
		put(&p)
		put(&permission.Version{SetARN: p.ARN, Number: 1, Grants: p.Grants})
	}
	uuid := func(kind byte, i int) string { return fmt.Sprintf("%08x-0000-4000-8000-%011x%c", i*40503, i, kind) }
	for i := range c.users {
		put(&directory.User{ID: uuid('a', i), StoreID: crowdStore, UserName: fmt.Sprintf("user%06d", i), DisplayName: "One of many",
			Emails: []directory.Email{{Value: "somebody@example.com", Primary: true}}})
	}
	for i := range c.memberships {
		user, nth := i%c.users, i/c.users
		put(&directory.Membership{GroupID: uuid('b', (user+nth*997)%c.groups), UserID: uuid('a', user)})
	}
	pairs := c.sets * c.accounts
	for i := range c.assignments {
		pair, nth := i%pairs, i/pairs
		a := permission.Assignment{SetARN: set(pair % c.sets), Account: id(pair / c.sets), PrincipalType: permission.GroupPrincipal, PrincipalID: uuid('b', (pair*7+nth)%c.groups)}
		if nth%2 == 1 {
			a.PrincipalType, a.PrincipalID = permission.UserPrincipal, uuid('a', (pair*7+nth)%c.users)
		}
		put(&a)
		if nth == 0 {
			put(&permission.Provisioned{InstanceARN: crowdInstance, SetARN: a.SetARN, SetName: fmt.Sprintf("Set%02d", pair%c.sets), Account: a.Account, Version: 1, Generation: 1})
		}
	}
	s.places.clip()
	s.fresh = false
	return s, o
}

func managedGrants(name string) permission.Grants {
	return permission.Grants{Managed: []string{"arn:aws:iam::aws:policy/" + name}}
}

// TestClassesAnswerAsEachRoleDoes asks about every role by itself, and all at once.
func TestClassesAnswerAsEachRoleDoes(t *testing.T) {
	t.Parallel()
	guards := []string{"", `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotLike":{"aws:PrincipalArn":"arn:aws:iam::*7919:role/*Set0*"}}}`,
		`{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"100000007919"},"Bool":{"aws:MultiFactorAuthPresent":"false"}}}`,
		`{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:ResourceAccount":"${aws:PrincipalAccount}"}}}`}
	inline := []string{"", `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${aws:PrincipalAccount}/*"}`,
		`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:SourceIdentity":"x"}}}`,
		`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"x"}}}`,
		`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}`}
	d := rand.New(rand.NewPCG(5, 6))
	for _, guard := range guards {
		c := crowd{accounts: 7, sets: 6, users: 20, groups: 5, memberships: 40, assignments: 120, guard: guard, grants: func(i int) permission.Grants {
			if text := inline[i%len(inline)]; text != "" {
				return permission.Grants{Inline: `{"Version":"2012-10-17","Statement":[` + text + `]}`}
			}
			return managedGrants("AdministratorAccess")
		}}
		s, o := c.world()
		for _, resource := range []string{"*", "arn:aws:s3:::100000007919/x", "arn:aws:sqs:eu-west-1:100000007919:q", "arn:aws:iam::100000007919:role/x"} {
			action := []string{"s3:GetObject", "iam:GetUser", "sts:AssumeRole", "organizations:ListAccounts"}[d.IntN(4)]
			given := policy.NewContext()
			if d.IntN(2) == 0 {
				given.Set("aws:MultiFactorAuthPresent", "true")
			}
			w := s.NewWhoCan(WhoCanQuestion{Action: action, Resource: resource, Given: given, Accounts: s.AccountsOfOrganization(o)})
			got := map[string]string{}
			for h := range w.Holders("") {
				who := h.GroupID
				if h.UserID != "" {
					who = h.UserID
				}
				for _, x := range h.Access {
					for _, set := range x.Sets {
						for _, id := range x.Accounts {
							got[who+" "+set+" "+string(id)] = x.Answer.Certainty.String()
						}
					}
				}
			}
			want := map[string]string{}
			ask := func(who string, grants sorted) {
				for _, chunk := range grants.chunks {
					for _, g := range chunk {
						set := s.sets.get(s.people.setNo.text(setOf(g)))
						r, _ := s.Reserved(set.ARN, accountOf(g))
						if a := s.Inquire(&Inquiry{Principal: AsRole(r, ""), Action: action, Resource: resource, Given: given}); a.Certainty != policy.No {
							want[who+" "+set.Name+" "+string(accountOf(g))] = a.Certainty.String()
						}
					}
				}
			}
			for _, g := range s.people.list().groups {
				grants, _ := s.people.groups.get(g.number)
				ask(g.id, grants)
			}
			for _, u := range s.people.list().people {
				ask(u.id, u.grants)
			}
			for key, a := range want {
				if got[key] != a {
					t.Errorf("%s on %s under %s: %s gets %q in its class, %q by itself", action, resource, guard, key, got[key], a)
				}
			}
			if len(got) != len(want) {
				t.Errorf("%s on %s under %s: got %d, want %d", action, resource, guard, len(got), len(want))
			}
		}
	}
}

// TestHoldersGoOnWhereTheyStopped takes the holders one by one, and all at once.
func TestHoldersGoOnWhereTheyStopped(t *testing.T) {
	t.Parallel()
	s, o := crowd{accounts: 3, sets: 4, users: 30, groups: 7, memberships: 60, assignments: 24, grants: func(int) permission.Grants { return managedGrants("AdministratorAccess") }}.world()
	lib := newLibrary()
	s.apply(&iam.User{ID: "AIDA1", Account: "100000007919", Name: "bob", Policies: iam.Policies{Managed: []string{"arn:aws:iam::aws:policy/AdministratorAccess"}}}, false, lib)
	s.apply(&iam.Role{ID: "AROA1", Account: "100000007919", Name: "r"}, false, lib)
	q := WhoCanQuestion{Action: "s3:GetObject", Resource: "*", Accounts: s.AccountsOfOrganization(o)}
	var all, each []string
	for h := range s.NewWhoCan(q).Holders("") {
		all = append(all, h.Key)
	}
	for e := range s.NewWhoCan(q).Actors("") {
		all = append(all, e.Principal.ARN)
	}
	for last := ""; ; {
		before := last
		for h := range s.NewWhoCan(q).Holders(last) {
			each, last = append(each, h.Key), h.Key
			break
		}
		if before == last {
			break
		}
	}
	for last := ""; ; {
		before := last
		for e := range s.NewWhoCan(q).Actors(last) {
			each, last = append(each, e.Principal.ARN), e.Key
			break
		}
		if before == last {
			break
		}
	}
	if !slices.Equal(all, each) || len(all) < 15 || !slices.ContainsFunc(all, func(s string) bool { return strings.HasSuffix(s, "user"+"bob") }) {
		t.Errorf("got %v\n and %v", all, each)
	}
}

// TestTheRosterFollowsThePeople asks before and after changes.
func TestTheRosterFollowsThePeople(t *testing.T) {
	t.Parallel()
	s, o := crowd{accounts: 1, sets: 1, users: 2, groups: 1, memberships: 2, assignments: 1, grants: func(int) permission.Grants { return managedGrants("AdministratorAccess") }}.world()
	members := func(s *Snapshot) (names []string) {
		for h := range s.NewWhoCan(WhoCanQuestion{Action: "s3:GetObject", Resource: "*", Accounts: s.AccountsOfOrganization(o)}).Holders("") {
			names = append(names, h.Members...)
		}
		return names
	}
	before := members(s)
	u := *s.User(s.people.list().people[0].id)
	u.Disabled = true
	next := *s
	next.apply(&u, false, newLibrary())
	if after := members(&next); len(before) != 2 || len(after) != 1 || len(members(s)) != 2 {
		t.Errorf("got %v and %v", before, after)
	}
}

var big = crowd{accounts: 10_000, sets: 50, users: 100_000, groups: 10_000, memberships: 1_000_000, assignments: 1_000_000,
	grants: func(i int) permission.Grants {
		return managedGrants([]string{"ReadOnlyAccess", "AdministratorAccess", "PowerUserAccess"}[i%3])
	}}

// BenchmarkWhoCan asks about everybody of a large organization, and writes them all.
func BenchmarkWhoCan(b *testing.B) {
	for _, c := range []struct{ name, guard string }{{"alike", `{"Effect":"Deny","Action":"iam:*","Resource":"*"}`},
		{"by_ARN", `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*Set07*"}}}`}} {
		world := big
		world.guard = c.guard
		s, o := world.world()
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				s.people.renew(false)
				n := 0
				w := s.NewWhoCan(WhoCanQuestion{Action: "s3:GetObject", Resource: "*", Accounts: s.AccountsOfOrganization(o)})
				out := json.NewEncoder(io.Discard)
				for h := range w.Holders("") {
					for i, x := range h.Access {
						n += len(x.Accounts) * len(x.Sets)
						h.Access[i].Answer = nil // a program writes each once
					}
					if err := out.Encode(h); err != nil {
						b.Fatal(err)
					}
				}
				for e := range w.Actors("") {
					n++
					if err := out.Encode(e.Principal.ARN); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(n), "grants")
			}
		})
	}
}

// BenchmarkWhatCan sums up what one role may do.
func BenchmarkWhatCan(b *testing.B) {
	s, _ := crowd{accounts: 1, sets: 2, users: 2, groups: 1, memberships: 2, assignments: 2, guard: `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"},"StringNotEquals":{"aws:RequestedRegion":["a","b"]}}}`,
		grants: func(i int) permission.Grants {
			return managedGrants([]string{"ReadOnlyAccess", "AdministratorAccess"}[i%2])
		}}.world()
	for _, at := range s.places.list("100000000000") {
		r := s.places.role(at, "100000000000")
		b.Run(r.Name[:20], func(b *testing.B) {
			for range b.N {
				s.WhatCan(AsRole(r.Role, ""), nil)
			}
		})
	}
}
