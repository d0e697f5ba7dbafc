// Package sample makes the organization that a development server begins with: Acme with its accounts, people, groups,
// permission sets and a guardrail, and Taylor's account, which stands alone and has old access keys to be found.
//
// It is made through the operations that everybody uses, on a clock that began 400 days ago, so that everything in it
// is what those operations leave, and has an age.
package sample

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// The accounts with fixed numbers.
const (
	Management ident.AccountID = "111111111111"
	Taylor     ident.AccountID = "444444444444"
)

// Age is how old the sample is: a server begins it on a clock that stands so far in the past.
const Age = 400 * 24 * time.Hour

// Login is a person of the sample and the password.
type Login struct {
	UserName string `json:"userName"`
	Password string `json:"password"`
}

// Role is a permission set that somebody has in an account.
type Role struct {
	UserName    string
	Account     ident.AccountID
	AccountName string
	Set         string
}

// Made is what was made.
type Made struct {
	Logins []Login
	Roles  []Role
}

// maker makes the sample step by step; the first error ends it.
type maker struct {
	ctx       context.Context
	invoke    api.Invoker
	passwords func() string

	instance, storeID, root string
	accounts                map[string]ident.AccountID
	sets                    map[string]string
	users, groups           map[string]string
	made                    Made
}

// Make makes the sample on an empty server. passwords yields a new password for each person.
func Make(ctx context.Context, invoke api.Invoker, passwords func() string) (*Made, error) {
	m := &maker{ctx: ctx, invoke: invoke, passwords: passwords, accounts: map[string]ident.AccountID{"Acme": Management},
		sets: map[string]string{}, users: map[string]string{}, groups: map[string]string{}}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"accounts that stand alone", m.standalone},
		{"the identity center", m.identityCenter},
		{"accounts of the organization", m.memberAccounts},
		{"the guardrail", m.guardrail},
		{"people and groups", m.people},
		{"permission sets", m.permissionSets},
		{"assignments", m.assignments},
		{"Taylor's old keys", m.oldKeys},
	} {
		if err := step.do(); err != nil {
			return nil, fmt.Errorf("sample: %s: %w", step.name, err)
		}
	}
	return &m.made, nil
}

// operator calls an operation of the data directory's owner.
func operator[Out any](m *maker, operation string, in any) (*Out, error) {
	caller := api.Caller{Principal: &authz.Principal{Kind: authz.Operator, ARN: "operator"}, UserAgent: "gatehouse dev", Quiet: true}
	return api.Invoke[Out](m.ctx, m.invoke, caller, admin.Name, operation, in)
}

// as calls an operation as the root user of an account.
func as[Out any](m *maker, account ident.AccountID, service, operation string, in any) (*Out, error) {
	caller := api.Caller{Principal: &authz.Principal{Kind: authz.Root, Account: account, ARN: ident.RootARN(account)}, UserAgent: "gatehouse dev", Quiet: true}
	out, err := api.Invoke[Out](m.ctx, m.invoke, caller, service, operation, in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	return out, nil
}

func (m *maker) standalone() error {
	for _, a := range []admin.CreateStandaloneAccountInput{
		{AccountName: "Acme", Email: "aws@acme.example", AccountId: string(Management)},
		{AccountName: "Taylor", Email: "taylor@example.net", AccountId: string(Taylor)},
	} {
		if _, err := operator[admin.CreateStandaloneAccountOutput](m, "CreateStandaloneAccount", &a); err != nil {
			return err
		}
	}
	return nil
}

func (m *maker) identityCenter() error {
	out, err := operator[admin.EnableIdentityCenterOutput](m, "EnableIdentityCenter",
		&admin.EnableIdentityCenterInput{AccountId: string(Management)})
	if err != nil {
		return err
	}
	m.instance, m.storeID = out.InstanceArn, out.IdentityStoreId
	// A sample is tried by its passwords, in one step.
	_, err = operator[admin.PutSignInPolicyOutput](m, "PutSignInPolicy", &admin.PutSignInPolicyInput{MfaMode: "DISABLED", NoMfaDevice: "ALLOW"})
	return err
}

func text(s string) *string { return aws.String(s) }
