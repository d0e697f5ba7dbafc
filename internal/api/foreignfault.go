package api

import (
	"net/http"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
	"github.com/gatehouse-sso/gatehouse/internal/wire/awsjson"
	"github.com/gatehouse-sso/gatehouse/internal/wire/awsquery"
	"github.com/gatehouse-sso/gatehouse/internal/wire/ec2query"
	"github.com/gatehouse-sso/gatehouse/internal/wire/restjson"
	"github.com/gatehouse-sso/gatehouse/internal/wire/restxml"
	"github.com/gatehouse-sso/gatehouse/internal/wire/rpcv2cbor"
)

// fail writes the answer in the protocol that the request came in with.
func (k *foreignCall) fail(w http.ResponseWriter, r *http.Request, f *fault.Fault) {
	namespace := ""
	if k.call != nil && k.call.API != nil {
		namespace = k.call.API.XMLNamespace
	}
	switch k.protocol() {
	case wire.AWSQuery:
		awsquery.WriteError(w, &wire.Service{Name: k.scope, XMLNamespace: namespace, InternalCode: "InternalFailure"}, k.RequestID, f)
	case wire.EC2Query:
		ec2query.WriteError(w, r, k.RequestID, f)
	case wire.RESTJSON:
		restjson.WriteError(w, nil, k.RequestID, f)
	case wire.RESTXML:
		restxml.WriteError(w, r, namespace, k.RequestID, f)
	case wire.S3XML:
		restxml.WriteS3Error(w, r, k.RequestID, f)
	case wire.RPCV2CBOR:
		rpcv2cbor.WriteError(w, r, k.RequestID, f)
	default:
		if f.Kind == fault.Denied && k.scope == "sqs" {
			w.Header().Set("X-Amzn-Query-Error", "AccessDenied;Sender") // what clients of its older protocol know
		}
		awsjson.WriteError(w, nil, k.RequestID, f)
	}
}
