package identitystore

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// The kinds of resources that can be missing.
const (
	identityStore = types.ResourceTypeIdentityStore
	user          = types.ResourceTypeUser
	group         = types.ResourceTypeGroup
	membership    = types.ResourceTypeGroupMembership
)

func notFound(kind types.ResourceType, id string) error {
	return fault.New(fault.NotFound, "ResourceNotFoundException", "%s not found.", kind).
		With("ResourceType", string(kind)).With("ResourceId", id)
}

func conflict(format string, args ...any) error {
	return fault.New(fault.Conflict, "ConflictException", format, args...).
		With("Reason", string(types.ConflictExceptionReasonUniquenessConstraintViolation))
}

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "ValidationException", format, args...)
}

func tooMany(format string, args ...any) error {
	return fault.New(fault.Limit, "ServiceQuotaExceededException", format, args...)
}

// missing turns the store's "not found" into the fault of the thing.
func missing(err error, kind types.ResourceType, id string) error {
	if errors.Is(err, store.ErrNotFound) {
		return notFound(kind, id)
	}
	return err
}

// taken turns a broken unique index into the fault that says what exists already.
func taken(err error, format string, args ...any) error {
	var unique *store.UniqueError
	if errors.As(err, &unique) {
		return conflict(format, args...)
	}
	return err
}
