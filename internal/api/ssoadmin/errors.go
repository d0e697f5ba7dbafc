package ssoadmin

import (
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

func notFound(format string, args ...any) error {
	return fault.New(fault.NotFound, "ResourceNotFoundException", format, args...)
}

func conflict(format string, args ...any) error {
	return fault.New(fault.Conflict, "ConflictException", format, args...)
}

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "ValidationException", format, args...)
}

func tooMany(format string, args ...any) error {
	return fault.New(fault.Limit, "ServiceQuotaExceededException", format, args...)
}

// notBuilt says honestly that a part of an operation is missing.
func notBuilt(what string) error {
	return fault.New(fault.NotBuilt, "NotImplementedException", "%s are not supported by this server yet.", what)
}

// missing turns the store's "not found" into the fault that format says.
func missing(err error, format string, args ...any) error {
	return store.Missing(err, notFound(format, args...))
}

// sentence returns what an error says without the code of another service.
func sentence(err error) string {
	if f := fault.As(err); f != nil {
		return f.Message
	}
	return err.Error()
}
