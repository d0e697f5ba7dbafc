package iam

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// simulationInput is what the two operations have in common.
type simulationInput struct {
	actions, resources, policies, boundaries []string
	levels                                   []types.OrderedOrganizationPolicyType
	exclusions                               []types.PolicyIdentifier
	resource, owner, caller, handling        *string
	entries                                  []types.ContextEntry
}

// newSimulation reads the input of a simulation, of an entity's policies or of none's.
func newSimulation(c *api.Call, e *authz.Entity, in *simulationInput) (*simulation, error) {
	s := &simulation{actions: in.actions}
	if !slices.Equal(in.resources, []string{"*"}) {
		s.resources = in.resources
	}
	if err := checkNames(s, in); err != nil {
		return nil, err
	}
	excluded := newExclusions(in.exclusions)
	if err := s.addPolicies(e, in, excluded); err != nil {
		return nil, err
	}
	if err := s.addLevels(e, in.levels, excluded); err != nil {
		return nil, err
	}
	if err := s.identify(c, e, in); err != nil {
		return nil, err
	}
	if e != nil && s.request.ResourceAccount == c.Principal.Account && !excluded.types[types.PolicyIdentifierPolicyTypeRcp] {
		s.layers.RCP = e.RCP
	}
	given, err := addEntries(s.request.Context, in.entries)
	if err != nil {
		return nil, err
	}
	s.missing = s.missingBeside(given, in.levels)
	return s, nil
}

// checkNames checks actions, resources and how they go together.
func checkNames(s *simulation, in *simulationInput) error {
	for _, action := range s.actions {
		if !strings.Contains(action, ":") {
			return invalidInput("The action is invalid since it is missing names")
		}
	}
	for _, resource := range s.resources {
		if resource != "*" && !isARN(resource) {
			return invalidInput("ResourceNames are not in a valid ARN format: %s.", resource)
		}
	}
	if in.handling != nil && len(s.resources) > 0 {
		for _, action := range s.actions {
			if !strings.EqualFold(action, "ec2:RunInstances") {
				return invalidInput("Invalid input resource handling options. Action does not support resource handling options: %s. "+
					"Please refer to the documentation for more details: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html", action)
			}
		}
	}
	if in.resource != nil && (len(s.resources) == 0 || slices.Contains(s.resources, "*")) {
		return invalidInput("Invalid Entity Arn: * does not clearly define entity type and name.")
	}
	return nil
}

// isARN reports whether a text has the six parts of an ARN.
func isARN(text string) bool {
	p := strings.SplitN(text, ":", 6)
	return len(p) == 6 && p[0] == "arn" && p[1] != "" && p[2] != "" && p[5] != ""
}

// inputPolicies compiles a list of identity policies.
func inputPolicies(documents []string) ([]source, error) {
	list := make([]source, len(documents))
	for i, document := range documents {
		doc, err := policy.Parse([]byte(document), policy.Identity)
		if err != nil {
			return nil, invalidInput("Policy input list item %d has invalid content", i+1)
		}
		list[i] = source{id: fmt.Sprintf("PolicyInputList.%d", i+1), kind: identitySource, doc: doc}
	}
	return list, nil
}

// addPolicies gathers the policies that answers may name.
func (s *simulation) addPolicies(e *authz.Entity, in *simulationInput, excluded *exclusions) error {
	identity, err := inputPolicies(in.policies)
	if err != nil {
		return err
	}
	if e != nil {
		identity = append(identity, slices.DeleteFunc(heldBy(e), excluded.has)...)
		if b := e.Boundary; b != nil && !excluded.types[types.PolicyIdentifierPolicyTypePermissionBoundary] {
			s.bound(source{id: policyName(b), kind: boundarySource, doc: b.Doc})
		}
	}
	for _, from := range identity {
		s.layers.Identity = append(s.layers.Identity, s.layered(from))
	}
	if len(in.boundaries) > 1 {
		return invalidInput("The list of Permissions Boundary policies cannot exceed 1 items.")
	}
	if len(in.boundaries) == 1 { // in place of the entity's own
		doc, err := policy.Parse([]byte(in.boundaries[0]), policy.Boundary)
		if err != nil {
			return invalidInput("Permissions boundary policy input list item 1 has invalid content")
		}
		s.bound(source{id: "PermissionsBoundaryPolicyInputList.1", kind: boundarySource, doc: doc})
	}
	if in.resource == nil {
		return nil
	}
	doc, err := policy.Parse([]byte(*in.resource), policy.Resource)
	if err != nil {
		return invalidInput("Resource policy has invalid content")
	}
	for _, resource := range doc.Resources() {
		if !isARN(resource) {
			return invalidInput("ResourceNames are not in a valid ARN format: %s.", resource)
		}
	}
	p := s.layered(source{id: "ResourcePolicy", kind: resourceSource, doc: doc})
	s.layers.Resource = &p
	return nil
}

