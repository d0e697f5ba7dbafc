package iam

import (
	"cmp"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// keepTrust returns a trust policy as it is kept. It refuses one that is not understood, or that trusts somebody who does not
// exist. Users and roles are kept by their unique ids, so that whoever later gets the name of one that was deleted or renamed
// is not trusted in its place. See "AWS JSON policy elements: Principal" in the IAM User Guide.
func keepTrust(tx *store.Tx, c *api.Call, document string) (string, error) {
	if err := iam.CheckTrustSize(document, c.Most(&limits[maxTrust])); err != nil {
		return "", err
	}
	d, err := policy.Parse([]byte(document), policy.Trust)
	if err != nil {
		return "", err
	}
	ids := map[string]string{}
	for _, p := range d.Principals() {
		id, err := resolve(tx, p)
		if err != nil {
			return "", store.Missing(err, malformed("Invalid principal in policy: \"AWS\":\"%s\"", p))
		}
		ids[p] = id
	}
	return policy.RenamePrincipals(document, func(p string) string { return ids[p] })
}

// shownTrust returns a trust policy as it is shown: users and roles that are there by their ARNs, others by their ids.
func shownTrust(c *api.Call, document string) string {
	shown, err := policy.RenamePrincipals(document, func(p string) string {
		if u := c.Snapshot.IAMUserByID(p); u != nil {
			return u.ARN()
		}
		if r := c.Snapshot.RoleByID(p); r != nil {
			return r.ARN()
		}
		return p
	})
	if err != nil {
		return document // one that was not saved by keepTrust and cannot be read trusts nobody
	}
	return shown
}

// resolve looks for a principal and returns what stands for it in a trust policy: the unique id of a user or role, and
// everything else as it is. It fails with store.ErrNotFound when there is none.
func resolve(tx *store.Tx, principal string) (string, error) {
	if principal == "*" {
		return principal, nil
	}
	if id, err := ident.ParseAccountID(principal); err == nil {
		return principal, found(store.Accounts.Get(tx, id))
	}
	switch {
	case strings.HasPrefix(principal, ident.UserPrefix):
		return principal, found(store.IAMUsers.Get(tx, principal))
	case strings.HasPrefix(principal, ident.RolePrefix):
		return principal, found(store.Roles.Get(tx, principal))
	}
	arn, err := ident.ParseARN(principal)
	if err != nil || arn.Partition != ident.Partition || arn.Region != "" {
		return "", store.ErrNotFound
	}
	kind, rest, _ := strings.Cut(arn.Resource, "/")
	switch arn.Service + ":" + kind {
	case "iam:root":
		return principal, found(store.Accounts.Get(tx, arn.Account))
	case "iam:user":
		u, err := store.IAMUsers.By(tx, "name", arn.Account, last(rest))
		if err == nil && u.ARN() == principal {
			return u.ID, nil
		}
		return "", cmp.Or(err, store.ErrNotFound)
	case "iam:role":
		r, err := store.Roles.By(tx, "name", arn.Account, last(rest))
		if err == nil && r.ARN() == principal {
			return r.ID, nil
		}
		return "", cmp.Or(err, store.ErrNotFound)
	case "sts:assumed-role":
		role, session, ok := strings.Cut(rest, "/")
		if !ok || session == "" {
			return "", store.ErrNotFound
		}
		return principal, found(store.Roles.By(tx, "name", arn.Account, role))
	}
	return "", store.ErrNotFound
}

func found[T any](_ *T, err error) error { return err }

// last is what stands behind the last slash: the name behind a path.
func last(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }
