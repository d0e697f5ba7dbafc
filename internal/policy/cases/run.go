package cases

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// Result is how a case went.
type Result struct {
	ID          string   `json:"id"`
	Passed      bool     `json:"passed"`
	Decision    string   `json:"decision"`
	BlockedBy   []string `json:"blockedBy"`
	Message     string   `json:"message"`
	Explanation string   `json:"explanation"`

	Wrong []string `json:"-"` // what is not as expected, a clause each
}

// Run decides the case. An error says that a policy of it cannot be read.
func (c *Case) Run() (*Result, error) {
	l, err := c.Layers()
	if err != nil {
		return nil, fmt.Errorf("case %q: %w", c.ID, err)
	}
	r := c.Call()
	return c.compare(r, policy.Explain(r, l)), nil
}

// compare holds what was decided against what was expected.
func (c *Case) compare(r *policy.Request, x policy.Explanation) *Result {
	out := &Result{ID: c.ID, Decision: decision(x.Decision), BlockedBy: []string{}, Message: x.Decision.Message(r), Explanation: x.String()}
	for i := range x.Layers {
		if name := layerName(x.Layers[i].Layer); x.Layers[i].Blocks && !slices.Contains(out.BlockedBy, name) {
			out.BlockedBy = append(out.BlockedBy, name)
		}
	}
	expect := func(what, want, got string) {
		if want != "" && want != got {
			out.Wrong = append(out.Wrong, fmt.Sprintf("%s: expected %s, got %s", what, want, got))
		}
	}
	want, got := &c.Expected, &x.Decision
	expect("decision", want.Decision, out.Decision)
	for _, layer := range want.BlockedBy {
		if !slices.Contains(out.BlockedBy, layer) {
			out.Wrong = append(out.Wrong, fmt.Sprintf("blocked by: expected %s, got %s", layer, strings.Join(out.BlockedBy, ", ")))
		}
	}
	expect("message", want.Message, out.Message)
	if want.Policy != got.PolicyARN {
		expect("policy", want.Policy, got.PolicyName)
	}
	expect("statement", want.Statement.Sid, got.Sid)
	if n := want.Statement.Number; n > 0 {
		expect("statement", fmt.Sprint(n), fmt.Sprint(got.StatementIndex+1))
	}
	out.Passed = len(out.Wrong) == 0
	return out
}

func decision(d policy.Decision) string {
	switch {
	case d.Allowed:
		return "Allowed"
	case d.Explicit:
		return "ExplicitlyDenied"
	}
	return "ImplicitlyDenied"
}

// layerName names a layer as cases do.
func layerName(l policy.Layer) string {
	switch l {
	case policy.LayerTrust:
		return "resource"
	case policy.LayerBoundary:
		return "pb"
	}
	return l.String()
}

// Layers reads the policies of the case.
func (c *Case) Layers() (*policy.Layers, error) {
	l := &policy.Layers{HasSession: c.Policies.Session != nil}
	action := strings.ToLower(c.Request.Action)
	kind := policy.Resource
	if strings.HasPrefix(action, "sts:assumerole") && len(c.Policies.Resource) > 0 {
		kind, l.ResourceIsTrust = policy.Trust, true
	}
	l.ResourceMustAllow = strings.HasPrefix(action, "kms:") && len(c.Policies.Resource) > 0 // a key's policy decides even at home
	var err error
	for _, one := range []struct {
		to   **policy.Policy
		docs []json.RawMessage
		kind policy.Kind
		name string
	}{{&l.Resource, c.Policies.Resource, kind, "resource"}, {&l.Boundary, c.Policies.Boundary, policy.Boundary, "boundary"},
		{&l.Endpoint, c.Policies.VPCE, policy.Resource, "vpce"}} {
		list, failed := c.list(one.docs, one.kind)
		if len(list) > 1 {
			failed = fmt.Errorf("%s: there are %d policies, and there can be one", one.name, len(list))
		}
		if err = errors.Join(err, failed); len(list) == 1 {
			*one.to = &list[0]
		}
	}
	var failed [4]error
	l.Identity, failed[0] = c.list(c.Policies.Identity, policy.Identity)
	l.Session, failed[1] = c.list(c.Policies.Session, policy.Session)
	l.SCP, failed[2] = c.levels(c.Policies.SCP, policy.SCP)
	if !c.Request.ResourceFacts.ManagementAccount {
		l.RCP, failed[3] = c.levels(c.Policies.RCP, policy.RCP)
	}
	return l, errors.Join(append(failed[:], err)...)
}

