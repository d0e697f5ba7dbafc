package ssooidc

import (
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// failure makes one of the service's errors. Its text travels as error_description.
func failure(code, format string, args ...any) error {
	return fault.New(fault.Invalid, code, format, args...)
}

func invalidClient() error {
	return fault.New(fault.Unauthenticated, "InvalidClientException", "The client is not registered here, or its registration has ended. Register again.")
}

func invalidGrant() error {
	return failure("InvalidGrantException", "The code or token is not valid, was used already, or has ended. Sign in again.")
}

func codesOff() error {
	return failure("AccessDeniedException", "The administrator has switched off signing in by a code. "+api.OtherThanCodes)
}

func slowDown(text string) error {
	return fault.New(fault.Throttled, "SlowDownException", "%s", text)
}
