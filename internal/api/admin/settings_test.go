package admin_test

import (
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

func TestOperatorsSetTheServer(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, map[string]api.Table{admin.Name: admin.Table()})
	operator := &authz.Principal{Kind: authz.Operator, ARN: "operator"}
	put := func(p *authz.Principal, name, value string) error {
		_, err := apitest.As[admin.PutServerSettingOutput](w, p, admin.Name, "PutServerSetting", &admin.PutServerSettingInput{Name: name, Value: value})
		return err
	}
	setting := func() string {
		out, err := apitest.As[admin.ListServerSettingsOutput](w, operator, admin.Name, "ListServerSettings", &admin.ListServerSettingsInput{})
		if err != nil || out.Settings[0].Name != "audit.strict" {
			t.Fatalf("got %v, %v", out, err)
		}
		return out.Settings[0].Value
	}
	if got := setting(); got != "false" || w.State.Current().AuditStrict() {
		t.Errorf("at first the setting is %s", got)
	}
	for _, value := range []string{"true", "false", "true"} {
		if err := put(operator, "audit.strict", value); err != nil {
			t.Fatal(err)
		}
		if got := setting(); got != value || w.State.Current().AuditStrict() != (value == "true") {
			t.Errorf("the setting is %s, want %s", got, value)
		}
	}
	w.Reload()
	if !w.State.Current().AuditStrict() {
		t.Error("a start of the server forgets the setting")
	}
	if err := put(operator, "audit.strict", "yes"); !fault.Is(err, "ValidationException") {
		t.Errorf("another value: %v", err)
	}
	if err := put(operator, "region", "eu-west-1"); !fault.Is(err, "ResourceNotFoundException") {
		t.Errorf("a setting that is fixed: %v", err)
	}
	if err := put(apitest.Root(apitest.Management), "audit.strict", "false"); !fault.Is(err, "AccessDeniedException") {
		t.Errorf("an account sets the server: %v", err)
	}
}

func TestOperatorsSetLimits(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, map[string]api.Table{admin.Name: admin.Table()})
	w.Limits = []api.Limit{{Name: "iam.things", Quota: "Things in an account", Page: "Things", Default: 10, Least: 2, Most: 100}}
	operator := &authz.Principal{Kind: authz.Operator, ARN: "operator"}
	put := func(name, value string) error {
		_, err := apitest.As[admin.PutServerSettingOutput](w, operator, admin.Name, "PutServerSetting", &admin.PutServerSettingInput{Name: name, Value: value})
		return err
	}
	reset := func(p *authz.Principal, name string) error {
		_, err := apitest.As[admin.DeleteServerSettingOutput](w, p, admin.Name, "DeleteServerSetting", &admin.DeleteServerSettingInput{Name: name})
		return err
	}
	is := func(want string) {
		t.Helper()
		out, err := apitest.As[admin.ListServerSettingsOutput](w, operator, admin.Name, "ListServerSettings", &admin.ListServerSettingsInput{})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := out.Settings[1], (admin.ServerSetting{Name: "iam.things", Value: want, Default: "10", Allowed: "2 to 100", Meaning: "Things in an account"}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	is("10")
	for _, value := range []string{"2", "100"} {
		if err := put("iam.things", value); err != nil {
			t.Fatal(err)
		}
		is(value)
	}
	w.Reload()
	is("100")
	for _, value := range []string{"1", "101", "", "ten", "+5", "05", " 5", "5.0", "1e1", "-3", "99999999999999999999"} {
		if err := put("iam.things", value); !fault.Is(err, "ValidationException") {
			t.Errorf("%q: %v", value, err)
		}
	}
	if err := reset(apitest.Root(apitest.Management), "iam.things"); !fault.Is(err, "AccessDeniedException") {
		t.Errorf("an account sets the server: %v", err)
	}
	is("100")
	for range 2 { // the second time there is nothing to do
		if err := reset(operator, "iam.things"); err != nil {
			t.Fatal(err)
		}
		is("10")
	}
	w.Reload()
	is("10")
	if err := reset(operator, "region"); !fault.Is(err, "ResourceNotFoundException") {
		t.Errorf("a setting that is fixed: %v", err)
	}
}
