package permission

import (
	"fmt"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// Kinds of operations that leave a status.
const (
	CreateAssignment = "CREATE_ASSIGNMENT"
	DeleteAssignment = "DELETE_ASSIGNMENT"
	Provision        = "PROVISION"
)

// States of such operations. See StatusValues of the IAM Identity Center API.
const (
	InProgress = "IN_PROGRESS"
	Succeeded  = "SUCCEEDED"
	Failed     = "FAILED"
)

// statusKept is how long a status can be asked for.
const statusKept = 30 * 24 * time.Hour

// Status is how an operation that AWS runs in the background went.
type Status struct {
	RequestID     string // a UUID
	Kind          string
	InstanceARN   string
	SetARN        string
	Account       ident.AccountID // empty when all accounts were meant
	PrincipalType PrincipalType
	PrincipalID   string
	State         string
	FailureReason string
	CreatedAt     time.Time
	ExpiresAt     time.Time
	Job           *Job // while the work goes on
}

// Begin sets when the operation was asked for, and with it how long its status is kept.
func (s *Status) Begin(now time.Time) { s.CreatedAt, s.ExpiresAt = now, now.Add(statusKept) }

// Fail ends the operation without success. AWS begins the reason with the status that another of its services gave.
func (s *Status) Fail(reason string) { s.State, s.FailureReason = Failed, reason }

// End ends the operation with the last of its job: it has failed when it failed in any account.
func (s *Status) End() {
	j := s.Job
	if s.Job = nil; j.Failures == 0 {
		s.State = Succeeded
		return
	}
	reason := j.Reason
	if j.Failures > 1 {
		reason += fmt.Sprintf(" It failed in %d accounts; this is the first of them.", j.Failures)
	}
	s.Fail(reason)
}

// Job is provisioning of many accounts under way: what is done is not done again after a crash.
type Job struct {
	Version  uint64 // of the permission set, to which the accounts are brought
	After    string // the place in the list of accounts up to which all are done
	Denied   string // why the caller may not change the role in the account that owns the instance, if so
	Failures int    // accounts in which it failed
	Reason   string // of the first failure
}

// Note counts a failure.
func (j *Job) Note(reason string) {
	if j.Failures++; j.Failures == 1 {
		j.Reason = reason
	}
}
