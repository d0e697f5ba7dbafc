package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
)

func TestAReportIsByPerson(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 10, 2, 59, 0, time.FixedZone("", 3600))
	dev := admin.AccessDifference{Effect: "LOSES", AccountId: "222222222222", AccountName: "Dev", Action: "s3:ListBucket", Resource: "*", Count: 1, Last: at}
	who := func(edit func(*admin.AccessDifference)) admin.AccessDifference { d := dev; edit(&d); return d }
	out := &admin.WhatIfOutput{Decisions: 310905, Asked: 48112, Lost: 1234, Gained: 1, Gone: 3, OutsideLost: 2, UnreadableRecords: 1, Differences: []admin.AccessDifference{
		who(func(d *admin.AccessDifference) { d.IAMUserName = "ci" }),
		who(func(d *admin.AccessDifference) { d.UserName, d.PermissionSetName, d.Count = "ann", "Power", 1200 }),
		who(func(d *admin.AccessDifference) { d.UserName, d.RoleName, d.Action = "ann", "deploy", "sts:AssumeRole" }),
		who(func(d *admin.AccessDifference) {
			d.UserName, d.PermissionSetName, d.Action = "ann", "Power", "s3:GetObject"
		}),
		who(func(d *admin.AccessDifference) { d.Effect, d.RoleName = "GAINS", "deploy" }),
		who(func(d *admin.AccessDifference) { d.FederatedUserName, d.IAMUserName = "fay", "ci" }),
		dev,
	}}
	var got strings.Builder
	if err := (&whatIfReport{&got, 7, out}).print(); err != nil {
		t.Fatal(err)
	}
	want := `ann loses:
  with Power in Dev (222222222222)
    s3:ListBucket on *: 1,200 times, last 2026-03-04 09:02 UTC
    s3:GetObject on *: once, last 2026-03-04 09:02 UTC
  as the role deploy in Dev (222222222222)
    sts:AssumeRole on *: once, last 2026-03-04 09:02 UTC

the IAM user ci in Dev (222222222222) loses:
    s3:ListBucket on *: once, last 2026-03-04 09:02 UTC

the federated user fay of the IAM user ci in Dev (222222222222) loses:
    s3:ListBucket on *: once, last 2026-03-04 09:02 UTC

the root user in Dev (222222222222) loses:
    s3:ListBucket on *: once, last 2026-03-04 09:02 UTC

the role deploy in Dev (222222222222) gains:
    s3:ListBucket on *: once, last 2026-03-04 09:02 UTC

Requests that would be denied and are allowed today: 1,234; the other way round: 1. The change bears on 48,112 of the 310,905 decisions of the last 7 days.
Left out: 3 for people, users and roles that could not call today, whatever changed.
From outside the organization: 2 on its resources would be denied.
Left out: 1 records of the audit trail that are not as they were written. Run: gatehouse audit verify
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAReportIsShort(t *testing.T) {
	t.Parallel()
	out := &admin.WhatIfOutput{Lost: 100}
	for i := range 100 {
		out.Differences = append(out.Differences, admin.AccessDifference{Effect: "LOSES", UserName: "ann", PermissionSetName: fmt.Sprint("Set", i%3), Action: fmt.Sprint("s3:", i), Count: 1})
	}
	var got strings.Builder
	if err := (&whatIfReport{&got, 7, out}).print(); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(got.String(), " once, "); n != mostLines || !strings.Contains(got.String(), "and 88 more, which --json lists") {
		t.Errorf("%d lines:\n%s", n, got.String())
	}
}
