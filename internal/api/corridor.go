package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/catalogue"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
	"github.com/gatehouse-sso/gatehouse/internal/wire/awsjson"
	"github.com/gatehouse-sso/gatehouse/internal/wire/awsquery"
	"github.com/gatehouse-sso/gatehouse/internal/wire/constraint"
	"github.com/gatehouse-sso/gatehouse/internal/wire/restjson"
	"github.com/gatehouse-sso/gatehouse/internal/wire/sigv4"
)

// MaxBody is the largest body of a call, in bytes.
const MaxBody = 1 << 20

// Corridor answers AWS calls by its tables, and hands every other request to the pages.
type Corridor struct {
	*Services
	Pages http.Handler
	// Proxies are the networks of reverse proxies whose X-Forwarded-For is believed.
	Proxies []netip.Prefix

	tables map[string]map[string]*Row
	keys   *sigv4.KeyCache[*seal.Claims]
	batch  *audit.Batcher

	catalogue catalogue.Catalogue // of the services that Gatehouse does not run
}

// New makes a corridor of services' tables, by the services' names.
func New(s *Services, tables map[string]Table) *Corridor {
	c := &Corridor{Services: s, tables: map[string]map[string]*Row{}, keys: sigv4.NewKeyCache[*seal.Claims](8192),
		batch: audit.NewBatcher(audit.BatchCapacity, audit.BatchWindow)}
	s.uses = &lastUses{}
	for name, t := range tables {
		rows := make(map[string]*Row, len(t))
		for i := range t {
			rows[t[i].Name] = &t[i]
		}
		c.tables[name] = rows
	}
	return c
}

// Row returns an operation of a service, or nil.
func (c *Corridor) Row(service, operation string) *Row { return c.tables[service][operation] }

// ServeHTTP walks a request through the corridor.
func (c *Corridor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if scope := sigv4.Service(r); scope != "" && !wire.Scoped(scope) {
		c.foreign(w, r, scope)
		return
	}
	var call wire.Recognised
	var ok bool
	var recognised error
	form := r.URL.Path == "/" && len(r.Header["X-Amz-Target"]) == 0 // whether it is a call, its body has to tell
	if !form {
		call, ok, recognised = wire.Recognise(r, nil)
	}
	if !ok && !form {
		c.Pages.ServeHTTP(w, r)
		return
	}
	id := c.IDs.RequestID(c.Clock())
	w.Header()["X-Amzn-Requestid"] = []string{id}
	body, err := read(w, r)
	if form {
		call, ok, recognised = wire.Recognise(r, body)
	}
	switch {
	case err != nil && ok:
		fail(w, call, id, tooLarge(err))
	case err != nil:
		http.Error(w, "The request is too large.", http.StatusRequestEntityTooLarge)
	case !ok:
		r.Body = io.NopCloser(bytes.NewReader(body))
		c.Pages.ServeHTTP(w, r)
	case recognised != nil:
		fail(w, call, id, fault.As(recognised))
	default:
		c.answer(w, r, body, call, id)
	}
}

// atOnce is how many bytes are set aside for a body before any of it has come, and kept for the next answer.
const atOnce = 16 << 10

// read reads the body of r.
func read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength == 0 {
		return nil, nil
	}
	if r.ContentLength < 0 || r.ContentLength > atOnce {
		return io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	}
	body := make([]byte, r.ContentLength)
	n, err := io.ReadFull(r.Body, body)
	return body[:n], err
}

func tooLarge(err error) *fault.Fault {
	var limit *http.MaxBytesError
	if errors.As(err, &limit) {
		return fault.New(fault.Invalid, "RequestEntityTooLargeException", "The request is larger than %d bytes.", limit.Limit)
	}
	return fault.New(fault.Invalid, "SerializationException", "The request could not be read to its end.")
}

// answer serves one recognised call.
func (c *Corridor) answer(w http.ResponseWriter, r *http.Request, body []byte, call wire.Recognised, id string) {
	start := c.Clock()
	out, k, err := c.walkHTTP(r, body, call, id, start)
	room, _ := rooms.Get().(*[]byte)
	defer rooms.Put(room)
	buf := (*room)[:0]
	if err == nil {
		buf, err = encode(buf, call, id, out)
		if cap(buf) <= atOnce {
			*room = buf
		}
	}
	f := c.shown(err, call, id)
	c.log(r.Context(), call, k, id, f, start)
	if f != nil {
		c.encodeDenial(w, k, f)
		fail(w, call, id, f)
		return
	}
	h := w.Header()
	h["Content-Type"] = contentTypes[call.Protocol]
	h["Cache-Control"] = noStore
	_, _ = w.Write(buf) // whoever went away is not told
}

