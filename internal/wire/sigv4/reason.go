package sigv4

import (
	"errors"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// Reason says why a request is not authenticated, in terms no protocol knows.
type Reason uint8

// The reasons. BadKey, ScopeMismatch and ExpiredToken are found by the caller, who knows keys and routes.
const (
	MissingToken     Reason = iota + 1 // no signature at all
	Incomplete                         // there is a signature, and it cannot be read
	BadKey                             // no such access key, or its session token does not belong to it
	BadSignature                       // what was signed is not what arrived
	Skewed                             // signed too long ago, or in the future
	ScopeMismatch                      // signed for another service, region or day
	PresignedExpired                   // a presigned request past its end
	ExpiredToken                       // temporary credentials past their end
	HeaderUnsigned                     // a header that the signature has to cover is not covered
)

// answer is how the two families of AWS protocols word one reason.
type answer struct {
	kind    fault.Kind
	json    string // code of awsJson and restJson services
	query   string // code of awsQuery services
	message string // used when the error has no detail of its own
}

const mismatch = "The request signature we calculated does not match the signature you provided. " +
	"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."

var answers = [...]answer{
	MissingToken:     {fault.Unauthenticated, "MissingAuthenticationTokenException", "MissingAuthenticationToken", "Request is missing Authentication Token"},
	Incomplete:       {fault.Invalid, "IncompleteSignatureException", "IncompleteSignature", "The request signature does not conform to AWS standards."},
	BadKey:           {fault.Unauthenticated, "UnrecognizedClientException", "InvalidClientTokenId", "The security token included in the request is invalid."},
	BadSignature:     {fault.Unauthenticated, "InvalidSignatureException", "SignatureDoesNotMatch", mismatch},
	Skewed:           {fault.Unauthenticated, "InvalidSignatureException", "SignatureDoesNotMatch", "Signature expired."},
	ScopeMismatch:    {fault.Unauthenticated, "InvalidSignatureException", "SignatureDoesNotMatch", "Credential should be scoped to a valid region and to the correct service."},
	PresignedExpired: {fault.Invalid, "InvalidSignatureException", "RequestExpired", "Request has expired."},
	ExpiredToken:     {fault.Unauthenticated, "ExpiredTokenException", "ExpiredToken", "The security token included in the request is expired"},
	HeaderUnsigned:   {fault.Denied, "AccessDeniedException", "AccessDenied", "There were headers present in the request which were not signed"},
}

// Error is a refusal. Detail is a sentence for the client and may be empty.
type Error struct {
	Reason Reason
	Detail string
}

// ErrUnsigned is what Parse answers for a request that carries no signature at all. Such a request may still be
// authenticated by other means, or need no authentication.
var ErrUnsigned = &Error{Reason: MissingToken}

// Error returns the sentence a client sees.
func (e *Error) Error() string {
	if e.Detail != "" {
		return e.Detail
	}
	if int(e.Reason) < len(answers) {
		return answers[e.Reason].message
	}
	return ""
}

// Fault words the refusal in err for a protocol: the codes of awsQuery services where query is set, those of the
// JSON services otherwise. It returns nil where err is no refusal of this package.
func Fault(err error, query bool) *fault.Fault {
	var e *Error
	if !errors.As(err, &e) || e.Reason == 0 || int(e.Reason) >= len(answers) {
		return nil
	}
	a := answers[e.Reason]
	code := a.json
	if query {
		code = a.query
	}
	return fault.New(a.kind, code, "%s", e.Error())
}

func incomplete(detail string) error { return &Error{Reason: Incomplete, Detail: detail} }
