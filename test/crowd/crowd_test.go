package crowd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/server"
	"github.com/gatehouse-sso/gatehouse/internal/store"
	"github.com/gatehouse-sso/gatehouse/internal/testkit/postgres"
)

// Documents that are good enough for every policy and every role.
const (
	allow = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole"}]}`
)

// engine is a kind of database.
type engine struct {
	name     string
	database func(testing.TB) string // makes one, and names it as store.Options does
}

// engines are SQLite, and PostgreSQL where this machine has it.
var engines = []engine{{"SQLite", func(testing.TB) string { return "" }}}

func TestMain(m *testing.M) {
	os.Exit(postgres.Main(m, func(c *postgres.Cluster) { engines = append(engines, engine{"PostgreSQL", c.Database}) }))
}

// site is a server with an organization and an identity center.
type site struct {
	*apitest.World
	root, instance, directory *string

	// What lists are asked of; only a furnished site has it.
	unit, guard, set, team, somebody string

	texts atomic.Int64
}

func newSite(t *testing.T, e engine) *site {
	t.Helper()
	s := &site{World: apitest.EmptyIn(t, e.database(t), server.Tables())}
	apitest.Save(s.World, store.Accounts, &account.Account{ID: apitest.Management, Name: "Acme", Email: "root@acme.example", Status: account.Active, CreatedAt: s.Time.Now()})
	made := apitest.Call[admin.EnableIdentityCenterOutput](s.World, admin.Name, "EnableIdentityCenter", &admin.EnableIdentityCenterInput{})
	s.instance, s.directory = &made.InstanceArn, &made.IdentityStoreId
	s.root = apitest.Call[organizations.ListRootsOutput](s.World, "organizations", "ListRoots", &organizations.ListRootsInput{}).Roots[0].Id
	return s
}

// furnished starts a server that also has one thing of every kind.
func furnished(t *testing.T, e engine) *site {
	t.Helper()
	s := newSite(t, e)
	var errs [5]error
	s.unit, errs[0] = createUnit(s)
	s.guard, errs[1] = createGuard(s)
	s.set, errs[2] = createSet(s)
	s.team, errs[3] = createGroup(s)
	s.somebody, errs[4] = createPerson(s)
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	return s
}

// call calls an operation as the root user of the management account. Unlike apitest.Call it may be used by goroutines
// besides the test's own.
func call[Out any](s *site, service, operation string, in any) (*Out, error) {
	out, err := apitest.As[Out](s.World, apitest.Root(apitest.Management), service, operation, in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	return out, nil
}

// do is call where the answer says nothing.
func do(s *site, service, operation string, in any) error {
	_, err := s.Corridor.Invoke(context.Background(), api.Caller{Principal: apitest.Root(apitest.Management)}, service, operation, in)
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return nil
}

// name is a name that nothing has yet. Names come in no order, so that new rows stand all over a list that is sorted by them.
func (s *site) name() *string {
	return aws.String(fmt.Sprintf("x%05d", s.texts.Add(1)*7919%10007))
}

// member is the id of the nth of the accounts beside the management account.
func member(n int) ident.AccountID { return ident.AccountID(fmt.Sprintf("%012d", 200000000000+n)) }