func (s *simulation) bound(from source) {
	p := s.layered(from)
	s.layers.Boundary = &p
}

// addLevels adds the service control policies: those over the entity's account, or those of the request.
func (s *simulation) addLevels(e *authz.Entity, levels []types.OrderedOrganizationPolicyType, excluded *exclusions) error {
	if e != nil && !excluded.types[types.PolicyIdentifierPolicyTypeScp] {
		s.layers.SCP = e.SCP
	}
	for i, level := range levels {
		if len(level.ServiceControlPolicyInputList) == 0 {
			return invalidInput("Organization policy at index %d must contain at least one service control policy", i+1)
		}
		var policies []policy.Policy
		for j, document := range level.ServiceControlPolicyInputList {
			doc, err := policy.Parse([]byte(document), policy.SCP)
			if err != nil {
				return invalidInput("Service control policy %d of the organization policy at index %d has invalid content", j+1, i+1)
			}
			policies = append(policies, policy.Policy{Doc: doc})
		}
		s.layers.SCP = append(s.layers.SCP, policies)
	}
	return nil
}

// missingBeside returns the keys that the policies read and the request does not give, whatever is known otherwise. The
// account's service control policies are not among them, since not everybody in the account may read those.
func (s *simulation) missingBeside(given map[string]bool, levels []types.OrderedOrganizationPolicyType) []string {
	sources := slices.Clone(s.sources)
	if len(levels) > 0 {
		for _, level := range s.layers.SCP {
			for i := range level {
				sources = append(sources, source{doc: level[i].Doc})
			}
		}
	}
	keys := slices.DeleteFunc(keysOf(sources), func(key string) bool { return given[strings.ToLower(key)] })
	if len(keys) == 0 {
		return nil
	}
	return keys
}

// entityName is a user, group or role as an ARN names it.
type entityName struct {
	account ident.AccountID
	kind    authz.EntityKind
	name    string
}

func parseEntity(text string) (entityName, error) {
	arn, err := ident.ParseARN(text)
	kind, name, _ := strings.Cut(arn.Resource, "/")
	e := entityName{arn.Account, authz.EntityKind(kind), path.Base(name)}
	known := e.kind == authz.UserEntity || e.kind == authz.GroupEntity || e.kind == authz.RoleEntity
	if err != nil || arn.Service != "iam" || len(arn.Account) != 12 || !known || name == "" || strings.HasSuffix(name, "/") {
		return e, invalidInput("Invalid ARN provided in the request: %s", text)
	}
	return e, nil
}

// identify says who makes the simulated requests, to whose resources, and what follows from that. A caller beside the entity
// whose policies are simulated is only what its ARN says: its tags are for those who may read them.
func (s *simulation) identify(c *api.Call, e *authz.Entity, in *simulationInput) error {
	x := policy.NewContext()
	s.request.Context = x
	s.request.Principal = policy.Principal{Kind: policy.User, Account: c.Principal.Account}
	caller := e
	if in.caller != nil {
		named, err := parseEntity(*in.caller)
		if err != nil {
			return err
		}
		if e == nil || !named.is(e) {
			caller = nil
			s.request.Principal.Account, s.request.Principal.ARN = named.account, *in.caller
			named.describe(&s.request.Principal, x)
		}
	}
	x.Set("aws:PrincipalAccount", string(s.request.Principal.Account))
	if caller != nil {
		s.request.Principal = caller.Caller
		x.Set("aws:PrincipalArn", caller.ARN)
		if caller.Principal != nil {
			c.Snapshot.PrincipalKeys(caller.Principal, x)
		}
	}
	s.request.Principal.ManagementAccount = e != nil && e.Caller.ManagementAccount
	s.request.Principal.ServiceLinkedRole = e != nil && e.Caller.ServiceLinkedRole
	return s.own(c, in.owner)
}

