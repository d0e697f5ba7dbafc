package apitest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// xmlCode finds the code of an XML error.
var xmlCode, xmlMessage = regexp.MustCompile(`<Code>([^<]*)</Code>`), regexp.MustCompile(`(?s)<Message>(.*)</Message>`)

// Code returns the error code of an answer, or "" for success.
func (a *Answer) Code() string {
	if m := xmlCode.FindStringSubmatch(a.Body); m != nil {
		return m[1]
	}
	return a.Text("__type")
}

// Message returns the error's text.
func (a *Answer) Message() string {
	if m := xmlMessage.FindStringSubmatch(a.Body); m != nil {
		return m[1]
	}
	for _, name := range []string{"message", "Message", "error_description"} {
		if text := a.Text(name); text != "" {
			return text
		}
	}
	return ""
}

// Text returns a member of a JSON answer that is a string; a path has dots.
func (a *Answer) Text(path string) string {
	var at any
	if json.Unmarshal([]byte(a.Body), &at) != nil {
		return ""
	}
	for _, name := range strings.Split(path, ".") {
		members, _ := at.(map[string]any)
		at = members[name]
	}
	text, _ := at.(string)
	return text
}

// Element returns the text of the first XML element of this name.
func (a *Answer) Element(name string) string {
	m := regexp.MustCompile(`<` + name + `>([^<]*)</`).FindStringSubmatch(a.Body)
	if m == nil {
		return ""
	}
	return m[1]
}

// Send walks a request through the corridor.
func (w *World) Send(r *http.Request) *Answer {
	rec := httptest.NewRecorder()
	w.Corridor.ServeHTTP(rec, r)
	return &Answer{rec.Code, rec.Header(), rec.Body.String()}
}

// Request makes a request with a body of a type.
func Request(method, target, contentType, body string) *http.Request {
	r := httptest.NewRequest(method, Origin+target, strings.NewReader(body))
	r.RemoteAddr = "192.0.2.7:1234"
	r.Header.Set("User-Agent", "apitest")
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

// Sign signs a request for a service, as the AWS SDK does, at the world's time plus skew.
func (w *World) Sign(r *http.Request, k Keys, service string, skew time.Duration) *http.Request {
	w.t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	sum := sha256.Sum256(body)
	credentials := aws.Credentials{AccessKeyID: k.ID, SecretAccessKey: k.Secret, SessionToken: k.Token}
	err = v4.NewSigner().SignHTTP(w.t.Context(), credentials, r, hex.EncodeToString(sum[:]), service, "us-east-1", w.Time.Now().Add(skew))
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// JSON makes an awsJson request that is not signed yet.
func JSON(service, operation, body string) *http.Request {
	r := Request(http.MethodPost, "/", "application/x-amz-json-1.1", body)
	r.Header.Set("X-Amz-Target", wire.ServiceNamed(service).TargetPrefix+operation)
	return r
}

// Query makes an awsQuery request that is not signed yet; pairs are names and values.
func Query(service, action string, pairs ...string) *http.Request {
	form := url.Values{"Action": {action}, "Version": {wire.ServiceNamed(service).Version}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return Request(http.MethodPost, "/", "application/x-www-form-urlencoded; charset=utf-8", form.Encode())
}

// Call signs a request for the service of this name and sends it.
func (w *World) Call(k Keys, service string, r *http.Request) *Answer {
	w.t.Helper()
	return w.Send(w.Sign(r, k, wire.ServiceNamed(service).SigningName, 0))
}

// Portal sends a request of the portal's API with an access token.
func (w *World) Portal(token, method, target string) *Answer {
	r := Request(method, target, "", "")
	if token != "" {
		r.Header.Set("X-Amz-Sso_bearer_token", token)
	}
	return w.Send(r)
}

// OIDC posts JSON to the OIDC service.
func (w *World) OIDC(path string, in map[string]any) *Answer {
	w.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.Send(Request(http.MethodPost, path, "application/json", string(body)))
}
