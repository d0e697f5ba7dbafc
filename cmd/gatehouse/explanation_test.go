package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/audit"
)

// TestADenialIsToldToPeople holds what a person reads: the sentence, the layers, and what would change it.
func TestADenialIsToldToPeople(t *testing.T) {
	t.Parallel()
	full := audit.ExplainedBy{ARN: "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess", Name: "FullAWSAccess", Statement: 1, Line: 1}
	guard := audit.ExplainedBy{ARN: "arn:aws:organizations::111111111111:policy/o-a/service_control_policy/p-a", Name: "NoUsers", Statement: 2, Sid: "No", Line: 4}
	own := audit.ExplainedBy{Name: "own", Statement: 1, Line: 1}
	allows := audit.ExplainedStatement{By: full, Effect: "Allow", Matches: true}
	x := &audit.Explanation{Action: "iam:CreateUser", Resource: "arn:aws:iam::222222222222:user/eve", Explicit: true, Layer: "scp", Target: "ou-a (Dev)", By: &guard,
		Layers: []audit.ExplainedLayer{
			{Layer: "scp", Target: "r-a (root)", Verdict: "allows", Statements: []audit.ExplainedStatement{allows}},
			{Layer: "scp", Target: "ou-a (Dev)", Verdict: "denies", Blocks: true, Omitted: 3, Statements: []audit.ExplainedStatement{allows, {By: guard, Effect: "Deny", Matches: true}}},
			{Layer: "trust", Verdict: "denies", Blocks: true, Hidden: true},
			{Layer: "identity", Verdict: "silent", Blocks: true, Statements: []audit.ExplainedStatement{{By: own, Effect: "Allow", Failures: []audit.ExplainedFailure{
				{Element: "Resource", Line: 2, Column: 3, Want: []string{"a", "b"}, Got: []string{"c"}},
				{Element: "Condition", Operator: "StringLike", Key: "aws:PrincipalTag/team", Line: 3, Column: 9, Want: []string{"x*"}, Absent: true},
				{Element: "Condition", Operator: "StringLike", Key: "aws:RequestedRegion", Line: 5, Column: 9, Want: []string{"eu-*"}, Got: []string{"us-east-1"}}}}}},
			{Layer: "rcp", Verdict: "exempt"},
		},
		Changes: []audit.ExplainedChange{{Layer: "scp", Target: "ou-a (Dev)", Remove: &guard}, {Layer: "trust", Remove: &audit.ExplainedBy{}},
			{Layer: "identity", Add: `{"Effect":"Allow"}`}}, Omitted: 2}
	call := &admin.ExplainedCall{Time: time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC), Service: "iam", Operation: "CreateUser",
		PrincipalArn: "arn:aws:iam::222222222222:user/bob", SourceIp: "192.0.2.7", ErrorCode: "AccessDenied", ErrorMessage: "User: …",
		Decisions: []admin.ExplainedDecision{{Then: x, Today: &audit.Explanation{Allowed: true}}}}
	told(t, call, `iam CreateUser by arn:aws:iam::222222222222:user/bob
2026-01-02 03:04:05.006 UTC from 192.0.2.7
AccessDenied: User: …

Denied: statement 2 "No" (line 4) of the service control policy NoUsers (arn:aws:organizations::111111111111:policy/o-a/service_control_policy/p-a) at ou-a (Dev) denies iam:CreateUser on arn:aws:iam::222222222222:user/eve.

  allows   service control policy at r-a (root): statement 1 (line 1) of FullAWSAccess
  denies   service control policy at ou-a (Dev), and so it is denied
          allows: statement 1 (line 1) of FullAWSAccess
          denies: statement 2 "No" (line 4) of NoUsers (arn:aws:organizations::111111111111:policy/o-a/service_control_policy/p-a)
          and 3 more statements that are not on record
  denies   role trust policy: its policies are another account's to show
  silent   identity-based policy, would have denied it as well
          would allow: statement 1 (line 1) of "own"
            but its Resource at line 2, column 3 is "a", "b", and the request's is "c"
            but StringLike at line 3, column 9 wants "x*" of aws:PrincipalTag/team, which the request does not have
            but StringLike at line 5, column 9 wants "eu-*" of aws:RequestedRegion, which is "us-east-1"
  exempt   resource control policy: does not bind the caller

What would allow it, all 5 together:
  - take statement 2 "No" (line 4) out of the service control policy NoUsers (arn:aws:organizations::111111111111:policy/o-a/service_control_policy/p-a) at ou-a (Dev), or except the request from it
  - the role trust policy of the resource has to stop denying it
  - add to an identity-based policy: {"Effect":"Allow"}
  - and 2 more that are not on record

The policies have changed since. By today's, it is allowed.
`)
}

func TestAnAllowanceIsToldToPeople(t *testing.T) {
	t.Parallel()
	own := audit.ExplainedBy{Name: "own", Statement: 1, Sid: "Lists"}
	call := &admin.ExplainedCall{Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Service: "iam", Operation: "ListUsers", UserName: "jo",
		Decisions: []admin.ExplainedDecision{
			{Allowed: true, Then: &audit.Explanation{Action: "iam:ListUsers", Allowed: true, Layer: "identity", By: &own},
				Today: &audit.Explanation{Action: "iam:ListUsers", Allowed: true, Layer: "identity", By: &own,
					Layers: []audit.ExplainedLayer{{Layer: "identity", Verdict: "allows", Statements: []audit.ExplainedStatement{{By: own, Effect: "Allow", Matches: true}}}}}},
			{Allowed: true, Then: &audit.Explanation{Action: "iam:PassRole", Resource: "r", Allowed: true, Layer: "none"},
				Today: &audit.Explanation{Action: "iam:PassRole", Resource: "r", Layer: "identity"}}}}
	told(t, call, `iam ListUsers by jo
2026-01-02 03:04:05.000 UTC

Allowed: statement 1 "Lists" of the identity-based policy "own" allows iam:ListUsers on *.

By today's policies:
  allows   identity-based policy: statement 1 "Lists" of "own"

Allowed: the root user has every permission of its account, so iam:PassRole on r too.

By today's policies:
Denied: a policy of the caller is missing, or cannot be read, so nothing allows iam:PassRole on r.
`)
	told(t, &admin.ExplainedCall{Service: "sts", Operation: "GetCallerIdentity", Time: call.Time}, `sts GetCallerIdentity by somebody unknown
2026-01-02 03:04:05.000 UTC

No policy was asked: this needs no permission, or a signed-in person or an operator called.
`)
}

func told(t *testing.T, call *admin.ExplainedCall, want string) {
	t.Helper()
	var out bytes.Buffer
	if err := (&session{app: &app{stdout: &out}}).tellCall(call); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
