package api

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/catalogue"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
	"github.com/gatehouse-sso/gatehouse/internal/wire/sigv4"
)

// A foreign call is one of a service that Gatehouse does not run: the scope of its signature says so, and nothing else
// does. Its caller is authenticated and the call decided and recorded like any other, and then it ends: with AWS's denial,
// or with the answer that it is allowed and not done.
type foreignCall struct {
	*Call
	scope   string
	call    *catalogue.Call // nil until the request is recognised
	weighed int             // decisions made
	heavy   int             // bytes that they looked at
}

// Bounds of what is decided about a call. Tags in several letter cases multiply its decisions, and the record has what
// each of them looked at.
const (
	mostWeighed = 1000
	mostHeavy   = 1 << 20
	mostCases   = 64 // of each decision
)

// foreign answers a request whose signature is scoped to a service that Gatehouse does not run.
func (c *Corridor) foreign(w http.ResponseWriter, r *http.Request, scope string) {
	start := c.Clock()
	id := c.IDs.RequestID(start)
	k := &foreignCall{scope: scope, Call: &Call{corridor: c, Services: c.Services, Snapshot: c.State.Current(), Now: inMillis(start), RequestID: id,
		Address: c.address(r), UserAgent: clip(r.UserAgent(), maxHeader), Secure: c.secure(r),
		Service: scope, row: &Row{Who: Signed, Read: true}}}
	k.live = k.Snapshot
	w.Header()["X-Amzn-Requestid"] = []string{id}
	err := k.walk(w, r)
	call := wire.Recognised{Service: &wire.Service{Name: scope}, Operation: k.Operation, Protocol: k.protocol()}
	f := c.shown(err, call, id)
	c.log(r.Context(), call, k.Call, id, f, start)
	w.Header()["Cache-Control"] = noStore
	c.encodeDenial(w, k.Call, f)
	if encoded := w.Header().Get(denialHeader); encoded != "" && k.protocol() == wire.EC2Query && k.refusal.Question.Resource != "*" {
		whole := *f // EC2 has it in the text too, for what can be allowed by resource
		whole.Message += ". Encoded authorization failure message: " + encoded
		f = &whole
	}
	k.fail(w, r, f)
}

// walk goes the corridor's way, and always ends in a fault.
func (k *foreignCall) walk(w http.ResponseWriter, r *http.Request) error {
	scope := k.corridor.catalogue.Scope(k.scope)
	if scope == nil {
		return sigv4.Fault(&sigv4.Error{Reason: sigv4.ScopeMismatch,
			Detail: "Credential should be scoped to a service that exists: '" + k.scope + "' is none that is known here."}, false)
	}
	var body []byte
	var err error
	if !scope.Unread() {
		body, err = read(w, r)
	}
	if err != nil {
		return tooLarge(err)
	}
	var recognised error
	k.call, recognised = scope.Recognise(r, body, k.host())
	if k.Principal, k.Region, err = k.authenticate(scope, r, body); err != nil {
		return err
	}
	if recognised != nil {
		return k.corridor.turnedAway(k.Call, recognised)
	}
	k.Operation = k.call.Operation.Name
	k.row.Name = k.Operation
	err = k.judge()
	if full := k.corridor.record(k.Call, err); full != nil {
		return full
	}
	return err
}

