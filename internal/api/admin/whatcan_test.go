package admin_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
)

// access is the access to some services, and how many have each level.
func access(r admin.WhatCanRole, services ...string) (levels []string, count map[string]int) {
	count = map[string]int{}
	of := map[string]string{}
	for _, s := range r.Services {
		of[s.Service] = s.Access
		count[s.Access]++
	}
	for _, s := range services {
		levels = append(levels, s+" "+of[s])
	}
	return levels, count
}

func TestWhatSomebodyCanIsSummedUpByService(t *testing.T) {
	t.Parallel()
	w := newAsked(t)
	w.User(w.main.ID, "power", iam.Policies{Managed: []string{"arn:aws:iam::aws:policy/PowerUserAccess"}})
	w.User(w.main.ID, "own", apitest.Inline(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::mine/*"},
		{"Effect":"Allow","Action":["sqs:Get*","sqs:List*","sqs:SendMessage"],"Resource":"*"}]}`))
	for _, c := range []struct {
		who, more string
		want      []string
	}{
		{"root", "", []string{"iam full", "s3 full", "sts limited", "sqs full"}}, // root users assume no roles
		{"user/power", "", []string{"iam limited", "s3 full", "sts full", "sqs full"}},
		{"user/own", "", []string{"iam ", "s3 limited", "sts ", "sqs limited"}},
		{"ann", `,"Account":"Main"`, []string{"iam read", "s3 read", "sts read", "sqs read"}},
		{"bob", `,"PermissionSet":"All"`, []string{"iam limited", "s3 full", "sts full", "sqs full"}}, // IAM takes MFA
		{"bob", `,"PermissionSet":"All","Context":[{"Key":"aws:MultiFactorAuthPresent","Values":["true"]}]`, []string{"iam full", "s3 full", "sts full", "sqs full"}},
		{"bob", `,"PermissionSet":"All","Context":[{"Key":"aws:MultiFactorAuthPresent","Values":["false"]}]`, []string{"iam ", "s3 full", "sts full", "sqs full"}},
	} {
		out, code := ask[admin.WhatCanOutput](t, w, w.Root(w.main), "WhatCan", `{"Who":"`+c.who+`"`+c.more+`}`)
		if code != "" || len(out.Roles) != 1 {
			t.Fatalf("%s: got %s, %+v", c.who, code, out)
		}
		if got, _ := access(out.Roles[0], "iam", "s3", "sts", "sqs"); !cmp.Equal(got, c.want) {
			t.Errorf("%s%s: got %q, want %q", c.who, c.more, got, c.want)
		}
	}
}

func TestWhatCanSaysThroughWhom(t *testing.T) {
	t.Parallel()
	w := newAsked(t)
	out, _ := ask[admin.WhatCanOutput](t, w, w.Root(w.main), "WhatCan", `{"Who":"bob","MaxResults":1}`)
	if r := out.Roles[0]; r.PermissionSet != "All" || !r.ByName || r.Groups != nil || out.NextToken == nil {
		t.Fatalf("got %+v", out)
	}
	out, _ = ask[admin.WhatCanOutput](t, w, w.Root(w.main), "WhatCan", `{"Who":"bob","MaxResults":1,"NextToken":"`+*out.NextToken+`"}`)
	if r := out.Roles[0]; r.PermissionSet != "Read" || r.ByName || !cmp.Equal(r.Groups, []string{"Operations"}) || out.NextToken != nil {
		t.Errorf("got %+v", out)
	}
	for _, k := range []apitest.Keys{w.Root(w.dev), w.Root(w.alien)} {
		if _, code := ask[admin.WhatCanOutput](t, w, k, "WhatCan", `{"Who":"arn:aws:iam::111111111111:root"}`); code != "ResourceNotFoundException" {
			t.Errorf("another account is asked about: %q", code)
		}
	}
}
