package server

import "testing"

func TestEveryInputAndOutputCanBeReadAndWritten(t *testing.T) {
	t.Parallel()
	for name, table := range Tables() {
		if err := table.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
