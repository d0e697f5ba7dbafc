// Package apitest is a corridor in a test: a temporary database, a fresh ring of keys, a clock that stands still until
// it is told otherwise, randomness from a seed, and requests signed by the AWS SDK's own signer.
//
// Rows are saved as they are, without the operations that make them, so that a test sets up in a line what it is
// about. Every secret that a World makes is remembered; Leaks looks for them in the log and in the audit trail.
package apitest
