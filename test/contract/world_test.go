package contract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	accountsdk "github.com/aws/aws-sdk-go-v2/service/account"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	identitydocument "github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	admindocument "github.com/aws/aws-sdk-go-v2/service/ssoadmin/document"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest/seen"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/server"
	"github.com/gatehouse-sso/gatehouse/internal/store"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
	"github.com/gatehouse-sso/gatehouse/internal/wire/constraint"
)

// The management accounts of the two organizations of a world.
const (
	home    ident.AccountID = "111111111111"
	foreign ident.AccountID = "333333333333"
)

// things are the ids of one thing of every kind.
type things map[string]string

// world is a server with two organizations that have everything.
type world struct {
	*apitest.World
	t      *testing.T
	url    string
	tables map[string]api.Table
	texts  int

	mine, second, foreign, deleted things
	token                          string // of the person mine
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: apitest.Empty(t, server.Tables()), t: t, tables: server.Tables()}
	w.Time.Pass(time.Since(w.Time.Now())) // the SDK signs with the time that it is
	s := httptest.NewServer(w.Corridor)
	t.Cleanup(s.Close)
	w.url = s.URL
	for _, id := range []ident.AccountID{home, foreign} {
		apitest.Save(w.World, store.Accounts, &account.Account{ID: id, Name: "Main " + string(id), Email: string(id) + "@example.com", Status: account.Active})
		w.must(id, "organizations", "CreateOrganization", &organizations.CreateOrganizationInput{})
		w.must(id, "organizations", "EnableAWSServiceAccess", &organizations.EnableAWSServiceAccessInput{ServicePrincipal: aws.String("account.amazonaws.com")})
		w.must(id, admin.Name, "EnableIdentityCenter", &admin.EnableIdentityCenterInput{})
	}
	w.mine, w.second, w.foreign, w.deleted = w.furnish(home), w.furnish(home), w.furnish(foreign), w.furnish(home)
	for _, k := range slices.Backward(kinds) {
		if w.Corridor.Row(k.service, k.remove) != nil {
			w.must(home, k.service, k.remove, w.input(k.service, k.remove, w.deleted))
		} else {
			delete(w.deleted, k.name)
		}
	}
	u := w.State.Current().User(w.mine["user"])
	_, _, w.token = w.SignIn(u)
	return w
}

// furnish makes one thing of every kind in an account.
func (w *world) furnish(id ident.AccountID) things {
	w.t.Helper()
	all := things{}
	for _, k := range kinds {
		w.texts++
		in := w.input(k.service, k.create, all)
		known := []string{"{text}", "text" + strconv.Itoa(w.texts)}
		for name, id := range all {
			known = append(known, "{"+name+"}", id)
		}
		text := strings.NewReplacer(known...)
		for path, value := range k.in {
			put(in, strings.Split(path, "."), text.Replace(value))
		}
		out := w.must(id, k.service, k.create, in)
		all[k.name] = at(reflect.ValueOf(out), strings.Split(k.out, ".")).String()
	}
	return all
}

// must calls an operation as the root user of an account, from inside.
func (w *world) must(id ident.AccountID, service, operation string, in any) any {
	w.t.Helper()
	out, err := w.Corridor.Invoke(w.t.Context(), api.Caller{Principal: apitest.Root(id)}, service, operation, in)
	if err != nil {
		w.t.Fatalf("%s %s: %v", service, operation, err)
	}
	return out
}

// input makes an input that has all that is required, from fixtures and from the rules of the model.
func (w *world) input(service, operation string, all things) any {
	in := w.Corridor.Row(service, operation).NewInput()
	for _, m := range constraint.Members(service, operation) {
		if last := len(m.Path) - 1; (m.Required || m.Path[last] == "member") && reaches(reflect.ValueOf(in), m.Path[:last]) {
			w.fill(in, service, m, all)
		}
	}
	if f := reflect.ValueOf(in).Elem().FieldByName("AccessToken"); f.IsValid() && service == "sso" {
		f.Set(reflect.ValueOf(aws.String(w.token)))
	}
	return in
}

// fill gives a member a value that breaks nothing.
func (w *world) fill(in any, service string, m constraint.Member, all things) {
	v := at(reflect.ValueOf(in), m.Path)
	if !v.IsValid() {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text(service, m, all))
	case reflect.Int32, reflect.Int64:
		n := int64(1)
		if m.Min != nil {
			n = *m.Min
		}
		v.SetInt(n)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte("x"))
		} else if v.Len() == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		}
	case reflect.Interface:
		w.fillInterface(v, service, m, all)
	}
}

// fillInterface makes a document, or the first member of a union.
func (w *world) fillInterface(v reflect.Value, service string, m constraint.Member, all things) {
	for _, d := range []any{identitydocument.NewLazyDocument("x"), admindocument.NewLazyDocument("x")} {
		if reflect.TypeOf(d).Implements(v.Type()) {
			v.Set(reflect.ValueOf(d))
			return
		}
	}
	if shape, err := wire.ShapeOf(v.Type()); err == nil && len(shape.Members) > 0 {
		inner := at(v, []string{shape.Members[0].Name})
		if inner.Kind() == reflect.String {
			inner.SetString(text(service, constraint.Member{Path: []string{shape.Members[0].Name}}, all))
		}
	}
}

