package organizations

import (
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

func denied() error {
	return fault.New(fault.Denied, "AccessDeniedException", "You don't have permissions to access this resource.")
}

func notInUse() error {
	return fault.New(fault.NotFound, "AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
}

func invalidInput(reason types.InvalidInputExceptionReason, format string, args ...any) error {
	return fault.New(fault.Invalid, "InvalidInputException", format, args...).With("Reason", string(reason))
}

func constraint(reason types.ConstraintViolationExceptionReason, format string, args ...any) error {
	return fault.New(fault.Limit, "ConstraintViolationException", format, args...).With("Reason", string(reason))
}

func notFound(code, format string, args ...any) error {
	return fault.New(fault.NotFound, code, format, args...)
}

func conflict(code, format string, args ...any) error {
	return fault.New(fault.Conflict, code, format, args...)
}

func noParent() error {
	return notFound("ParentNotFoundException", "You specified parent that doesn't exist.")
}

func noUnit() error {
	return notFound("OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist.")
}

func noAccount() error {
	return notFound("AccountNotFoundException", "You specified an account that doesn't exist.")
}

func noPolicy() error {
	return notFound("PolicyNotFoundException", "You specified a policy that doesn't exist.")
}

func noTarget() error {
	return notFound("TargetNotFoundException", "You specified a target that doesn't exist.")
}

// unfit refuses a document in the one sentence that AWS has for all.
func unfit() *fault.Fault {
	return fault.New(fault.Invalid, "MalformedPolicyDocumentException",
		"The provided policy document does not meet the requirements of the specified policy type.")
}

// malformed is unfit with the reason, which AWS leaves to be guessed.
func malformed(cause error) error {
	why := cause.Error()
	if f := fault.As(cause); f != nil {
		why = f.Message
	}
	f := unfit()
	f.Message += " " + why
	return f
}

func otherType(policyType string) error {
	return fault.New(fault.Invalid, "PolicyTypeNotAvailableForOrganizationException", "You can't use the policy type %s with the feature set currently enabled for this organization.", policyType)
}

func notEnabled() error {
	return fault.New(fault.Invalid, "PolicyTypeNotEnabledException", "This operation can be performed only for enabled policy types.")
}

// isMissing reports whether err says that something does not exist.
func isMissing(err error) bool {
	f := fault.As(err)
	return f != nil && f.Kind == fault.NotFound
}

// missingCode replaces the fault of something that does not exist by the one that the operation's model has for it.
func missingCode(err, as error) error {
	if isMissing(err) {
		return as
	}
	return err
}
