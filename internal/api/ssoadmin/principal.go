package ssoadmin

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// listAssignmentsOf answers what a user or group was assigned, and for a user also what the user's groups were.
func listAssignmentsOf(ctx context.Context, c *api.Call, in *sdk.ListAccountAssignmentsForPrincipalInput) (*sdk.ListAccountAssignmentsForPrincipalOutput, error) {
	i, err := instance(c, in.InstanceArn)
	if err != nil {
		return nil, err
	}
	who, id := permission.PrincipalType(in.PrincipalType), aws.ToString(in.PrincipalId)
	only := ident.AccountID("")
	if in.Filter != nil {
		only = ident.AccountID(aws.ToString(in.Filter.AccountId))
	}
	filter := []string{i.ARN, string(who), id, string(only)}
	token, err := c.After(filter, in.NextToken)
	if err != nil {
		return nil, err
	}
	at, holders := position{}, holdersOf(c, who, id)
	if token != "" {
		if err := json.Unmarshal([]byte(token), &at); err != nil {
			return nil, err
		}
	}
	out := &sdk.ListAccountAssignmentsForPrincipalOutput{AccountAssignments: []types.AccountAssignmentForPrincipal{}}
	return out, c.View(ctx, func(tx *store.Tx) error {
		if err := checkPrincipal(tx, i, who, id); err != nil {
			return missing(err, "Could not find %s with id %s", who, id)
		}
		one := func(h holder, after string, limit int) ([]*permission.Assignment, string, error) {
			return store.Assignments.List(tx, "principal", []any{i.ARN, h.who, h.id}, after, limit)
		}
		if only != "" {
			sets, err := setsIn(tx, c, i, who, id, only)
			if err != nil {
				return err
			}
			one = func(h holder, after string, limit int) ([]*permission.Assignment, string, error) {
				return assignmentsIn(tx, only, sets, h, after, limit)
			}
		}
		rows, next, err := assignmentsOf(holders, at, c.Limit(in.MaxResults, pageLength), one)
		for _, a := range rows {
			out.AccountAssignments = append(out.AccountAssignments, types.AccountAssignmentForPrincipal{
				AccountId: aws.String(string(a.Account)), PermissionSetArn: &a.SetARN,
				PrincipalId: &a.PrincipalID, PrincipalType: types.PrincipalType(a.PrincipalType)})
		}
		out.NextToken = c.NextToken(filter, next.String())
		return err
	})
}

// holder is a user or group that assignments name.
type holder struct {
	who permission.PrincipalType
	id  string
}

// holdersOf returns who holds the assignments of a principal: itself first, then the groups of a user in their order.
func holdersOf(c *api.Call, who permission.PrincipalType, id string) []holder {
	list := []holder{{who, id}}
	if who == permission.UserPrincipal {
		for _, g := range c.Snapshot.GroupsOf(id) {
			list = append(list, holder{permission.GroupPrincipal, g})
		}
	}
	return list
}

// position is where a page ended: at a holder, after a key in the list of that holder's assignments. A group that the
// user left meanwhile is passed over.
type position struct {
	Group string `json:",omitempty"` // empty for the principal itself
	After string `json:",omitempty"`
}

func (p position) String() string {
	if p == (position{}) {
		return ""
	}
	text, _ := json.Marshal(p) // two strings always encode
	return string(text)
}

// before reports whether all of a holder's assignments came before p.
func (p position) before(n int, h holder) bool {
	return n == 0 && p.Group != "" || n > 0 && h.id < p.Group
}

// assignmentsOf reads a page of the holders' assignments, holder by holder; one reads those of one holder.
func assignmentsOf(holders []holder, at position, limit int, one func(h holder, after string, limit int) ([]*permission.Assignment, string, error)) (rows []*permission.Assignment, next position, err error) {
	for n, h := range holders {
		if at.before(n, h) {
			continue
		}
		group, after := "", ""
		if n > 0 {
			group = h.id
		}
		if group == at.Group {
			after = at.After
		}
		if len(rows) == limit {
			return rows, position{Group: group}, nil
		}
		page, more, err := one(h, after, limit-len(rows))
		if err != nil {
			return nil, position{}, err
		}
		if rows = append(rows, page...); more != "" {
			return rows, position{group, more}, nil
		}
	}
	return rows, position{}, nil
}

// setsIn returns the ARNs of the permission sets that a principal can have in one account, in order: those that a user has
// there, and for a group all that are provisioned there.
func setsIn(tx *store.Tx, c *api.Call, i *permission.Instance, who permission.PrincipalType, id string, account ident.AccountID) (arns []string, err error) {
	if who == permission.UserPrincipal {
		for _, set := range c.Snapshot.GrantsIn(id, account) {
			arns = append(arns, set.ARN)
		}
		slices.Sort(arns)
		return arns, nil
	}
	places, _, err := store.Provisioned.List(tx, "account", []any{i.ARN, account}, "", 0)
	for _, p := range places {
		arns = append(arns, p.SetARN)
	}
	return arns, err
}

// assignmentsIn picks the assignments that a holder has of the permission sets in one account.
func assignmentsIn(tx *store.Tx, account ident.AccountID, sets []string, h holder, after string, limit int) (rows []*permission.Assignment, next string, err error) {
	for _, set := range sets {
		if set <= after {
			continue
		}
		a, err := store.Assignments.Get(tx, set, account, h.who, h.id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		if len(rows) == limit {
			return rows, rows[limit-1].SetARN, nil
		}
		rows = append(rows, a)
	}
	return rows, "", nil
}
