package main

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path"
	"strings"
)

// reference is the Service Authorization Reference: actions and resource types by the prefix of the actions.
type reference struct {
	actions   map[string]map[string]*action // by prefix and by name in lower case
	resources map[string]map[string]struct{ ARN string }
}

type action struct {
	Name          string
	ConditionKeys []string
	ResourceTypes []struct {
		Name          string
		Required      bool
		ConditionKeys []string
	}
}

func readReference(file string) (*reference, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	ref := &reference{map[string]map[string]*action{}, map[string]map[string]struct{ ARN string }{}}
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return ref, nil
		}
		if err != nil {
			return nil, err
		}
		folder, prefix := path.Base(path.Dir(h.Name)), strings.TrimSuffix(path.Base(h.Name), ".json")
		switch folder {
		case "actions":
			err = read(t, ref.actions, prefix)
		case "resourceTypes":
			err = read(t, ref.resources, prefix)
		}
		if err != nil {
			return nil, err
		}
	}
}

func read[T any](r io.Reader, into map[string]map[string]T, prefix string) error {
	var one map[string]T
	err := json.NewDecoder(r).Decode(&one)
	into[prefix] = one
	return err
}

func (r *reference) action(name string) *action {
	prefix, name, _ := strings.Cut(name, ":")
	return r.actions[prefix][strings.ToLower(name)]
}

func (r *reference) arn(prefix, resource string) string {
	return r.resources[prefix][strings.ToLower(resource)].ARN
}

// prefixes are those of scopes whose actions begin with another word.
var prefixes = map[string]string{
	"IoTSecuredTunneling":     "iot",
	"cloudcontrolapi":         "cloudformation",
	"iot-jobs-data":           "iotjobsdata",
	"iotdata":                 "iot",
	"monitoring":              "cloudwatch",
	"mturk-requester":         "mechanicalturk",
	"partnercentral-account":  "partnercentral",
	"partnercentral-benefits": "partnercentral",
	"partnercentral-channel":  "partnercentral",
	"partnercentral-selling":  "partnercentral",
	"tagging":                 "tag",
}

// prefix is what the actions of a scope begin with.
func (r *reference) prefix(scope string, models []*model) string {
	if p := prefixes[scope]; p != "" {
		return p
	}
	names := []string{scope}
	for _, m := range models {
		names = append(names, m.name, m.Metadata.EndpointPrefix)
	}
	for _, name := range names {
		if r.actions[name] != nil {
			return name
		}
	}
	return scope
}
