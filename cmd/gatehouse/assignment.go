package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// assignmentCmds are the commands about who has what where.
type assignmentCmds struct {
	Create assignmentCreateCmd `cmd:"" help:"Let a person or a group into an account with a permission set."`
	List   assignmentListCmd   `cmd:"" help:"List who has which permission set in which account."`
	Delete assignmentDeleteCmd `cmd:"" help:"Take a permission set in an account away from a person or a group."`
}

// placeFlags name one assignment.
type placeFlags struct {
	Account string `help:"Account, by id or name." placeholder:"ACCOUNT"`
	Set     string `help:"Permission set, by name." placeholder:"NAME"`
	User    string `help:"User name of a person." placeholder:"NAME"`
	Group   string `help:"Name of a group." placeholder:"NAME"`
}

// whole refuses flags that do not name one assignment.
func (p placeFlags) whole() error {
	switch {
	case p.Account == "":
		return misuse("name it with --account ACCOUNT, by id or name", "no account is named")
	case p.Set == "":
		return misuse("name it with --set NAME; gatehouse permission-set list shows them", "no permission set is named")
	case (p.User == "") == (p.Group == ""):
		return misuse("give one of --user NAME and --group NAME", "an assignment is for a person or for a group")
	}
	return nil
}

// withPlace finds what the flags name at a Gatehouse and works on it.
func (p placeFlags) withPlace(a *app, which targetFlags, fn func(*session, place) error) error {
	if err := p.whole(); err != nil {
		return err
	}
	return which.with(a, func(s *session) error {
		found, err := s.place(p)
		if err != nil {
			return err
		}
		return fn(s, found)
	})
}

// place is an assignment with its ids.
type place struct {
	center
	account, set, principal *string
	kind                    types.PrincipalType
}

func (s *session) place(p placeFlags) (place, error) {
	at, err := s.center()
	if err != nil {
		return place{}, err
	}
	found := place{center: at}
	if found.kind, found.principal, err = s.principal(at, p); err != nil {
		return found, err
	}
	if found.set, err = s.set(at, p.Set); err != nil {
		return found, err
	}
	found.account, err = s.account(p.Account)
	return found, err
}

func (s *session) principal(at center, p placeFlags) (types.PrincipalType, *string, error) {
	if p.Group != "" {
		id, err := s.group(at, p.Group)
		return types.PrincipalTypeGroup, id, err
	}
	id, err := s.user(at, p.User)
	return types.PrincipalTypeUser, id, err
}

// assignmentCreateCmd assigns.
type assignmentCreateCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	placeFlags  `embed:""`
}

// Run assigns; what is assigned already stays so.
func (c *assignmentCreateCmd) Run(a *app) error {
	return c.withPlace(a, c.targetFlags, func(s *session, p place) error {
		made, err := request[ssoadmin.CreateAccountAssignmentOutput](s, "sso-admin", "CreateAccountAssignment", &ssoadmin.CreateAccountAssignmentInput{
			InstanceArn: &p.instance, PermissionSetArn: p.set, PrincipalId: p.principal, PrincipalType: p.kind, TargetId: p.account, TargetType: types.TargetTypeAwsAccount})
		if err != nil {
			return err
		}
		status, err := request[ssoadmin.DescribeAccountAssignmentCreationStatusOutput](s, "sso-admin", "DescribeAccountAssignmentCreationStatus",
			&ssoadmin.DescribeAccountAssignmentCreationStatusInput{InstanceArn: &p.instance, AccountAssignmentCreationRequestId: made.AccountAssignmentCreationStatus.RequestId})
		if err != nil {
			return err
		}
		return s.done(ended(status.AccountAssignmentCreationStatus), "%s has %s in the account %s.", c.User+c.Group, c.Set, c.Account)
	})
}

