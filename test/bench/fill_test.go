package main

import (
	"os"
	"testing"
)

// TestFill fills the directory that FILL names.
func TestFill(t *testing.T) {
	dir := os.Getenv("FILL")
	if dir == "" {
		t.Skip("FILL names no directory")
	}
	n := large
	if os.Getenv("FILL_SMALL") != "" {
		n = size{users: 10_000, groups: 1000, memberships: 100_000, accounts: 1000, sets: 50, assignments: 100_000}
	}
	if err := fill(t.Context(), dir, n); err != nil {
		t.Fatal(err)
	}
}
