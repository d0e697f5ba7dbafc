package main

import (
	"context"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/provision"
	"github.com/gatehouse-sso/gatehouse/internal/sample"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// size is how much there is of everything.
type size struct {
	users, groups, memberships, accounts, sets, assignments int
}

// large is the size at which the figures for scale are promised. Every account has every permission set.
var large = size{users: 100_000, groups: 10_000, memberships: 1_000_000, accounts: 10_000, sets: 50, assignments: 1_000_000}

// batch is how many rows share a transaction.
const batch = 20_000

// filler puts rows into a development server's directory, beside its sample organization.
type filler struct {
	size
	store         *store.Store
	instance      *permission.Instance
	organization  *organization.Organization
	region        string
	ids           *ident.Source
	userIDs       []string
	groupIDs      []string
	accountIDs    []ident.AccountID
	permissionSet []*permission.Set
}

// fill opens the directory of a server that does not run and fills it.
func fill(ctx context.Context, dir string, n size) error {
	s, err := openBare(ctx, dir)
	if err != nil {
		return err
	}
	snapshot := s.Corridor.State.Current()
	f := &filler{size: n, store: s.Corridor.Store, instance: snapshot.InstanceAt(""), organization: snapshot.OrganizationOf(sample.Management),
		region: s.Region(), ids: ident.NewSource(mathrand.NewChaCha8([32]byte{}))}
	if f.instance == nil || f.organization == nil {
		return errors.Join(errors.New("the directory has no sample organization"), s.Close())
	}
	for _, step := range []func(context.Context) error{f.fillUsers, f.fillGroups, f.fillMemberships, f.fillAccounts, f.fillSets, f.fillAssignments, f.fillOwner} {
		if err := step(ctx); err != nil {
			return errors.Join(err, s.Close())
		}
	}
	return s.Close()
}

// rows calls save for each of n rows, many in a transaction.
func (f *filler) rows(ctx context.Context, n int, save func(tx *store.Tx, i int) error) error {
	for from := 0; from < n; from += batch {
		err := f.store.Update(ctx, func(tx *store.Tx) error {
			for i := from; i < min(from+batch, n); i++ {
				if err := save(tx, i); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// administrator is who made all this.
const administrator = "arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_AdministratorAccess_f32254ff98a16ce4/pcollins"

func (f *filler) trail(tx *store.Tx) (t directory.Trail) {
	t.Created(tx.Now, administrator)
	return t
}

func (f *filler) fillUsers(ctx context.Context) error {
	for range f.users {
		f.userIDs = append(f.userIDs, f.ids.UUID())
	}
	return f.rows(ctx, f.users, func(tx *store.Tx, i int) error {
		name := fmt.Sprintf("user%06d", i)
		return store.Users.Save(tx, &directory.User{ID: f.userIDs[i], StoreID: f.instance.IdentityStoreID, UserName: name,
			DisplayName: "Given Family " + name, GivenName: "Given", FamilyName: "Family " + name, Title: "Engineer",
			Emails: []directory.Email{{Value: name + "@example.com", Type: "work", Primary: true}}, Trail: f.trail(tx)})
	})
}

func (f *filler) fillGroups(ctx context.Context) error {
	for range f.groups {
		f.groupIDs = append(f.groupIDs, f.ids.UUID())
	}
	return f.rows(ctx, f.groups, func(tx *store.Tx, i int) error {
		return store.Groups.Save(tx, &directory.Group{ID: f.groupIDs[i], StoreID: f.instance.IdentityStoreID,
			DisplayName: fmt.Sprintf("group%05d", i), Description: "One of many", Trail: f.trail(tx)})
	})
}

// fillMemberships puts every user into as many groups.
func (f *filler) fillMemberships(ctx context.Context) error {
	return f.rows(ctx, f.memberships, func(tx *store.Tx, i int) error {
		user, nth := i%f.users, i/f.users
		return store.Memberships.Save(tx, &directory.Membership{ID: f.ids.UUID(), StoreID: f.instance.IdentityStoreID,
			GroupID: f.groupIDs[(user+nth*997)%f.groups], UserID: f.userIDs[user],
			CreatedAt: tx.Now, CreatedBy: administrator})
	})
}

// accountID is the id of account number i.
func accountID(i int) ident.AccountID { return ident.AccountID(fmt.Sprintf("5%011d", i*7919)) }

func (f *filler) fillAccounts(ctx context.Context) error {
	for i := range f.accounts {
		f.accountIDs = append(f.accountIDs, accountID(i))
	}
	return f.rows(ctx, f.accounts, func(tx *store.Tx, i int) error {
		name := fmt.Sprintf("account%05d", i)
		return store.Accounts.Save(tx, &account.Account{ID: f.accountIDs[i], Name: name, Email: name + "@example.com", Status: account.Active,
			CreatedAt: tx.Now, OrganizationID: f.organization.ID, ParentID: f.organization.RootID, JoinedAt: tx.Now, JoinedMethod: "CREATED"})
	})
}

func (f *filler) fillSets(ctx context.Context) error {
	return f.rows(ctx, f.sets, func(tx *store.Tx, i int) error {
		arn := "arn:aws:sso:::permissionSet/" + f.instance.ID() + "/ps-" + f.ids.Lower(16)
		set := &permission.Set{ARN: arn, InstanceARN: f.instance.ARN, Name: fmt.Sprintf("Set%02d", i), Description: "One of many",
			SessionDuration: time.Hour, CreatedAt: tx.Now, Version: 1, Grants: permission.Grants{Managed: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}}}
		f.permissionSet = append(f.permissionSet, set)
		return store.PermissionSets.Save(tx, set)
	})
}

// fillAssignments gives every permission set in every account to a group, then to a user, and so on in turns.
func (f *filler) fillAssignments(ctx context.Context) error {
	pairs := f.sets * f.accounts
	return f.rows(ctx, f.assignments, func(tx *store.Tx, i int) error {
		pair, nth := i%pairs, i/pairs
		place := provision.Place{Set: f.permissionSet[pair%f.sets], Account: f.accountIDs[pair/f.sets], Region: f.region}
		var err error
		if nth%2 == 0 {
			_, err = provision.Assign(tx, place, permission.GroupPrincipal, f.groupIDs[(pair*7+nth)%f.groups])
		} else {
			_, err = provision.Assign(tx, place, permission.UserPrincipal, f.userIDs[(pair*7+nth)%f.users])
		}
		return err
	})
}
