package actions

import (
	"slices"
	"strings"
	"testing"
)

func TestServicesAreListed(t *testing.T) {
	t.Parallel()
	all, n := Services(), 0
	if !slices.IsSortedFunc(all, func(a, b Service) int { return strings.Compare(a.Prefix, b.Prefix) }) {
		t.Error("services are not in order")
	}
	levels := map[string]Level{}
	for _, s := range all {
		n += len(s.Actions)
		for _, a := range s.Actions {
			levels[s.Prefix+":"+a.Name] = a.Level
		}
	}
	if len(all) < 400 || n < 20_000 {
		t.Errorf("got %d services with %d actions", len(all), n)
	}
	for name, want := range map[string]Level{"s3:GetObject": Read, "iam:CreateUser": Write, "iam:AttachRolePolicy": Permissions, "ec2:CreateTags": Tagging, "s3:ListBucket": List} {
		if levels[name] != want {
			t.Errorf("%s is %q, want %q", name, levels[name], want)
		}
	}
}
