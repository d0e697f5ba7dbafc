package identitystore

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// change is the input that changes one attribute, to nil to remove it.
func change(id *string, path string, value any) *sdk.UpdateUserInput {
	return &sdk.UpdateUserInput{IdentityStoreId: storeID, UserId: id, Operations: []types.AttributeOperation{
		{AttributePath: &path, AttributeValue: document.NewLazyDocument(value)}}}
}

func described(w *apitest.World, id *string) *sdk.DescribeUserOutput {
	return apitest.Call[sdk.DescribeUserOutput](w, service, "DescribeUser",
		&sdk.DescribeUserInput{IdentityStoreId: storeID, UserId: id, Extensions: []string{"aws:identitystore:enterprise"}})
}

func TestEveryAttributeIsKept(t *testing.T) {
	w := world(t)
	s := aws.String
	in := person("pcollins")
	in.NickName, in.ProfileUrl, in.Title, in.UserType, in.Locale = s("nick"), s("https://p"), s("title"), s("type"), s("en")
	in.Timezone, in.PreferredLanguage, in.Website, in.Birthdate = s("UTC"), s("en-us"), s("https://w"), s("1990-02-28")
	in.Name.Formatted, in.Name.MiddleName, in.Name.HonorificPrefix, in.Name.HonorificSuffix = s("Pat M. Collins"), s("M."), s("Dr."), s("M.D.")
	in.PhoneNumbers = []types.PhoneNumber{{Value: s("1"), Type: s("work"), Primary: true}}
	in.Addresses = []types.Address{{StreetAddress: s("a"), Locality: s("b"), Region: s("c"), PostalCode: s("d"), Country: s("e"), Formatted: s("f"), Type: s("g"), Primary: true}}
	in.Photos = []types.Photo{{Value: s("https://1"), Type: s("photo"), Display: s("me"), Primary: true}, {Value: s("https://2")}}
	in.Roles = []types.Role{{Value: s("Researcher"), Type: s("Work"), Primary: true}}
	enterprise := map[string]any{"employeeNumber": "7", "costCenter": "c", "organization": "o", "division": "d", "department": "dep",
		"manager": map[string]any{"value": "m", "$ref": "../m", "displayName": "Max"}}
	in.Extensions = map[string]document.Interface{"aws:identitystore:enterprise": document.NewLazyDocument(enterprise)}
	made := apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", in)

	out := described(w, made.UserId)
	back := common[sdk.CreateUserInput](*out)
	back.Extensions = nil
	want := *in
	want.Extensions = nil
	if got, want := asJSON(back), asJSON(want); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	raw, err := out.Extensions["aws:identitystore:enterprise"].MarshalSmithyDocument()
	if wantRaw, _ := json.Marshal(enterprise); err != nil || string(raw) != string(wantRaw) {
		t.Errorf("got extension %s, want %s", raw, wantRaw)
	}
	if *out.Revision != "1" || *out.CreatedBy != "arn:aws:iam::111111111111:root" || out.UserStatus != types.UserStatusEnabled {
		t.Errorf("got %s by %s, %s", *out.Revision, *out.CreatedBy, out.UserStatus)
	}
	plain := apitest.Call[sdk.DescribeUserOutput](w, service, "DescribeUser", &sdk.DescribeUserInput{IdentityStoreId: storeID, UserId: made.UserId})
	if plain.Extensions != nil {
		t.Error("an extension came that nobody asked for")
	}
}

func asJSON(v any) string {
	raw, _ := json.Marshal(v)
	return string(raw)
}

