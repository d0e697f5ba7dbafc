package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	org "github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// whatIfCmd says who would lose and gain what if policies changed. Nothing is changed.
type whatIfCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	outputFlags `embed:""`

	SCP           string   `name:"scp" help:"File with a service control policy to attach. With --to." placeholder:"FILE"`
	RCP           string   `name:"rcp" help:"File with a resource control policy to attach. With --to." placeholder:"FILE"`
	Attach        string   `help:"Policy of the organization to attach, by name or id. With --to." placeholder:"POLICY"`
	To            []string `help:"What to attach to: an account by id or name, a unit by id or path, / for the root. May be given several times." placeholder:"TARGET" sep:"none"`
	Detach        string   `help:"Policy of the organization to detach, by name or id. With --from." placeholder:"POLICY"`
	From          []string `help:"What to detach from. May be given several times." placeholder:"TARGET" sep:"none"`
	Update        string   `help:"Policy of the organization to rewrite, by name or id. With --content." placeholder:"POLICY"`
	Content       string   `help:"File with what the policy would say." placeholder:"FILE"`
	PermissionSet string   `help:"Permission set to change and to provision. With --inline, --no-inline, --add-policy or --remove-policy." placeholder:"NAME"`
	Inline        string   `help:"File with another inline policy for the permission set." placeholder:"FILE"`
	NoInline      bool     `help:"Take the inline policy of the permission set away."`
	AddPolicy     []string `help:"AWS managed policy to attach to the permission set, by name, path or ARN. May be given several times." placeholder:"POLICY" sep:"none"`
	RemovePolicy  []string `help:"AWS managed policy to detach from the permission set. May be given several times." placeholder:"POLICY" sep:"none"`

	Days       int32 `help:"How many days of calls to try the change on." default:"7" placeholder:"N"`
	FailOnLoss bool  `help:"End with exit code 1 when somebody would lose something."`
}

// Run tries the change on the calls of the last days.
func (c *whatIfCmd) Run(a *app) error {
	if err := c.whole(); err != nil {
		return err
	}
	files, err := c.read()
	if err != nil {
		return err
	}
	return c.with(a, func(s *session) error {
		in := &admin.WhatIfInput{Days: c.Days}
		if s.local {
			in.AccountId = c.As
		}
		if in.Changes, err = c.changes(s, files); err != nil {
			return err
		}
		out, err := request[admin.WhatIfOutput](s, admin.Name, "WhatIf", in)
		if err != nil {
			return untried(err)
		}
		if c.JSON {
			err = indented(s.stdout, out)
		} else {
			err = (&whatIfReport{s.stdout, c.Days, out}).print()
		}
		if err == nil && c.FailOnLoss && out.Lost+out.OutsideLost > 0 {
			return exitCode(exitFailed)
		}
		return err
	})
}

// untried adds what to do next when a change cannot be tried.
func untried(err error) error {
	switch {
	case fault.Is(err, "PolicyTypeNotEnabledException"):
		return hinted(err, "enable the type first: aws organizations enable-policy-type")
	case fault.Is(err, "ConstraintViolationException"):
		return hinted(err, "put another in its place in the same command, with --scp FILE --to TARGET")
	case fault.Is(err, "DuplicatePolicyAttachmentException"), fault.Is(err, "PolicyNotAttachedException"):
		return hinted(err, "aws organizations list-targets-for-policy shows where a policy is attached")
	}
	return err
}

