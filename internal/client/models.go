package client

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// ruleSet is an endpoint rule set: whatever the region, there is one endpoint. See "Endpoint resolution" in the
// reference of the AWS SDKs' rules engine (smithy.io, "Rules engine specification").
type ruleSet struct {
	Version    string                   `json:"version"`
	Parameters map[string]ruleParameter `json:"parameters"`
	Rules      []rule                   `json:"rules"`
}

type ruleParameter struct {
	BuiltIn       string `json:"builtIn,omitempty"`
	Required      bool   `json:"required"`
	Default       *bool  `json:"default,omitempty"`
	Documentation string `json:"documentation"`
	Type          string `json:"type"`
}

type rule struct {
	Conditions []condition  `json:"conditions"`
	Endpoint   ruleEndpoint `json:"endpoint"`
	Type       string       `json:"type"`
}

type condition struct {
	Function  string              `json:"fn"`
	Arguments []map[string]string `json:"argv"`
}

type ruleEndpoint struct {
	URL        string         `json:"url"`
	Properties map[string]any `json:"properties"`
	Headers    map[string]any `json:"headers"`
}

// Models writes the endpoints of Gatehouse's services, and of further ones by the names of their models, under dir, in the
// layout of AWS_DATA_PATH. It is for versions of the AWS CLI before 2.13, which do not know the setting endpoint_url.
func Models(dir, origin string, further ...string) error {
	models := further
	for _, s := range Services() {
		models = append(models, s.Model)
	}
	for _, model := range models {
		text, err := json.MarshalIndent(endpoints(model, origin), "", "  ")
		if err != nil {
			return fmt.Errorf("endpoint rule set: %w", err)
		}
		folder := filepath.Join(dir, filepath.FromSlash(model))
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, "endpoint-rule-set-1.json"), append(text, '\n'), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// endpoints is the rule set of a service. Amazon S3's puts the bucket into the path, which its clients leave to the rules.
func endpoints(model, origin string) ruleSet {
	no := false
	set := ruleSet{Version: "1.0",
		Parameters: map[string]ruleParameter{
			"Region":       {BuiltIn: "AWS::Region", Type: "String"},
			"UseFIPS":      {BuiltIn: "AWS::UseFIPS", Required: true, Default: &no, Type: "Boolean"},
			"UseDualStack": {BuiltIn: "AWS::UseDualStack", Required: true, Default: &no, Type: "Boolean"},
			"Endpoint":     {BuiltIn: "SDK::Endpoint", Type: "String"},
		}}
	if strings.HasPrefix(model, "s3/") {
		set.Parameters["Bucket"] = ruleParameter{Type: "String"}
		set.Rules = append(set.Rules, endpoint(origin+"/{Bucket}", condition{"isSet", []map[string]string{{"ref": "Bucket"}}}))
	}
	set.Rules = append(set.Rules, endpoint(origin))
	return set
}

func endpoint(url string, when ...condition) rule {
	return rule{Conditions: append([]condition{}, when...), Type: "endpoint",
		Endpoint: ruleEndpoint{URL: url, Properties: map[string]any{}, Headers: map[string]any{}}}
}