// is reports whether the name is that of an entity, whatever its path and letter case.
func (n entityName) is(e *authz.Entity) bool {
	other, err := parseEntity(e.ARN)
	return err == nil && n.account == other.account && n.kind == other.kind && strings.EqualFold(n.name, other.name)
}

// describe makes a principal of a name that stands for nobody.
func (n entityName) describe(p *policy.Principal, x *policy.Context) {
	x.Set("aws:PrincipalArn", p.ARN)
	switch n.kind {
	case authz.UserEntity:
		x.Set("aws:username", n.name)
		x.Set("aws:PrincipalType", "User")
	case authz.RoleEntity:
		x.Set("aws:PrincipalType", "AssumedRole")
		p.Kind, p.RoleARN, p.ARN = policy.RoleSession, p.ARN, ident.SessionARN(n.account, n.name, "")
	}
}

// own says whose the resources are: the caller's, unless told otherwise.
func (s *simulation) own(c *api.Call, owner *string) error {
	s.request.ResourceAccount = s.request.Principal.Account
	if owner != nil {
		arn, err := ident.ParseARN(*owner)
		if err != nil || len(arn.Account) != 12 {
			return invalidInput("'%s' is not a valid as a Resource Owner.", *owner)
		}
		s.request.ResourceAccount = arn.Account
	}
	if s.request.ResourceAccount == c.Principal.Account {
		c.Snapshot.OwnerKeys(s.request.ResourceAccount, s.request.Context)
	} else {
		s.request.Context.Set("aws:ResourceAccount", string(s.request.ResourceAccount))
	}
	return nil
}

// addEntries adds the context of the request, over what is known. It returns the names, in lower case.
func addEntries(x *policy.Context, entries []types.ContextEntry) (map[string]bool, error) {
	given := map[string]bool{}
	for _, e := range entries {
		name := aws.ToString(e.ContextKeyName)
		if name == "" && e.ContextKeyType == "" && len(e.ContextKeyValues) == 0 {
			continue
		}
		if err := checkEntry(name, e); err != nil {
			return nil, err
		}
		if given[strings.ToLower(name)] {
			return nil, invalidInput("Duplicate context key: %s.", name)
		}
		given[strings.ToLower(name)] = true
		if strings.HasSuffix(string(e.ContextKeyType), "List") {
			x.SetList(name, e.ContextKeyValues)
		} else {
			x.Set(name, e.ContextKeyValues[0])
		}
	}
	return given, nil
}

// checkEntry checks that an entry is complete and that its values are of its type.
func checkEntry(name string, e types.ContextEntry) error {
	element, list := strings.CutSuffix(string(e.ContextKeyType), "List")
	switch {
	case name == "":
		return invalidInput("ContextKeyName cannot be null or empty.")
	case element == "":
		return invalidInput("Context key %s has invalid type null.", name)
	case len(e.ContextKeyValues) == 0:
		return invalidInput("Context values for context key %s cannot be null or empty.", name)
	case !list && len(e.ContextKeyValues) > 1:
		return invalidInput("Context key %s expected a single value, but received %d.", element, len(e.ContextKeyValues))
	}
	for _, value := range e.ContextKeyValues {
		ok, want := true, ""
		switch element {
		case "numeric":
			ok, want = policy.IsNumber(value), "numeric format"
		case "date":
			ok, want = policy.IsDate(value), "DateTime format"
		case "ip":
			ok, want = policy.IsAddress(value), "IP address"
		case "binary":
			ok, want = policy.IsBinary(value), "base-64 encoded binary format"
		}
		if !ok {
			return invalidInput("Invalid context value for key %s: expected %s.", name, want)
		}
	}
	return nil
}