// host is the name that the server is reached by.
func (k *foreignCall) host() string {
	u, err := url.Parse(k.ExternalURL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// protocol is how the answer is written.
func (k *foreignCall) protocol() wire.Protocol {
	if k.call == nil {
		return wire.AWSJSON
	}
	return k.call.Protocol
}

// authenticate yields who signed.
func (k *foreignCall) authenticate(scope *catalogue.Scope, r *http.Request, body []byte) (*authz.Principal, string, error) {
	sig, err := sigv4.Parse(r)
	if err != nil {
		return nil, "", k.unsigned(err)
	}
	if scope.Unread() {
		sig.LeaveBody()
	}
	p, err := k.corridor.alive(sig, r, body, k.Snapshot, k.Now)
	if err != nil {
		return nil, "", k.unsigned(err)
	}
	return p, sig.Region, nil
}

// unsigned turns an error of a signature into the protocol's. Amazon S3 and EC2 have codes of their own: see "Error
// responses" in the Amazon S3 API Reference, "Error codes for the Amazon EC2 API" in the Amazon EC2 API Reference.
func (k *foreignCall) unsigned(err error) error {
	p := k.protocol()
	query := p != wire.AWSJSON && p != wire.RESTJSON && p != wire.RPCV2CBOR
	err = signatureFault(err, query)
	f := fault.As(err)
	if f == nil {
		return err
	}
	own := *f
	switch {
	case p == wire.S3XML && f.Code == "InvalidClientTokenId":
		own.Code, own.Message = "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."
	case p == wire.EC2Query && (f.Code == "InvalidClientTokenId" || f.Code == "SignatureDoesNotMatch"):
		own.Code, own.Message = "AuthFailure", "AWS was not able to validate the provided access credentials"
	}
	return &own
}

// judge decides the call. Every permission that it needs has to be there; one that is denied counts for more than one that
// cannot be told.
func (k *foreignCall) judge() error {
	if k.State.Stale(k.Now) {
		return fault.New(fault.Unavailable, "ServiceUnavailable", "The database cannot be reached, so nobody's permissions can be known. Try again in a moment.")
	}
	needs, known, err := k.call.Needs(catalogue.Caller{Account: k.Principal.Account, Region: k.Region})
	switch {
	case err != nil:
		return err
	case !known:
		return k.denial("No action is known for " + k.scope + " " + k.Operation + ", so that no policy can allow it.")
	case len(needs) == 0:
		return k.undone("Allowed: " + k.Operation + " needs no permission.")
	}
	allowed, doubt := "", ""
	for i := range needs {
		by, open, err := k.weigh(&needs[i])
		if err != nil {
			return err
		}
		allowed, doubt = cmp.Or(allowed, by), cmp.Or(doubt, open)
	}
	if doubt != "" {
		return k.undone(doubt)
	}
	return k.undone(allowed)
}

// weigh decides one need: denial says no, open what it depends on, and allowed which statement says yes.
func (k *foreignCall) weigh(n *catalogue.Need) (allowed, open string, denial error) {
	t := Target{ARN: n.Resource, Action: n.Action, Account: n.Account, Context: map[string][]string{}, Lists: map[string][]string{}}
	for key, values := range n.Context {
		if key == "aws:TagKeys" {
			t.Lists[key] = values
		} else {
			t.Context[key] = values
		}
	}
	if k.row.Action == "" {
		k.row.Action = n.Action
	}
	if !n.Unknown {
		k.targets = append(k.targets, t)
	}
	foreign := n.Account != k.Principal.Account
	for t := range t.readings {
		k.weighed++
		k.heavy += weight(t)
		if k.weighed > mostWeighed || k.heavy > mostHeavy {
			return "", "", fault.New(fault.Invalid, "LimitExceededException", "The call asks for more than %d decisions, or for larger ones than can be kept.", mostWeighed)
		}
		q := authz.Question{Principal: k.Principal, Action: n.Action, Resource: n.Resource, Owner: n.Account,
			Context: k.conditions(k.Snapshot, t), Admitted: foreign}
		a, request := k.Snapshot.DecideWithout(q, authz.Unknown{Keys: k.unknown(n, q.Context), Resource: n.Unknown, Cases: mostCases})
		switch {
		case a.Certainty == policy.YesIf:
			open = "Undetermined: whether " + n.Action + " is allowed depends on what the request does not tell: " + oneLine(a.String()) + "."
			continue
		case !n.Unknown:
			k.decided = append(k.decided, audit.Decision{Decision: a.Decision, Action: q.Action, Resource: q.Resource, Owner: q.Owner,
				Admitted: q.Admitted, Context: q.Context})
		}
		switch {
		case a.Certainty == policy.No:
			k.refusal = Refuse(k.Snapshot, q)
			return "", "", k.refused(a.Decision, request)
		case foreign:
			open = "Undetermined: " + n.Resource + " is of account " + string(n.Account) + ", whose own policy on it has to allow " + n.Action + " too."
		}
		allowed = allowance(a.Decision)
	}
	return allowed, open, nil
}

// weight is how many bytes of the request a decision on a target looks at.
func weight(t Target) int {
	n := len(t.ARN)
	for _, keys := range []map[string][]string{t.Context, t.Lists} {
		for key, values := range keys {
			n += len(key)
			for _, v := range values {
				n += len(v)
			}
		}
	}
	return n
}

// unknown are the condition keys that AWS would know of and the request does not tell.
func (k *foreignCall) unknown(n *catalogue.Need, x *policy.Context) (keys []string) {
	for _, key := range n.Keys {
		if at := strings.IndexAny(key, "$<"); at > 0 {
			key = key[:at] + "*"
		}
		if _, _, set := x.Get(key); !set && !k.told(key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// told reports whether a key, where the context lacks it, is absent: it is made of the request alone, and of what is
// known of that.
func (k *foreignCall) told(key string) bool {
	switch key {
	case "aws:RequestTag/*", "aws:TagKeys":
		return k.call.Whole()
	case "s3:prefix", "s3:delimiter", "s3:max-keys":
		return true
	}
	return strings.HasPrefix(key, "s3:x-amz-")
}

// oneLine makes one line of an answer that has several.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.TrimPrefix(text, "yes, if")), " ")
}

// allowance tells which statement allows.
func allowance(d policy.Decision) string {
	name := cmp.Or(d.PolicyARN[strings.LastIndexByte(d.PolicyARN, '/')+1:], d.PolicyName)
	if d.StatementIndex < 0 || name == "" {
		return "Allowed: a root user has every permission of its account."
	}
	return "Allowed by " + name + " (" + d.Statement() + ")."
}

// undone is the answer to a call that policies do not deny: they may or may not, and nothing is done.
func (k *foreignCall) undone(why string) error {
	code := "NotImplementedException"
	switch k.protocol() {
	case wire.AWSQuery, wire.EC2Query, wire.RESTXML, wire.S3XML:
		code = "NotImplemented"
	}
	return fault.New(fault.NotBuilt, code, "%s Gatehouse decides; it does not run %s.", why, k.scope)
}

// refused is AWS's answer to a call that a policy does not allow, in the words of the service.
func (k *foreignCall) refused(d policy.Decision, r *policy.Request) error {
	as := *r
	switch {
	case k.scope == "sqs":
		as.Action = strings.ToLower(as.Action)
	case k.scope == "sns":
		as.Action = "SNS" + strings.TrimPrefix(as.Action, "sns")
	case k.scope == "s3" && as.Resource != "*":
		as.Resource = `"` + as.Resource + `"`
	}
	if as.Resource == "*" && slices.Contains(silent, k.scope) {
		as.Resource = ""
	}
	return k.denial(d.Message(&as))
}

// silent are the services that name no resource where there is none: the others say "*".
var silent = []string{"ec2", "s3", "route53", "monitoring"}

// denial is a denial in the service's own form. See "Troubleshoot access denied error messages" in the IAM User Guide,
// "Error codes for the Amazon EC2 API" in the Amazon EC2 API Reference, "Common errors" in the Amazon SNS API Reference.
func (k *foreignCall) denial(message string) error {
	code := "AccessDeniedException"
	switch p := k.protocol(); {
	case p == wire.EC2Query:
		code, message = "UnauthorizedOperation", "You are not authorized to perform this operation. "+message
	case k.scope == "sns":
		code = "AuthorizationError"
	case p == wire.AWSQuery, p == wire.RESTXML, p == wire.S3XML:
		code = "AccessDenied"
	}
	return fault.New(fault.Denied, code, "%s", message)
}
