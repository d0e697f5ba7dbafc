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
		if err != nil || len(out.Settings) != 1 || out.Settings[0].Name != "audit.strict" {
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
