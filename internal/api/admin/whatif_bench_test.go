package admin_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdkiam "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/iam"
	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
)

// The busy organization: what is called how often, by whom.
const (
	busyDecisions = 1_000_000
	busyAccounts  = 50
	busyPeople    = 200
	busyClients   = 2_000 // addresses
	busyThings    = 3_000 // names that are asked for
)

// BenchmarkWhatIf asks about a million decisions that the corridor has made and recorded, under a policy that bears on every
// one of them. It stands on disk before: an iteration is reading, deciding and telling.
func BenchmarkWhatIf(b *testing.B) {
	w := apitest.Empty(b, map[string]api.Table{admin.Name: admin.Table(), "iam": iam.Table()})
	callers := busy(b, w)
	began := time.Now()
	var group sync.WaitGroup
	for part := range 2 {
		group.Go(func() { keepBusy(b, w, callers, busyDecisions/2, uint64(part)) })
	}
	group.Wait()
	b.Logf("%d calls took %s", busyDecisions, time.Since(began))
	in := &admin.WhatIfInput{Changes: []admin.PolicyChange{{Operation: "AttachPolicy", PolicyType: "SERVICE_CONTROL_POLICY", PolicyName: "guard", TargetId: "r-root",
		Content: `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["iam:Get*","s3:*"],"Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/28"}}}]}`}}}
	ask := func() *admin.WhatIfOutput {
		return apitest.CallAs[admin.WhatIfOutput](w, &authz.Principal{Kind: authz.Operator}, admin.Name, "WhatIf", in)
	}
	for ask().Decisions < busyDecisions {
		time.Sleep(audit.BatchWindow) // the last are not written yet
	}
	for b.Loop() {
		if out := ask(); out.Asked < busyDecisions || out.Lost == 0 || out.Drifted+out.Gone > 0 {
			b.Fatalf("%+v", out)
		}
	}
}

// busy makes an organization with people who have roles in many accounts, and returns them in these roles.
func busy(b *testing.B, w *apitest.World) (callers []*authz.Principal) {
	var members []*account.Account
	for i := range busyAccounts {
		members = append(members, w.Account(ident.AccountID(fmt.Sprint(200_000_000_000+i)), fmt.Sprint("member", i)))
	}
	i := w.Instance(w.Organization(w.Account("111111111111", "Main"), members...))
	var sets []*permission.Set
	for n, document := range []string{apitest.Allow("*"), apitest.Allow("iam:*"), apitest.Allow("iam:Get*")} {
		sets = append(sets, w.Set(i, fmt.Sprint("Set", n), permission.Grants{Inline: document}))
	}
	var people []*directory.User
	for n := range busyPeople {
		people = append(people, w.Person(i, fmt.Sprint("person", n), "correct horse battery staple"))
	}
	for n, u := range people {
		for k := range 3 {
			m, set := members[(n*3+k)%len(members)], sets[k]
			w.Assign(set, m.ID, u)
			r, _ := w.State.Current().Reserved(set.ARN, m.ID)
			callers = append(callers, &authz.Principal{Kind: authz.Role, Account: m.ID, ARN: r.SessionARN(u.UserName), RoleID: r.ID, SessionName: u.UserName,
				UserID: u.ID, StoreID: u.StoreID, UserGeneration: u.Generation, RoleGeneration: r.Generation, Temporary: true,
				IssuedAt: w.Time.Now(), MFAAt: w.Time.Now().Add(-time.Duration(n) * time.Minute), ExpiresAt: w.Time.Now().Add(12 * time.Hour)})
		}
	}
	return callers
}

// keepBusy makes calls in random order, each by somebody, from somewhere, about something. A thousand are made a second.
func keepBusy(b *testing.B, w *apitest.World, callers []*authz.Principal, calls int, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 1))
	agents := []string{"aws-cli/2.31.0", "Boto3/1.40.1", "aws-sdk-go-v2/1.39.0", "HashiCorp Terraform/1.13"}
	for n := range calls {
		if n%500 == 0 && seed == 0 {
			w.Time.Pass(time.Second)
		}
		caller := api.Caller{Principal: callers[random.IntN(len(callers))], UserAgent: agents[random.IntN(len(agents))]}
		client := random.IntN(busyClients)
		caller.Address = netip.AddrFrom4([4]byte{10, 0, byte(client >> 8), byte(client)})
		name := aws.String(fmt.Sprint("thing", random.IntN(busyThings)))
		operation, in := "GetUser", any(&sdkiam.GetUserInput{UserName: name})
		if random.IntN(2) == 0 {
			operation, in = "GetRole", &sdkiam.GetRoleInput{RoleName: name}
		}
		for {
			_, err := w.Corridor.Invoke(b.Context(), caller, "iam", operation, in)
			if fault.Is(err, "NoSuchEntity") {
				break
			}
			if !fault.Is(err, "ServiceUnavailable") {
				b.Error(err)
				return
			}
			time.Sleep(time.Millisecond) // the record is behind
		}
	}
}