// denialHeader carries an encoded authorization message.
const denialHeader = "X-Amzn-Authorization-Message"

// encodeDenial gives an answer that is denied the encoded authorization message. What it says is for those whom the
// caller's account lets open it.
func (c *Corridor) encodeDenial(w http.ResponseWriter, k *Call, f *fault.Fault) {
	if k == nil || k.refusal == nil || f.Kind != fault.Denied {
		return
	}
	message, err := k.refusal.Message(c.Services)
	if err != nil {
		c.Log.Error("a denial is not explained in its answer", "request", k.RequestID, "error", err)
	}
	if message != "" {
		w.Header()[denialHeader] = []string{message}
	}
}

// shown turns err into what the caller may see. What is internal is logged with the request's id and stays inside.
func (c *Corridor) shown(err error, call wire.Recognised, id string) *fault.Fault {
	if err == nil {
		return nil
	}
	if f := fault.As(err); f != nil {
		return f
	}
	code := "InternalFailure"
	if call.Service != nil && call.Service.InternalCode != "" {
		code = call.Service.InternalCode
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, store.ErrClosed) {
		return fault.New(fault.Unavailable, "ServiceUnavailable", "The server is stopping or the caller went away. Try again.")
	}
	c.Log.Error("internal error", "operation", call.Operation, "request", id, "error", err)
	return &fault.Fault{Kind: fault.Internal, Code: code, Message: "Something failed on the server. The request id " + id + " is in its log."}
}

// log tells of calls that were refused or failed; of the others only who debugs wants to read, since all of them are on
// the audit record.
func (c *Corridor) log(ctx context.Context, call wire.Recognised, k *Call, id string, f *fault.Fault, start time.Time) {
	level := slog.LevelDebug
	if f != nil {
		level = slog.LevelInfo
	}
	if !c.Log.Enabled(ctx, level) {
		return
	}
	who, code := "", "ok"
	if k != nil && k.Principal != nil {
		who = k.Principal.ARN
		if who == "" {
			who = k.Principal.UserID
		}
	}
	if f != nil {
		code = f.Code
	}
	c.Log.Log(ctx, level, "call", "service", call.Service.Name, "operation", call.Operation, "principal", who,
		"outcome", code, "took", c.Clock().Sub(start), "request", id)
}

// walkHTTP authenticates and decodes, then walks on.
func (c *Corridor) walkHTTP(r *http.Request, body []byte, call wire.Recognised, id string, start time.Time) (any, *Call, error) {
	now, snap := inMillis(start), c.State.Current()
	row := c.tables[call.Service.Name][call.Operation]
	if row == nil {
		row = unbuilt(call)
	}
	p, region, err := c.authenticate(r, body, call, row, snap, now)
	if err != nil {
		return nil, nil, err
	}
	k := &Call{corridor: c, Services: c.Services, Principal: p, Snapshot: snap, Now: now, RequestID: id, Region: region,
		Address: c.address(r), UserAgent: clip(r.UserAgent(), maxHeader), Referer: clip(r.Referer(), maxHeader), Secure: c.secure(r),
		Service: call.Service.Name, Operation: call.Operation, row: row, input: row.NewInput(), live: snap}
	if row.run == nil {
		return nil, k, c.turnedAway(k, call.Service.NotBuilt(call.Operation))
	}
	if err := decode(r, body, call, k.input); err != nil {
		return nil, k, c.turnedAway(k, err)
	}
	out, err := c.walk(r.Context(), k)
	return out, k, err
}

// unbuilt is the row of an operation that is not built. Its caller is known before it says so: strangers learn nothing.
func unbuilt(call wire.Recognised) *Row {
	who := Signed
	if call.Service.SigningName == "" {
		who = Open
	}
	return &Row{Name: call.Operation, Who: who, Read: true}
}

