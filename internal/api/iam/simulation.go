package iam

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// simulation is what one call asks, ready to be decided.
type simulation struct {
	actions   []string
	resources []string // none: "*"
	sources   []source // every policy that can be named in the answer; layers has their places here as their names
	layers    policy.Layers
	request   policy.Request // without action and resource
	missing   []string       // keys that policies read and the call does not give
}

// statements counts those that have a say in every decision.
func (s *simulation) statements() int {
	n := 0
	for i := range s.sources {
		n += s.sources[i].doc.Len()
	}
	for _, level := range slices.Concat(s.layers.SCP, s.layers.RCP) {
		for i := range level {
			n += level[i].Doc.Len()
		}
	}
	return n
}

// result simulates an action on every resource. It stands for all of them: the worst decision, and what matched any.
func (s *simulation) result(action string) types.EvaluationResult {
	out := types.EvaluationResult{EvalActionName: &action}
	if len(s.resources) == 0 {
		o := s.decide(action, "*")
		s.summarise(&out, "*", o)
		return out
	}
	var worst *outcome
	for _, resource := range s.resources {
		o := s.decide(action, resource)
		out.ResourceSpecificResults = append(out.ResourceSpecificResults, s.row(resource, o))
		if worst == nil {
			worst = o.copy()
		} else {
			worst.join(o)
		}
	}
	name := s.resources[0]
	if len(s.resources) > 1 {
		name = resourceTemplate(action)
	}
	s.summarise(&out, name, worst)
	out.EvalDecisionDetails = worst.details
	return out
}

// summarise fills in what stands for all resources. Its policies stand in the opposite order to those of a resource.
func (s *simulation) summarise(out *types.EvaluationResult, resource string, o *outcome) {
	out.EvalResourceName, out.EvalDecision = &resource, o.decision
	slices.SortStableFunc(o.matched, func(a, b match) int { return b.source - a.source })
	out.MatchedStatements = s.describe(o.matched)
	out.MissingContextValues = append([]string{}, o.missing...)
	if s.layers.SCP != nil {
		out.OrganizationsDecisionDetail = &types.OrganizationsDecisionDetail{AllowedByOrganizations: o.organization}
	}
	out.PermissionsBoundaryDecisionDetail = s.boundaryDetail(o)
}

// row is the answer for one of several resources. What is empty is left out.
func (s *simulation) row(resource string, o *outcome) types.ResourceSpecificResult {
	out := types.ResourceSpecificResult{EvalResourceName: &resource, EvalResourceDecision: o.decision,
		MissingContextValues: o.missing, PermissionsBoundaryDecisionDetail: s.boundaryDetail(o)}
	if len(o.matched) > 0 {
		out.MatchedStatements = s.describe(o.matched)
	}
	if len(o.details) > 0 {
		out.EvalDecisionDetails = o.details
	}
	return out
}

func (s *simulation) boundaryDetail(o *outcome) *types.PermissionsBoundaryDecisionDetail {
	if s.layers.Boundary == nil {
		return nil
	}
	return &types.PermissionsBoundaryDecisionDetail{AllowedByPermissionsBoundary: o.boundary}
}

func (s *simulation) describe(matched []match) []types.Statement {
	list := make([]types.Statement, len(matched))
	for i, m := range matched {
		from := &s.sources[m.source]
		start, end := from.doc.Reach(m.statement)
		list[i] = types.Statement{SourcePolicyId: &from.id, SourcePolicyType: from.kind, StartPosition: position(start), EndPosition: position(end)}
	}
	return list
}

func position(p policy.Position) *types.Position {
	return &types.Position{Line: int32(p.Line), Column: int32(p.Column)}
}

// outcome is the answer for one resource, or the sum of several.
type outcome struct {
	decision     types.PolicyEvaluationDecisionType
	matched      []match
	missing      []string // nil unless the request is denied for want of an Allow
	organization bool     // allows
	boundary     bool     // allows
	details      map[string]types.PolicyEvaluationDecisionType
}

// match is a statement: the place of its policy in the sources, and its own there.
type match struct{ source, statement int }