func TestAttributesAreUpdatedByPath(t *testing.T) {
	w := world(t)
	id := apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", person("pcollins")).UserId
	for _, test := range []struct {
		path  string
		value any
		shows string // in the description afterwards
	}{
		{"userName", "patrick", `"UserName":"patrick"`},
		{"name.familyName", "Kohl", `"FamilyName":"Kohl"`},
		{"Name.MiddleName", "M.", `"MiddleName":"M."`},
		{"name", map[string]any{"givenName": "Pat", "familyName": "Coll"}, `"Name":{"FamilyName":"Coll","Formatted":null,"GivenName":"Pat","HonorificPrefix":null,"HonorificSuffix":null,"MiddleName":null}`},
		{"emails", []any{map[string]any{"value": "new@acme.example", "type": "work", "primary": true}}, `"Emails":[{"Primary":true,"Type":"work","Value":"new@acme.example"}]`},
		{"emails", nil, `"Emails":null`},
		{"addresses", []any{map[string]any{"streetAddress": "Main St"}}, `"StreetAddress":"Main St"`},
		{"photos", []any{map[string]any{"value": "https://1"}, map[string]any{"value": "https://2", "primary": true}}, `"Value":"https://2"`},
		{"birthdate", "2000-02-29", `"Birthdate":"2000-02-29"`},
		{"nickName", "Paddy", `"NickName":"Paddy"`},
		{"nickName", nil, `"NickName":null`},
		{"externalIds", []any{map[string]any{"issuer": "https://idp", "id": "42"}}, `"ExternalIds":[{"Id":"42","Issuer":"https://idp"}]`},
	} {
		apitest.Call[sdk.UpdateUserOutput](w, service, "UpdateUser", change(id, test.path, test.value))
		if got := asJSON(described(w, id)); !strings.Contains(got, test.shows) {
			t.Errorf("%s = %v: got %s, want %s", test.path, test.value, got, test.shows)
		}
	}
	found := apitest.Call[sdk.GetUserIdOutput](w, service, "GetUserId", &sdk.GetUserIdInput{IdentityStoreId: storeID,
		AlternateIdentifier: &types.AlternateIdentifierMemberExternalId{Value: types.ExternalId{Issuer: aws.String("https://idp"), Id: aws.String("42")}}})
	if *found.UserId != *id {
		t.Errorf("the external id leads to %s", *found.UserId)
	}
}

func TestExtensionsAreUpdatedByPath(t *testing.T) {
	w := world(t)
	id := apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", person("pcollins")).UserId
	for _, test := range []struct {
		path  string
		value any
		shows string
	}{
		{"aws:identitystore:enterprise.department", "Sales", `{"department":"Sales"}`},
		{"aws:identitystore:enterprise.manager.value", "m", `{"department":"Sales","manager":{"value":"m"}}`},
		{"aws:identitystore:enterprise.manager.value", nil, `{"department":"Sales"}`},
		{"aws:identitystore:enterprise", map[string]any{"costCenter": "7"}, `{"costCenter":"7"}`},
		{"aws:identitystore:enterprise", nil, ""},
	} {
		apitest.Call[sdk.UpdateUserOutput](w, service, "UpdateUser", change(id, test.path, test.value))
		got := ""
		if d := described(w, id).Extensions["aws:identitystore:enterprise"]; d != nil {
			raw, _ := d.MarshalSmithyDocument()
			got = string(raw)
		}
		if got != test.shows {
			t.Errorf("%s = %v: got %s, want %s", test.path, test.value, got, test.shows)
		}
	}
}

func TestUpdatesThatCreateUserWouldRefuseAreRefused(t *testing.T) {
	w := world(t)
	id := apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", person("pcollins")).UserId
	before := asJSON(described(w, id))
	for _, test := range []struct {
		path  string
		value any
	}{
		{"shoeSize", "42"}, {"name.first", "x"}, {"emails.value", "x@y"}, {"userName.x", "y"}, {"userStatus", "DISABLED"}, {"userId", "x"},
		{"identityStoreId", "d-1111111111"}, {"extensions", map[string]any{}}, {"enterprise", map[string]any{"department": "x"}},
		{"createUserInput", map[string]any{"UserName": "x"}}, {"createUserInput.userName", "x"}, {"noSmithyDocumentSerde", "x"},
		{"aws:identitystore:enterprise.salary", "1"}, {"aws:identitystore:other", map[string]any{"a": "b"}}, {"aws:identitystore:enterprisexx", "x"},
		{"userName", nil}, {"displayName", nil}, {"name", nil}, {"name.givenName", nil},
		{"userName", ""}, {"userName", 7}, {"userName", "two words"}, {"userName", strings.Repeat("x", 129)}, {"userName", "Administrator"},
		{"nickName", []any{"x"}}, {"nickName", strings.Repeat("x", 1025)}, {"birthdate", "1990-02-30"},
		{"emails", []any{}}, {"emails", []any{map[string]any{"value": "a@b", "type": nil}}}, {"emails", []any{map[string]any{"address": "a@b"}}},
		{"emails", []any{map[string]any{"value": "a@b"}, map[string]any{"value": "c@d"}}}, {"emails", "a@b"},
		{"photos", []any{map[string]any{"display": "no value"}}},
		{"photos", []any{map[string]any{"value": "1", "primary": true}, map[string]any{"value": "2", "primary": true}}},
		{"externalIds", []any{map[string]any{"issuer": "has blanks in it", "id": "42"}}}, {"externalIds", []any{map[string]any{"issuer": "i"}}},
		{"externalIds", []any{map[string]any{"issuer": "i", "id": "1"}, map[string]any{"issuer": "i", "id": "2"}}},
	} {
		apitest.Refused(w, "ValidationException", service, "UpdateUser", change(id, test.path, test.value))
		if got := asJSON(described(w, id)); got != before {
			t.Fatalf("%s = %v changed the user to %s", test.path, test.value, got)
		}
	}
}

