package catalogue

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

// Call is a request of a service: its operation, and what its input says.
type Call struct {
	Scope     *Scope
	API       *API
	Operation *Operation // nil when the service has none that the request could be
	Protocol  wire.Protocol

	in *input
}

// Unread reports whether calls of this scope are decided before their bodies are read: those of Amazon S3, where objects
// are too large to wait for, and whose signatures need not cover them.
func (s *Scope) Unread() bool { return s.Name == "s3" }

// Whole reports whether all that the request says is known: the members of bodies that are XML, or left unread, are not.
func (c *Call) Whole() bool { return c.in.whole }

// Recognise tells which operation of the scope r is. body is the whole body, or nil where the scope's is left unread.
// hosts are the names under which the server is reached: a bucket may stand before them. Call has a Protocol even with an
// error, which is a fault.
func (s *Scope) Recognise(r *http.Request, body []byte, hosts ...string) (*Call, error) {
	c := &Call{Scope: s, Protocol: s.usual()}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return c, malformed("The query of the request is malformed.")
	}
	var failed error
	switch target := r.Header.Get("X-Amz-Target"); {
	case target != "" && query.Has("Action"):
		return c, c.unknown() // or two
	case r.Header.Get("Smithy-Protocol") == cborProtocol:
		failed = c.byPath(r, body)
	case target != "":
		failed = c.byTarget(target, body)
	case slices.ContainsFunc(s.apis, (*API).inForms) && (wire.IsForm(r) || query.Has("Action")):
		failed = c.byAction(r, query, body)
	default:
		failed = c.byRoute(r, query, body, hosts)
	}
	if failed != nil {
		return c, failed
	}
	if c.Operation == nil {
		return c, c.unknown()
	}
	return c, nil
}

const cborProtocol = "rpc-v2-cbor"

// usual is how errors are written where a request does not tell its protocol.
func (s *Scope) usual() wire.Protocol {
	if s.Unread() {
		return wire.S3XML
	}
	switch s.apis[0].protocols[0] {
	case "ec2":
		return wire.EC2Query
	case "query":
		return wire.AWSQuery
	case "rest-json":
		return wire.RESTJSON
	case "rest-xml":
		return wire.RESTXML
	}
	return wire.AWSJSON
}

// byPath recognises a call of RPC v2 CBOR. See "Smithy RPC v2 CBOR protocol", requests.
func (c *Call) byPath(r *http.Request, body []byte) error {
	c.Protocol = wire.RPCV2CBOR
	parts := path(r.URL.Path)
	if n := len(parts); n >= 4 && parts[n-4] == "service" && parts[n-2] == "operation" {
		c.find(func(a *API) bool { return a.target == parts[n-3] && a.speaks("smithy-rpc-v2-cbor") }, parts[n-1])
	}
	in, err := cborInput(body)
	c.in = in
	return err
}

func (c *Call) byTarget(target string, body []byte) error {
	c.Protocol = wire.AWSJSON
	if dot := strings.LastIndexByte(target, '.'); dot > 0 {
		c.find(func(a *API) bool { return a.target == target[:dot] }, target[dot+1:])
	}
	in, err := jsonInput(body)
	c.in = in
	return err
}

// byAction recognises a call of a query protocol. Services of one scope may share the version of their API, so that a
// name decides where no version does.
func (c *Call) byAction(r *http.Request, query url.Values, body []byte) error {
	c.Protocol = wire.AWSQuery
	if c.Scope.apis[0].speaks("ec2") {
		c.Protocol = wire.EC2Query
	}
	form := query
	if wire.IsForm(r) {
		sent, err := url.ParseQuery(string(body))
		if err != nil {
			return malformed("The form of the request is malformed.")
		}
		for name, values := range query {
			if !strings.HasPrefix(name, "X-Amz-") {
				sent[name] = append(sent[name], values...)
			}
		}
		form = sent
	}
	if len(form["Action"]) > 1 || len(form["Version"]) > 1 {
		return fault.New(fault.Invalid, "InvalidAction", "Action and Version may be given once.")
	}
	version, action := form.Get("Version"), form.Get("Action")
	c.find(func(a *API) bool { return a.version == version && a.inForms() }, action)
	if c.Operation == nil {
		c.find((*API).inForms, action)
	}
	in, err := formInput(form)
	c.in = in
	return err
}

// byRoute recognises a call of a REST protocol.
func (c *Call) byRoute(r *http.Request, query url.Values, body []byte, hosts []string) error {
	parts := path(r.URL.EscapedPath())
	if c.Scope.Unread() {
		if bucket := bucketOf(r.Host, hosts); bucket != "" {
			parts = append([]string{url.PathEscape(bucket)}, parts...)
		}
	}
	api, o, labels := c.Scope.routed(r.Method, parts, query, r.Header)
	c.in = routeInput(r, query, labels)
	if o == nil || c.Scope.Unread() && strings.Contains(labels["Bucket"], "/") {
		return nil
	}
	c.API, c.Operation = api, o
	switch {
	case api.speaks("rest-json"):
		c.Protocol = wire.RESTJSON
		return c.in.mergeJSON(body, wire.MediaType(r) == "application/json")
	case api.Name != "s3":
		c.Protocol = wire.RESTXML
	}
	c.in.whole = r.ContentLength == 0
	return nil
}

// find looks an operation up among the services of the scope that fit.
func (c *Call) find(fits func(*API) bool, operation string) {
	for _, a := range c.Scope.apis {
		if !fits(a) {
			continue
		}
		c.API = a
		for _, o := range a.operations {
			if o.Name == operation {
				c.Operation = o
				return
			}
		}
	}
}

func (a *API) speaks(protocol string) bool { return slices.Contains(a.protocols, protocol) }

// inForms reports whether a service may be called by Action: many that speak JSON today once spoke a query protocol, and
// go on to understand it.
func (a *API) inForms() bool { return !a.speaks("rest-json") && !a.speaks("rest-xml") }

// unknown is the fault for a request that is no operation of the service.
func (c *Call) unknown() error {
	switch c.Protocol {
	case wire.AWSQuery, wire.EC2Query:
		return fault.New(fault.Invalid, "InvalidAction", "The action is not one of %s.", c.Scope.Name)
	case wire.S3XML:
		return fault.New(fault.Invalid, "MethodNotAllowed", "The specified method is not allowed against this resource.")
	}
	return fault.New(fault.Invalid, "UnknownOperationException", "The request is no operation of %s that is known here.", c.Scope.Name)
}

func malformed(message string) error {
	return fault.New(fault.Invalid, "SerializationException", "%s", message)
}

// bucketOf is the bucket that a host name begins with, or "". See "Virtual hosting of general purpose buckets" in the
// Amazon S3 User Guide.
func bucketOf(host string, hosts []string) string {
	name := host
	if colon := strings.LastIndexByte(host, ':'); colon > strings.LastIndexByte(host, ']') {
		name = host[:colon]
	}
	name = strings.ToLower(name)
	for _, own := range append(slices.Clone(hosts), "localhost") {
		if own == "" {
			continue
		}
		if bucket, ok := strings.CutSuffix(name, "."+strings.ToLower(own)); ok {
			return bucket
		}
	}
	if !strings.HasSuffix(name, ".amazonaws.com") {
		return ""
	}
	for _, mark := range []string{".s3.", ".s3-"} {
		if at := strings.LastIndex(name, mark); at > 0 {
			return name[:at]
		}
	}
	return ""
}
