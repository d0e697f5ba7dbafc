// Package contract holds every built operation to what AWS's models say of bad input, and to what an access decision
// is about. Its tests walk the server's own tables, so that a new operation is tried without being named here; what an
// operation newly speaks of, an id of a kind that was not there before, needs a line in fixtures_test.go, and the tests
// fail until it has one.
//
// Requests are made by the AWS SDK, without its own checks, and go through HTTP to a server in this process.
package contract
