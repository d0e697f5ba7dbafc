package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/netip"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/provision"
	"github.com/gatehouse-sso/gatehouse/internal/sample"
	"github.com/gatehouse-sso/gatehouse/internal/server"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// writes is how many times each durable operation is called in a turn. Of turns turns the median counts.
const (
	writes = 3000
	turns  = 5
)

// gcPercent is the server's GOGC, so that collecting garbage costs both sides the same.
const gcPercent = 800

// durable takes G8 and G9: what an operation costs that is on disk when it is answered, in comparison to the function that
// its handler gives to store.Update, given to it by as many goroutines of a program that does nothing else.
func (b *bench) durable(ctx context.Context) ([]Figure, error) {
	data, err := os.MkdirTemp(b.dir, "durable-")
	if err != nil {
		return nil, err
	}
	p, listen, _, err := b.dev(ctx, data)
	if err != nil {
		return nil, err
	}
	a, err := signAdministratorIn(ctx, "http://"+listen, data)
	if err != nil {
		return nil, errors.Join(err, p.stop())
	}
	own := side{p, strings.Replace(listen, "localhost", "127.0.0.1", 1)}
	users, err := b.calls(ctx, own, 64, a.createUser)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("CreateUser: %w", err), p.stop())
	}
	if err := a.people(ctx); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	given, err := b.calls(ctx, own, 16, a.createAssignment)
	if err := errors.Join(err, p.stop()); err != nil {
		return nil, fmt.Errorf("CreateAccountAssignment: %w", err)
	}
	bareUsers, bareGiven, err := bare(ctx, data, a)
	if err != nil {
		return nil, err
	}
	figure := func(goal, what string, want float64, cost, bare time.Duration) Figure {
		got := float64(bare) / float64(cost)
		return Figure{Goal: goal, What: what, Want: fmt.Sprintf(">= %.2f x", want), Got: fmt.Sprintf("%.2f x", got), Met: got >= want,
			Details: []string{fmt.Sprintf("%.0f µs of the server's processor time a call, the bare store %.0f µs", microseconds(cost), microseconds(bare))}}
	}
	return []Figure{figure("G8", "durable CreateUser by 64 callers", 0.5, users, bareUsers),
		figure("G9", "CreateAccountAssignment by 16 callers", 0.4, given, bareGiven)}, nil
}

// admin may do everything in the sample's management account.
type admin struct {
	server               string
	credentials          aws.Credentials
	instance, store, set string
	userIDs              []string
}

// signAdministratorIn signs the administrator in and finds out what is where.
func signAdministratorIn(ctx context.Context, server, data string) (*admin, error) {
	p, err := signIn(ctx, server, data, owner)
	if err != nil {
		return nil, err
	}
	token, err := p.token(ctx)
	if err != nil {
		return nil, err
	}
	roles, err := p.roles(ctx, token)
	if err != nil {
		return nil, err
	}
	a := &admin{server: server}
	for _, r := range roles {
		if *r.AccountId == string(sample.Management) && *r.RoleName == "AdministratorAccess" {
			if a.credentials, err = p.keys(ctx, token, r); err != nil {
				return nil, err
			}
		}
	}
	api := ssoadmin.NewFromConfig(a.config())
	instances, err := api.ListInstances(ctx, &ssoadmin.ListInstancesInput{})
	if err != nil {
		return nil, err
	}
	a.instance, a.store = *instances.Instances[0].InstanceArn, *instances.Instances[0].IdentityStoreId
	sets, err := api.ListPermissionSets(ctx, &ssoadmin.ListPermissionSetsInput{InstanceArn: &a.instance})
	if err != nil {
		return nil, err
	}
	a.set = sets.PermissionSets[0]
	return a, nil
}

func (a *admin) config() aws.Config {
	return aws.Config{Region: region, BaseEndpoint: &a.server, Credentials: credentials.StaticCredentialsProvider{Value: a.credentials}}
}

