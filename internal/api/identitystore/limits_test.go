package identitystore

import (
	"fmt"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/identitystore"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	const code = "ServiceQuotaExceededException"
	apitest.AtLimits(t, service, Limits(), world, map[string]apitest.Filling{
		"identitystore.users": {To: 3, Code: code, Add: func(w *apitest.World, n int) error {
			return w.Do(service, "CreateUser", person(fmt.Sprint("p", n)))
		}},
		"identitystore.groups": {To: 3, Code: code, Add: func(w *apitest.World, n int) error {
			name := fmt.Sprint("g", n)
			return w.Do(service, "CreateGroup", &sdk.CreateGroupInput{IdentityStoreId: storeID, DisplayName: &name})
		}},
	})
}
