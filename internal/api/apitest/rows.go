package apitest

import (
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/provision"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Update runs fn in a transaction that has to succeed.
func (w *World) Update(fn func(*store.Tx) error) {
	w.t.Helper()
	if err := w.Store.Update(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// Save saves rows of a table.
func Save[T any](w *World, table *store.Table[T], rows ...*T) {
	w.t.Helper()
	w.Update(func(tx *store.Tx) error {
		for _, row := range rows {
			if err := table.Save(tx, row); err != nil {
				return err
			}
		}
		return nil
	})
}

// Change loads the row with a key, changes and saves it.
func Change[T any](w *World, table *store.Table[T], key any, change func(*T)) {
	w.t.Helper()
	w.Update(func(tx *store.Tx) error {
		row, err := table.Get(tx, key)
		if err != nil {
			return err
		}
		change(row)
		return table.Save(tx, row)
	})
}

// Account makes an account that stands alone.
func (w *World) Account(id ident.AccountID, name string) *account.Account {
	w.t.Helper()
	a := &account.Account{ID: id, Name: name, Email: strings.ToLower(name) + "@example.com", Status: account.Active, CreatedAt: w.Time.Now()}
	Save(w, store.Accounts, a)
	return a
}

// Organization makes an organization with service control policies enabled and FullAWSAccess everywhere. Members
// stand under the unit "ou-root-workload", which stands under the root.
func (w *World) Organization(management *account.Account, members ...*account.Account) *organization.Organization {
	w.t.Helper()
	o := &organization.Organization{ID: "o-example123", Management: management.ID, RootID: "r-root", FeatureSet: organization.AllFeatures,
		Enabled: []string{organization.ServiceControlPolicy}, CreatedAt: w.Time.Now()}
	unit := &organization.Unit{ID: "ou-root-workload", OrganizationID: o.ID, ParentID: o.RootID, Name: "Workloads", CreatedAt: w.Time.Now()}
	Save(w, store.Organizations, o)
	Save(w, store.Units, unit)
	management.OrganizationID, management.ParentID = o.ID, o.RootID
	targets := []string{o.RootID, unit.ID, string(management.ID)}
	for _, m := range members {
		m.OrganizationID, m.ParentID = o.ID, unit.ID
		targets = append(targets, string(m.ID))
	}
	Save(w, store.Accounts, append(members, management)...)
	for _, target := range targets {
		Save(w, store.Attachments, &organization.Attachment{OrganizationID: o.ID, PolicyID: organization.FullAccessID, TargetID: target})
	}
	return o
}

// Guard makes a service control policy and attaches it; its name is its id without "p-". It returns its ARN.
func (w *World) Guard(o *organization.Organization, name, document string, targets ...string) string {
	w.t.Helper()
	return w.attach(o, &organization.Policy{Type: organization.ServiceControlPolicy, Name: name, Content: document}, targets)
}

// Control does with a resource control policy what Guard does with a service control policy, and enables the type.
func (w *World) Control(o *organization.Organization, name, document string, targets ...string) string {
	w.t.Helper()
	if !o.Enables(organization.ResourceControlPolicy) {
		o.Enabled = append(o.Enabled, organization.ResourceControlPolicy)
		Save(w, store.Organizations, o)
	}
	return w.attach(o, &organization.Policy{Type: organization.ResourceControlPolicy, Name: name, Content: document}, targets)
}

func (w *World) attach(o *organization.Organization, p *organization.Policy, targets []string) string {
	w.t.Helper()
	p.ID, p.OrganizationID = "p-"+p.Name, o.ID
	Save(w, store.Policies, p)
	for _, target := range targets {
		Save(w, store.Attachments, &organization.Attachment{OrganizationID: o.ID, PolicyID: p.ID, TargetID: target})
	}
	return o.PolicyARN(p)
}

// Instance enables the identity center of an organization.
func (w *World) Instance(o *organization.Organization) *permission.Instance {
	w.t.Helper()
	i := &permission.Instance{ARN: "arn:aws:sso:::instance/ssoins-" + w.IDs.Hex(8), IdentityStoreID: "d-" + w.IDs.Hex(5),
		Owner: o.Management, OrganizationID: o.ID, CreatedAt: w.Time.Now()}
	Save(w, store.Instances, i)
	return i
}

// Person makes a user of the identity store who signs in with a password.
func (w *World) Person(i *permission.Instance, name, secret string) *directory.User {
	w.t.Helper()
	w.Secret(secret)
	hash, err := w.Passwords.Hash(w.t.Context(), secret)
	if err != nil {
		w.t.Fatal(err)
	}
	u := &directory.User{ID: w.IDs.UUID(), StoreID: i.IdentityStoreID, UserName: name, DisplayName: name, GivenName: name, FamilyName: "Person", PasswordHash: hash}
	u.Created(w.Time.Now(), ident.RootARN(i.Owner))
	Save(w, store.Users, u)
	return u
}

// Set makes a permission set.
func (w *World) Set(i *permission.Instance, name string, grants permission.Grants) *permission.Set {
	w.t.Helper()
	s := &permission.Set{ARN: "arn:aws:sso:::permissionSet/" + i.ID() + "/ps-" + w.IDs.Hex(8), InstanceARN: i.ARN, Name: name,
		SessionDuration: time.Hour, CreatedAt: w.Time.Now(), Version: 1, Grants: grants}
	Save(w, store.PermissionSets, s)
	return s
}

// Assign gives a person a permission set in an account, with the role behind it.
func (w *World) Assign(s *permission.Set, id ident.AccountID, u *directory.User) {
	w.t.Helper()
	w.Update(func(tx *store.Tx) error {
		_, err := provision.Assign(tx, w.place(s, id), permission.UserPrincipal, u.ID)
		return err
	})
}

// Unassign takes it away again.
func (w *World) Unassign(s *permission.Set, id ident.AccountID, u *directory.User) {
	w.t.Helper()
	w.Update(func(tx *store.Tx) error {
		_, err := provision.Unassign(tx, w.place(s, id), permission.UserPrincipal, u.ID)
		return err
	})
}

func (w *World) place(s *permission.Set, id ident.AccountID) provision.Place {
	return provision.Place{Set: s, Account: id, Region: w.Region}
}

// User makes an IAM user.
func (w *World) User(id ident.AccountID, name string, p iam.Policies) *iam.User {
	w.t.Helper()
	u := &iam.User{ID: w.IDs.IAM(ident.UserPrefix), Account: id, Name: name, Path: "/", Policies: p, CreatedAt: w.Time.Now()}
	Save(w, store.IAMUsers, u)
	return u
}

// Role makes a role.
func (w *World) Role(id ident.AccountID, name, trust string, p iam.Policies) *iam.Role {
	w.t.Helper()
	r := &iam.Role{ID: w.IDs.IAM(ident.RolePrefix), Account: id, Name: name, Path: "/", Trust: trust, MaxSession: time.Hour, Policies: p, CreatedAt: w.Time.Now()}
	Save(w, store.Roles, r)
	return r
}

// Trust is a trust policy that lets a principal, an ARN or an account, assume a role.
func Trust(principal string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"sts:AssumeRole"}]}`
}

// Inline is one inline policy.
func Inline(document string) iam.Policies {
	return iam.Policies{Inline: map[string]string{"inline": document}}
}

// Allow and Deny are documents of one statement on every resource.
func Allow(action string) string { return statement("Allow", action) }

// Deny is Allow's opposite.
func Deny(action string) string { return statement("Deny", action) }

func statement(effect, action string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"` + effect + `","Action":"` + action + `","Resource":"*"}]}`
}
