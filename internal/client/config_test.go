package client

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssooidc/types"
	"github.com/google/go-cmp/cmp"
)

func TestAConfigurationRedirectsOnlyOurServices(t *testing.T) {
	t.Parallel()
	got := Config{Origin: "http://localhost:7070", Region: "us-east-1", StartURL: "https://identitycenter.amazonaws.com/ssoins-0123",
		SessionName: "gatehouse-x", Profiles: []Profile{{"production-viewer", "222222222222", "Viewer"}},
		Comments: []string{"Passwords: users.json"}, ManagementProcess: "gatehouse break-glass --format process"}.String()
	want := `# The portal is at http://localhost:7070
# sso_start_url is an identifier and not an address: nothing is looked up there.
# Only the services of the section [services] at the end are redirected.
# Passwords: users.json

[sso-session gatehouse-x]
sso_start_url = https://identitycenter.amazonaws.com/ssoins-0123
sso_region = us-east-1
sso_registration_scopes = sso:account:access

[profile production-viewer]
sso_session = gatehouse-x
sso_account_id = 222222222222
sso_role_name = Viewer
region = us-east-1
services = gatehouse-x

[profile management]
credential_process = gatehouse break-glass --format process
region = us-east-1
services = gatehouse-x

[services gatehouse-x]
sso =
  endpoint_url = http://localhost:7070
sso_oidc =
  endpoint_url = http://localhost:7070
sts =
  endpoint_url = http://localhost:7070
sso_admin =
  endpoint_url = http://localhost:7070
identitystore =
  endpoint_url = http://localhost:7070
organizations =
  endpoint_url = http://localhost:7070
iam =
  endpoint_url = http://localhost:7070
account =
  endpoint_url = http://localhost:7070
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAConfigurationMayRedirectEveryService(t *testing.T) {
	t.Parallel()
	got := Config{Origin: "http://localhost:7070", Region: "us-east-1", SessionName: "g", AllServices: true,
		Profiles: []Profile{{"viewer", "222222222222", "Viewer"}}}.String()
	want := `# The portal is at http://localhost:7070
# Every service of AWS is redirected: the server decides what it does not run, and does not do it.

[profile viewer]
sso_session = g
sso_account_id = 222222222222
sso_role_name = Viewer
region = us-east-1
services = g
endpoint_url = http://localhost:7070
s3 =
  addressing_style = path
`
	if got, _, _ = strings.Cut(got, "\n[services"); got != want {
		t.Error(cmp.Diff(want, got))
	}
}

func TestModelsHaveOneEndpointEach(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := Models(dir, "http://localhost:7070"); err != nil {
		t.Fatal(err)
	}
	for _, s := range Services() {
		text, err := os.ReadFile(filepath.Join(dir, s.Model, "endpoint-rule-set-1.json"))
		if err != nil {
			t.Fatal(err)
		}
		var set ruleSet
		if err := json.Unmarshal(text, &set); err != nil {
			t.Fatal(err)
		}
		if len(set.Rules) != 1 || set.Rules[0].Endpoint.URL != "http://localhost:7070" {
			t.Errorf("%s: rules %+v", s.Model, set.Rules)
		}
	}
}

func TestNamesOfProfilesNeedNoQuotes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ account, role, want string }{
		{"Production", "ViewOnlyAccess", "production-viewonlyaccess"},
		{"Jane's lab [2]", "Admin", "jane-s-lab-2-admin"},
		{"試験", "Admin", "admin"},
	} {
		if got := Name(c.account, c.role); got != c.want {
			t.Errorf("Name(%q, %q) = %q, want %q", c.account, c.role, got, c.want)
		}
	}
}

func TestProfilesOfOneNameAreToldApartByAccount(t *testing.T) {
	t.Parallel()
	got := distinct([]Profile{{"lab-admin", "1", "Admin"}, {"lab-admin", "2", "Admin"}, {"management", "3", "Admin"}})
	want := []Profile{{"lab-admin", "1", "Admin"}, {"2-admin", "2", "Admin"}, {"3-admin", "3", "Admin"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPollingSlowsDownWhenAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answers := []error{&types.AuthorizationPendingException{}, &types.SlowDownException{}, nil}
		started := time.Now()
		token, err := poll(t.Context(), time.Second, func() (string, error) {
			err := answers[0]
			answers = answers[1:]
			return "token", err
		})
		if token != "token" || err != nil {
			t.Fatalf("poll = %q, %v", token, err)
		}
		if got, want := time.Since(started), (1+1+6)*time.Second; got != want {
			t.Errorf("polled for %v, want %v", got, want)
		}
	})
}

func TestPollingEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, err := poll(t.Context(), time.Second, func() (string, error) { return "", &types.ExpiredTokenException{} })
		if !errors.Is(err, ErrExpired) {
			t.Errorf("with an expired code: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = poll(ctx, time.Second, func() (string, error) { return "", &types.AuthorizationPendingException{} })
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with a context that ends: %v", err)
		}
	})
}
