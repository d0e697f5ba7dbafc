package iam

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// The policy simulator. Its decisions are those of the evaluator that decides every request; only their form is the
// simulator's. See "SimulatePrincipalPolicy" and "SimulateCustomPolicy" in the IAM API Reference. What these leave open,
// such as texts of refusals and where a statement begins, was recorded on AWS.

func simulations() api.Table {
	return api.Table{
		api.Op("SimulatePrincipalPolicy", "iam:SimulatePrincipalPolicy", simulatePrincipal, api.Reads(),
			api.On(func(_ context.Context, c *api.Call, in *sdk.SimulatePrincipalPolicyInput) ([]api.Target, error) {
				return []api.Target{simulated(c, in.PolicySourceArn)}, nil
			})),
		api.Op("SimulateCustomPolicy", "iam:SimulateCustomPolicy", simulateCustom, api.Reads()),
		api.Op("GetContextKeysForPrincipalPolicy", "iam:GetContextKeysForPrincipalPolicy", contextKeysForPrincipal,
			api.On(func(_ context.Context, c *api.Call, in *sdk.GetContextKeysForPrincipalPolicyInput) ([]api.Target, error) {
				return []api.Target{simulated(c, in.PolicySourceArn)}, nil
			})),
		api.Op("GetContextKeysForCustomPolicy", "iam:GetContextKeysForCustomPolicy", contextKeysForCustom),
	}
}

// simulated is the user, group or role that a simulation is about, by its stored ARN.
func simulated(c *api.Call, arn *string) api.Target {
	s := subject{arn: arn}
	if e, err := parseEntity(aws.ToString(arn)); err == nil && e.account == c.Principal.Account {
		switch e.kind {
		case authz.UserEntity:
			s = subject{user: &e.name}
		case authz.GroupEntity:
			s = subject{group: &e.name}
		case authz.RoleEntity:
			s = subject{role: &e.name}
		}
	}
	return s.target(c)
}

func simulatePrincipal(_ context.Context, c *api.Call, in *sdk.SimulatePrincipalPolicyInput) (*sdk.SimulatePrincipalPolicyOutput, error) {
	entity, err := findEntity(c, aws.ToString(in.PolicySourceArn))
	if err != nil {
		return nil, err
	}
	s, err := newSimulation(c, entity, &simulationInput{actions: in.ActionNames, resources: in.ResourceArns, policies: in.PolicyInputList,
		boundaries: in.PermissionsBoundaryPolicyInputList, exclusions: in.PolicyExclusionList, resource: in.ResourcePolicy,
		owner: in.ResourceOwner, caller: in.CallerArn, handling: in.ResourceHandlingOption, entries: in.ContextEntries})
	if err != nil {
		return nil, err
	}
	results, marker, err := s.page(c, in.Marker, in.MaxItems)
	return &sdk.SimulatePrincipalPolicyOutput{EvaluationResults: results, Marker: marker, IsTruncated: marker != nil}, err
}

func simulateCustom(_ context.Context, c *api.Call, in *sdk.SimulateCustomPolicyInput) (*sdk.SimulateCustomPolicyOutput, error) {
	s, err := newSimulation(c, nil, &simulationInput{actions: in.ActionNames, resources: in.ResourceArns, policies: in.PolicyInputList,
		boundaries: in.PermissionsBoundaryPolicyInputList, levels: in.OrderedOrganizationPolicyInputList, resource: in.ResourcePolicy,
		owner: in.ResourceOwner, caller: in.CallerArn, handling: in.ResourceHandlingOption, entries: in.ContextEntries})
	if err != nil {
		return nil, err
	}
	results, marker, err := s.page(c, in.Marker, in.MaxItems)
	return &sdk.SimulateCustomPolicyOutput{EvaluationResults: results, Marker: marker, IsTruncated: marker != nil}, err
}