// decide asks the evaluator. Of an allowed request those statements are named that allow it, of one that is denied
// explicitly those that deny it, and of any other none. Policies of organizations are never shown to their members.
func (s *simulation) decide(action, resource string) *outcome {
	r := s.request
	r.Action, r.Resource = action, resource
	x := policy.Explain(&r, &s.layers)
	o := &outcome{decision: types.PolicyEvaluationDecisionTypeImplicitDeny, organization: true, details: map[string]types.PolicyEvaluationDecisionType{}}
	switch {
	case x.Decision.Allowed:
		o.decision = types.PolicyEvaluationDecisionTypeAllowed
	case x.Decision.Explicit:
		o.decision = types.PolicyEvaluationDecisionTypeExplicitDeny
	default:
		o.missing = s.missing
	}
	for i := range x.Layers {
		report := &x.Layers[i]
		kind := identitySource
		switch report.Layer {
		case policy.LayerSCP, policy.LayerRCP:
			o.organization = o.organization && !report.Blocks
			continue
		case policy.LayerBoundary:
			kind, o.boundary = boundarySource, report.Verdict == policy.Allows
		case policy.LayerResource:
			kind = resourceSource
		}
		if r.ResourceAccount != r.Principal.Account {
			o.details[string(kind)] = verdict(report.Verdict)
		}
		if x.Decision.Allowed && kind != boundarySource || x.Decision.Explicit {
			o.name(report, x.Decision.Explicit)
		}
	}
	slices.SortFunc(o.matched, func(a, b match) int { return cmp.Or(a.source-b.source, a.statement-b.statement) })
	return o
}

// name adds the statements of a layer that match and have an effect.
func (o *outcome) name(report *policy.LayerReport, deny bool) {
	for _, st := range report.Statements {
		if at, err := strconv.Atoi(st.PolicyName); err == nil && st.Matches && st.Deny == deny {
			o.matched = append(o.matched, match{at, st.Index})
		}
	}
}

func verdict(v policy.Verdict) types.PolicyEvaluationDecisionType {
	switch v {
	case policy.Allows:
		return types.PolicyEvaluationDecisionTypeAllowed
	case policy.Denies:
		return types.PolicyEvaluationDecisionTypeExplicitDeny
	}
	return types.PolicyEvaluationDecisionTypeImplicitDeny
}

// copy returns an outcome to which others can be added.
func (o *outcome) copy() *outcome {
	sum := *o
	sum.matched, sum.details = slices.Clone(o.matched), maps.Clone(o.details)
	return &sum
}

// join adds the answer for another resource: the worse counts.
func (o *outcome) join(b *outcome) {
	o.decision = worse(o.decision, b.decision)
	for _, m := range b.matched {
		if !slices.Contains(o.matched, m) {
			o.matched = append(o.matched, m)
		}
	}
	if o.missing == nil {
		o.missing = b.missing
	}
	o.organization, o.boundary = o.organization && b.organization, o.boundary && b.boundary
	for kind, d := range b.details {
		o.details[kind] = worse(o.details[kind], d)
	}
}

func worse(a, b types.PolicyEvaluationDecisionType) types.PolicyEvaluationDecisionType {
	order := []types.PolicyEvaluationDecisionType{"", types.PolicyEvaluationDecisionTypeAllowed,
		types.PolicyEvaluationDecisionTypeImplicitDeny, types.PolicyEvaluationDecisionTypeExplicitDeny}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}

// resourceTemplates are what stands for several resources, by the service of the action. Recorded on AWS.
var resourceTemplates = map[string]string{
	"ec2":    "arn:aws:ec2:${Region}:${Account}:${ResourceType}/${ResourcePath}",
	"iam":    "arn:aws:iam::${Account}:${ResourceType}/${ResourceName}",
	"kms":    "arn:aws:kms:${Region}:${Account}:${ResourceType}/${Id}",
	"lambda": "arn:aws:lambda:${Region}:${Account}:${ResourceType}:${ResourceId}",
	"s3":     "arn:aws:s3:::${BucketName}/${KeyName}",
	"sqs":    "arn:aws:sqs:${Region}:${Account}:${QueueName}",
	"sts":    "arn:aws:iam::${Account}:${RelativeId}",
}

func resourceTemplate(action string) string {
	service, _, _ := strings.Cut(strings.ToLower(action), ":")
	if t, ok := resourceTemplates[service]; ok {
		return t
	}
	return "*"
}

// policyName is the name of a managed policy without its path, and of the inline policy of a permission set that of AWS.
func policyName(p *policy.Policy) string {
	switch {
	case p.ARN != "":
		return p.ARN[strings.LastIndexByte(p.ARN, '/')+1:]
	case p.Name == "":
		return reservedInline
	}
	return p.Name
}

// layered is a source as a policy of a layer.
func (s *simulation) layered(from source) policy.Policy {
	s.sources = append(s.sources, from)
	return policy.Policy{Name: strconv.Itoa(len(s.sources) - 1), Doc: from.doc}
}
