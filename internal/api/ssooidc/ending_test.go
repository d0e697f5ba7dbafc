package ssooidc_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdkstore "github.com/aws/aws-sdk-go-v2/service/identitystore"
	storetypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	sdksso "github.com/aws/aws-sdk-go-v2/service/sso"
	sdkadmin "github.com/aws/aws-sdk-go-v2/service/ssoadmin"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/identitystore"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/api/sso"
	"github.com/gatehouse-sso/gatehouse/internal/api/ssoadmin"
	"github.com/gatehouse-sso/gatehouse/internal/api/ssooidc"
	"github.com/gatehouse-sso/gatehouse/internal/api/sts"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
)

// TestWhatEndsASignInEndsAllItGaveAtOnce signs a person in at a browser and lets a program in, both of which fetch keys, and
// then ends that in every way there is: what had to end is refused at the very next request, and nothing else is. See OWASP
// ASVS 5.0 section 7.4, and RFC 7009 section 2.1 on tokens of one grant.
func TestWhatEndsASignInEndsAllItGaveAtOnce(t *testing.T) {
	t.Parallel()
	const keys, programKeys, cookie, token, refresh = "keys of the browser", "keys of the program", "cookie", "access token", "refresh token"
	everything := []string{keys, programKeys, cookie, token, refresh}
	theProgram := []string{programKeys, token, refresh}
	for name, c := range map[string]struct {
		end  func(*signedIn)
		dies []string
	}{
		"nothing":                        {func(*signedIn) {}, nil},
		"signing out at the browser":     {func(s *signedIn) { s.self("SignOut", &self.SignOutInput{}) }, []string{keys, cookie}},
		"signing out of the program":     {func(s *signedIn) { s.Portal(s.token, http.MethodPost, "/logout") }, theProgram},
		"ending the program on the page": {func(s *signedIn) { s.self("EndSessions", &self.EndSessionsInput{ID: s.program}) }, theProgram},
		"ending all but the browser":     {func(s *signedIn) { s.self("EndSessions", &self.EndSessionsInput{Others: true}) }, theProgram},
		"an administrator ending the program": {func(s *signedIn) {
			s.admin("BatchDeleteSession", &admin.BatchDeleteSessionInput{UserName: "pcollins", SessionIds: []string{s.program}})
		}, theProgram},
		"an administrator signing the person out": {func(s *signedIn) { s.admin("BatchDeleteSession", &admin.BatchDeleteSessionInput{UserName: "pcollins"}) }, everything},
		"disabling the person":                    {func(s *signedIn) { s.admin("DisableUser", &admin.DisableUserInput{UserName: "pcollins"}) }, everything},
		"disabling and enabling the person": {func(s *signedIn) {
			s.admin("DisableUser", &admin.DisableUserInput{UserName: "pcollins"})
			s.admin("EnableUser", &admin.EnableUserInput{UserName: "pcollins"})
		}, everything},
		"another password": {func(s *signedIn) {
			s.admin("SetUserPassword", &admin.SetUserPasswordInput{UserName: "pcollins", Password: "a quite different battery"})
		}, everything},
		"deleting the person":   {(*signedIn).remove, everything},
		"taking the assignment": {func(s *signedIn) { s.assignment("DeleteAccountAssignment") }, []string{keys, programKeys}},
		"leaving the group":     {(*signedIn).leave, []string{keys, programKeys}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSignedIn(t)
			c.end(s)
			for what, works := range map[string]func() bool{
				keys:        func() bool { return s.works(s.keys) },
				programKeys: func() bool { return s.works(s.programKeys) },
				cookie: func() bool {
					_, err := s.Corridor.Invoke(t.Context(), s.browser, self.Name, "WhoAmI", &self.WhoAmIInput{})
					return err == nil
				},
				token:   func() bool { return s.accounts(s.token).Status == http.StatusOK },
				refresh: func() bool { return s.refresh(s.refreshToken).Status == http.StatusOK },
			} {
				if want := !slices.Contains(c.dies, what); works() != want {
					t.Errorf("%s: works is %v", what, !want)
				}
			}
			if leaks := s.Leaks(); leaks != nil {
				t.Error(leaks)
			}
		})
	}
}

// signedIn is a person with a role by a group of theirs, who sits at a browser and has let a program in.
type signedIn struct {
	*world
	set                 *permission.Set
	group, membership   string
	token, refreshToken string // of the program
	program             string // its session
	keys, programKeys   apitest.Keys
}