// people lists the users that there are.
func (a *admin) people(ctx context.Context) error {
	pages := identitystore.NewListUsersPaginator(identitystore.NewFromConfig(a.config()), &identitystore.ListUsersInput{IdentityStoreId: &a.store})
	for pages.HasMorePages() && len(a.userIDs) < writes*turns {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, u := range out.Users {
			a.userIDs = append(a.userIDs, *u.UserId)
		}
	}
	return nil
}

func (a *admin) createUser(ctx context.Context, i int) ([]byte, error) {
	name := fmt.Sprintf("writer%05d", i)
	return a.request(ctx, "identitystore", "AWSIdentityStore.CreateUser", map[string]any{"IdentityStoreId": a.store, "UserName": name, "DisplayName": name,
		"Name": map[string]string{"GivenName": "Given", "FamilyName": "Family"}})
}

func (a *admin) createAssignment(ctx context.Context, i int) ([]byte, error) {
	return a.request(ctx, "sso", "SWBExternalService.CreateAccountAssignment", map[string]any{"InstanceArn": a.instance, "PermissionSetArn": a.set,
		"TargetType": "AWS_ACCOUNT", "TargetId": string(sample.Management), "PrincipalType": "USER", "PrincipalId": a.userIDs[i%len(a.userIDs)]})
}

// request signs a call of an awsJson service.
func (a *admin) request(ctx context.Context, service, target string, input map[string]any) ([]byte, error) {
	body, err := json.Marshal(input)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.server+"/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", target)
	r.Header.Set("User-Agent", userAgent)
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, a.credentials, r, hex.EncodeToString(sum[:]), service, region, time.Now()); err != nil {
		return nil, err
	}
	return onTheWire(r)
}

// calls makes each call once and returns the server's processor time for one.
func (b *bench) calls(ctx context.Context, s side, callers int, request func(context.Context, int) ([]byte, error)) (time.Duration, error) {
	return inTurns(func(first int) (time.Duration, error) {
		l := &load{address: s.address, conns: callers}
		for i := range writes {
			r, err := request(ctx, first+i)
			if err != nil {
				return 0, err
			}
			l.requests = append(l.requests, r)
		}
		before, err := s.cpu()
		if err != nil {
			return 0, err
		}
		r, err := l.exactly(writes, patience)
		if err != nil {
			return 0, err
		}
		time.Sleep(sealed)
		after, err := s.cpu()
		if err == nil && r.count < writes {
			err = fmt.Errorf("%d of %d calls were answered", r.count, writes)
		}
		return (after - before) / writes, err
	})
}

// sealed is how long it takes until the records of a turn are sealed, which is paid by the turn.
const sealed = 1200 * time.Millisecond

// inTurns takes a time in turns, each of which counts its writes from first on, and returns the median.
func inTurns(take func(first int) (time.Duration, error)) (time.Duration, error) {
	var times []time.Duration
	for turn := range turns {
		took, err := take(turn * writes)
		if err != nil {
			return 0, err
		}
		times = append(times, took)
	}
	return median(times), nil
}

// openBare opens the directory of a server that does not run.
func openBare(ctx context.Context, data string) (*server.Server, error) {
	return server.Open(ctx, server.Config{Data: data, Clock: time.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)}, false)
}

