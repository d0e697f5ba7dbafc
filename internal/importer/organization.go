package importer

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// unit is an organizational unit, by its path below the root.
type unit struct {
	Kind string
	Path string // such as Workloads/Production
}

func (u *unit) name() string { return "unit " + clean(u.Path) }

// clean writes the path of a unit in one way; that of the root is /.
func clean(path string) string { return "/" + strings.Trim(path, "/") }

func (u *unit) check() error {
	if clean(u.Path) == "/" {
		return errors.New(`"path" is missing`)
	}
	return nil
}

func (u *unit) bring(ctx context.Context, b *batch) (string, error) {
	path := clean(u.Path)
	parent, err := b.unit(ctx, path[:strings.LastIndexByte(path, '/')])
	if err != nil {
		return "", err
	}
	id, err := b.findUnit(ctx, parent, path)
	if err != nil || id != "" {
		return Unchanged, err
	}
	b.forget("unit " + path)
	return Created, change[organizations.CreateOrganizationalUnitOutput](ctx, b, "organizations", "CreateOrganizationalUnit",
		&organizations.CreateOrganizationalUnitInput{ParentId: &parent, Name: aws.String(path[strings.LastIndexByte(path, '/')+1:])})
}

// unit refers to a unit by its path, or to the root.
func (b *batch) unit(ctx context.Context, path string) (string, error) {
	path = clean(path)
	return b.refer("unit "+path, func() (string, error) {
		if path == "/" {
			return b.root(ctx)
		}
		parent, err := b.unit(ctx, path[:strings.LastIndexByte(path, '/')])
		if err != nil {
			return "", err
		}
		return b.findUnit(ctx, parent, path)
	})
}

func (b *batch) root(ctx context.Context) (string, error) {
	out, err := do[organizations.ListRootsOutput](ctx, b, "organizations", "ListRoots", &organizations.ListRootsInput{})
	if err != nil || len(out.Roots) == 0 {
		return "", err
	}
	return aws.ToString(out.Roots[0].Id), nil
}

// findUnit returns the id of the unit at the end of path, which is under parent, or nothing.
func (b *batch) findUnit(ctx context.Context, parent, path string) (string, error) {
	name := path[strings.LastIndexByte(path, '/')+1:]
	for in := (&organizations.ListOrganizationalUnitsForParentInput{ParentId: &parent}); ; {
		out, err := do[organizations.ListOrganizationalUnitsForParentOutput](ctx, b, "organizations", "ListOrganizationalUnitsForParent", in)
		if err != nil {
			return "", err
		}
		for _, u := range out.OrganizationalUnits {
			if aws.ToString(u.Name) == name {
				return aws.ToString(u.Id), nil
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return "", nil
		}
	}
}

// account is an account of the organization.
type account struct {
	Kind  string
	Name  string
	Email string
	Unit  string // its path; empty for wherever it is, which is the root for a new one
	Role  string // by which the management account enters a new account; empty for OrganizationAccountAccessRole
}

func (a *account) name() string { return "account " + fold(a.Name) }

func (a *account) check() error {
	if a.Name == "" || a.Email == "" {
		return errors.New(`"name" and "email" are needed`)
	}
	return nil
}

func (a *account) bring(ctx context.Context, b *batch) (string, error) {
	to := ""
	if a.Unit != "" {
		var err error
		if to, err = b.unit(ctx, a.Unit); err != nil {
			return "", err
		}
	}
	id, err := b.findAccount(ctx, a.Name)
	outcome := Unchanged
	if err == nil && id != "" {
		err = a.is(b, id)
	}
	if err == nil && id == "" {
		outcome = Created
		id, err = a.create(ctx, b)
	}
	if err != nil || to == "" || id == "" {
		return outcome, err
	}
	moved, err := b.move(ctx, id, to)
	if moved && outcome == Unchanged {
		outcome = Updated
	}
	return outcome, err
}

// is refuses an account that bears the name and has another e-mail address: members name themselves, so that one of them
// could take the place of an account that is not there yet, and what is assigned in it.
func (a *account) is(b *batch, id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if email := b.emails[id]; !strings.EqualFold(email, a.Email) {
		return fmt.Errorf("the account %s has this name, and the e-mail address %s", id, email)
	}
	return nil
}

// create makes the account and returns its id; in a dry run nothing.
func (a *account) create(ctx context.Context, b *batch) (string, error) {
	if b.dry {
		return "", nil
	}
	made, err := do[organizations.CreateAccountOutput](ctx, b, "organizations", "CreateAccount",
		&organizations.CreateAccountInput{AccountName: &a.Name, Email: &a.Email, RoleName: given(a.Role)})
	if err != nil {
		return "", err
	}
	out, err := do[organizations.DescribeCreateAccountStatusOutput](ctx, b, "organizations", "DescribeCreateAccountStatus",
		&organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: made.CreateAccountStatus.Id})
	if err != nil {
		return "", err
	}
	if s := out.CreateAccountStatus; s.State != types.CreateAccountStateSucceeded {
		return "", fmt.Errorf("the account was not made: %s", s.FailureReason)
	}
	id := aws.ToString(out.CreateAccountStatus.AccountId)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.accounts[fold(a.Name)], b.emails[id] = []string{id}, a.Email
	return id, nil
}

