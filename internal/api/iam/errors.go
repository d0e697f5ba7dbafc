package iam

import (
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func noSuchEntity(format string, args ...any) error {
	return fault.New(fault.NotFound, "NoSuchEntity", format, args...)
}

func noUser(name string) error {
	return noSuchEntity("The user with name %s cannot be found.", name)
}

func noRole(name string) error {
	return noSuchEntity("The role with name %s cannot be found.", name)
}

func noKey(id string) error {
	return noSuchEntity("The Access Key with id %s cannot be found.", id)
}

func entityExists(format string, args ...any) error {
	return fault.New(fault.Conflict, "EntityAlreadyExists", format, args...)
}

func deleteConflict(format string, args ...any) error {
	return fault.New(fault.Conflict, "DeleteConflict", format, args...)
}

func limitExceeded(format string, args ...any) error {
	return fault.New(fault.Limit, "LimitExceeded", format, args...)
}

func validation(format string, args ...any) error {
	return fault.New(fault.Invalid, "ValidationError", format, args...)
}

func invalidInput(format string, args ...any) error {
	return fault.New(fault.Invalid, "InvalidInput", format, args...)
}

func malformed(format string, args ...any) error {
	return fault.New(fault.Invalid, "MalformedPolicyDocument", format, args...)
}

// free turns a row that was found into a fault, and the store's "not found" into success.
func free(err, as error) error {
	if err == nil {
		return as
	}
	return store.Missing(err, nil)
}

// whenMissing replaces a NoSuchEntity.
func whenMissing(err, as error) error {
	if fault.Is(err, "NoSuchEntity") {
		return as
	}
	return err
}

func denied(words string) error { return fault.New(fault.Denied, "AccessDenied", "%s", words) }

// What policies are attached to, in AWS's words.
const (
	toUser  = "an IAM user"
	toGroup = "an IAM group"
	toRole  = "a role"
)

// notAttachable is the fault for policies that AWS keeps for its own roles and sessions.
func notAttachable(to string) error {
	if to == toRole {
		return fault.New(fault.Invalid, "PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.")
	}
	return fault.New(fault.Invalid, "PolicyNotAttachable", "Cannot attach AWS reserved policy to %s.", to)
}
