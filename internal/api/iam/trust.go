package iam

import (
	"errors"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// checkTrust refuses a trust policy that is not understood, or that trusts somebody who does not exist.
// See "AWS JSON policy elements: Principal" in the IAM User Guide.
func checkTrust(tx *store.Tx, document string) error {
	if len(document) > maxTrust {
		return limitExceeded("Cannot exceed quota for ACLSizePerRole: %d", maxTrust)
	}
	d, err := policy.Parse([]byte(document), policy.Trust)
	if err != nil {
		return err
	}
	for _, p := range d.Principals() {
		err := resolve(tx, p)
		if errors.Is(err, store.ErrNotFound) {
			return malformed("Invalid principal in policy: \"AWS\":\"%s\"", p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// resolve looks for a principal, and fails with store.ErrNotFound when there is none.
func resolve(tx *store.Tx, principal string) error {
	if principal == "*" {
		return nil
	}
	if id, err := ident.ParseAccountID(principal); err == nil {
		return found(store.Accounts.Get(tx, id))
	}
	switch {
	case strings.HasPrefix(principal, ident.UserPrefix):
		return found(store.IAMUsers.Get(tx, principal))
	case strings.HasPrefix(principal, ident.RolePrefix):
		return found(store.Roles.Get(tx, principal))
	}
	arn, err := ident.ParseARN(principal)
	if err != nil || arn.Partition != ident.Partition || arn.Region != "" {
		return store.ErrNotFound
	}
	kind, rest, _ := strings.Cut(arn.Resource, "/")
	switch arn.Service + ":" + kind {
	case "iam:root":
		return found(store.Accounts.Get(tx, arn.Account))
	case "iam:user":
		u, err := store.IAMUsers.By(tx, "name", arn.Account, last(rest))
		if err == nil && u.ARN() != principal {
			return store.ErrNotFound
		}
		return err
	case "iam:role":
		r, err := store.Roles.By(tx, "name", arn.Account, last(rest))
		if err == nil && r.ARN() != principal {
			return store.ErrNotFound
		}
		return err
	case "sts:assumed-role":
		role, session, ok := strings.Cut(rest, "/")
		if !ok || session == "" {
			return store.ErrNotFound
		}
		return found(store.Roles.By(tx, "name", arn.Account, role))
	}
	return store.ErrNotFound
}

func found[T any](_ *T, err error) error { return err }

// last is what stands behind the last slash: the name behind a path.
func last(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }
