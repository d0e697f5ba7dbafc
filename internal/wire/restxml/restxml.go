// Package restxml is how restXml services answer errors: Route 53 and CloudFront in an ErrorResponse, Amazon S3 in an
// Error alone. The specifications: Smithy's "AWS restXml protocol", operation error serialization, and "Error responses"
// in the Amazon S3 API Reference.
package restxml

import (
	"net/http"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

// ContentType is the media type of answers.
const ContentType = "text/xml"

// WriteError answers r with a fault.
func WriteError(w http.ResponseWriter, r *http.Request, namespace, requestID string, f *fault.Fault) {
	f = wire.Shown(nil, f)
	status := wire.Status(nil, wire.RESTXML, f)
	kind := "Sender"
	if status >= 500 {
		kind = "Receiver"
	}
	w.Header().Set("X-Amzn-RequestId", requestID)
	open := "<ErrorResponse>"
	if namespace != "" {
		open = `<ErrorResponse xmlns="` + wire.EscapeXML(namespace) + `">`
	}
	wire.Answer(w, r, status, ContentType, open+"<Error><Type>"+kind+"</Type><Code>"+wire.EscapeXML(f.Code)+"</Code><Message>"+
		wire.EscapeXML(f.Message)+"</Message></Error><RequestId>"+wire.EscapeXML(requestID)+"</RequestId></ErrorResponse>")
}

// WriteS3Error answers r with a fault as Amazon S3 does.
func WriteS3Error(w http.ResponseWriter, r *http.Request, requestID string, f *fault.Fault) {
	f = wire.Shown(nil, f)
	h := w.Header()
	h.Set("X-Amz-Request-Id", requestID)
	h.Set("X-Amz-Id-2", requestID)
	wire.Answer(w, r, wire.Status(nil, wire.S3XML, f), "application/xml", `<?xml version="1.0" encoding="UTF-8"?>`+"\n<Error><Code>"+
		wire.EscapeXML(f.Code)+"</Code><Message>"+wire.EscapeXML(f.Message)+"</Message><RequestId>"+wire.EscapeXML(requestID)+
		"</RequestId><HostId>"+wire.EscapeXML(requestID)+"</HostId></Error>")
}