// page simulates the actions of one page. Like AWS it ends a page early where an action takes much work.
func (s *simulation) page(c *api.Call, marker *string, most *int32) ([]types.EvaluationResult, *string, error) {
	after, err := c.After(nil, marker)
	if err != nil {
		return nil, nil, invalidInput("Invalid marker for pagination.")
	}
	first := 0
	if after != "" {
		if first, err = strconv.Atoi(after); err != nil {
			return nil, nil, err
		}
	}
	work := max(1, s.statements()) * max(1, len(s.resources))
	if work > mostSimulated {
		return nil, nil, invalidInput("The policies have too many statements for so many resources: at most %d statements times resources are simulated.", mostSimulated)
	}
	actions := s.actions[min(first, len(s.actions)):]
	actions = actions[:min(len(actions), limit(c, most), max(1, mostSimulated/work))]
	results := make([]types.EvaluationResult, len(actions))
	for i, action := range actions {
		results[i] = s.result(action)
	}
	if next := first + len(actions); next < len(s.actions) {
		return results, c.NextToken(nil, strconv.Itoa(next)), nil
	}
	return results, nil, nil
}

// findEntity finds the user, group or role that an ARN names; its path does not matter.
func findEntity(c *api.Call, arn string) (*authz.Entity, error) {
	named, err := parseEntity(arn)
	if err != nil {
		return nil, err
	}
	if named.account != c.Principal.Account {
		return nil, invalidInput("Invalid Policy Source Arn: caller's account %s does not have access to policies in account %s.", c.Principal.Account, named.account)
	}
	e, ok := c.Snapshot.Entity(named.account, named.kind, named.name)
	switch {
	case e == nil:
		return nil, noSuchEntity("Unable to retrieve specified IAM entity.")
	case !ok:
		return nil, fault.New(fault.Invalid, "PolicyEvaluation", "A policy of %s is missing or cannot be read.", e.ARN)
	}
	return e, nil
}

func contextKeysForPrincipal(_ context.Context, c *api.Call, in *sdk.GetContextKeysForPrincipalPolicyInput) (*sdk.GetContextKeysForPrincipalPolicyOutput, error) {
	e, err := findEntity(c, aws.ToString(in.PolicySourceArn))
	if err != nil {
		return nil, err
	}
	given, err := inputPolicies(in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	return &sdk.GetContextKeysForPrincipalPolicyOutput{ContextKeyNames: keysOf(slices.Concat(given, heldBy(e)))}, nil
}

func contextKeysForCustom(_ context.Context, _ *api.Call, in *sdk.GetContextKeysForCustomPolicyInput) (*sdk.GetContextKeysForCustomPolicyOutput, error) {
	given, err := inputPolicies(in.PolicyInputList)
	return &sdk.GetContextKeysForCustomPolicyOutput{ContextKeyNames: keysOf(given)}, err
}

// keysOf returns the condition keys that policies read, sorted and each once, as they are written.
func keysOf(sources []source) []string {
	keys := []string{}
	for _, s := range sources {
		keys = append(keys, s.doc.Keys()...)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// source is a policy of a simulation, under the name that answers give it.
type source struct {
	id   string
	kind types.PolicySourceType
	arn  string // of a managed policy
	held authz.Holding
	doc  *policy.Document
}

// What SourcePolicyType says.
const (
	identitySource types.PolicySourceType = "IAM Policy"
	boundarySource types.PolicySourceType = "Permissions Boundary Policy"
	resourceSource types.PolicySourceType = "Resource Policy"
)

// heldBy returns the policies of an entity: managed ones first, and by name.
func heldBy(e *authz.Entity) []source {
	var list []source
	for _, h := range e.Holdings {
		for _, p := range h.Policies {
			s := source{id: policyName(&p), kind: identitySource, arn: p.ARN, held: authz.Holding{Kind: h.Kind, Name: h.Name}, doc: p.Doc}
			if p.ARN == "" {
				s.id = inlineID(h, s.id)
			}
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(a, b source) int {
		return cmp.Or(-cmp.Compare(min(len(a.arn), 1), min(len(b.arn), 1)), cmp.Compare(a.id, b.id), cmp.Compare(a.arn, b.arn))
	})
	return slices.CompactFunc(list, func(a, b source) bool { return a.arn != "" && a.arn == b.arn }) // by user and group alike
}