// ended says why an assignment was not carried out.
func ended(status *types.AccountAssignmentOperationStatus) error {
	if status != nil && status.Status == types.StatusValuesFailed {
		return errors.New(aws.ToString(status.FailureReason))
	}
	return nil
}

// assignmentDeleteCmd takes an assignment away.
type assignmentDeleteCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	placeFlags  `embed:""`
}

// Run takes it away.
func (c *assignmentDeleteCmd) Run(a *app) error {
	return c.withPlace(a, c.targetFlags, func(s *session, p place) error {
		out, err := request[ssoadmin.DeleteAccountAssignmentOutput](s, "sso-admin", "DeleteAccountAssignment", &ssoadmin.DeleteAccountAssignmentInput{
			InstanceArn: &p.instance, PermissionSetArn: p.set, PrincipalId: p.principal, PrincipalType: p.kind, TargetId: p.account, TargetType: types.TargetTypeAwsAccount})
		if err != nil {
			return err
		}
		status, err := request[ssoadmin.DescribeAccountAssignmentDeletionStatusOutput](s, "sso-admin", "DescribeAccountAssignmentDeletionStatus",
			&ssoadmin.DescribeAccountAssignmentDeletionStatusInput{InstanceArn: &p.instance, AccountAssignmentDeletionRequestId: out.AccountAssignmentDeletionStatus.RequestId})
		if err != nil {
			return err
		}
		err = ended(status.AccountAssignmentDeletionStatus)
		if err != nil && strings.Contains(err.Error(), "EntitlementItem doesn't exist") { // AWS's words for it
			return hinted(errors.New("there is no such assignment"), "gatehouse assignment list shows who has what where")
		}
		return s.done(err, "%s does not have %s in the account %s any more, unless by another group or by name.", c.User+c.Group, c.Set, c.Account)
	})
}

// assignmentListCmd lists assignments.
type assignmentListCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	outputFlags `embed:""`
	placeFlags  `embed:""`
}

// Run prints those that fit the flags.
func (c *assignmentListCmd) Run(a *app) error {
	if c.User != "" && c.Group != "" {
		return misuse("leave out one of --user and --group", "an assignment is for a person or for a group")
	}
	return c.with(a, func(s *session) error {
		l, err := s.lister()
		if err != nil {
			return err
		}
		if c.User != "" || c.Group != "" {
			kind, id, err := s.principal(l.center, c.placeFlags)
			if err != nil {
				return err
			}
			err = l.ofPrincipal(kind, id)
			if err != nil {
				return err
			}
		} else if err := l.everywhere(c.Account, c.Set); err != nil {
			return err
		}
		rows, err := l.rows(c.placeFlags)
		if err != nil {
			return err
		}
		return c.print(s, []string{"account", "account id", "permission set", "kind", "principal"}, rows)
	})
}

// lister collects assignments and the names in them.
type lister struct {
	*session
	center
	all   []set
	named map[string]string // id of an account → name
	names map[string]string // id of a user or group → name
	found []types.AccountAssignment
}

func (s *session) lister() (*lister, error) {
	at, err := s.center()
	if err != nil {
		return nil, err
	}
	l := &lister{session: s, center: at, named: map[string]string{}, names: map[string]string{}}
	if l.all, err = s.sets(at); err != nil {
		return nil, err
	}
	all, err := s.accounts()
	for _, a := range all {
		l.named[aws.ToString(a.Id)] = aws.ToString(a.Name)
	}
	return l, err
}

// ofPrincipal collects what a user or group has, for a user also by groups.
func (l *lister) ofPrincipal(kind types.PrincipalType, id *string) error {
	in := &ssoadmin.ListAccountAssignmentsForPrincipalInput{InstanceArn: &l.instance, PrincipalId: id, PrincipalType: kind}
	return every(l.session, "sso-admin", "ListAccountAssignmentsForPrincipal", in, &in.NextToken, func(out *ssoadmin.ListAccountAssignmentsForPrincipalOutput) *string {
		for _, a := range out.AccountAssignments {
			l.found = append(l.found, types.AccountAssignment(a))
		}
		return out.NextToken
	})
}

