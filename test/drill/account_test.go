package drill_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// requested is an account that was asked for.
type requested struct {
	id    string                   // of the request, once it was acknowledged
	state types.CreateAccountState // as it was described before the crash, if it was
	twice bool                     // its address was taken: it has to fail
}

// founder creates accounts as an administrator of the organization does.
type founder struct {
	reader *organizations.Client
	writer *organizations.Client // without a second attempt, which would hide what the first one did
	sts    *sts.Client
	taken  string // the address of an account that is there

	mu    sync.Mutex
	asked map[string]*requested // by the account's name
}

// TestAccountsAreMadeWholeOrNotAtAllByKill creates accounts with several writers, kills the server amid that, again and
// again. Every request that was acknowledged has to end: SUCCEEDED with an account that its access role leads into, or
// FAILED for a reason that is true and without an account. No account is there that no request tells of.
func TestAccountsAreMadeWholeOrNotAtAllByKill(t *testing.T) {
	seed := seedOf(t)
	t.Logf("GATEHOUSE_DRILL_SEED=%d repeats the timing of this run", seed)
	random := rand.New(rand.NewPCG(seed, 2))
	site := newSite(t)
	server := site.serve(t)
	f := site.founder(t)
	checked := map[string]bool{}
	for round := range fewRounds {
		f.foundUnderLoad(t, server, round, earliest+time.Duration(random.Int64N(int64(latest-earliest))))
		site.verifyAudit(t)
		server = site.serve(t)
		if err := f.reconcile(t, checked); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
	acknowledged := 0
	for _, r := range f.asked {
		if r.id != "" {
			acknowledged++
		}
	}
	if len(checked) == 0 {
		t.Fatal("no account was created, so nothing was proved")
	}
	t.Logf("%d accounts were asked for, %d requests acknowledged, %d accounts are there and can be entered", len(f.asked), acknowledged, len(checked))
}

// founder makes an administrator, because root users assume no roles, and reads what address is taken.
func (s *site) founder(t *testing.T) *founder {
	t.Helper()
	config := s.config(t, management)
	users, name := iam.NewFromConfig(config), aws.String("founder")
	_, err := users.CreateUser(t.Context(), &iam.CreateUserInput{UserName: name})
	if err == nil {
		_, err = users.AttachUserPolicy(t.Context(), &iam.AttachUserPolicyInput{UserName: name, PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")})
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := users.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: name})
	if err != nil {
		t.Fatal(err)
	}
	config.Credentials = credentials.NewStaticCredentialsProvider(*out.AccessKey.AccessKeyId, *out.AccessKey.SecretAccessKey, "")
	f := &founder{reader: organizations.NewFromConfig(config), sts: sts.NewFromConfig(config), asked: map[string]*requested{},
		writer: organizations.NewFromConfig(config, func(o *organizations.Options) { o.Retryer = aws.NopRetryer{} })}
	me, err := f.reader.DescribeAccount(t.Context(), &organizations.DescribeAccountInput{AccountId: aws.String(management)})
	if err != nil {
		t.Fatal(err)
	}
	f.taken = *me.Account.Email
	return f
}

// foundUnderLoad creates accounts until the server is killed; each fifth has an address that is taken.
func (f *founder) foundUnderLoad(t *testing.T, server *child, round int, pause time.Duration) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	timer := time.AfterFunc(pause, server.kill)
	defer timer.Stop()
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for n := 0; !server.ended(); n++ {
				f.found(ctx, fmt.Sprintf("r%d-w%d-n%d", round, w, n), n%5 == 4)
			}
		})
	}
	wg.Wait()
	server.wait(t)
}

// found creates an account and asks what came of it. What is not answered stays in doubt.
func (f *founder) found(ctx context.Context, name string, twice bool) {
	r, email := &requested{twice: twice}, address(name)
	if twice {
		email = f.taken
	}
	f.mu.Lock()
	f.asked[name] = r
	f.mu.Unlock()
	out, err := f.writer.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: &name, Email: &email})
	if err != nil {
		return
	}
	r.id = *out.CreateAccountStatus.Id
	described, err := f.writer.DescribeCreateAccountStatus(ctx, &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: &r.id})
	if err == nil {
		r.state = described.CreateAccountStatus.State
	}
}

// address is the e-mail address of the account with a name.
func address(name string) string { return name + "@drill.example" }

// reconcile compares what was asked for with the statuses and the accounts that there are, and enters the accounts that it
// has not entered before.
func (f *founder) reconcile(t *testing.T, entered map[string]bool) error {
	t.Helper()
	byName, byID := f.statuses(t)
	accounts := f.accounts(t)
	var wrong []error
	for name, r := range f.asked {
		s, there := byName[name]
		if r.id != "" {
			s, there = byID[r.id]
		}
		account, founded := accounts[address(name)]
		switch {
		case !there && (r.id != "" || founded):
			wrong = append(wrong, fmt.Errorf("%s was acknowledged as %q, has the account %q, and no status tells of it", name, r.id, account))
		case there:
			wrong = append(wrong, truthful(r, s, account, founded))
		}
		if founded && !entered[account] {
			entered[account] = true
			wrong = append(wrong, f.enter(t, account))
		}
	}
	return errors.Join(wrong...)
}

// truthful reports how a status differs from what there is.
func truthful(r *requested, s types.CreateAccountStatus, account string, founded bool) error {
	name := aws.ToString(s.AccountName)
	switch {
	case r.state != "" && r.state != s.State:
		return fmt.Errorf("%s was %s and is %s", name, r.state, s.State)
	case r.twice && (s.State != types.CreateAccountStateFailed || s.FailureReason != types.CreateAccountFailureReasonEmailAlreadyExists || founded):
		return fmt.Errorf("%s has an address that is taken, and is %s %s with the account %q", name, s.State, s.FailureReason, account)
	case !r.twice && (s.State != types.CreateAccountStateSucceeded || !founded || aws.ToString(s.AccountId) != account):
		return fmt.Errorf("%s is %s %s with the account %q, and there is the account %q", name, s.State, s.FailureReason, aws.ToString(s.AccountId), account)
	}
	return nil
}

// enter assumes the role that every account is created with.
func (f *founder) enter(t *testing.T, account string) error {
	t.Helper()
	role := "arn:aws:iam::" + account + ":role/OrganizationAccountAccessRole"
	_, err := f.sts.AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("drill")})
	return err
}

// statuses are all requests, by the name that was asked for and by their id.
func (f *founder) statuses(t *testing.T) (byName, byID map[string]types.CreateAccountStatus) {
	t.Helper()
	byName, byID = map[string]types.CreateAccountStatus{}, map[string]types.CreateAccountStatus{}
	pages := organizations.NewListCreateAccountStatusPaginator(f.reader, &organizations.ListCreateAccountStatusInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatalf("list the statuses: %v", err)
		}
		for _, s := range page.CreateAccountStatuses {
			byName[*s.AccountName], byID[*s.Id] = s, s
		}
	}
	return byName, byID
}

// accounts are the ids of the organization's active accounts, by their addresses.
func (f *founder) accounts(t *testing.T) map[string]string {
	t.Helper()
	ids := map[string]string{}
	pages := organizations.NewListAccountsPaginator(f.reader, &organizations.ListAccountsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatalf("list the accounts: %v", err)
		}
		for _, a := range page.Accounts {
			if a.Status == types.AccountStatusActive {
				ids[*a.Email] = *a.Id
			}
		}
	}
	return ids
}