// text is what a string says: an id, a value of its own, or whatever the model allows.
func text(service string, m constraint.Member, all things) string {
	name := nameOf(m)
	if id := all[ids[service+"."+name]]; id != "" {
		return id
	}
	for _, key := range []string{service + "." + name, name} {
		if v := values[key]; v != "" && (len(m.Enum) == 0 || slices.Contains(m.Enum, v)) {
			return v
		}
	}
	if len(m.Enum) > 0 {
		return m.Enum[0]
	}
	return matching(m)
}

// reaches reports whether an input has something at a path.
func reaches(v reflect.Value, path []string) bool {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return false
		}
		v = v.Elem()
	}
	if len(path) == 0 {
		return v.IsValid() && (v.Kind() != reflect.Slice || v.Len() > 0)
	}
	switch v.Kind() {
	case reflect.Slice:
		return v.Len() > 0 && reaches(v.Index(0), path[1:])
	case reflect.Struct:
		if value := v.FieldByName("Value"); value.IsValid() && strings.Contains(v.Type().Name(), "Member") {
			return strings.HasSuffix(v.Type().Name(), "Member"+path[0]) && reaches(value, path[1:])
		}
		f := v.FieldByName(strings.ToUpper(path[0][:1]) + path[0][1:])
		return f.IsValid() && reaches(f, path[1:])
	}
	return false
}

// clone copies an input deeply enough to be changed.
func clone(in any) any {
	return deep(reflect.ValueOf(in)).Interface()
}

func deep(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		out := reflect.New(v.Type().Elem())
		out.Elem().Set(deep(v.Elem()))
		return out
	case reflect.Interface:
		if v.IsNil() || v.Elem().Kind() != reflect.Pointer {
			return v
		}
		return deep(v.Elem())
	case reflect.Struct:
		out := reflect.New(v.Type()).Elem()
		out.Set(v)
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(deep(v.Field(i)))
			}
		}
		return out
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			out.Index(i).Set(deep(v.Index(i)))
		}
		return out
	}
	return v
}

// client makes an SDK client of a service that checks nothing itself; nil where AWS has no such service.
func (w *world) client(service string, k apitest.Keys) any {
	config := aws.Config{Region: "us-east-1", BaseEndpoint: &w.url, RetryMaxAttempts: 1, AppID: seen.Altered,
		Credentials: credentials.NewStaticCredentialsProvider(k.ID, k.Secret, k.Token),
		APIOptions: []func(*middleware.Stack) error{func(s *middleware.Stack) error {
			_, _ = s.Initialize.Remove("OperationInputValidation")
			return nil
		}}}
	switch service {
	case "organizations":
		return organizations.NewFromConfig(config)
	case "identitystore":
		return identitystore.NewFromConfig(config)
	case "sso-admin":
		return ssoadmin.NewFromConfig(config)
	case "iam":
		return iamsdk.NewFromConfig(config)
	case "sts":
		return sts.NewFromConfig(config)
	case "sso":
		return sso.NewFromConfig(config)
	case "sso-oidc":
		return ssooidc.NewFromConfig(config)
	case "account":
		return accountsdk.NewFromConfig(config)
	}
	return nil
}

// answer is what came back.
type answer struct {
	status        int
	code, message string
	out           any
	unsent        error // the SDK could not write the request
}

func (a answer) String() string {
	if a.unsent != nil {
		return "not sent: " + a.unsent.Error()
	}
	return fmt.Sprintf("%d %s %s", a.status, a.code, a.message)
}

// caller calls operations with one access key.
type caller struct {
	*world
	keys    apitest.Keys
	clients map[string]any
}

func (w *world) as(k apitest.Keys) *caller {
	c := &caller{w, k, map[string]any{}}
	for service := range maps.Keys(w.tables) {
		c.clients[service] = w.client(service, k)
	}
	return c
}

// call calls an operation with the SDK's client, or writes JSON for a service that the SDK does not know.
func (c *caller) call(service, operation string, in any) answer {
	if c.clients[service] == nil {
		return c.callOwn(service, operation, in)
	}
	results := reflect.ValueOf(c.clients[service]).MethodByName(operation).Call(
		[]reflect.Value{reflect.ValueOf(context.Background()), reflect.ValueOf(in)})
	err, _ := results[1].Interface().(error)
	if err == nil {
		return answer{status: 200, out: results[0].Interface()}
	}
	var response *smithyhttp.ResponseError
	var apiError smithy.APIError
	if !errors.As(err, &response) || !errors.As(err, &apiError) {
		return answer{unsent: err}
	}
	return answer{status: response.HTTPStatusCode(), code: apiError.ErrorCode(), message: apiError.ErrorMessage()}
}

// callOwn calls an operation of a service that is Gatehouse's own.
func (c *caller) callOwn(service, operation string, in any) answer {
	body, err := json.Marshal(in)
	if err != nil {
		return answer{unsent: err}
	}
	got := c.Call(c.keys, service, apitest.JSON(service, operation, string(body)))
	return answer{status: got.Status, code: got.Code(), message: got.Message(), out: got}
}
