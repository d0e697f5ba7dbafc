// Package testkit runs Gatehouse the way its users do: the built binary as a
// process, the real AWS CLI and a real browser against it.
//
// Nothing here reaches into the server. A test that needs a server asks for
// StartDev and gets one of its own, with its own data, home directory and
// port, so that tests run in parallel and never see the developer's AWS
// configuration. Tools that are not installed are a matter for Need: a skip
// on a developer's machine, a failure where skips are forbidden.
//
// It is imported by tests only and never by the binary.
package testkit
