package identitystore

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const service = "identitystore"

var storeID = aws.String(apitest.StoreID)

func world(t *testing.T) *apitest.World {
	t.Parallel()
	return apitest.New(t, map[string]api.Table{service: Table()})
}

func person(name string) *sdk.CreateUserInput {
	return &sdk.CreateUserInput{IdentityStoreId: storeID, UserName: &name, DisplayName: &name,
		Name:   &types.Name{GivenName: aws.String("Pat"), FamilyName: aws.String("Collins")},
		Emails: []types.Email{{Value: aws.String(name + "@acme.example"), Primary: true}}}
}

func TestUsersAreUniqueWhateverTheirCase(t *testing.T) {
	w := world(t)
	made := apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", person("pcollins"))
	f := apitest.Refused(w, "ConflictException", service, "CreateUser", person("PCollins"))
	if f.Fields["Reason"] != "UNIQUENESS_CONSTRAINT_VIOLATION" {
		t.Errorf("got reason %v", f.Fields["Reason"])
	}
	for path, value := range map[string]string{"userName": "PCOLLINS", "emails.value": "pcollins@ACME.example"} {
		got := apitest.Call[sdk.GetUserIdOutput](w, service, "GetUserId", &sdk.GetUserIdInput{IdentityStoreId: storeID,
			AlternateIdentifier: &types.AlternateIdentifierMemberUniqueAttribute{Value: types.UniqueAttribute{
				AttributePath: &path, AttributeValue: document.NewLazyDocument(value)}}})
		if *got.UserId != *made.UserId {
			t.Errorf("by %s: got %s, want %s", path, *got.UserId, *made.UserId)
		}
	}
	apitest.Refused(w, "ValidationException", service, "CreateUser", person("Administrator"))
}

func TestListsComeInPages(t *testing.T) {
	w := world(t)
	for _, n := range []string{"a", "b", "c"} {
		apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", person(n))
	}
	seen, token := map[string]bool{}, (*string)(nil)
	for pages := 0; pages < 4; pages++ {
		out := apitest.Call[sdk.ListUsersOutput](w, service, "ListUsers", &sdk.ListUsersInput{IdentityStoreId: storeID, MaxResults: aws.Int32(2), NextToken: token})
		for _, u := range out.Users {
			seen[*u.UserName] = true
		}
		if token = out.NextToken; token == nil {
			break
		}
	}
	if len(seen) != 3 || token != nil {
		t.Errorf("got %v", seen)
	}
	one := apitest.Call[sdk.ListUsersOutput](w, service, "ListUsers", &sdk.ListUsersInput{IdentityStoreId: storeID,
		Filters: []types.Filter{{AttributePath: aws.String("UserName"), AttributeValue: aws.String("b")}}})
	if len(one.Users) != 1 || *one.Users[0].UserName != "b" {
		t.Errorf("got %v", one.Users)
	}
}

func TestMembershipsGoWithTheUser(t *testing.T) {
	w := world(t)
	u := apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", person("pcollins"))
	g := apitest.Call[sdk.CreateGroupOutput](w, service, "CreateGroup", &sdk.CreateGroupInput{IdentityStoreId: storeID, DisplayName: aws.String("Admins")})
	join := &sdk.CreateGroupMembershipInput{IdentityStoreId: storeID, GroupId: g.GroupId, MemberId: &types.MemberIdMemberUserId{Value: *u.UserId}}
	m := apitest.Call[sdk.CreateGroupMembershipOutput](w, service, "CreateGroupMembership", join)
	apitest.Refused(w, "ConflictException", service, "CreateGroupMembership", join)
	apitest.Call[sdk.DeleteUserOutput](w, service, "DeleteUser", &sdk.DeleteUserInput{IdentityStoreId: storeID, UserId: u.UserId})
	f := apitest.Refused(w, "ResourceNotFoundException", service, "DescribeGroupMembership",
		&sdk.DescribeGroupMembershipInput{IdentityStoreId: storeID, MembershipId: m.MembershipId})
	if f.Fields["ResourceType"] != "GROUP_MEMBERSHIP" {
		t.Errorf("got %v", f.Fields)
	}
	left := apitest.Call[sdk.ListGroupMembershipsOutput](w, service, "ListGroupMemberships", &sdk.ListGroupMembershipsInput{IdentityStoreId: storeID, GroupId: g.GroupId})
	if left.GroupMemberships == nil || len(left.GroupMemberships) != 0 {
		t.Errorf("got %v, want an empty list", left.GroupMemberships)
	}
}

func TestOtherAccountsAreDenied(t *testing.T) {
	w := world(t)
	_, err := apitest.As[sdk.CreateUserOutput](w, apitest.Root(ident.AccountID("222222222222")), service, "CreateUser", person("x"))
	if err == nil {
		t.Error("another account created a user")
	}
}

func TestADelegatedAdministratorKeepsTheDirectory(t *testing.T) {
	t.Parallel()
	w := apitest.Empty(t, map[string]api.Table{service: Table()})
	o := w.Organization(w.Account("111111111111", "Main"), w.Account("222222222222", "Security"), w.Account("333333333333", "Dev"))
	i := w.Instance(o)
	apitest.Save(w, store.Delegates, &organization.Delegate{OrganizationID: o.ID, Account: "222222222222", Service: "sso.amazonaws.com"})
	apitest.Save(w, store.Delegates, &organization.Delegate{OrganizationID: o.ID, Account: "333333333333", Service: "account.amazonaws.com"})
	in := person("pcollins")
	in.IdentityStoreId = &i.IdentityStoreID
	for account, want := range map[ident.AccountID]bool{"333333333333": false, "222222222222": true} {
		_, err := apitest.As[sdk.CreateUserOutput](w, apitest.Root(account), service, "CreateUser", in)
		stores, _ := apitest.As[sdk.ListIdentityStoresOutput](w, apitest.Root(account), service, "ListIdentityStores", &sdk.ListIdentityStoresInput{})
		if err == nil != want || len(stores.IdentityStores) == 1 != want {
			t.Errorf("%s: got %v, and the stores %v", account, err, stores.IdentityStores)
		}
	}
}
