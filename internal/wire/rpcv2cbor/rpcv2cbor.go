// Package rpcv2cbor is how services that speak Smithy RPC v2 CBOR answer errors. The specification: "Smithy RPC v2 CBOR
// protocol", operation error serialization.
package rpcv2cbor

import (
	"net/http"

	"github.com/aws/smithy-go/encoding/cbor"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

// ContentType is the media type of answers.
const ContentType = "application/cbor"

// WriteError answers r with a fault.
func WriteError(w http.ResponseWriter, r *http.Request, requestID string, f *fault.Fault) {
	f = wire.Shown(nil, f)
	h := w.Header()
	h.Set("Smithy-Protocol", "rpc-v2-cbor")
	h.Set("X-Amzn-RequestId", requestID)
	body := cbor.Encode(cbor.Map{"__type": cbor.String(f.Code), "message": cbor.String(f.Message)})
	wire.Answer(w, r, wire.Status(nil, wire.RPCV2CBOR, f), ContentType, string(body))
}