func TestUpdatesKeepNamesUnique(t *testing.T) {
	w := world(t)
	first := apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", person("first")).UserId
	second := apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", person("second")).UserId
	externals := []any{map[string]any{"issuer": "https://idp", "id": "42"}}
	apitest.Call[sdk.UpdateUserOutput](w, service, "UpdateUser", change(first, "externalIds", externals))
	for path, value := range map[string]any{"userName": "FIRST", "externalIds": externals,
		"emails": []any{map[string]any{"value": "First@acme.example"}}} {
		f := apitest.Refused(w, "ConflictException", service, "UpdateUser", change(second, path, value))
		if f.Fields["Reason"] != "UNIQUENESS_CONSTRAINT_VIOLATION" {
			t.Errorf("%s: got reason %v", path, f.Fields["Reason"])
		}
	}
	apitest.Call[sdk.UpdateUserOutput](w, service, "UpdateUser", change(second, "userName", "SECOND"))
}

func TestARevisionHoldsBackWhatComesLate(t *testing.T) {
	w := world(t)
	made := apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", person("pcollins"))
	in := change(made.UserId, "title", "first")
	in.Revision = made.Revision
	apitest.Call[sdk.UpdateUserOutput](w, service, "UpdateUser", in)
	f := apitest.Refused(w, "ConflictException", service, "UpdateUser", in)
	if f.Fields["Reason"] != "CONCURRENT_MODIFICATION" {
		t.Errorf("got reason %v", f.Fields["Reason"])
	}
	apitest.Refused(w, "ConflictException", service, "DeleteUser", &sdk.DeleteUserInput{IdentityStoreId: storeID, UserId: made.UserId, Revision: made.Revision})
}

func TestThingsAreNamedByTheirARNs(t *testing.T) {
	w := world(t)
	u := apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", person("pcollins"))
	stores := apitest.Call[sdk.ListIdentityStoresOutput](w, service, "ListIdentityStores", &sdk.ListIdentityStoresInput{})
	arn := stores.IdentityStores[0].IdentityStoreArn
	got := apitest.Call[sdk.DescribeUserOutput](w, service, "DescribeUser", &sdk.DescribeUserInput{IdentityStoreId: arn, UserId: u.UserArn})
	if *got.UserId != *u.UserId || *got.IdentityStoreId != *storeID {
		t.Errorf("got %s in %s", *got.UserId, *got.IdentityStoreId)
	}
	one := apitest.Call[sdk.DescribeIdentityStoreOutput](w, service, "DescribeIdentityStore", &sdk.DescribeIdentityStoreInput{IdentityStoreId: storeID})
	if *one.IdentityStoreArn != *arn {
		t.Errorf("got %s, want %s", *one.IdentityStoreArn, *arn)
	}
	group := strings.Replace(*u.UserArn, ":user/", ":group/", 1)
	apitest.Refused(w, "ResourceNotFoundException", service, "DescribeUser", &sdk.DescribeUserInput{IdentityStoreId: storeID, UserId: &group})
	foreign := strings.Replace(*arn, "111111111111", "222222222222", 1)
	apitest.Refused(w, "ResourceNotFoundException", service, "DescribeUser", &sdk.DescribeUserInput{IdentityStoreId: &foreign, UserId: u.UserId})
}

