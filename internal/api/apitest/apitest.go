package apitest

import (
	"net/netip"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Management is the account that a World of New begins with.
const Management ident.AccountID = "111111111111"

// The instance that a World of New begins with, owned by Management.
const (
	InstanceARN = "arn:aws:sso:::instance/ssoins-0123456789abcdef"
	StoreID     = "d-0123456789"
)

// New opens a World with an account and its identity center, away from AWS's home region.
func New(t testing.TB, tables map[string]api.Table) *World {
	t.Helper()
	return NewIn(t, "", tables)
}

// NewIn is New with a database of its own, as EmptyIn has it.
func NewIn(t testing.TB, database string, tables map[string]api.Table) *World {
	t.Helper()
	w := EmptyIn(t, database, tables)
	w.Region = "eu-west-1"
	Save(w, store.Accounts, &account.Account{ID: Management, Name: "Acme", Email: "root@acme.example", Status: account.Active, CreatedAt: w.Time.Now()})
	Save(w, store.Instances, &permission.Instance{ARN: InstanceARN, IdentityStoreID: StoreID, Owner: Management, CreatedAt: w.Time.Now()})
	return w
}

// Root is the root user of an account.
func Root(id ident.AccountID) *authz.Principal {
	return &authz.Principal{Kind: authz.Root, Account: id, ARN: ident.RootARN(id)}
}

// Call calls an operation as the root user of Management and ends the test when it fails.
func Call[Out any](w *World, service, operation string, in any) *Out {
	w.t.Helper()
	return CallAs[Out](w, Root(Management), service, operation, in)
}

// CallAs calls an operation as p and ends the test when it fails.
func CallAs[Out any](w *World, p *authz.Principal, service, operation string, in any) *Out {
	w.t.Helper()
	out, err := As[Out](w, p, service, operation, in)
	if err != nil {
		w.t.Fatalf("%s: %v", operation, err)
	}
	return out
}

// As calls an operation as p.
func As[Out any](w *World, p *authz.Principal, service, operation string, in any) (*Out, error) {
	w.t.Helper()
	caller := api.Caller{Principal: p, Address: netip.MustParseAddr("192.0.2.1"), UserAgent: "apitest"}
	return api.Invoke[Out](w.t.Context(), w.Corridor, caller, service, operation, in)
}

// Refused calls an operation as the root user of Management and ends the test unless it is refused with this code.
func Refused(w *World, code, service, operation string, in any) *fault.Fault {
	w.t.Helper()
	_, err := w.Corridor.Invoke(w.t.Context(), api.Caller{Principal: Root(Management)}, service, operation, in)
	if !fault.Is(err, code) {
		w.t.Errorf("%s: got %v, want %s", operation, err, code)
		return &fault.Fault{}
	}
	return fault.As(err)
}
