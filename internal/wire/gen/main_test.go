package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheCommittedTableIsWhatTheSDKSays(t *testing.T) {
	t.Parallel()
	want, err := generate()
	if err != nil {
		t.Skip(err) // a vendored build has no module cache
	}
	got, err := os.ReadFile("../operations_gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("run go generate ./internal/wire (-want +got):\n%s", diff)
	}
}