// bare gives the functions of the two operations to a store, here: authorised and recorded by the call's own Update, as
// the handlers' are, but nothing else of a call is done.
func bare(ctx context.Context, data string, a *admin) (users, given time.Duration, err error) {
	s, err := openBare(ctx, data)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	ids, set := s.Corridor.IDs, s.Corridor.State.Current().Set(a.set)
	users, err = a.within(ctx, s, "identitystore:CreateUser", 64, func(c *api.Call, tx *store.Tx, i int) error {
		if c.State.Draft().Users(a.store) >= math.MaxInt32 {
			return errors.New("too many users")
		}
		name := fmt.Sprintf("bare%05d", i)
		u := &directory.User{ID: ids.UUID(), StoreID: a.store, UserName: name, DisplayName: name, GivenName: "Given", FamilyName: "Family"}
		u.Created(tx.Now, c.Principal.ARN)
		return store.Users.Save(tx, u)
	})
	if err != nil {
		return 0, 0, err
	}
	place := provision.Place{Set: set, Account: sample.Management, Region: s.Region()}
	given, err = a.within(ctx, s, "sso:CreateAccountAssignment", 16, func(_ *api.Call, tx *store.Tx, i int) error {
		id := ids.UUID()
		_, err := provision.Assign(tx, place, permission.UserPrincipal, id)
		return errors.Join(err, store.Statuses.Save(tx, &permission.Status{RequestID: id, InstanceARN: a.instance, SetARN: a.set, Kind: permission.CreateAssignment,
			Account: sample.Management, PrincipalType: permission.UserPrincipal, PrincipalID: id, State: permission.Succeeded, CreatedAt: tx.Now}))
	})
	return users, given, err
}

// within makes one call of the administrator whose handler changes something many times, each time as a call of its own,
// and returns this process's time for one.
func (a *admin) within(ctx context.Context, s *server.Server, action string, callers int, change func(*api.Call, *store.Tx, int) error) (took time.Duration, err error) {
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	run := func(ctx context.Context, c *api.Call, _ *struct{}) (*struct{}, error) {
		took, err = repeat(callers, func(i int) error {
			k := *c
			k.RequestID = k.IDs.UUID()
			return k.Update(ctx, func(tx *store.Tx) error { return change(&k, tx, i) })
		})
		return nil, err
	}
	target := api.On(func(context.Context, *api.Call, *struct{}) ([]api.Target, error) {
		return []api.Target{{ARN: "arn:aws:identitystore::" + string(sample.Management) + ":identitystore/" + a.store, Account: sample.Management}}, nil
	})
	const service = "identitystore"
	corridor := api.New(s.Corridor.Services, map[string]api.Table{service: {api.Op("Bare", action, run, target)}})
	p, err := a.principal(s)
	if err != nil {
		return 0, err
	}
	caller := api.Caller{Principal: p, Address: netip.MustParseAddr("127.0.0.1"), UserAgent: userAgent}
	if _, failed := corridor.Invoke(ctx, caller, service, "Bare", &struct{}{}); err == nil {
		err = failed
	}
	return took, err
}

// principal is the administrator as the server knows them by their credentials.
func (a *admin) principal(s *server.Server) (*authz.Principal, error) {
	k, _, err := s.Corridor.Seal.Open(a.credentials.AccessKeyID, a.credentials.SessionToken, time.Now())
	if err != nil {
		return nil, err
	}
	return &authz.Principal{Kind: authz.Role, Account: k.Account, ARN: ident.SessionARN(k.Account, k.RoleName, k.SessionName), RoleID: k.RoleID,
		RoleGeneration: k.RoleGeneration, SessionName: k.SessionName, UserID: k.UserID, SessionID: k.SessionID, UserGeneration: k.UserGeneration,
		AccessKeyID: a.credentials.AccessKeyID, IssuedAt: k.IssuedAt, ExpiresAt: k.ExpiresAt, MFAAt: k.MFAAt, Temporary: true}, nil
}

// repeat runs fn many times and returns this process's time for one.
func repeat(callers int, fn func(int) error) (time.Duration, error) {
	return inTurns(func(first int) (time.Duration, error) {
		var next atomic.Int64
		errs := make([]error, callers)
		before, err := spent()
		if err != nil {
			return 0, err
		}
		var wg sync.WaitGroup
		for c := range callers {
			wg.Go(func() {
				for i := next.Add(1); i <= writes && errs[c] == nil; i = next.Add(1) {
					errs[c] = fn(first + int(i))
				}
			})
		}
		wg.Wait()
		after, err := spent()
		return (after - before) / writes, errors.Join(append(errs, err)...)
	})
}

// spent is the processor time of this process. See getrusage(2).
func spent() (time.Duration, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, err
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}