func newSignedIn(t *testing.T) *signedIn {
	t.Helper()
	w := newWorldOf(t, map[string]api.Table{"sso": sso.Table(), "sso-oidc": ssooidc.Table(), self.Name: self.Table(), admin.Name: admin.Table(),
		"identitystore": identitystore.Table(), "sso-admin": ssoadmin.Table(), "sts": sts.Table()})
	s := &signedIn{world: w, set: w.Set(w.instance, "Reader", permission.Grants{})}
	s.join()
	s.assignment("CreateAccountAssignment")
	device, code := s.start()
	if err := s.answer(code, false); err != nil {
		t.Fatal(err)
	}
	a := s.poll(device)
	s.token, s.refreshToken = a.Text("accessToken"), a.Text("refreshToken")
	s.programKeys = keysOf(s.Portal(s.token, http.MethodGet, "/federation/credentials?account_id=111111111111&role_name=Reader"))
	out, err := api.Invoke[sdksso.GetRoleCredentialsOutput](t.Context(), s.Corridor, s.browser, "sso", "GetRoleCredentials",
		&sdksso.GetRoleCredentialsInput{AccountId: aws.String("111111111111"), RoleName: aws.String("Reader")})
	if err != nil {
		t.Fatal(err)
	}
	s.keys = apitest.Keys{ID: *out.RoleCredentials.AccessKeyId, Secret: *out.RoleCredentials.SecretAccessKey, Token: *out.RoleCredentials.SessionToken}
	for _, p := range s.self("DescribeSecurity", &self.DescribeSecurityInput{}).(*self.DescribeSecurityOutput).Sessions {
		if p.Program {
			s.program = p.ID
		}
	}
	return s
}

func keysOf(a *apitest.Answer) apitest.Keys {
	return apitest.Keys{ID: a.Text("roleCredentials.accessKeyId"), Secret: a.Text("roleCredentials.secretAccessKey"), Token: a.Text("roleCredentials.sessionToken")}
}

func (s *signedIn) works(k apitest.Keys) bool {
	return s.Call(k, "sts", apitest.Query("sts", "GetCallerIdentity")).Status == http.StatusOK
}

// self is what the person does at their browser.
func (s *signedIn) self(operation string, in any) any {
	s.t.Helper()
	out, err := s.Corridor.Invoke(s.t.Context(), s.browser, self.Name, operation, in)
	if err != nil {
		s.t.Fatalf("%s: %v", operation, err)
	}
	return out
}

// do is what the management account does.
func (s *signedIn) do(service, operation string, in any) any {
	s.t.Helper()
	out, err := s.Corridor.Invoke(s.t.Context(), api.Caller{Principal: apitest.Root("111111111111")}, service, operation, in)
	if err != nil {
		s.t.Fatalf("%s: %v", operation, err)
	}
	return out
}

func (s *signedIn) admin(operation string, in any) { s.t.Helper(); s.do(admin.Name, operation, in) }

func (s *signedIn) join() {
	s.t.Helper()
	at := &s.instance.IdentityStoreID
	s.group = *s.do("identitystore", "CreateGroup", &sdkstore.CreateGroupInput{IdentityStoreId: at, DisplayName: aws.String("Readers")}).(*sdkstore.CreateGroupOutput).GroupId
	s.membership = *s.do("identitystore", "CreateGroupMembership", &sdkstore.CreateGroupMembershipInput{IdentityStoreId: at, GroupId: &s.group,
		MemberId: &storetypes.MemberIdMemberUserId{Value: s.person.ID}}).(*sdkstore.CreateGroupMembershipOutput).MembershipId
}

func (s *signedIn) leave() {
	s.t.Helper()
	s.do("identitystore", "DeleteGroupMembership", &sdkstore.DeleteGroupMembershipInput{IdentityStoreId: &s.instance.IdentityStoreID, MembershipId: &s.membership})
}

func (s *signedIn) remove() {
	s.t.Helper()
	s.do("identitystore", "DeleteUser", &sdkstore.DeleteUserInput{IdentityStoreId: &s.instance.IdentityStoreID, UserId: &s.person.ID})
}

// assignment creates or deletes that of the group.
func (s *signedIn) assignment(operation string) {
	s.t.Helper()
	in := sdkadmin.CreateAccountAssignmentInput{InstanceArn: &s.instance.ARN, PermissionSetArn: &s.set.ARN, PrincipalId: &s.group, PrincipalType: "GROUP",
		TargetId: aws.String("111111111111"), TargetType: "AWS_ACCOUNT"}
	if operation == "CreateAccountAssignment" {
		s.do("sso-admin", operation, &in)
		return
	}
	gone := sdkadmin.DeleteAccountAssignmentInput(in)
	s.do("sso-admin", operation, &gone)
}
