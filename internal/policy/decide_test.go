package policy

import (
	"fmt"
	"testing"
)

// Documents of the tables below.
const (
	allowAll  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	allowRead = `{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Action":["iam:Get*","iam:List*"],"Resource":"*"}]}`
	denyIAM   = `{"Version":"2012-10-17","Statement":[{"Sid":"NoIAM","Effect":"Deny","Action":"iam:*","Resource":"*"}]}`
	onlySSO   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sso:*","Resource":"*"}]}`
)

func parse(t testing.TB, kind Kind, doc string) *Policy {
	t.Helper()
	d, err := Parse([]byte(doc), kind)
	if err != nil {
		t.Fatalf("Parse(%s): %v", doc, err)
	}
	return &Policy{Doc: d, Name: "inline"}
}

func list(t testing.TB, kind Kind, docs ...string) []Policy {
	out := []Policy{}
	for _, d := range docs {
		out = append(out, *parse(t, kind, d))
	}
	return out
}

// naming is a resource's policy that allows everything to one principal.
func naming(t testing.TB, principal string) *Policy {
	return parse(t, Resource, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":`+principal+`,"Action":"*","Resource":"*"}]}`)
}

var (
	user = Principal{Kind: User, ARN: "arn:aws:iam::111111111111:user/a", Account: "111111111111", UniqueID: "AIDAAAAAAAAAAAAAAAAAA"}
	role = Principal{Kind: RoleSession, ARN: "arn:aws:sts::111111111111:assumed-role/R/s", RoleARN: "arn:aws:iam::111111111111:role/p/R",
		Account: "111111111111", UniqueID: "AROAAAAAAAAAAAAAAAAAA"}
	root       = Principal{Kind: Root, ARN: "arn:aws:iam::111111111111:root", Account: "111111111111"}
	federated  = Principal{Kind: FederatedUser, ARN: "arn:aws:sts::111111111111:federated-user/f", RoleARN: user.ARN, Account: "111111111111"}
	service    = Principal{Kind: Service, Service: "sso.amazonaws.com"}
	saml       = Principal{Kind: Federated, ARN: "arn:aws:iam::111111111111:saml-provider/p", Account: "111111111111"}
	management = Principal{Kind: User, ARN: user.ARN, Account: user.Account, ManagementAccount: true}
)

func request(p Principal, action, resource string) *Request {
	return &Request{Principal: p, Action: action, Resource: resource, ResourceAccount: "111111111111", Context: NewContext()}
}

func TestLayersWithinOneAccount(t *testing.T) {
	t.Parallel()
	everything := list(t, Identity, allowAll)
	for _, c := range []struct {
		name   string
		who    Principal
		layers Layers
		want   string
	}{
		{"nothing allows", user, Layers{}, "implicit identity"},
		{"identity allows", user, Layers{Identity: everything}, "allowed identity"},
		{"a deny wins over an allow", user, Layers{Identity: list(t, Identity, allowAll, denyIAM)}, "explicit identity"},
		{"the boundary must allow too", user, Layers{Identity: everything, Boundary: parse(t, Boundary, onlySSO)}, "implicit boundary"},
		{"a boundary alone grants nothing", user, Layers{Boundary: parse(t, Boundary, allowAll)}, "implicit identity"},
		{"session policies must allow too", role, Layers{Identity: everything, Session: list(t, Session, onlySSO)}, "implicit session"},
		{"session policies are a union", role, Layers{Identity: everything, Session: list(t, Session, onlySSO, allowRead)}, "allowed identity"},
		{"a session policy that is not there allows nothing", role, Layers{Identity: everything, HasSession: true}, "implicit session"},
		{"every level of the organization must allow", user, Layers{Identity: everything, SCP: [][]Policy{list(t, SCP, allowAll), list(t, SCP, onlySSO)}}, "implicit scp"},
		{"a level is a union", user, Layers{Identity: everything, SCP: [][]Policy{list(t, SCP, onlySSO, allowRead)}}, "allowed identity"},
		{"a level without policies denies", user, Layers{Identity: everything, SCP: [][]Policy{{}}}, "implicit scp"},
		{"a service control policy denies", user, Layers{Identity: everything, SCP: [][]Policy{list(t, SCP, allowAll, denyIAM)}}, "explicit scp"},
		{"the management account is exempt", management, Layers{Identity: everything, SCP: [][]Policy{list(t, SCP, denyIAM)}}, "allowed identity"},
		{"a service-linked role is exempt", Principal{Kind: RoleSession, ARN: role.ARN, Account: role.Account, ServiceLinkedRole: true},
			Layers{Identity: everything, SCP: [][]Policy{list(t, SCP, denyIAM)}}, "allowed identity"},
		{"root needs no policy", root, Layers{}, "allowed none"},
		{"root is bound by the organization", root, Layers{SCP: [][]Policy{list(t, SCP, denyIAM)}}, "explicit scp"},
		{"resource control policies do not bind IAM", user, Layers{Identity: everything, RCP: [][]Policy{{}}}, "allowed identity"},

		{"user named: enough", user, Layers{Resource: naming(t, `{"AWS":"arn:aws:iam::111111111111:user/a"}`), Boundary: parse(t, Boundary, onlySSO)}, "allowed resource"},
		{"user named by id", user, Layers{Resource: naming(t, `{"AWS":"AIDAAAAAAAAAAAAAAAAAA"}`)}, "allowed resource"},
		{"role named: no identity policy", role, Layers{Resource: naming(t, `{"AWS":"arn:aws:iam::111111111111:role/p/R"}`)}, "allowed resource"},
		{"role named by id", role, Layers{Resource: naming(t, `{"AWS":"AROAAAAAAAAAAAAAAAAAA"}`)}, "allowed resource"},
		{"role named without its path: another role", role, Layers{Resource: naming(t, `{"AWS":"arn:aws:iam::111111111111:role/R"}`)}, "implicit identity"},
		{"role named: the boundary binds", role, Layers{Resource: naming(t, `{"AWS":"arn:aws:iam::111111111111:role/p/R"}`), Boundary: parse(t, Boundary, onlySSO)}, "implicit boundary"},
		{"role named: the session policy binds", role, Layers{Resource: naming(t, `{"AWS":"arn:aws:iam::111111111111:role/p/R"}`), Session: list(t, Session, onlySSO)}, "implicit session"},
		{"session named: nothing binds", role, Layers{Resource: naming(t, `{"AWS":"arn:aws:sts::111111111111:assumed-role/R/s"}`), Session: list(t, Session, onlySSO), Boundary: parse(t, Boundary, onlySSO)}, "allowed resource"},
		{"another session named", role, Layers{Resource: naming(t, `{"AWS":"arn:aws:sts::111111111111:assumed-role/R/other"}`)}, "implicit identity"},
		{"federated user: the session policy binds", federated, Layers{Resource: naming(t, `{"AWS":"arn:aws:iam::111111111111:user/a"}`), Session: list(t, Session, onlySSO)}, "implicit session"},
		{"account named: identity must allow", user, Layers{Resource: naming(t, `{"AWS":"111111111111"}`)}, "implicit identity"},
		{"account named and identity allows", user, Layers{Resource: naming(t, `{"AWS":"arn:aws:iam::111111111111:root"}`), Identity: everything}, "allowed identity"},
		{"everyone named", role, Layers{Resource: naming(t, `"*"`), Session: list(t, Session, onlySSO)}, "allowed resource"},
		{"a service is named exactly", service, Layers{Resource: naming(t, `{"Service":"sso.amazonaws.com"}`)}, "allowed resource"},
		{"another service is not", service, Layers{Resource: naming(t, `{"Service":"iam.amazonaws.com"}`)}, "implicit resource"},
		{"identity policies do not speak for services", service, Layers{Identity: everything}, "implicit resource"},
		{"nobody is nobody", Principal{}, Layers{Identity: everything}, "implicit resource"},
		{"nobody is everyone", Principal{}, Layers{Resource: naming(t, `"*"`)}, "allowed resource"},
		{"a SAML caller is not any AWS principal", saml, Layers{Resource: naming(t, `{"AWS":"*"}`)}, "implicit resource"},
		{"a SAML caller by its provider", saml, Layers{Resource: naming(t, `{"Federated":"arn:aws:iam::111111111111:saml-provider/p"}`)}, "allowed resource"},
		{"NotPrincipal never allows", user, Layers{Resource: parse(t, Resource, `{"Statement":{"Effect":"Allow","NotPrincipal":{"AWS":"222222222222"},"Action":"*","Resource":"*"}}`)}, "implicit identity"},
		{"NotPrincipal denies who is not listed in full", role, Layers{Identity: everything, Resource: parse(t, Resource,
			`{"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":["111111111111","arn:aws:iam::111111111111:role/p/R"]},"Action":"*","Resource":"*"}}`)}, "explicit resource"},
		{"NotPrincipal exempts who is listed in full", role, Layers{Identity: everything, Resource: parse(t, Resource,
			`{"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":["111111111111","arn:aws:iam::111111111111:role/p/R","arn:aws:sts::111111111111:assumed-role/R/s"]},"Action":"*","Resource":"*"}}`)}, "allowed identity"},
		{"NotPrincipal denies whoever has a boundary", user, Layers{Identity: everything, Boundary: parse(t, Boundary, allowAll), Resource: parse(t, Resource,
			`{"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":["111111111111","arn:aws:iam::111111111111:user/a"]},"Action":"*","Resource":"*"}}`)}, "explicit resource"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := Decide(request(c.who, "iam:GetUser", user.ARN), &c.layers)
			if got := sentence(d); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// sentence is a decision in two words.
func sentence(d Decision) string {
	switch {
	case d.Allowed:
		return "allowed " + d.Layer.String()
	case d.Explicit:
		return "explicit " + d.Layer.String()
	}
	return "implicit " + d.Layer.String()
}

func TestAcrossAccountsBothSidesMustAllow(t *testing.T) {
	t.Parallel()
	everything := list(t, Identity, allowAll)
	session := naming(t, `{"AWS":"arn:aws:sts::111111111111:assumed-role/R/s"}`)
	for _, c := range []struct {
		name   string
		layers Layers
		want   string
	}{
		{"only identity allows", Layers{Identity: everything}, "implicit resource"},
		{"only the resource allows", Layers{Resource: session}, "implicit identity"},
		{"both allow", Layers{Resource: session, Identity: everything}, "allowed identity"},
		{"account named and identity allows", Layers{Resource: naming(t, `{"AWS":"111111111111"}`), Identity: everything}, "allowed identity"},
		{"the session policy binds", Layers{Resource: session, Identity: everything, Session: list(t, Session, onlySSO)}, "implicit session"},
		{"the caller's organization binds", Layers{Resource: session, Identity: everything, SCP: [][]Policy{list(t, SCP, onlySSO)}}, "implicit scp"},
		{"the resource's organization binds", Layers{Resource: session, Identity: everything, RCP: [][]Policy{list(t, RCP,
			`{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`, `{"Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}}`)}}, "explicit rcp"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := request(role, "sqs:SendMessage", "arn:aws:sqs:us-east-1:222222222222:q")
			r.ResourceAccount = "222222222222"
			if got := sentence(Decide(r, &c.layers)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestTrustPoliciesMustAllowEvenAtHome(t *testing.T) {
	t.Parallel()
	trust := func(principal string) *Policy {
		return parse(t, Trust, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":`+principal+`,"Action":"sts:AssumeRole"}}`)
	}
	for _, c := range []struct {
		name   string
		layers Layers
		want   string
	}{
		{"the user is named", Layers{Resource: trust(`{"AWS":"arn:aws:iam::111111111111:user/a"}`)}, "allowed trust"},
		{"the account is named", Layers{Resource: trust(`{"AWS":"111111111111"}`)}, "implicit identity"},
		{"the account is named and identity allows", Layers{Resource: trust(`{"AWS":"111111111111"}`), Identity: list(t, Identity, allowAll)}, "allowed identity"},
		{"somebody else is named", Layers{Resource: trust(`{"AWS":"222222222222"}`), Identity: list(t, Identity, allowAll)}, "implicit trust"},
		{"there is none", Layers{Identity: list(t, Identity, allowAll)}, "implicit trust"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.layers.ResourceIsTrust = true
			if got := sentence(Decide(request(user, "sts:AssumeRole", "arn:aws:iam::111111111111:role/R"), &c.layers)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestMessagesAreThoseOfAWS(t *testing.T) {
	t.Parallel()
	const head = "User: arn:aws:sts::111111111111:assumed-role/R/s is not authorized to perform: iam:GetUser on resource: arn:aws:iam::111111111111:user/a "
	all := list(t, Identity, allowAll)
	denied := parse(t, SCP, denyIAM)
	denied.ARN = "arn:aws:organizations::987654321098:policy/o-qv5af4abcd/service_control_policy/p-2kgnabcd"
	for _, c := range []struct {
		layers Layers
		want   string
	}{
		{Layers{}, "because no identity-based policy allows the iam:GetUser action"},
		{Layers{Identity: list(t, Identity, denyIAM)}, "with an explicit deny in an identity-based policy"},
		{Layers{Identity: all, SCP: [][]Policy{{*denied}}}, "with an explicit deny in a service control policy: " + denied.ARN},
		{Layers{Identity: all, SCP: [][]Policy{{}}}, "because no service control policy allows the iam:GetUser action"},
		{Layers{Identity: all, Boundary: parse(t, Boundary, onlySSO)}, "because no permissions boundary allows the iam:GetUser action"},
		{Layers{Identity: all, Boundary: parse(t, Boundary, denyIAM)}, "with an explicit deny in a permissions boundary"},
		{Layers{Identity: all, Session: list(t, Session, onlySSO)}, "because no session policy allows the iam:GetUser action"},
		{Layers{Identity: all, Session: list(t, Session, denyIAM)}, "with an explicit deny in a session policy"},
		{Layers{Identity: all, ResourceIsTrust: true}, "because no role trust policy allows the iam:GetUser action"},
		{Layers{Identity: all, Resource: parse(t, Resource, `{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}`)}, "with an explicit deny in a resource-based policy"},
	} {
		r := request(role, "iam:GetUser", user.ARN)
		if got := Decide(r, &c.layers).Message(r); got != head+c.want {
			t.Errorf("got  %s\nwant %s", got, head+c.want)
		}
	}
	r := request(role, "iam:GetUser", user.ARN)
	if got := Decide(r, &Layers{Identity: all}).Message(r); got != "" {
		t.Errorf("a permission has the message %q", got)
	}
}

func TestADecisionNamesItsStatement(t *testing.T) {
	t.Parallel()
	p := list(t, Identity, allowRead, `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"Stop","Effect":"Deny","Action":"iam:get*","Resource":"*"}]}`)
	p[1].ARN, p[1].Name = "arn:aws:iam::111111111111:policy/P", "P"
	d := Decide(request(user, "IAM:GETUSER", user.ARN), &Layers{Identity: p})
	want := Decision{Explicit: true, Layer: LayerIdentity, PolicyARN: p[1].ARN, PolicyName: "P", Sid: "Stop", StatementIndex: 1, Level: -1}
	if d != want {
		t.Errorf("got %+v, want %+v", d, want)
	}
}

func TestResourcesAndVariables(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, resource string
		want              bool
	}{
		{"*", "*", true},
		{"*", "arn:aws:iam::1:user/a", true},
		{"arn:aws:s3:::b/*", "*", false},
		{"arn:aws:sqs", "arn:aws:sqs:us-east-1:111111111111:q", true},
		{"arn:aws:sqs:us-*", "arn:aws:sqs:eu-west-1:111111111111:q", false},
		{"arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/a*b/x", true},
		{"arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/aXb/x", false},
		{"arn:aws:s3:::b/${AWS:UserName}", "arn:aws:s3:::b/a*b", true},
		{"arn:aws:s3:::b/${aws:PrincipalTag/team, 'all'}", "arn:aws:s3:::b/all", true},
		{"arn:aws:s3:::b/${aws:PrincipalTag/team}", "arn:aws:s3:::b/", false},
		{"arn:aws:s3:::b/${aws:TagKeys, 'x'}", "arn:aws:s3:::b/x", false},
		{"arn:aws:s3:::b/${*}${?}${$}", "arn:aws:s3:::b/*?$", true},
		{"arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x", false},
		{"arn:aws:s3:::b/${broken", "arn:aws:s3:::b/${broken", true},
		{"arn:aws:s3:::b/${hostile}", "arn:aws:s3:::b/anything", false},
		{"arn:aws:s3:::b/a?c", "arn:aws:s3:::b/a𐐀c", false},
		{"arn:aws:s3:::b/a??c", "arn:aws:s3:::b/a𐐀c", true},
		{"arn:aws:s3:::b/a?c", "arn:aws:s3:::b/aéc", true},
	} {
		r := request(user, "s3:GetObject", c.resource)
		r.Context.Set("aws:username", "a*b")
		r.Context.Set("hostile", "\xfe") // the byte that stands for a wildcard inside
		r.Context.SetList("aws:TagKeys", []string{"x"})
		doc := fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":%q}}`, c.pattern)
		if d := Decide(r, &Layers{Identity: list(t, Identity, doc)}); d.Allowed != c.want {
			t.Errorf("%s on %s: allowed %v, want %v", c.pattern, c.resource, d.Allowed, c.want)
		}
	}
}

func TestVariablesNeedTheirVersion(t *testing.T) {
	t.Parallel()
	for _, version := range []string{``, `"Version":"2008-10-17",`} {
		doc := `{` + version + `"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}"}}`
		r := request(user, "s3:GetObject", "arn:aws:s3:::b/${aws:username}")
		r.Context.Set("aws:username", "a")
		if d := Decide(r, &Layers{Identity: list(t, Identity, doc)}); !d.Allowed {
			t.Errorf("%s: the text does not match itself", doc)
		}
	}
}

// TestOwnActionsAreGrantedByName holds that what AWS does not have is not granted by leaving out what AWS has.
func TestOwnActionsAreGrantedByName(t *testing.T) {
	t.Parallel()
	const power = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"}]}`
	const denyRest = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":"s3:*","Resource":"*"}]}`
	for _, c := range []struct {
		name, action string
		docs         []string
		allowed      bool
	}{
		{"NotAction grants the services", "s3:GetObject", []string{power}, true},
		{"NotAction does not grant Gatehouse's own", "Gatehouse:SetUserPassword", []string{power}, false},
		{"all actions do", "gatehouse:SetUserPassword", []string{allowAll}, true},
		{"its name does", "gatehouse:SetUserPassword", []string{power, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"gatehouse:Set*","Resource":"*"}]}`}, true},
		{"a Deny by NotAction denies them too", "gatehouse:SetUserPassword", []string{allowAll, denyRest}, false},
	} {
		layers := Layers{Identity: list(t, Identity, c.docs...)}
		if d := Decide(request(user, c.action, "*"), &layers); d.Allowed != c.allowed {
			t.Errorf("%s: got %v", c.name, d.Allowed)
		}
	}
}
