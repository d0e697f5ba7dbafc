package organizations

import (
	"bytes"
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/store"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

// delegation is a delegation policy in the form in which it is kept.
type delegation struct {
	Version   string       `json:",omitempty"`
	ID        string       `json:"Id,omitempty"`
	Statement []*statement // one alone may stand without the brackets
}

type statement struct {
	Sid       string `json:",omitempty"`
	Effect    string
	Principal any             // "*", or a map of texts and lists
	Action    json.RawMessage // a text or a list
	Resource  json.RawMessage
	Condition json.RawMessage `json:",omitempty"`
}

// delegationOf checks a delegation policy and returns it as it is kept: without white space, with accounts as ARNs of
// their root users. It names accounts of the organization or services, and actions that can be given away.
func delegationOf(tx *store.Tx, o *organization.Organization, text string) (string, error) {
	if _, err := policy.Parse([]byte(text), policy.Resource); err != nil {
		return "", badDelegation()
	}
	d, err := readDelegation(text)
	if err != nil {
		return "", badDelegation()
	}
	for _, s := range d.Statement {
		for _, action := range listed(s.Action) {
			if !givesAway(action) {
				return "", invalidInput(types.InvalidInputExceptionReasonUnsupportedActionInResourcePolicy,
					"%s is not a supported action for this resource-based policy.", action)
			}
		}
		if s.Principal, err = principals(tx, o, s.Principal); err != nil {
			return "", err
		}
	}
	return compact(d)
}

func badDelegation() error {
	return invalidInput(types.InvalidInputExceptionReasonInvalidResourcePolicyJson, "This resource-based policy contains invalid JSON.")
}

// readDelegation reads what policy.Parse has accepted. NotAction and its kin are unknown to a delegation policy.
func readDelegation(text string) (*delegation, error) {
	var outer struct {
		Version   string
		ID        string `json:"Id"`
		Statement json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &outer); err != nil {
		return nil, err
	}
	list := bytes.TrimSpace(outer.Statement)
	if len(list) > 0 && list[0] == '{' {
		list = slices.Concat([]byte("["), list, []byte("]"))
	}
	d := &delegation{Version: outer.Version, ID: outer.ID}
	decoder := json.NewDecoder(bytes.NewReader(list))
	decoder.DisallowUnknownFields()
	return d, decoder.Decode(&d.Statement)
}

// listed returns the texts of a text or a list.
func listed(raw json.RawMessage) []string {
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return list
	}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}
	}
	return nil
}

// givesAway reports whether a delegation policy may name an action. A pattern may, when all that it means beyond reading
// can be given away, and it means something.
func givesAway(action string) bool {
	vendor, name, _ := strings.Cut(action, ":")
	if !strings.EqualFold(vendor, "organizations") {
		return false
	}
	if !strings.ContainsAny(name, "*?") {
		return slices.ContainsFunc(wire.ServiceNamed("organizations").Operations(), func(o string) bool {
			return strings.EqualFold(o, name) && supports(o)
		})
	}
	something := false
	for _, o := range wire.ServiceNamed("organizations").Operations() {
		if ok, err := path.Match(strings.ToLower(name), strings.ToLower(o)); err != nil || !ok {
			continue
		}
		if !supports(o) && !strings.HasPrefix(o, "Describe") && !strings.HasPrefix(o, "List") {
			return false
		}
		something = true
	}
	return something
}

// principals checks whom a statement names, and writes accounts as ARNs.
func principals(tx *store.Tx, o *organization.Organization, named any) (any, error) {
	kinds, ok := named.(map[string]any)
	if !ok {
		return named, nil // "*": policy.Parse accepts nothing else
	}
	for kind, value := range kinds {
		if kind == "Service" {
			continue
		}
		if kind != "AWS" {
			return nil, badDelegation()
		}
		one, alone := value.(string)
		list, _ := value.([]any)
		if alone {
			list = []any{one}
		}
		for i := range list {
			arn, err := memberARN(tx, o, list[i].(string))
			if err != nil {
				return nil, err
			}
			list[i] = arn
		}
		if kinds[kind] = any(list); len(list) == 1 {
			kinds[kind] = list[0]
		}
	}
	return kinds, nil
}

// memberARN returns the ARN for an account of the organization.
func memberARN(tx *store.Tx, o *organization.Organization, named string) (string, error) {
	if named == "*" {
		return named, nil
	}
	id := named
	if arn, err := ident.ParseARN(named); err == nil && arn.Service == "iam" && arn.Resource == "root" {
		id = string(arn.Account)
	}
	if _, err := ident.ParseAccountID(id); err != nil {
		return "", badDelegation()
	}
	if _, err := findAccount(tx, o, id); err != nil {
		return "", missingCode(err, badDelegation())
	}
	return ident.RootARN(ident.AccountID(id)), nil
}

// supports reports whether a delegation policy may give the operation away. See "Create a resource-based delegation
// policy" in the AWS Organizations User Guide.
func supports(operation string) bool {
	for _, prefix := range []string{"Describe", "List"} {
		if strings.HasPrefix(operation, prefix) && !strings.Contains(operation, "Responsibility") {
			return true
		}
	}
	return slices.Contains([]string{"AttachPolicy", "CreatePolicy", "DeletePolicy", "DetachPolicy", "DisablePolicyType",
		"EnablePolicyType", "TagResource", "UntagResource", "UpdatePolicy"}, operation)
}