// whole refuses flags that make no change, or half of one.
func (c *whatIfCmd) whole() error {
	edits := c.Inline != "" || c.NoInline || len(c.AddPolicy)+len(c.RemovePolicy) > 0
	attaches := c.SCP != "" || c.RCP != "" || c.Attach != ""
	switch {
	case !attaches && !edits && c.Detach == "" && c.Update == "" && c.PermissionSet == "" && len(c.To)+len(c.From) == 0 && c.Content == "":
		return misuse("try a policy with --scp FILE --to TARGET; gatehouse what-if --help shows what else can be tried", "no change is named")
	case attaches != (len(c.To) > 0):
		return misuse("give one of --scp FILE, --rcp FILE and --attach POLICY together with --to TARGET", "attaching takes a policy and a target")
	case (c.Detach != "") != (len(c.From) > 0):
		return misuse("give --detach POLICY together with --from TARGET", "detaching takes a policy and a target")
	case (c.Update != "") != (c.Content != ""):
		return misuse("give --update POLICY together with --content FILE", "rewriting takes a policy and what it would say")
	case (c.PermissionSet != "") != edits:
		return misuse("give --permission-set NAME together with --inline FILE, --no-inline, --add-policy POLICY or --remove-policy POLICY", "editing takes a permission set and an edit")
	case c.Inline != "" && c.NoInline:
		return misuse("give one of --inline FILE and --no-inline", "a permission set has one inline policy, or none")
	case c.Days < 1:
		return misuse("want a number of 1 or more", "--days %d: there is nothing to try the change on", c.Days)
	}
	return nil
}

// whatIfFiles are the texts of the files that the flags name.
type whatIfFiles struct{ scp, rcp, content, inline string }

// read reads the files. The content of a policy that is rewritten is checked when its type is known.
func (c *whatIfCmd) read() (f whatIfFiles, err error) {
	for _, file := range []struct {
		name, kind string
		to         *string
	}{{c.SCP, "scp", &f.scp}, {c.RCP, "rcp", &f.rcp}, {c.Inline, "permission-set", &f.inline}, {c.Content, "", &f.content}} {
		if file.name == "" {
			continue
		}
		text, err := os.ReadFile(file.name)
		if err != nil {
			return f, unreadable(err)
		}
		*file.to = string(text)
		if err := refused(file.name, file.kind, text); file.kind != "" && err != nil {
			return f, err
		}
	}
	return f, nil
}

// refused is what AWS says of a document that it refuses, and where.
func refused(file, kind string, text []byte) error {
	review := policy.Check(text, policyKinds[kind])
	hint := fmt.Sprintf("gatehouse policy check --type %s %s says all there is to say", kind, shellQuote(file))
	if review.Document == nil && len(review.Remarks) > 0 {
		r, why := review.Remarks[0], ""
		if r.Why != "" {
			why = " (" + r.Why + ")"
		}
		return misuse(hint, "%s:%d:%d: %s: %s%s", file, r.At.Line, r.At.Column, r.Code, r.Text, why)
	}
	for _, size := range review.Sizes {
		if size.Left() < 0 {
			return misuse(hint, "%s: the %s has %d characters, of %d at most", file, size.Quota, size.Used, size.Allowed)
		}
	}
	return nil
}

// changes finds what the flags name, and puts it into changes.
func (c *whatIfCmd) changes(s *session, f whatIfFiles) (list []admin.PolicyChange, err error) {
	for _, name := range c.From {
		change := admin.PolicyChange{Operation: "DetachPolicy"}
		if change.TargetId, err = s.target(name); err != nil {
			return nil, err
		}
		p, err := s.policy(c.Detach)
		if err != nil {
			return nil, err
		}
		change.PolicyId = aws.ToString(p.Id)
		list = append(list, change)
	}
	if c.Update != "" {
		p, err := s.policy(c.Update)
		if err != nil {
			return nil, err
		}
		kind := "scp"
		if p.Type == org.PolicyTypeResourceControlPolicy {
			kind = "rcp"
		}
		if err := refused(c.Content, kind, []byte(f.content)); err != nil {
			return nil, err
		}
		list = append(list, admin.PolicyChange{Operation: "UpdatePolicy", PolicyId: aws.ToString(p.Id), Content: f.content})
	}
	edits, err := c.edits(s, f)
	if err != nil {
		return nil, err
	}
	attached, err := c.attachments(s, f)
	return append(append(list, edits...), attached...), err
}

