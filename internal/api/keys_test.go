package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	domainaccount "github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api/account"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/identitystore"
	"github.com/gatehouse-sso/gatehouse/internal/api/organizations"
	"github.com/gatehouse-sso/gatehouse/internal/api/ssoadmin"
	domain "github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// keyed is one condition key, with a condition that only its right value fulfils.
type keyed struct {
	key       string
	operator  string // with ForAnyValue or ForAllValues for a key with several values
	value     string
	by        func(policies domain.Policies) apitest.Keys // who calls, under these policies
	service   string
	operation func() *http.Request
}

// keyWorld is a world with a caller of each kind, whose policies change from request to request.
type keyWorld struct {
	*world
	t         *testing.T
	user, far *domain.User // of the member and the management account
	role      *domain.Role // of the member, trusted by its account
	sets      int
}

func newKeyWorld(t *testing.T) *keyWorld {
	operations := tables()
	operations["organizations"], operations["sso-admin"], operations["identitystore"] = organizations.Table(), ssoadmin.Table(), identitystore.Table()
	operations["account"] = account.Table()
	w := &keyWorld{world: newWorldOf(t, operations), t: t}
	w.user, w.far = w.User(member, "caller", domain.Policies{}), w.User(management, "caller", domain.Policies{})
	w.role = w.Role(member, "worker", apitest.Trust(string(member)), domain.Policies{})
	tags := map[string]string{"Team": "blue"}
	apitest.Change(w.World, store.IAMUsers, w.user.ID, func(u *domain.User) { u.Tags = tags })
	apitest.Change(w.World, store.Roles, w.role.ID, func(r *domain.Role) { r.Tags = tags })
	return w
}

// asUser calls with the long-term key of an IAM user.
func (w *keyWorld) asUser(u *domain.User) func(domain.Policies) apitest.Keys {
	k := w.Key(u)
	return func(p domain.Policies) apitest.Keys {
		apitest.Change(w.World, store.IAMUsers, u.ID, func(u *domain.User) { u.Policies = p })
		return k
	}
}

// asRole calls in a session of a role.
func (w *keyWorld) asRole(edit ...func(*seal.Claims)) func(domain.Policies) apitest.Keys {
	return func(p domain.Policies) apitest.Keys {
		apitest.Change(w.World, store.Roles, w.role.ID, func(r *domain.Role) { r.Policies = p })
		return w.Session(w.role, edit...)
	}
}

// asPerson calls with what the portal gives a person for a permission set.
func (w *keyWorld) asPerson(p domain.Policies) apitest.Keys {
	w.t.Helper()
	w.sets++
	name := fmt.Sprint("Set", w.sets)
	w.Assign(w.Set(w.instance, name, permission.Grants{Inline: p.Inline["inline"]}), member, w.person)
	_, _, token := w.SignIn(w.person)
	a := w.Portal(token, http.MethodGet, "/federation/credentials?account_id="+string(member)+"&role_name="+name)
	k := apitest.Keys{ID: a.Text("roleCredentials.accessKeyId"), Secret: a.Text("roleCredentials.secretAccessKey"), Token: a.Text("roleCredentials.sessionToken")}
	w.Secret(k.Secret, k.Token)
	return k
}

