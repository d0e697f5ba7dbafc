// Package awsjson is AWS JSON 1.1, the protocol of Organizations, IAM Identity Center's administration, the identity
// store and Gatehouse's own services: POST /, the operation in X-Amz-Target, JSON both ways.
//
// Every client error answers HTTP 400, whatever its kind: clients of AWS tell errors by code. The specification is
// Smithy's "AWS JSON 1.1 protocol".
package awsjson

import (
	"net/http"
	"strconv"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

// ContentType is the media type of answers.
const ContentType = "application/x-amz-json-1.1"

// Decode reads the body of r into in, a pointer to the input of the operation.
func Decode(r *http.Request, body []byte, in any) error {
	switch wire.MediaType(r) {
	case ContentType, "application/x-amz-json-1.0", "application/json":
	default:
		if len(body) > 0 {
			return fault.New(fault.Invalid, "SerializationException", "The Content-Type of the request is not %s.", ContentType)
		}
	}
	return wire.DecodeJSON(body, in)
}

// Encode appends the answer of an operation, a pointer to its output.
func Encode(buf []byte, out any) ([]byte, error) { return wire.AppendJSON(buf, out) }

// WriteError answers with a fault; nil or an internal one is shown as a failure that says nothing. svc is nil when
// the target names no service.
func WriteError(w http.ResponseWriter, svc *wire.Service, requestID string, f *fault.Fault) {
	f = wire.Shown(svc, f)
	body := wire.AppendFault(make([]byte, 0, 256), f, "Message")
	h := w.Header()
	h.Set("Content-Type", ContentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Amzn-RequestId", requestID)
	h.Set("X-Amzn-ErrorType", f.Code)
	w.WriteHeader(wire.Status(svc, wire.AWSJSON, f))
	w.Write(body) //nolint:errcheck // the client has gone, and there is nobody to tell
}
