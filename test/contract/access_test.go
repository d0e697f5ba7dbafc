package contract

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// tester is an IAM user whose policy a test writes for each call.
type tester struct {
	*caller
	user *iam.User
}

func (w *world) tester(id ident.AccountID, p iam.Policies) *tester {
	u := w.User(id, "tester", p)
	return &tester{w.as(w.Key(u)), u}
}

// may lets the tester do an action on resources, and nothing else.
func (u *tester) may(action string, resources ...string) {
	u.t.Helper()
	policy, err := json.Marshal(map[string]any{"Version": "2012-10-17",
		"Statement": []any{map[string]any{"Effect": "Allow", "Action": action, "Resource": resources}}})
	if err != nil {
		u.t.Fatal(err)
	}
	apitest.Change(u.World, store.IAMUsers, u.user.ID, func(user *iam.User) { user.Policies = apitest.Inline(string(policy)) })
}

// targets are the resources that a call of the tester is decided on. What is not there has none.
func (u *tester) targets(service, operation string, in any) (arns []string) {
	p := &authz.Principal{Kind: authz.IAMUser, Account: u.user.Account, IAMUserID: u.user.ID, ARN: u.user.ARN()}
	list, err := u.Corridor.Targets(u.t.Context(), p, service, operation, in)
	if err != nil {
		return nil
	}
	for _, t := range list {
		arns = append(arns, t.ARN)
	}
	return arns
}

// byPolicy reports whether an answer says that policies do not allow the call.
func byPolicy(a answer) bool {
	return strings.HasPrefix(a.code, "AccessDenied") &&
		(strings.Contains(a.message, "is not authorized to perform") || strings.Contains(a.message, "You don't have permissions to access this resource"))
}

// signed walks the operations that policies decide on.
func (w *world) signed(fn func(service string, row api.Row)) {
	w.each(func(service string, row api.Row) {
		if row.Who&api.Signed != 0 && row.Action != "" {
			fn(service, row)
		}
	})
}

func TestNothingIsDoneWithoutItsAction(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.tester(home, iam.Policies{})
	w.signed(func(service string, row api.Row) {
		if got := u.call(service, row.Name, w.input(service, row.Name, w.mine)); !byPolicy(got) {
			t.Errorf("%s %s: got %s", service, row.Name, got)
		}
	})
}

// TestPoliciesNameResources: who may act on X is refused on Y; first everything is refused, then everything done.
func TestPoliciesNameResources(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.tester(home, iam.Policies{})
	w.signed(func(service string, row api.Row) {
		in := w.input(service, row.Name, w.mine)
		x := u.targets(service, row.Name, in)
		u.may(row.Action, "arn:aws:gatehouse:::elsewhere")
		if got := u.call(service, row.Name, in); !byPolicy(got) {
			t.Errorf("%s %s: allowed elsewhere: got %s", service, row.Name, got)
		}
		if slices.Contains(x, "*") {
			return
		}
		u.may(row.Action, x...)
		for _, m := range idsOf(in, service, row.Name) {
			y := clone(in)
			if id := w.second[ids[service+"."+nameOf(m)]]; id == "" || !reaches(reflect.ValueOf(in), m.Path) || !put(y, m.Path, id) {
				continue
			}
			if slices.ContainsFunc(u.targets(service, row.Name, y), func(arn string) bool { return !slices.Contains(x, arn) }) {
				if got := u.call(service, row.Name, y); !byPolicy(got) {
					t.Errorf("%s %s: allowed on %s, another %s: got %s", service, row.Name, x, nameOf(m), got)
				}
			}
		}
	})
	for _, removing := range []bool{false, true} {
		w.signed(func(service string, row api.Row) {
			in := w.input(service, row.Name, w.mine)
			x := u.targets(service, row.Name, in)
			if removes(row.Name) != removing || len(x) == 0 || forRecipients[row.Name] {
				return
			}
			u.may(row.Action, x...)
			if got := u.call(service, row.Name, in); byPolicy(got) || got.status >= 500 || strings.Contains(got.code, "Client") {
				t.Errorf("%s %s: allowed on %s: got %s", service, row.Name, x, got)
			}
		})
	}
}

// forRecipients are the operations on a handshake that whoever sent it may not call, whatever policies say.
var forRecipients = map[string]bool{"AcceptHandshake": true, "DeclineHandshake": true}

// removes reports whether an operation takes away what others need.
func removes(operation string) bool {
	for _, verb := range []string{"Delete", "Remove", "Close", "Leave", "Detach", "Disable", "Deregister"} {
		if strings.HasPrefix(operation, verb) {
			return true
		}
	}
	return false
}

// forMembers are the operations that a member account may call, with AWS's page.
var forMembers = map[string]string{
	"organizations DescribeOrganization":     "https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganization.html: from any account in an organization",
	"organizations ListHandshakesForAccount": "https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListHandshakesForAccount.html: from any account",
	"sso-admin ListInstances":                "https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListInstances.html: visible to the account calling",
	"gatehouse ImportObjects":                "Gatehouse's own: every object is decided on as the operation that makes it",
	"identitystore ListIdentityStores":       "https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_ListIdentityStores.html: that you have access to",
}

// TestTheManagementAccountsWorkIsItsOwn: the administrator of a member account changes neither the organization nor the
// identity center, and reads what AWS lets members read.
func TestTheManagementAccountsWorkIsItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.tester(ident.AccountID(w.mine["account"]), apitest.Inline(allowAll))
	w.signed(func(service string, row api.Row) {
		if service == "iam" || service == "sts" {
			return // work in one's own account
		}
		name, in := service+" "+row.Name, w.input(service, row.Name, w.mine)
		if service == "account" && !put(in, []string{"AccountId"}, w.second["account"]) {
			return
		}
		got := u.call(service, row.Name, in)
		if got.status >= 500 || got.status == 200 && forMembers[name] == "" {
			t.Errorf("%s: got %s", name, got)
		}
	})
}

// TestDelegatesDoNotRunTheOrganization: whoever the management account made the administrator of a service reads the
// organization and changes nothing of it.
func TestDelegatesDoNotRunTheOrganization(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	service := aws.String("sso.amazonaws.com")
	w.must(home, "organizations", "EnableAWSServiceAccess", &organizations.EnableAWSServiceAccessInput{ServicePrincipal: service})
	w.must(home, "organizations", "RegisterDelegatedAdministrator", &organizations.RegisterDelegatedAdministratorInput{
		AccountId: aws.String(w.mine["account"]), ServicePrincipal: service})
	u := w.tester(ident.AccountID(w.mine["account"]), apitest.Inline(allowAll))
	w.signed(func(service string, row api.Row) {
		if service != "organizations" || row.Read {
			return
		}
		if got := u.call(service, row.Name, w.input(service, row.Name, w.second)); got.status == 200 || got.status >= 500 {
			t.Errorf("%s: got %s", row.Name, got)
		}
	})
}