// under allows everything under one condition.
func under(operator, key, value string) domain.Policies {
	return apitest.Inline(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"` + operator + `":{"` + key + `":"` + value + `"}}}]}`)
}

// allowed makes the request of c under a condition on its key.
func (w *keyWorld) allowed(c keyed, operator, value string) bool {
	w.t.Helper()
	a := w.Call(c.by(under(operator, c.key, value)), c.service, c.operation())
	denied := strings.HasPrefix(a.Code(), "AccessDenied")
	if !denied && a.Status >= http.StatusInternalServerError {
		w.t.Errorf("%s: %d %s", c.key, a.Status, a.Body)
	}
	return !denied
}

// check asks three times: the condition holds, the key is there, and it is of the right type. A key with several values is
// fit for no operator that stands alone.
func (w *keyWorld) check(c keyed) {
	w.t.Helper()
	_, several := strings.CutPrefix(c.operator, "For")
	switch {
	case !w.allowed(c, c.operator, c.value):
		w.t.Errorf("%s does not fulfil %s %q", c.key, c.operator, c.value)
	case w.allowed(c, "Null", "true"):
		w.t.Errorf("%s is not there", c.key)
	case w.allowed(c, "StringLike", "*") == several:
		w.t.Errorf("%s is of the wrong type", c.key)
	}
}

func getUser() *http.Request { return apitest.Query("iam", "GetUser", "UserName", "caller") }

// TestKeysOfTheCaller holds the keys that say who calls and in what session. See "AWS global condition context keys" in the
// IAM User Guide: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func TestKeysOfTheCaller(t *testing.T) {
	t.Parallel()
	w := newKeyWorld(t)
	user, role := w.asUser(w.user), w.asRole(func(c *seal.Claims) {
		c.MFAAt, c.SourceIdentity = w.Time.Now().Add(-90*time.Second), "pat"
		c.Tags = []seal.Tag{{Key: "Project", Value: "moon"}}
	})
	const path = "o-example123/r-root/ou-root-workload/"
	for _, c := range []keyed{
		{"aws:PrincipalArn", "ArnEquals", w.user.ARN(), user, "", nil},
		{"aws:PrincipalArn", "ArnEquals", w.role.ARN(), role, "", nil}, // the role's, not the session's
		{"aws:PrincipalAccount", "StringEquals", string(member), user, "", nil},
		{"aws:PrincipalOrgID", "StringEquals", w.org.ID, user, "", nil},
		{"aws:PrincipalOrgPaths", "ForAnyValue:StringEquals", path, user, "", nil},
		{"aws:PrincipalTag/team", "StringEquals", "blue", user, "", nil},
		{"aws:PrincipalTag/TEAM", "StringEquals", "blue", role, "", nil},
		{"aws:PrincipalTag/Project", "StringEquals", "moon", role, "", nil},
		{"aws:PrincipalType", "StringEquals", "User", user, "", nil},
		{"aws:PrincipalType", "StringEquals", "AssumedRole", role, "", nil},
		{"aws:PrincipalIsAWSService", "Bool", "false", user, "", nil},
		{"aws:userid", "StringEquals", w.user.ID, user, "", nil},
		{"aws:userid", "StringEquals", w.role.ID + ":session", role, "", nil},
		{"aws:username", "StringEquals", "caller", user, "", nil},
		{"aws:MultiFactorAuthPresent", "Bool", "true", role, "", nil},
		{"aws:MultiFactorAuthPresent", "Bool", "false", w.asRole(), "", nil},
		{"aws:MultiFactorAuthAge", "NumericEquals", "90", role, "", nil},
		{"aws:TokenIssueTime", "DateEquals", "2026-01-02T03:04:05Z", role, "", nil},
		{"aws:SourceIdentity", "StringEquals", "pat", role, "", nil},
		{"identitystore:UserId", "StringEquals", w.person.ID, w.asPerson, "", nil},
		{"identitystore:IdentityStoreArn", "ArnEquals", "arn:aws:identitystore::111111111111:identitystore/" + w.instance.IdentityStoreID, w.asPerson, "", nil},
		{"identitycenter:InstanceArn", "StringEquals", w.instance.ARN, w.asPerson, "", nil},
	} {
		c.service, c.operation = "iam", getUser
		w.check(c)
	}
}

// TestKeysOfTheRequest holds the keys that say from where a request comes, when, and on what.
func TestKeysOfTheRequest(t *testing.T) {
	t.Parallel()
	w := newKeyWorld(t)
	user := w.asUser(w.user)
	const path = "o-example123/r-root/ou-root-workload/"
	fromPage := func() *http.Request {
		r := getUser()
		r.Header.Set("Referer", "https://example.com/page")
		return r
	}
	tagged := func() *http.Request {
		return apitest.Query("iam", "TagUser", "UserName", "caller", "Tags.member.1.Key", "Cost", "Tags.member.1.Value", "42")
	}
	for _, c := range []keyed{
		{"aws:SourceIp", "IpAddress", "192.0.2.0/24", user, "iam", getUser},
		{"aws:UserAgent", "StringEquals", "apitest", user, "iam", getUser},
		{"aws:referer", "StringEquals", "https://example.com/page", user, "iam", fromPage},
		{"aws:SecureTransport", "Bool", "false", user, "iam", getUser},
		{"aws:RequestedRegion", "StringEquals", "us-east-1", user, "iam", getUser},
		{"aws:CurrentTime", "DateEquals", "2026-01-02T03:04:05Z", user, "iam", getUser},
		{"aws:EpochTime", "NumericEquals", "1767323045", user, "iam", getUser},
		{"aws:ViaAWSService", "Bool", "false", user, "iam", getUser},
		{"aws:ResourceAccount", "StringEquals", string(member), user, "iam", getUser},
		{"aws:ResourceOrgID", "StringEquals", w.org.ID, user, "iam", getUser},
		{"aws:ResourceOrgPaths", "ForAllValues:StringEquals", path, user, "iam", getUser},
		{"aws:ResourceTag/Team", "StringEquals", "blue", user, "iam", getUser},
		{"aws:RequestTag/cost", "StringEquals", "42", user, "iam", tagged},
		{"aws:TagKeys", "ForAnyValue:StringEquals", "Cost", user, "iam", tagged},
	} {
		w.check(c)
	}
}

// TestKeysOfServices holds the keys that services add. See each service's page in the Service Authorization Reference.
func TestKeysOfServices(t *testing.T) {
	t.Parallel()
	w := newKeyWorld(t)
	user, far := w.asUser(w.user), w.asUser(w.far)
	query := func(service, operation string, pairs ...string) func() *http.Request {
		return func() *http.Request { return apitest.Query(service, operation, pairs...) }
	}
	body := func(service, operation, text string) func() *http.Request {
		return func() *http.Request { return apitest.JSON(service, operation, text) }
	}
	post := func(path, text string) func() *http.Request {
		return func() *http.Request { return apitest.Request(http.MethodPost, path, "application/json", text) }
	}
	assume := query("sts", "AssumeRole", "RoleArn", w.role.ARN(), "RoleSessionName", "visit", "ExternalId", "secret", "DurationSeconds", "900",
		"SourceIdentity", "pat", "Tags.member.1.Key", "Cost", "Tags.member.1.Value", "42", "TransitiveTagKeys.member.1", "Cost")
	apitest.Change(w.World, store.Roles, w.role.ID, func(r *domain.Role) {
		r.Trust = strings.Replace(r.Trust, `"sts:AssumeRole"`, `["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]`, 1)
	})
	bounded := query("iam", "PutUserPermissionsBoundary", "UserName", "caller", "PermissionsBoundary", viewOnly)
	w.org.Trust("account.amazonaws.com", w.Time.Now())
	apitest.Save(w.World, store.Organizations, w.org)
	types := `{"Filter":"RESOURCE_CONTROL_POLICY"}`
	contact := post("/getAlternateContact", `{"AlternateContactType":"SECURITY","AccountId":"`+string(member)+`"}`)
	apitest.Change(w.World, store.Accounts, string(member), func(a *domainaccount.Account) { a.Tags = map[string]string{"Stage": "test"} })
	for _, c := range []keyed{
		{"sts:RoleSessionName", "StringEquals", "visit", user, "sts", assume},
		{"sts:ExternalId", "StringEquals", "secret", user, "sts", assume},
		{"sts:DurationSeconds", "NumericEquals", "900", user, "sts", assume},
		{"sts:SourceIdentity", "StringEquals", "pat", user, "sts", assume},
		{"sts:TransitiveTagKeys", "ForAllValues:StringEquals", "Cost", user, "sts", assume},
		{"aws:RequestTag/Cost", "StringEquals", "42", user, "sts", assume},
		{"aws:TagKeys", "ForAllValues:StringEquals", "Cost", user, "sts", assume},
		{"iam:ResourceTag/Team", "StringEquals", "blue", user, "sts", assume},
		{"iam:ResourceTag/Team", "StringEquals", "blue", user, "iam", getUser},
		{"iam:PolicyARN", "ArnEquals", viewOnly, user, "iam", query("iam", "AttachUserPolicy", "UserName", "x", "PolicyArn", viewOnly)},
		{"iam:AWSServiceName", "StringEquals", "autoscaling.amazonaws.com", user, "iam", query("iam", "CreateServiceLinkedRole", "AWSServiceName", "autoscaling.amazonaws.com")},
		{"organizations:PolicyType", "StringEquals", "RESOURCE_CONTROL_POLICY", far, "organizations", body("organizations", "ListPolicies", types)},
		{"organizations:ServicePrincipal", "StringEquals", "sso.amazonaws.com", far, "organizations",
			body("organizations", "EnableAWSServiceAccess", `{"ServicePrincipal":"sso.amazonaws.com"}`)},
		{"account:AlternateContactTypes", "StringEquals", "SECURITY", far, "account", contact},
		{"account:AccountResourceOrgPaths", "ForAnyValue:StringEquals", "o-example123/r-root/ou-root-workload/", far, "account", contact},
		{"account:AccountResourceOrgTags/Stage", "StringEquals", "test", far, "account", contact},
		{"account:TargetRegion", "StringEquals", "eu-central-2", user, "account", post("/getRegionOptStatus", `{"RegionName":"eu-central-2"}`)},
		{"sso:PrimaryRegion", "StringEquals", "us-east-1", far, "sso-admin", body("sso-admin", "ListPermissionSets", `{"InstanceArn":"`+w.instance.ARN+`"}`)},
		{"identitystore:PrimaryRegion", "StringEquals", "us-east-1", far, "identitystore", body("identitystore", "ListUsers", `{"IdentityStoreId":"`+w.instance.IdentityStoreID+`"}`)},
		{"iam:PermissionsBoundary", "ArnEquals", viewOnly, user, "iam", bounded}, // the last: the caller is bound by it from then on
	} {
		w.check(c)
	}
}

