package policy_test

import (
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/policy/managed"
)

// compile returns the policy that AWS manages under the name, which may have a path.
func compile(b *testing.B, kind policy.Kind, name string) policy.Policy {
	b.Helper()
	p, _ := managed.ByARN(managed.Prefix + "/" + name)
	d, err := policy.Parse([]byte(p.Document()), kind)
	if err != nil {
		b.Fatal(err)
	}
	return policy.Policy{ARN: p.ARN, Name: p.Name, Doc: d}
}

func benchmark(b *testing.B, action string, allowed bool, l *policy.Layers) {
	b.Helper()
	r := &policy.Request{Action: action, Resource: "arn:aws:iam::111111111111:user/a", ResourceAccount: "111111111111",
		Principal: policy.Principal{Kind: policy.RoleSession, ARN: "arn:aws:sts::111111111111:assumed-role/R/s",
			RoleARN: "arn:aws:iam::111111111111:role/R", Account: "111111111111"},
		Context: policy.NewContext()}
	r.Context.Set("aws:PrincipalAccount", "111111111111")
	r.Context.Set("aws:RequestedRegion", "us-east-1")
	b.ReportAllocs()
	for b.Loop() {
		if policy.Decide(r, l).Allowed != allowed {
			b.Fatal("wrong decision")
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	view := []policy.Policy{compile(b, policy.Identity, "job-function/ViewOnlyAccess")}
	power := []policy.Policy{compile(b, policy.Identity, "PowerUserAccess")}
	full := compile(b, policy.SCP, "AdministratorAccess")
	deny, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["billing:*","aws-portal:*"],"Resource":"*"},`+
		`{"Effect":"Deny","NotAction":["iam:*","sts:*","organizations:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["us-east-1","eu-central-1"]}}}]}`), policy.SCP)
	if err != nil {
		b.Fatal(err)
	}
	var scp [][]policy.Policy
	for range 5 {
		scp = append(scp, []policy.Policy{full, {Name: "region", Doc: deny}})
	}
	b.Run("AdministratorAccess", func(b *testing.B) {
		benchmark(b, "iam:CreateUser", true, &policy.Layers{Identity: []policy.Policy{full}})
	})
	b.Run("ViewOnlyAccess/allow", func(b *testing.B) { benchmark(b, "iam:ListUsers", true, &policy.Layers{Identity: view}) })
	b.Run("ViewOnlyAccess/deny", func(b *testing.B) { benchmark(b, "iam:CreateUser", false, &policy.Layers{Identity: view}) })
	b.Run("PowerUserAccess/5 SCP levels", func(b *testing.B) {
		benchmark(b, "s3:GetObject", true, &policy.Layers{Identity: power, SCP: scp})
	})
}