// everywhere collects the assignments in one account, or of one permission set, or all.
func (l *lister) everywhere(account, set string) error {
	only := ""
	if account != "" {
		id, err := l.account(account)
		if err != nil {
			return err
		}
		only = *id
	}
	if set != "" {
		if _, err := l.set(l.center, set); err != nil {
			return err
		}
	}
	for _, known := range l.all {
		if set != "" && set != known.name && set != known.arn {
			continue
		}
		accounts, err := l.accountsOf(l.center, &known.arn)
		if err != nil {
			return err
		}
		for _, id := range accounts {
			if only != "" && only != id {
				continue
			}
			if err := l.pair(known.arn, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// pair collects who has a permission set in an account.
func (l *lister) pair(set, account string) error {
	in := &ssoadmin.ListAccountAssignmentsInput{InstanceArn: &l.instance, PermissionSetArn: &set, AccountId: &account}
	return every(l.session, "sso-admin", "ListAccountAssignments", in, &in.NextToken, func(out *ssoadmin.ListAccountAssignmentsOutput) *string {
		l.found = append(l.found, out.AccountAssignments...)
		return out.NextToken
	})
}

// rows writes what was found with names in place of ids, ordered by them.
func (l *lister) rows(only placeFlags) ([][]string, error) {
	var rows [][]string
	for _, a := range l.found {
		account, arn := aws.ToString(a.AccountId), aws.ToString(a.PermissionSetArn)
		name, called := l.named[account], arn
		if only.Account != "" && only.Account != account && !strings.EqualFold(only.Account, name) {
			continue
		}
		if i := slices.IndexFunc(l.all, func(p set) bool { return p.arn == arn }); i >= 0 {
			called = l.all[i].name
		}
		if only.Set != "" && only.Set != called && only.Set != arn {
			continue
		}
		who, err := l.nameOf(a.PrincipalType, a.PrincipalId)
		if err != nil {
			return nil, err
		}
		rows = append(rows, []string{name, account, called, strings.ToLower(string(a.PrincipalType)), who})
	}
	slices.SortFunc(rows, func(a, b []string) int { return cmp.Compare(strings.Join(a, "\x00"), strings.Join(b, "\x00")) })
	return rows, nil
}

// nameOf is the name of a user or group; of one that is gone, whose assignments stay, the id.
func (l *lister) nameOf(kind types.PrincipalType, id *string) (string, error) {
	if name, ok := l.names[*id]; ok {
		return name, nil
	}
	name, err := *id, error(nil)
	if kind == types.PrincipalTypeGroup {
		name, err = l.groupName(l.center, id)
	} else {
		var u *identitystore.DescribeUserOutput
		u, err = request[identitystore.DescribeUserOutput](l.session, "identitystore", "DescribeUser", &identitystore.DescribeUserInput{IdentityStoreId: &l.store, UserId: id})
		if err == nil {
			name = aws.ToString(u.UserName)
		}
	}
	if fault.Is(err, "ResourceNotFoundException") {
		name, err = *id+" (deleted)", nil
	}
	l.names[*id] = name
	return name, err
}

// assigned lists what a user or group has, one a line.
func (s *session) assigned(_ center, kind types.PrincipalType, id *string) (string, error) {
	l, err := s.lister()
	if err != nil {
		return "", err
	}
	if err := l.ofPrincipal(kind, id); err != nil {
		return "", err
	}
	rows, err := l.rows(placeFlags{})
	lines := make([]string, len(rows))
	for i, r := range rows {
		lines[i] = fmt.Sprintf("%s in %s (%s)", r[2], r[0], r[1])
		if r[3] == "group" && kind == types.PrincipalTypeUser {
			lines[i] += " by the group " + r[4]
		}
	}
	return strings.Join(lines, "\n"), err
}