// TestKeysThatAreNotThere holds keys whose absence says something: a long-term key has no MFA to speak of, and nobody calls
// through another service.
func TestKeysThatAreNotThere(t *testing.T) {
	t.Parallel()
	w := newKeyWorld(t)
	user, role := w.asUser(w.user), w.asRole()
	for key, by := range map[string]func(domain.Policies) apitest.Keys{
		"aws:MultiFactorAuthPresent": user, "aws:MultiFactorAuthAge": role, "aws:TokenIssueTime": user, "aws:SourceIdentity": role,
		"aws:username": role, "aws:PrincipalTag/None": role, "aws:CalledVia": user, "aws:CalledViaFirst": user, "aws:CalledViaLast": user,
		"aws:PrincipalServiceName": user, "aws:PrincipalServiceNamesList": user, "aws:SourceArn": user, "aws:SourceAccount": user,
		"aws:SourceVpc": user, "aws:SourceVpce": user, "aws:VpcSourceIp": user, "aws:FederatedProvider": user, "aws:AssumedRoot": user,
		"aws:referer": user, "aws:RequestTag/Cost": user, "aws:TagKeys": user, "identitystore:UserId": role, "sts:ExternalId": user,
	} {
		c := keyed{key: key, by: by, service: "iam", operation: getUser}
		if !w.allowed(c, "Null", "true") {
			t.Errorf("%s is there", key)
		}
	}
	standing := w.User(other, "caller", domain.Policies{})
	for _, key := range []string{"aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:ResourceOrgID", "aws:ResourceOrgPaths"} {
		c := keyed{key: key, by: w.asUser(standing), service: "iam", operation: getUser}
		if !w.allowed(c, "Null", "true") {
			t.Errorf("%s is there for an account that stands alone", key)
		}
	}
}

