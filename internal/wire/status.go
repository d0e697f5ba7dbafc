package wire

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// Shown is the fault that a caller of s sees for f: f itself, or a fault that says nothing when f is internal.
// s may be nil.
func Shown(s *Service, f *fault.Fault) *fault.Fault {
	if f != nil && f.Kind != fault.Internal {
		return f
	}
	code := "InternalFailure"
	if s != nil {
		code = s.InternalCode
	}
	return fault.New(fault.Internal, code, "The request failed because of an error inside Gatehouse. Please try again.")
}

// Status returns the HTTP status for a fault of service s, which may be nil when the service is unknown.
func Status(s *Service, p Protocol, f *fault.Fault) int {
	switch f.Kind {
	case fault.Internal:
		return http.StatusInternalServerError
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.NotBuilt:
		return http.StatusNotImplemented
	}
	switch {
	case p == AWSQuery, p == EC2Query, p == S3XML:
		return queryStatus(f.Kind)
	case p == RESTJSON && s != nil && s.Name == "sso-oidc":
		return oidcStatus(f)
	case p == RESTJSON, p == RESTXML:
		return restStatus(s, f)
	}
	return http.StatusBadRequest // awsJson: whatever the client did
}

func queryStatus(k fault.Kind) int {
	switch k {
	case fault.Unauthenticated, fault.Denied:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict, fault.Limit:
		return http.StatusConflict
	}
	return http.StatusBadRequest // also Throttling: "Common Errors" of the IAM and STS API references
}

// oidcStatus follows the OIDC API reference: 400 but for a client that is not who it says, and for the signature of
// CreateTokenWithIAM.
func oidcStatus(f *fault.Fault) int {
	switch {
	case f.Code == "InvalidClientException":
		return http.StatusUnauthorized
	case f.Kind == fault.Unauthenticated && oidcErrors[f.Code] == "":
		return http.StatusForbidden
	}
	return http.StatusBadRequest
}

func restStatus(s *Service, f *fault.Fault) int {
	switch f.Kind {
	case fault.Unauthenticated:
		if s != nil && s.Name == "sso" {
			return http.StatusUnauthorized // the portal's bearer token; a bad signature is 403
		}
		return http.StatusForbidden
	case fault.Denied:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Throttled:
		return http.StatusTooManyRequests
	}
	if f.Code == "ResourceUnavailableException" {
		return http.StatusFailedDependency
	}
	return http.StatusBadRequest
}

// oidcErrors are the OAuth error codes (RFC 6749 section 5.2, RFC 8628 section 3.5) that go with the OIDC service's.
var oidcErrors = map[string]string{
	"AccessDeniedException":          "access_denied",
	"AuthorizationPendingException":  "authorization_pending",
	"ExpiredTokenException":          "expired_token",
	"InternalServerException":        "server_error",
	"InvalidClientException":         "invalid_client",
	"InvalidClientMetadataException": "invalid_client_metadata",
	"InvalidGrantException":          "invalid_grant",
	"InvalidRedirectUriException":    "invalid_redirect_uri",
	"InvalidRequestException":        "invalid_request",
	"InvalidRequestRegionException":  "invalid_request",
	"InvalidScopeException":          "invalid_scope",
	"SlowDownException":              "slow_down",
	"UnauthorizedClientException":    "unauthorized_client",
	"UnsupportedGrantTypeException":  "unsupported_grant_type",
}

// AppendFault appends the JSON body of an error. messageKey is the name of the member that holds the message; it is
// empty for the OIDC service, which has error and error_description instead.
func AppendFault(buf []byte, f *fault.Fault, messageKey string) []byte {
	buf = appendJSONString(append(buf, `{"__type":`...), f.Code)
	if messageKey != "" {
		buf = append(appendJSONString(append(buf, ','), messageKey), ':')
		buf = appendJSONString(buf, f.Message)
	} else {
		buf = appendOIDC(buf, f)
	}
	for _, name := range fieldNames(f) {
		if messageKey == "" && name == "error" {
			continue
		}
		buf = append(appendJSONString(append(buf, ','), name), ':')
		buf = appendField(buf, f.Fields[name])
	}
	return append(buf, '}')
}

func appendOIDC(buf []byte, f *fault.Fault) []byte {
	code, _ := f.Fields["error"].(string)
	if code == "" {
		code = oidcErrors[f.Code]
	}
	if code == "" {
		code = "invalid_request"
		if Status(nil, RESTJSON, f) >= 500 {
			code = "server_error"
		}
	}
	buf = appendJSONString(append(buf, `,"error":`...), code)
	buf = append(buf, `,"error_description":`...)
	if f.Message == "" {
		return append(buf, "null"...)
	}
	return appendJSONString(buf, f.Message)
}

// fieldNames returns the names of the further members in order.
func fieldNames(f *fault.Fault) []string {
	names := make([]string, 0, len(f.Fields))
	for name := range f.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// appendField writes a further member: a value of an SDK type by its plan, anything else as plain JSON.
func appendField(buf []byte, value any) []byte {
	if value == nil {
		return append(buf, "null"...)
	}
	v := reflect.ValueOf(value)
	if s, err := ShapeOf(v.Type()); err == nil {
		if text, err := appendValue(nil, s, v); err == nil {
			return append(buf, text...)
		}
	}
	text, err := json.Marshal(value)
	if err != nil {
		return appendJSONString(buf, fmt.Sprint(value))
	}
	return append(buf, text...)
}

// FieldTexts returns the further members of a fault in order, each as text; XML errors have only such.
func FieldTexts(f *fault.Fault) [][2]string {
	var texts [][2]string
	for _, name := range fieldNames(f) {
		texts = append(texts, [2]string{name, fmt.Sprint(f.Fields[name])})
	}
	return texts
}
