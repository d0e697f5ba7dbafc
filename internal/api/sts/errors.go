package sts

import (
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

func validation(format string, args ...any) error {
	return fault.New(fault.Invalid, "ValidationError", format, args...)
}

func invalidValue(format string, args ...any) error {
	return fault.New(fault.Invalid, "InvalidParameterValue", format, args...)
}

func denied(format string, args ...any) error {
	return fault.New(fault.Denied, "AccessDenied", format, args...)
}

// unbuilt names a parameter that is not built, rather than passing over it: each of them would restrict or mark the
// session, and a session without it is not the one that was asked for.
func unbuilt(operation, parameter string) error {
	return fault.New(fault.NotBuilt, "NotImplemented", "%s with %s is not built.", operation, parameter)
}

// unbuiltSize refuses session tokens of a given size.
func unbuiltSize(operation string, size *int32) error {
	if aws.ToInt32(size) > 0 {
		return unbuilt(operation, "MinimumSessionTokenSize")
	}
	return nil
}
