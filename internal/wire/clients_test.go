package wire_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	identitystoredocument "github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	ssoadmindocument "github.com/aws/aws-sdk-go-v2/service/ssoadmin/document"

	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

// newerThanSDK are the operations that are known by name although the pinned SDK has no types for them.
var newerThanSDK = map[string]bool{
	"account.GetPrimaryEmailUpdateStatus": true, "account.SendPhoneNumberVerification": true, "account.VerifyPhoneNumber": true,
}

// operation is one operation as the SDK's client has it.
type operation struct {
	service, name string
	method        reflect.Value // of a client, set by operationsOf
	in, out       reflect.Type  // structures
}

// clients returns a client of each service that sends what it has to say to doer.
func clients(doer httpDoer) map[string]any {
	return map[string]any{
		"sso-admin":     ssoadmin.New(ssoadmin.Options{Region: "us-east-1", BaseEndpoint: &endpoint, HTTPClient: doer, Credentials: testCredentials, Retryer: noRetry}),
		"identitystore": identitystore.New(identitystore.Options{Region: "us-east-1", BaseEndpoint: &endpoint, HTTPClient: doer, Credentials: testCredentials, Retryer: noRetry}),
		"organizations": organizations.New(organizations.Options{Region: "us-east-1", BaseEndpoint: &endpoint, HTTPClient: doer, Credentials: testCredentials, Retryer: noRetry}),
		"sso":           sso.New(sso.Options{Region: "us-east-1", BaseEndpoint: &endpoint, HTTPClient: doer, Retryer: noRetry}),
		"sso-oidc":      ssooidc.New(ssooidc.Options{Region: "us-east-1", BaseEndpoint: &endpoint, HTTPClient: doer, Credentials: testCredentials, Retryer: noRetry}),
		"iam":           iam.New(iam.Options{Region: "us-east-1", BaseEndpoint: &endpoint, HTTPClient: doer, Credentials: testCredentials, Retryer: noRetry}),
		"sts":           sts.New(sts.Options{Region: "us-east-1", BaseEndpoint: &endpoint, HTTPClient: doer, Credentials: testCredentials, Retryer: noRetry}),
		"account":       account.New(account.Options{Region: "us-east-1", BaseEndpoint: &endpoint, HTTPClient: doer, Credentials: testCredentials, Retryer: noRetry}),
	}
}

// operationsOf returns all operations of the client of one service.
func operationsOf(service string, client any) []operation {
	var found []operation
	v := reflect.ValueOf(client)
	for i := range v.NumMethod() {
		m := v.Method(i)
		t := m.Type()
		if t.NumIn() != 3 || t.NumOut() != 2 {
			continue // Options
		}
		found = append(found, operation{
			service: service, name: v.Type().Method(i).Name, method: m,
			in: t.In(1).Elem(), out: t.Out(0).Elem(),
		})
	}
	return found
}

func TestEveryOperationOfTheSDKIsKnownAndHasAPlan(t *testing.T) {
	t.Parallel()
	total := 0
	for name, client := range clients(nil) {
		service := wire.ServiceNamed(name)
		if service == nil {
			t.Fatalf("no service %q", name)
		}
		has := map[string]bool{}
		for _, op := range operationsOf(name, client) {
			total++
			has[op.name] = true
			if !service.Knows(op.name) {
				t.Errorf("%s does not know %s", name, op.name)
			}
			if err := wire.Check(reflect.New(op.in).Interface(), reflect.New(op.out).Interface()); err != nil {
				t.Errorf("%s.%s: %v", name, op.name, err)
			}
		}
		for _, known := range service.Operations() {
			if !has[known] && !newerThanSDK[name+"."+known] {
				t.Errorf("%s knows %s, which the SDK has not", name, known)
			}
		}
	}
	if total != 378 {
		t.Errorf("the SDK has %d operations, the notes say 378", total)
	}
}

// filler makes values with something in every member.
type filler struct{ text string }

func (f filler) value(t reflect.Type, depth int) reflect.Value {
	v := reflect.New(t).Elem()
	f.fill(v, depth)
	return v
}

func (f filler) fill(v reflect.Value, depth int) {
	if depth > 7 {
		return
	}
	switch t := v.Type(); {
	case t == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.UnixMilli(1767323045678).UTC()))
		return
	case t == reflect.TypeFor[[]byte]():
		v.SetBytes([]byte{0, 1, 250, 255})
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(f.text)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(42)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(1.5)
	case reflect.Pointer:
		v.Set(f.value(v.Type().Elem(), depth+1).Addr())
	case reflect.Slice:
		for range 2 {
			v.Set(reflect.Append(v, f.value(v.Type().Elem(), depth+1)))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for _, key := range []string{"b", "a"} {
			v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), f.value(v.Type().Elem(), depth+1))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() && field.Name != "ResultMetadata" {
				f.fill(v.Field(i), depth+1)
			}
		}
	case reflect.Interface:
		f.fillInterface(v, depth)
	}
}

func (f filler) fillInterface(v reflect.Value, depth int) {
	document := map[string]any{"text": f.text, "list": []any{true, nil}}
	switch v.Type() {
	case reflect.TypeFor[ssoadmindocument.Interface]():
		v.Set(reflect.ValueOf(ssoadmindocument.NewLazyDocument(document)))
		return
	case reflect.TypeFor[identitystoredocument.Interface]():
		v.Set(reflect.ValueOf(identitystoredocument.NewLazyDocument(document)))
		return
	}
	shape, err := wire.ShapeOf(v.Type())
	if err != nil {
		panic(err)
	}
	member := f.value(shape.Members[0].Type.Elem(), depth+1)
	v.Set(member.Addr())
}
