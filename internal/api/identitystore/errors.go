package identitystore

import (
	"errors"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/store"
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
	return store.Missing(err, notFound(kind, id))
}

// taken turns a broken unique index into the fault that says what exists already.
func taken(err error, texts map[string]string) error {
	var unique *store.UniqueError
	if errors.As(err, &unique) {
		return conflict("%s", texts[unique.Index])
	}
	return err
}

// What AWS says of names that somebody else has, by unique index.
var (
	takenByUser   = map[string]string{"name": "Duplicate UserName", "email": "Duplicate Email", "external": "Duplicate ExternalId"}
	takenByGroup  = map[string]string{"name": "Duplicate GroupDisplayName", "external": "Duplicate ExternalId"}
	takenByMember = map[string]string{"pair": "Member and Group relationship already exists."}
)

// unchanged refuses a change that was meant for another revision. See Revision of UpdateUser.
func unchanged(expected *string, revision uint64) error {
	if expected == nil || *expected == strconv.FormatUint(revision, 10) {
		return nil
	}
	return fault.New(fault.Conflict, "ConflictException", "The resource was changed since revision %s.", *expected).
		With("Reason", string(types.ConflictExceptionReasonConcurrentModification))
}
