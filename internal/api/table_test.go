package api_test

import (
	"context"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api"
)

func TestATableWithATypeThatCannotTravelIsRefused(t *testing.T) {
	t.Parallel()
	type odd struct{ Line chan int }
	takes := func(context.Context, *api.Call, *odd) (*nothing, error) { return nil, nil }
	gives := func(context.Context, *api.Call, *nothing) (*odd, error) { return nil, nil }
	for _, table := range []api.Table{{api.Op("PutLine", "", takes)}, {api.Op("PutLine", "", gives)}} {
		if err := table.Check(); err == nil || !strings.HasPrefix(err.Error(), "PutLine: ") {
			t.Errorf("got %v", err)
		}
	}
}
