package support

import (
	"flag"
	"os"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/server"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

var update = flag.Bool("update", false, "write docs/api-support.md anew")

const page = "../../docs/api-support.md"

func TestThePageSaysWhatTheServerDoes(t *testing.T) {
	t.Parallel()
	want := Render()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || string(got) != want {
		t.Errorf("docs/api-support.md is stale (%v): run go test ./test/support -update", err)
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
