package constraint_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/gatehouse-sso/gatehouse/internal/wire/constraint"
)

// clientTypes have a method for every operation, and so the type of every input.
var clientTypes = map[string]reflect.Type{
	"account":       reflect.TypeFor[*account.Client](),
	"iam":           reflect.TypeFor[*iam.Client](),
	"identitystore": reflect.TypeFor[*identitystore.Client](),
	"organizations": reflect.TypeFor[*organizations.Client](),
	"sso":           reflect.TypeFor[*sso.Client](),
	"sso-admin":     reflect.TypeFor[*ssoadmin.Client](),
	"sso-oidc":      reflect.TypeFor[*ssooidc.Client](),
	"sts":           reflect.TypeFor[*sts.Client](),
}

func inputs(client reflect.Type) map[string]reflect.Type {
	all := map[string]reflect.Type{}
	for i := range client.NumMethod() {
		if m := client.Method(i); m.Type.NumIn() > 2 && m.Type.In(2).Kind() == reflect.Pointer && strings.HasSuffix(m.Type.In(2).Elem().Name(), "Input") {
			all[m.Name] = m.Type.In(2).Elem()
		}
	}
	return all
}

// newer is what the models have and the SDK in go.mod does not yet. Clients of it cannot be told apart from those
// that leave the member out. An entry that the SDK has caught up with fails the test.
var newer = map[string]bool{"sso-admin UpdateInstance NetworkConfiguration": true}

func TestEveryConstrainedMemberIsInTheSDK(t *testing.T) {
	t.Parallel()
	if got := constraint.Services(); len(got) != len(clientTypes) {
		t.Errorf("services %v", got)
	}
	members := 0
	for service, client := range clientTypes {
		known := inputs(client)
		for _, operation := range constraint.Operations(service) {
			in, ok := known[operation]
			if !ok {
				if service != "account" { // see the package comment
					t.Errorf("%s: the SDK has no operation %s", service, operation)
				}
				continue
			}
			for _, m := range constraint.Members(service, operation) {
				members++
				problem := resolve(in, m)
				if newer[service+" "+operation+" "+m.Path[0]] != (problem != "") {
					t.Errorf("%s %s %s: %q", service, operation, strings.Join(m.Path, "."), problem)
				}
			}
		}
	}
	if members < 800 {
		t.Errorf("only %d members", members)
	}
}

// resolve follows the path of a member through a Go type, and says what is wrong with where it leads.
func resolve(t reflect.Type, m constraint.Member) string {
	for _, name := range m.Path {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		switch {
		case t.Kind() == reflect.Interface:
			return "" // the members of a union are types of their own
		case t.Kind() == reflect.Slice && name == "member" || t.Kind() == reflect.Map && name == "value":
			t = t.Elem()
		case t.Kind() == reflect.Map && name == "key":
			t = t.Key()
		case t.Kind() == reflect.Struct:
			f, ok := t.FieldByName(strings.ToUpper(name[:1]) + name[1:])
			if !ok {
				return "no such field in " + t.String()
			}
			t = f.Type
		default:
			return "a part of " + t.String()
		}
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	kinds := map[string][]reflect.Kind{"string": {reflect.String}, "integer": {reflect.Int32}, "long": {reflect.Int64}, "list": {reflect.Slice},
		"map": {reflect.Map}, "structure": {reflect.Struct}, "union": {reflect.Interface}, "blob": {reflect.Slice}, "": {t.Kind()}}
	if !slices.Contains(kinds[m.Kind], t.Kind()) {
		return m.Kind + " is " + t.String()
	}
	return ""
}

// TestEmptyInputsLackEveryRequiredMember breaks every required member of every operation by an input without members.
func TestEmptyInputsLackEveryRequiredMember(t *testing.T) {
	t.Parallel()
	for service, client := range clientTypes {
		for operation, in := range inputs(client) {
			var want []string
			for _, m := range constraint.Members(service, operation) {
				f, ok := in.FieldByName(strings.ToUpper(m.Path[0][:1]) + m.Path[0][1:])
				number := ok && (f.Type.Kind() == reflect.Int32 || f.Type.Kind() == reflect.Bool)
				if ok && len(m.Path) == 1 && m.Required && !number {
					want = append(want, strings.ToLower(m.Path[0][:1])+m.Path[0][1:])
				}
			}
			var got []string
			for _, v := range constraint.Check(service, operation, reflect.New(in).Interface()) {
				if v.Kind == constraint.Required {
					got = append(got, v.Path)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s %s: got %v, want %v", service, operation, got, want)
			}
		}
	}
}