// edits are the changes of the permission set.
func (c *whatIfCmd) edits(s *session, f whatIfFiles) (list []admin.PolicyChange, err error) {
	if c.PermissionSet == "" {
		return nil, nil
	}
	at, err := s.center()
	if err != nil {
		return nil, err
	}
	arn, err := s.set(at, c.PermissionSet)
	if err != nil {
		return nil, err
	}
	edit := func(operation, content string, managed *string) {
		list = append(list, admin.PolicyChange{Operation: operation, PermissionSetArn: *arn, Content: content, ManagedPolicyArn: aws.ToString(managed)})
	}
	for _, policy := range c.RemovePolicy {
		edit("DetachManagedPolicyFromPermissionSet", "", managedARN(policy))
	}
	for _, policy := range c.AddPolicy {
		edit("AttachManagedPolicyToPermissionSet", "", managedARN(policy))
	}
	if c.Inline != "" {
		edit("PutInlinePolicyToPermissionSet", f.inline, nil)
	}
	if c.NoInline {
		edit("DeleteInlinePolicyFromPermissionSet", "", nil)
	}
	return list, nil
}

// attachments are what would be attached, once the rest is done.
func (c *whatIfCmd) attachments(s *session, f whatIfFiles) (list []admin.PolicyChange, err error) {
	for _, name := range c.To {
		target, err := s.target(name)
		if err != nil {
			return nil, err
		}
		if c.Attach != "" {
			p, err := s.policy(c.Attach)
			if err != nil {
				return nil, err
			}
			list = append(list, admin.PolicyChange{Operation: "AttachPolicy", PolicyId: aws.ToString(p.Id), TargetId: target})
		}
		for _, fresh := range []struct{ kind, file, text string }{{organization.ServiceControlPolicy, c.SCP, f.scp}, {organization.ResourceControlPolicy, c.RCP, f.rcp}} {
			if fresh.file != "" {
				list = append(list, admin.PolicyChange{Operation: "AttachPolicy", PolicyType: fresh.kind, PolicyName: filepath.Base(fresh.file), Content: fresh.text, TargetId: target})
			}
		}
	}
	return list, nil
}

// target finds what policies are attached to: an account by id or name, a unit by id or path, or the root.
func (s *session) target(name string) (string, error) {
	if accountID.MatchString(name) {
		return name, nil
	}
	id, err := s.unit(name)
	if err == nil || fault.As(err) != nil || strings.Contains(name, "/") {
		return aws.ToString(id), err
	}
	id, err = s.account(name)
	if err == nil || fault.As(err) != nil {
		return aws.ToString(id), err
	}
	return "", hinted(fmt.Errorf("the organization has no unit and no account %q", name),
		"name a unit by its path from the root, such as Workloads/Production, or an account; gatehouse account list shows those")
}

// policy finds a policy of the organization by its name, or by its id.
func (s *session) policy(name string) (*org.PolicySummary, error) {
	var found []org.PolicySummary
	var ids, names []string
	for _, kind := range []org.PolicyType{org.PolicyTypeServiceControlPolicy, org.PolicyTypeResourceControlPolicy} {
		in := &organizations.ListPoliciesInput{Filter: kind}
		err := every(s, "organizations", "ListPolicies", in, &in.NextToken, func(out *organizations.ListPoliciesOutput) *string {
			for _, p := range out.Policies {
				names = append(names, aws.ToString(p.Name))
				if aws.ToString(p.Id) == name || aws.ToString(p.Name) == name {
					found, ids = append(found, p), append(ids, aws.ToString(p.Id))
				}
			}
			return out.NextToken
		})
		if err != nil {
			return nil, err
		}
	}
	switch len(found) {
	case 0:
		slices.Sort(names)
		return nil, hinted(fmt.Errorf("the organization has no policy %q", name), meant(name, names, "it has: "+strings.Join(names, ", ")))
	case 1:
		return &found[0], nil
	}
	return nil, hinted(fmt.Errorf("the organization has %d policies named %q", len(found), name), "name one by its id: "+strings.Join(ids, ", "))
}