// move puts an account under a parent, unless it is there.
func (b *batch) move(ctx context.Context, id, to string) (moved bool, err error) {
	out, err := do[organizations.ListParentsOutput](ctx, b, "organizations", "ListParents", &organizations.ListParentsInput{ChildId: &id})
	if err != nil || len(out.Parents) == 0 || aws.ToString(out.Parents[0].Id) == to {
		return false, err
	}
	return true, change[organizations.MoveAccountOutput](ctx, b, "organizations", "MoveAccount",
		&organizations.MoveAccountInput{AccountId: &id, SourceParentId: out.Parents[0].Id, DestinationParentId: &to})
}

// findAccount returns the id of the account with a name, or nothing.
func (b *batch) findAccount(ctx context.Context, name string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.accounts == nil {
		accounts, err := b.listAccounts(ctx)
		if err != nil {
			return "", err
		}
		b.accounts = accounts
	}
	switch ids := b.accounts[fold(name)]; len(ids) {
	case 0:
		return "", nil
	case 1:
		return ids[0], nil
	default:
		return "", fmt.Errorf("%d accounts are named %q: refer to one by its id", len(ids), name)
	}
}

// listAccounts reads the ids of all accounts by their names.
func (b *batch) listAccounts(ctx context.Context) (map[string][]string, error) {
	accounts := map[string][]string{}
	b.emails = map[string]string{}
	for in := (&organizations.ListAccountsInput{}); ; {
		out, err := do[organizations.ListAccountsOutput](ctx, b, "organizations", "ListAccounts", in)
		if err != nil {
			return nil, err
		}
		for _, a := range out.Accounts {
			b.emails[aws.ToString(a.Id)] = aws.ToString(a.Email)
			name := fold(aws.ToString(a.Name))
			accounts[name] = append(accounts[name], aws.ToString(a.Id))
			accounts[aws.ToString(a.Id)] = []string{aws.ToString(a.Id)}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return accounts, nil
		}
	}
}

// account refers to an account by name or id.
func (b *batch) account(ctx context.Context, name string) (string, error) {
	return b.refer("account "+fold(name), func() (string, error) { return b.findAccount(ctx, name) })
}

// policy is a policy of the organization and where it is attached.
type policy struct {
	Kind        string
	Name        string
	Type        types.PolicyType // a service control policy, unless it is given
	Description string
	Document    json.RawMessage
	Units       []string // paths of units to attach it to; / is the root
	Accounts    []string
}

func (p *policy) name() string { return "policy " + p.Name }

func (p *policy) check() error {
	if p.Name == "" || len(p.Document) == 0 {
		return errors.New(`"name" and "document" are needed`)
	}
	switch p.Type {
	case "", types.PolicyTypeServiceControlPolicy, types.PolicyTypeResourceControlPolicy:
		return nil
	}
	return fmt.Errorf(`"type" is %s or %s`, types.PolicyTypeServiceControlPolicy, types.PolicyTypeResourceControlPolicy)
}

func (p *policy) kind() types.PolicyType { return cmp.Or(p.Type, types.PolicyTypeServiceControlPolicy) }

