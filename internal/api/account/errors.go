package account

import (
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// denied refuses a caller by a rule of the service, in AWS's form.
func denied(c *api.Call, why string) error {
	return fault.New(fault.Denied, "AccessDeniedException", "User: %s is not authorized to perform: account:%s (%s)", c.Principal.ARN, c.Operation, why)
}

func notFound(format string, args ...any) error {
	return fault.New(fault.NotFound, "ResourceNotFoundException", format, args...)
}

// invalid refuses a value; reason is a ValidationExceptionReason.
func invalid(reason, format string, args ...any) error {
	return fault.New(fault.Invalid, "ValidationException", format, args...).With("reason", reason)
}
