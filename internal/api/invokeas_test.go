package api_test

import (
	"context"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// An operation that calls others does so with its caller's rights: nobody whom policies do not bind may be made to.
func TestACallCallsOthersWithItsCallersRightsOnly(t *testing.T) {
	t.Parallel()
	const name = "gatehouse"
	did := 0
	table := api.Table{
		api.Op("Inner", "gatehouse:Inner", func(context.Context, *api.Call, *nothing) (*nothing, error) {
			did++
			return &nothing{}, nil
		}),
		api.Op("InnerOfOperators", "", func(context.Context, *api.Call, *nothing) (*nothing, error) {
			did++
			return &nothing{}, nil
		}, api.By(api.OperatorsOnly)),
	}
	for _, inner := range []string{"Inner", "InnerOfOperators", "NotThere"} {
		table = append(table, api.Op("Call"+inner, "gatehouse:Outer", func(ctx context.Context, c *api.Call, _ *nothing) (*nothing, error) {
			_, err := c.Invoke(ctx, name, inner, &nothing{})
			return &nothing{}, err
		}, api.By(api.Signed|api.OperatorsOnly|api.Session)))
	}
	w := apitest.New(t, map[string]api.Table{name: table})
	may := w.Session(w.Role(apitest.Management, "May", apitest.Trust("*"), apitest.Inline(apitest.Allow("gatehouse:*"))))
	outer := w.Session(w.Role(apitest.Management, "Outer", apitest.Trust("*"), apitest.Inline(apitest.Allow("gatehouse:Outer"))))
	call := func(k apitest.Keys, operation string) string {
		return w.Call(k, name, apitest.JSON(name, operation, "{}")).Code()
	}
	if code := call(may, "CallInner"); code != "" || did != 1 {
		t.Errorf("who may: %q, done %d times", code, did)
	}
	for _, c := range []struct {
		keys            apitest.Keys
		operation, code string
	}{
		{outer, "CallInner", "AccessDeniedException"},
		{may, "CallInnerOfOperators", "AccessDeniedException"},
		{may, "CallNotThere", "NotImplementedException"},
	} {
		if code := call(c.keys, c.operation); code != c.code {
			t.Errorf("%s: got %q, want %s", c.operation, code, c.code)
		}
	}
	operator := &authz.Principal{Kind: authz.Operator, ARN: "operator"}
	if _, err := apitest.As[nothing](w, operator, name, "CallInner", &nothing{}); !fault.Is(err, "AccessDeniedException") {
		t.Errorf("an operator, whom policies do not bind: %v", err)
	}
	if did != 1 {
		t.Errorf("it was done %d times", did)
	}
}