func (p *policy) bring(ctx context.Context, b *batch) (string, error) {
	targets, err := p.targets(ctx, b)
	if err != nil {
		return "", err
	}
	id, err := b.findPolicy(ctx, p.kind(), p.Name)
	if err != nil {
		return "", err
	}
	outcome := Unchanged
	if id == "" {
		outcome = Created
		if b.dry {
			return outcome, nil
		}
		made, err := do[organizations.CreatePolicyOutput](ctx, b, "organizations", "CreatePolicy", &organizations.CreatePolicyInput{Name: &p.Name,
			Description: &p.Description, Type: p.kind(), Content: aws.String(string(p.Document))})
		if err != nil {
			return "", err
		}
		id = aws.ToString(made.Policy.PolicySummary.Id)
	} else if changed, err := p.update(ctx, b, id); err != nil {
		return "", err
	} else if changed {
		outcome = Updated
	}
	attached, err := b.attach(ctx, id, targets)
	if attached && outcome == Unchanged {
		outcome = Updated
	}
	return outcome, err
}

func (p *policy) targets(ctx context.Context, b *batch) ([]string, error) {
	var ids []string
	for _, path := range p.Units {
		id, err := b.unit(ctx, path)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	for _, name := range p.Accounts {
		id, err := b.account(ctx, name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// update gives an existing policy its document and description, where they differ.
func (p *policy) update(ctx context.Context, b *batch, id string) (changed bool, err error) {
	out, err := do[organizations.DescribePolicyOutput](ctx, b, "organizations", "DescribePolicy", &organizations.DescribePolicyInput{PolicyId: &id})
	if err != nil {
		return false, err
	}
	in := &organizations.UpdatePolicyInput{PolicyId: &id}
	if !p.says(aws.ToString(out.Policy.Content)) {
		in.Content = aws.String(string(p.Document))
	}
	if p.Description != "" && p.Description != aws.ToString(out.Policy.PolicySummary.Description) {
		in.Description = &p.Description
	}
	if in.Content == nil && in.Description == nil {
		return false, nil
	}
	return true, change[organizations.UpdatePolicyOutput](ctx, b, "organizations", "UpdatePolicy", in)
}

// says reports whether a policy that is kept as content is this one. Resource control policies are kept with their version,
// and with their statements in a list.
func (p *policy) says(content string) bool {
	given := []byte(p.Document)
	var d map[string]json.RawMessage
	if p.Type == types.PolicyTypeResourceControlPolicy && json.Unmarshal(given, &d) == nil {
		if _, there := d["Version"]; !there {
			d["Version"] = json.RawMessage(`"2008-10-17"`)
		}
		if s := d["Statement"]; len(s) > 0 && s[0] == '{' {
			d["Statement"] = slices.Concat([]byte("["), s, []byte("]"))
		}
		given, _ = json.Marshal(d) // it has just been read
	}
	return sameJSON(given, []byte(content))
}

// sameJSON reports whether two documents say the same, whatever their white space.
func sameJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

func (b *batch) findPolicy(ctx context.Context, kind types.PolicyType, name string) (string, error) {
	for in := (&organizations.ListPoliciesInput{Filter: kind}); ; {
		out, err := do[organizations.ListPoliciesOutput](ctx, b, "organizations", "ListPolicies", in)
		if err != nil {
			return "", err
		}
		for _, p := range out.Policies {
			if aws.ToString(p.Name) == name {
				return aws.ToString(p.Id), nil
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return "", nil
		}
	}
}

// attach attaches a policy to those targets that it is not attached to.
func (b *batch) attach(ctx context.Context, id string, targets []string) (changed bool, err error) {
	if len(targets) == 0 {
		return false, nil
	}
	have := map[string]bool{}
	for in := (&organizations.ListTargetsForPolicyInput{PolicyId: &id}); ; {
		out, err := do[organizations.ListTargetsForPolicyOutput](ctx, b, "organizations", "ListTargetsForPolicy", in)
		if err != nil {
			return false, err
		}
		for _, t := range out.Targets {
			have[aws.ToString(t.TargetId)] = true
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	for _, target := range targets {
		if have[target] {
			continue
		}
		changed = true
		err := change[organizations.AttachPolicyOutput](ctx, b, "organizations", "AttachPolicy",
			&organizations.AttachPolicyInput{PolicyId: &id, TargetId: &target})
		if err != nil {
			return changed, err
		}
	}
	return changed, nil
}