func TestGroupsAreUpdated(t *testing.T) {
	w := world(t)
	group := func(name string) *sdk.CreateGroupOutput {
		return apitest.Call[sdk.CreateGroupOutput](w, service, "CreateGroup", &sdk.CreateGroupInput{IdentityStoreId: storeID, DisplayName: &name})
	}
	admins := group("Admins")
	group("Auditors")
	update := func(path string, value any) *sdk.UpdateGroupInput {
		return &sdk.UpdateGroupInput{IdentityStoreId: storeID, GroupId: admins.GroupId, Operations: []types.AttributeOperation{
			{AttributePath: &path, AttributeValue: document.NewLazyDocument(value)}}}
	}
	apitest.Call[sdk.UpdateGroupOutput](w, service, "UpdateGroup", update("displayName", "Root Admins"))
	apitest.Call[sdk.UpdateGroupOutput](w, service, "UpdateGroup", update("description", "all of them"))
	apitest.Call[sdk.UpdateGroupOutput](w, service, "UpdateGroup", update("externalIds", []any{map[string]any{"issuer": "i", "id": "1"}}))
	apitest.Refused(w, "ConflictException", service, "UpdateGroup", update("displayName", "auditors"))
	for path, value := range map[string]any{"displayName": nil, "description": "", "members": "x", "groupId": "x"} {
		apitest.Refused(w, "ValidationException", service, "UpdateGroup", update(path, value))
	}
	got := apitest.Call[sdk.ListGroupsOutput](w, service, "ListGroups", &sdk.ListGroupsInput{IdentityStoreId: storeID,
		Filters: []types.Filter{{AttributePath: aws.String("DisplayName"), AttributeValue: aws.String("Root Admins")}}}).Groups
	if len(got) != 1 || *got[0].Description != "all of them" || *got[0].ExternalIds[0].Id != "1" || *got[0].Revision != "4" {
		t.Errorf("got %s", asJSON(got))
	}
}

func TestWhatWasGivenToSomebodyDeletedGrantsNothing(t *testing.T) {
	w := world(t)
	i := w.State.Current().InstanceWith(*storeID)
	u := w.Person(i, "pcollins", "correct horse")
	set := w.Set(i, "Admin", permission.Grants{Managed: []string{"arn:aws:iam::aws:policy/AdministratorAccess"}})
	w.Assign(set, apitest.Management, u)
	s, _, _ := w.SignIn(u)
	who := &authz.Principal{Kind: authz.Person, UserID: u.ID, SessionID: s.ID}
	alive := func() bool { return w.State.Current().Live(who, w.Time.Now()) }

	apitest.Call[sdk.UpdateUserOutput](w, service, "UpdateUser", change(&u.ID, "userName", "patrick"))
	if !alive() || len(w.State.Current().Grants(u.ID)) != 1 {
		t.Error("the session or the assignment did not survive the new name")
	}
	apitest.Call[sdk.DeleteUserOutput](w, service, "DeleteUser", &sdk.DeleteUserInput{IdentityStoreId: storeID, UserId: &u.ID})
	if alive() {
		t.Error("the session lives on after its user")
	}
	again := apitest.Call[sdk.CreateUserOutput](w, service, "CreateUser", person("patrick"))
	if len(w.State.Current().Grants(*again.UserId)) != 0 {
		t.Error("somebody new inherited an assignment")
	}
	w.Update(func(tx *store.Tx) error { // as on AWS, the assignment is still listed
		_, err := store.Assignments.Get(tx, set.ARN, string(apitest.Management), "USER", u.ID)
		return err
	})
}

// TestWhatBelongsToWhoIsDeletedGoes: a key that they had can be somebody else's.
func TestWhatBelongsToWhoIsDeletedGoes(t *testing.T) {
	w := world(t)
	u := w.Person(&permission.Instance{IdentityStoreID: apitest.StoreID}, "leaver", "correct horse battery staple")
	apitest.Save(w, store.Factors, &factor.Device{ID: "d", Owner: u.ID, Kind: factor.Key, Credential: factor.Credential{ID: []byte{1}}})
	apitest.Save(w, store.Holders, &factor.Holder{Owner: u.ID, Handle: []byte{2}})
	apitest.Save(w, store.Shelves, &directory.Shelf{UserID: u.ID})
	apitest.Call[sdk.DeleteUserOutput](w, service, "DeleteUser", &sdk.DeleteUserInput{IdentityStoreId: storeID, UserId: &u.ID})
	w.Update(func(tx *store.Tx) error {
		if _, err := store.Factors.Get(tx, "d"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the device: %v", err)
		}
		if _, err := store.Holders.Get(tx, u.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the handle: %v", err)
		}
		if _, err := store.Shelves.Get(tx, u.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the shelf: %v", err)
		}
		return nil
	})
}