// TestKeysOfTheRootUserAndOfFederatedUsers: no identity policy binds a root user, and a session policy binds a federated one.
func TestKeysOfTheRootUserAndOfFederatedUsers(t *testing.T) {
	t.Parallel()
	w := newKeyWorld(t)
	guard := func(name, operator, key, value string) {
		w.Guard(w.org, name, `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:GetUser","Resource":"*","Condition":{"`+
			operator+`":{"`+key+`":"`+value+`"}}}]}`, string(member))
	}
	root := w.Root(w.accounts[member])
	want(t, w.Call(root, "iam", getUser()), http.StatusOK, "")
	guard("notroot", "StringNotEquals", "aws:PrincipalType", "Account")
	guard("notid", "StringNotEquals", "aws:userid", string(member))
	guard("notarn", "ArnNotEquals", "aws:PrincipalArn", ident.RootARN(member))
	want(t, w.Call(root, "iam", getUser()), http.StatusOK, "")
	guard("root", "ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:root")
	want(t, w.Call(root, "iam", getUser()), http.StatusForbidden, "AccessDenied")

	apitest.Change(w.World, store.IAMUsers, w.far.ID, func(u *domain.User) { u.Policies = apitest.Inline(apitest.Allow("*")) })
	list := func() *http.Request { return apitest.JSON("sso-admin", "ListInstances", "{}") }
	for condition, ok := range map[string]bool{
		`"StringEquals":{"aws:PrincipalType":"FederatedUser"}`:                                true,
		`"StringEquals":{"aws:userid":"111111111111:pat"}`:                                    true,
		`"ArnEquals":{"aws:PrincipalArn":"arn:aws:sts::111111111111:federated-user/pat"}`:     true,
		`"Null":{"aws:username":"true"},"DateEquals":{"aws:TokenIssueTime":"` + issued + `"}`: true,
		`"StringEquals":{"aws:PrincipalType":"User"}`:                                         false,
	} {
		k := w.Issue(seal.Claims{Kind: seal.Federated, Account: management, RoleID: w.far.ID, RoleName: w.far.Name, SessionName: "pat", Packed: seal.Packed{
			SessionPolicies: [][]byte{[]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{` + condition + `}}]}`)}}})
		if a := w.Call(k, "sso-admin", list()); (a.Status == http.StatusOK) != ok {
			t.Errorf("under %s: %d %s", condition, a.Status, a.Body)
		}
	}
}

// issued is when the sessions of a world are.
const issued = "2026-01-02T03:04:05Z"
