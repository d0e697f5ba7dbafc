// Package ec2query is how Amazon EC2 answers errors. The specification: Smithy's "AWS EC2 query protocol", operation error
// serialization.
package ec2query

import (
	"net/http"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

// ContentType is the media type of answers.
const ContentType = "text/xml;charset=UTF-8"

// WriteError answers r with a fault.
func WriteError(w http.ResponseWriter, r *http.Request, requestID string, f *fault.Fault) {
	f = wire.Shown(nil, f)
	w.Header().Set("X-Amzn-RequestId", requestID)
	wire.Answer(w, r, wire.Status(nil, wire.EC2Query, f), ContentType, `<?xml version="1.0" encoding="UTF-8"?>`+
		"\n<Response><Errors><Error><Code>"+wire.EscapeXML(f.Code)+"</Code><Message>"+wire.EscapeXML(f.Message)+
		"</Message></Error></Errors><RequestID>"+wire.EscapeXML(requestID)+"</RequestID></Response>")
}