// turnedAway records a call that came to nothing before anything was decided.
func (c *Corridor) turnedAway(k *Call, err error) error {
	if k.unbounded() {
		return err
	}
	if full := c.record(k, err); full != nil {
		return full
	}
	return err
}

// walk checks, authorises, executes and records a call whose caller is known and whose input is decoded.
func (c *Corridor) walk(ctx context.Context, k *Call) (any, error) {
	out, err := c.execute(ctx, k)
	if k.recorded && err == nil || err != nil && (k.unheard || k.unbounded()) {
		return out, err
	}
	if full := c.record(k, err); full != nil {
		return nil, full // not on the record, so not done: what was handed out is not answered
	}
	return out, err
}

func (c *Corridor) execute(ctx context.Context, k *Call) (any, error) {
	if v := k.violations(); len(v) > 0 {
		return nil, constraint.Fault(k.Service, v)
	}
	if err := k.resolve(ctx); err != nil {
		return nil, err
	}
	if err := k.authorise(k.Snapshot); err != nil {
		return nil, err
	}
	return k.row.run(ctx, k, k.input)
}

// violations checks the input against the model. The access token that the portal's model requires is how a person is
// known: who was authenticated has shown it, or holds a browser's session in its place.
func (c *Call) violations() []constraint.Violation {
	v := constraint.Check(c.Service, c.Operation, c.input)
	if c.Principal.Kind != authz.Person {
		return v
	}
	return slices.DeleteFunc(v, func(v constraint.Violation) bool { return v.Path == "accessToken" })
}

// address is where the request came from: the peer, or what a trusted proxy says of it.
func (c *Corridor) address(r *http.Request) netip.Addr { return Address(r, c.Proxies) }

// secure reports whether the caller came by TLS: to this server, or to the proxy that people and clients use.
func (c *Corridor) secure(r *http.Request) bool {
	return r.TLS != nil || strings.HasPrefix(c.ExternalURL, "https:")
}

// Proxied reports whether a request came by a trusted proxy.
func Proxied(r *http.Request, trusted []netip.Prefix) bool {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	return within(peer.Addr().Unmap(), trusted)
}

// Address is the peer of a request or, when the peer is a trusted proxy, the last address in X-Forwarded-For that
// is not one.
func Address(r *http.Request, trusted []netip.Prefix) netip.Addr {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	at := peer.Addr().Unmap()
	if !within(at, trusted) {
		return at
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && within(at, trusted); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		at = next.Unmap()
	}
	return at
}

func within(a netip.Addr, networks []netip.Prefix) bool {
	for _, n := range networks {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// maxHeader is how much of a header is kept that a caller may write as they like.
const maxHeader = 512

// clip is the beginning of a text, as text.
func clip(s string, n int) string {
	return strings.ToValidUTF8(s[:min(len(s), n)], "")
}

func decode(r *http.Request, body []byte, call wire.Recognised, in any) error {
	switch call.Protocol {
	case wire.AWSQuery:
		return awsquery.Decode(r, body, in)
	case wire.RESTJSON:
		return restjson.Decode(r, body, in)
	}
	return awsjson.Decode(r, body, in)
}

// rooms are buffers for answers.
var rooms = sync.Pool{New: func() any { room := make([]byte, 0, 2048); return &room }}

// encode appends the answer.
func encode(buf []byte, call wire.Recognised, id string, out any) ([]byte, error) {
	switch call.Protocol {
	case wire.AWSQuery:
		return awsquery.Encode(buf, call.Service, call.Operation, id, out)
	case wire.RESTJSON:
		return restjson.Encode(buf, out)
	}
	return awsjson.Encode(buf, out)
}

// Headers of every answer, in the form that net/http keeps them; nobody changes them.
var (
	contentTypes = map[wire.Protocol][]string{
		wire.AWSQuery: {awsquery.ContentType},
		wire.RESTJSON: {restjson.ContentType},
		wire.AWSJSON:  {awsjson.ContentType},
	}
	noStore = []string{"no-store"}
)

func fail(w http.ResponseWriter, call wire.Recognised, id string, f *fault.Fault) {
	switch call.Protocol {
	case wire.AWSQuery:
		awsquery.WriteError(w, call.Service, id, f)
	case wire.RESTJSON:
		restjson.WriteError(w, call.Service, id, f)
	default:
		awsjson.WriteError(w, call.Service, id, f)
	}
}
