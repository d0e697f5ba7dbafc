package support

import (
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest/seen"
	"github.com/gatehouse-sso/gatehouse/internal/server"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

var (
	update = flag.Bool("update", false, "write the pages anew")
	run    = flag.String("seen", "", "the directory that all tests ran with in GATEHOUSE_SEEN")
)

const (
	page       = "../../docs/api-support.md"
	operations = "../../docs/operations.md"
	adminPage  = "../../docs/admin-api.md"
)

func TestThePageSaysWhatTheServerDoes(t *testing.T) {
	t.Parallel()
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	calls := Page(string(got))
	if *run != "" {
		all, err := seen.Load(*run)
		if err != nil {
			t.Fatal(err)
		}
		all = Optional(all, calls)
		for _, operation := range Unseen(all) {
			t.Errorf("no client was seen to succeed with %s: let one call it, in test/clients or test/provider", operation)
		}
		if calls = Proved(all, calls); *update {
			calls = all
		}
	}
	want := Render(calls)
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/api-support.md is stale: run go test ./test/support -update, with -seen of a run of all tests if they see other clients:\n%s", diff)
	}
}

func TestAPageIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	calls := seen.Calls{{Service: "iam", Operation: "CreateUser", Client: seen.CLI}: true, {Service: "iam", Operation: "CreateUser", Client: seen.Go}: true,
		{Service: "sts", Operation: "AssumeRole", Client: seen.Boto3}: true}
	if diff := cmp.Diff(calls, Page(Render(calls))); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyTerraformMayBeMissing(t *testing.T) {
	t.Parallel()
	was := seen.Calls{{Service: "iam", Operation: "GetUser", Client: seen.Terraform}: true, {Service: "iam", Operation: "GetUser", Client: seen.Boto3}: true}
	without := seen.Calls{{Service: "iam", Operation: "GetUser", Client: seen.Go}: true}
	with := seen.Calls{{Service: "iam", Operation: "GetRole", Client: seen.Terraform}: true}
	want := seen.Calls{{Service: "iam", Operation: "GetUser", Client: seen.Terraform}: true, {Service: "iam", Operation: "GetUser", Client: seen.Go}: true}
	if diff := cmp.Diff(want, Optional(without, was)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(with, Optional(with, was)); diff != "" {
		t.Error(diff)
	}
	if !slices.Contains(Unseen(with), "iam GetUser") || slices.Contains(Unseen(with), "iam GetRole") {
		t.Errorf("unseen are %q", Unseen(with))
	}
}

func TestAPageMayClaimLessThanWasSeenButNotMore(t *testing.T) {
	t.Parallel()
	call := func(operation, client string) seen.Call {
		return seen.Call{Service: "iam", Operation: operation, Client: client}
	}
	calls := seen.Calls{call("GetUser", seen.Go): true, call("GetUser", seen.Boto3): true, call("GetRole", seen.Go): true, call("GetGroup", seen.Go): true}
	claims := seen.Calls{call("GetUser", seen.Go): true, call("GetRole", seen.CLI): true, call("GetRole", seen.Go): true}
	want := seen.Calls{call("GetUser", seen.Go): true, call("GetRole", seen.Go): true, call("GetGroup", seen.Go): true}
	if diff := cmp.Diff(want, Proved(calls, claims)); diff != "" {
		t.Error(diff)
	}
}

func TestThePageTellsCommandsFlagsAndLimits(t *testing.T) {
	t.Parallel()
	got, err := os.ReadFile(operations)
	if err != nil {
		t.Fatal(err)
	}
	want, err := Operations(string(got), "../..")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(operations, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if string(got) != want {
		t.Error("the tables of docs/operations.md are stale: run go test ./test/support -update")
	}
}

func TestThePageTellsTheAdminAPI(t *testing.T) {
	t.Parallel()
	got, err := os.ReadFile(adminPage)
	if err != nil {
		t.Fatal(err)
	}
	want, err := AdminAPI(string(got), "../..")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(adminPage, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/admin-api.md is stale: run go test ./test/support -update\n%s", diff)
	}
}

// TestExamplesAreInputs fails where an operation has no example, or one with a member that it does not take.
func TestExamplesAreInputs(t *testing.T) {
	t.Parallel()
	rows := server.Tables()[admin.Name]
	for i := range rows {
		d := json.NewDecoder(strings.NewReader(examples[rows[i].Name]))
		d.DisallowUnknownFields()
		if err := d.Decode(rows[i].NewInput()); err != nil {
			t.Errorf("%s: %v", rows[i].Name, err)
		}
	}
	if len(examples) != len(rows) {
		t.Errorf("%d examples of %d operations", len(examples), len(rows))
	}
}

func TestEveryRowIsAnOperationOfItsService(t *testing.T) {
	t.Parallel()
	for name, table := range server.Tables() {
		s := wire.ServiceNamed(name)
		if s == nil {
			t.Errorf("the table %q is of no service", name)
			continue
		}
		seen := map[string]bool{}
		for _, row := range table {
			if seen[row.Name] || !s.Knows(row.Name) || row.Who == 0 {
				t.Errorf("%s: the row %q stands twice, is not in the model, or admits nobody", name, row.Name)
			}
			seen[row.Name] = true
		}
	}
}
