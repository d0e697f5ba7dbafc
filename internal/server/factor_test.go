package server

import (
	"encoding/base32"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/testkit/postgres"
)

// TestASignInGoesOnAtAnotherNode takes each step at another node of a server, and then uses one code at both at the same
// time: it is good once (RFC 6238 section 5.2).
func TestASignInGoesOnAtAnotherNode(t *testing.T) {
	t.Parallel()
	postgres.Installed(t)
	c := config(shortDir(t))
	c.Database = cluster.Database(t)
	now := time.Now()
	c.Clock = func() time.Time { return now } // so that a code is that of one step
	first, _ := start(t, c)
	first.administrator()
	if err := first.operate("PutSignInPolicy", &admin.PutSignInPolicyInput{MfaMode: "ALWAYS_ON", NoMfaDevice: "REQUIRE_REGISTRATION"}); err != nil {
		t.Fatal(err)
	}
	root, err := os.ReadFile(filepath.Join(c.Data, rootKey))
	if err != nil {
		t.Fatal(err)
	}
	c.Data = shortDir(t)
	if err := os.WriteFile(filepath.Join(c.Data, rootKey), root, 0o600); err != nil {
		t.Fatal(err)
	}
	second, _ := start(t, c)
	password := &self.SignInInput{UserName: "pcollins", Password: secret}
	attempt := selfCall[self.SignInOutput](first, "SignIn", password).Attempt
	started := selfCall[self.StartDeviceOutput](second, "StartDevice", &self.StartDeviceInput{Attempt: attempt, Kind: "TOTP"})
	key, err := base32.StdEncoding.DecodeString(started.Secret)
	if err != nil {
		t.Fatal(err)
	}
	done := selfCall[self.SignInOutput](first, "CompleteDevice", &self.CompleteDeviceInput{Attempt: attempt, Kind: "TOTP", Name: "Phone",
		Code: factor.CodeAt(key, now)})
	if done.Next != "DONE" || len(done.RecoveryCodes) == 0 {
		t.Fatalf("got %+v", done)
	}
	code := factor.CodeAt(key, now.Add(30*time.Second))
	var in atomic.Int32
	var all sync.WaitGroup
	for i, n := range []*node{first, second, first, second} {
		other := []*node{second, first}[i%2]
		attempt := selfCall[self.SignInOutput](other, "SignIn", password).Attempt
		all.Go(func() {
			_, err := api.Invoke[self.SignInOutput](t.Context(), n.Corridor, api.Caller{}, self.Name, "ContinueSignIn",
				&self.ContinueSignInInput{Attempt: attempt, Code: code})
			if err == nil {
				in.Add(1)
			}
		})
	}
	all.Wait()
	if in.Load() != 1 {
		t.Errorf("one code let %d browsers in", in.Load())
	}
}

// selfCall calls an operation of self as a stranger and ends the test when it fails.
func selfCall[Out any](n *node, operation string, in any) *Out {
	n.t.Helper()
	out, err := api.Invoke[Out](n.t.Context(), n.Corridor, api.Caller{}, self.Name, operation, in)
	if err != nil {
		n.t.Fatalf("%s: %v", operation, err)
	}
	return out
}
