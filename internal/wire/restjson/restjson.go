// Package restjson is restJson1, the protocol of the access portal (sso), the token service (sso-oidc) and account
// management: method and path name the operation, members travel in JSON, and the portal's in headers and query.
//
// Errors carry the HTTP status of the model, their code in both x-amzn-ErrorType and __type, and for the token service
// OAuth's error and error_description: clients of every age read one of these. The specifications: Smithy's "AWS
// restJson1 protocol", the "IAM Identity Center Portal" and "OIDC" API references.
package restjson

import (
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"unicode/utf8"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

// ContentType is the media type of answers.
const ContentType = "application/json"

// tokenHeader carries the portal's access token.
const tokenHeader = "X-Amz-Sso_bearer_token"

// queryNames are the query parameters of the portal's operations by the Go name of the member.
var queryNames = map[string]string{
	"AccountId":  "account_id",
	"MaxResults": "max_result",
	"NextToken":  "next_token",
	"RoleName":   "role_name",
}

// Decode reads r into in, a pointer to the input of the operation.
func Decode(r *http.Request, body []byte, in any) error {
	shape, err := wire.ShapeOf(reflect.TypeOf(in))
	if err != nil {
		return err
	}
	if shape.Elem.API == "sso" {
		return decodePortal(r, shape.Elem, reflect.ValueOf(in).Elem())
	}
	err = wire.DecodeJSON(body, in)
	if f := fault.As(err); f != nil && shape.Elem.API == "ssooidc" {
		return invalidRequest(f.Message)
	}
	return err
}

// invalidRequest is the portal's and the token service's fault for what cannot be read; they model no other.
func invalidRequest(message string) error {
	return fault.New(fault.Invalid, "InvalidRequestException", "%s", message)
}

// decodePortal binds header and query: no operation of the portal has a body.
func decodePortal(r *http.Request, s *wire.Shape, v reflect.Value) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return invalidRequest("The query of the request is malformed.")
	}
	for _, f := range s.Fields {
		values := query[queryNames[f.GoName]]
		if f.GoName == "AccessToken" {
			values = r.Header.Values(tokenHeader)
		}
		if len(values) == 0 {
			continue
		}
		if len(values) > 1 || !utf8.ValidString(values[0]) {
			return invalidRequest("The member " + f.Name + " is given twice or is not UTF-8.")
		}
		target := reflect.New(f.Shape.Elem.Type)
		switch f.Shape.Elem.Kind {
		case wire.KindInt:
			n, err := strconv.ParseInt(values[0], 10, f.Shape.Elem.Type.Bits())
			if err != nil {
				return invalidRequest("The member " + f.Name + " is not a number.")
			}
			target.Elem().SetInt(n)
		default:
			target.Elem().SetString(values[0])
		}
		v.Field(f.Index).Set(target)
	}
	return nil
}

// Encode appends the answer of an operation, a pointer to its output. An output without members has no body.
func Encode(buf []byte, out any) ([]byte, error) {
	shape, err := wire.ShapeOf(reflect.TypeOf(out))
	if err != nil {
		return buf, err
	}
	if shape.Elem != nil && shape.Elem.Kind == wire.KindStruct && len(shape.Elem.Fields) == 0 {
		return buf, nil
	}
	return wire.AppendJSON(buf, out)
}

// WriteError answers with a fault; nil or an internal one is shown as a failure that says nothing.
func WriteError(w http.ResponseWriter, svc *wire.Service, requestID string, f *fault.Fault) {
	f = wire.Shown(svc, f)
	messageKey := "message"
	if svc != nil && svc.Name == "sso-oidc" {
		messageKey = ""
	}
	body := wire.AppendFault(make([]byte, 0, 256), f, messageKey)
	h := w.Header()
	h.Set("Content-Type", ContentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Amzn-RequestId", requestID)
	h.Set("X-Amzn-ErrorType", f.Code)
	w.WriteHeader(wire.Status(svc, wire.RESTJSON, f))
	w.Write(body) //nolint:errcheck // the client has gone, and there is nobody to tell
}