func (c *Case) levels(levels [][]json.RawMessage, kind policy.Kind) (list [][]policy.Policy, err error) {
	for _, docs := range levels {
		level, err := c.list(docs, kind)
		if err != nil {
			return nil, err
		}
		list = append(list, level)
	}
	return list, nil
}

func (c *Case) list(docs []json.RawMessage, kind policy.Kind) (list []policy.Policy, err error) {
	for i, raw := range docs {
		p, err := c.policy(raw, kind)
		if err != nil {
			return nil, fmt.Errorf("%s %d: %w", kind, i+1, err)
		}
		list = append(list, p)
	}
	return list, nil
}

// policy reads one policy, in whichever of the three forms.
func (c *Case) policy(raw json.RawMessage, kind policy.Kind) (p policy.Policy, err error) {
	var form struct {
		File, ARN string
		Document  json.RawMessage
	}
	if err := json.Unmarshal(raw, &form); err != nil {
		return p, err
	}
	text := []byte(raw)
	switch {
	case form.File != "":
		if text, err = os.ReadFile(filepath.Join(c.dir, form.File)); err != nil {
			return p, err
		}
	case form.Document != nil:
		text = form.Document
	}
	p.ARN, p.Name = form.ARN, form.File
	p.Doc, err = policy.Parse(text, kind)
	return p, err
}

// Call is the request of the case.
func (c *Case) Call() *policy.Request {
	from := &c.Request
	r := &policy.Request{Action: from.Action, Resource: from.Resource, Context: policy.NewContext(),
		ResourceAccount: ident.AccountID(from.ResourceAccount), Principal: from.Principal.caller()}
	r.Principal.ManagementAccount = from.PrincipalFacts.ManagementAccount
	r.Principal.ServiceLinkedRole = from.PrincipalFacts.ServiceLinkedRole
	if from.PrincipalFacts.User != "" {
		r.Principal.RoleARN = from.PrincipalFacts.User
	}
	if from.WildcardOnlyAction {
		r.Resource = "*"
	}
	for key, v := range from.Context {
		if v.Multi {
			r.Context.SetList(key, v.Texts)
		} else {
			r.Context.Set(key, v.Texts[0])
		}
	}
	if arn := r.Context.Single("aws:PrincipalArn"); strings.HasPrefix(arn, "arn:aws:iam::"+string(r.Principal.Account)+":role/") {
		r.Principal.RoleARN = arn // the ARN of a session does not tell its role's path
	}
	return r
}

// caller tells what kind of principal a name means.
func (p Principal) caller() policy.Principal {
	arn, err := ident.ParseARN(string(p))
	out := policy.Principal{ARN: string(p), Account: arn.Account}
	switch {
	case p == "":
		out.Kind = policy.Anonymous
	case err != nil && strings.HasSuffix(string(p), ".amazonaws.com") && p != "cognito-identity.amazonaws.com":
		out.Kind, out.Service = policy.Service, string(p)
	case err != nil:
		out.Kind = policy.Federated // a provider that every account knows, such as accounts.google.com
	case arn.Resource == "root":
		out.Kind = policy.Root
	case strings.HasPrefix(arn.Resource, "user/"):
		out.Kind = policy.User
	case strings.HasPrefix(arn.Resource, "assumed-role/"):
		out.Kind = policy.RoleSession
	case strings.HasPrefix(arn.Resource, "federated-user/"):
		out.Kind = policy.FederatedUser
	default:
		out.Kind = policy.Federated
	}
	return out
}
