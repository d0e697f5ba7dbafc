package client

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// ruleSet is an endpoint rule set: whatever the region, there is one endpoint. See "Endpoint resolution" in the
// reference of the AWS SDKs' rules engine (smithy.io, "Rules engine specification").
type ruleSet struct {
	Version    string                   `json:"version"`
	Parameters map[string]ruleParameter `json:"parameters"`
	Rules      []rule                   `json:"rules"`
}

type ruleParameter struct {
	BuiltIn       string `json:"builtIn"`
	Required      bool   `json:"required"`
	Default       *bool  `json:"default,omitempty"`
	Documentation string `json:"documentation"`
	Type          string `json:"type"`
}

type rule struct {
	Conditions []any        `json:"conditions"`
	Endpoint   ruleEndpoint `json:"endpoint"`
	Type       string       `json:"type"`
}

type ruleEndpoint struct {
	URL        string         `json:"url"`
	Properties map[string]any `json:"properties"`
	Headers    map[string]any `json:"headers"`
}

// Models writes the endpoints of Gatehouse's services under dir, in the layout of AWS_DATA_PATH. It is for versions of
// the AWS CLI before 2.13, which do not know the setting endpoint_url.
func Models(dir, origin string) error {
	no := false
	set := ruleSet{Version: "1.0",
		Parameters: map[string]ruleParameter{
			"Region":       {BuiltIn: "AWS::Region", Type: "String"},
			"UseFIPS":      {BuiltIn: "AWS::UseFIPS", Required: true, Default: &no, Type: "Boolean"},
			"UseDualStack": {BuiltIn: "AWS::UseDualStack", Required: true, Default: &no, Type: "Boolean"},
			"Endpoint":     {BuiltIn: "SDK::Endpoint", Type: "String"},
		},
		Rules: []rule{{Conditions: []any{}, Type: "endpoint",
			Endpoint: ruleEndpoint{URL: origin, Properties: map[string]any{}, Headers: map[string]any{}}}},
	}
	text, err := json.MarshalIndent(set, "", "  ")
	if err != nil {
		return fmt.Errorf("endpoint rule set: %w", err)
	}
	for _, s := range Services() {
		folder := filepath.Join(dir, filepath.FromSlash(s.Model))
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, "endpoint-rule-set-1.json"), append(text, '\n'), 0o600); err != nil {
			return err
		}
	}
	return nil
}
