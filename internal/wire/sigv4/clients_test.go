package sigv4_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// client is the shape of a request as one of the SDKs sends it.
type client struct {
	name, url, body string
	headers         map[string]string
	length          bool // content-length is signed
	contentHash     bool // X-Amz-Content-Sha256 is sent
	token           bool
}

var clients = []client{
	{name: "botocore query", url: "http://localhost:8443/", body: "Action=GetCallerIdentity&Version=2011-06-15",
		headers: map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}},
	{name: "botocore JSON with a session", url: "https://sso.eu-west-1.amazonaws.com/", body: "{}", token: true,
		headers: map[string]string{"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "SWBExternalService.ListInstances"}},
	{name: "Go query", url: "http://127.0.0.1:8080/", body: "Action=ListRoles&Version=2010-05-08", length: true,
		headers: map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Amz-Sdk-Invocation-Id": "0b1f", "Amz-Sdk-Request": "attempt=1; max=3"}},
	{name: "JS JSON", url: "https://gatehouse.example/", body: `{"MaxResults":10}`, length: true, contentHash: true, token: true,
		headers: map[string]string{"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AWSIdentityStore.ListUsers",
			"Amz-Sdk-Invocation-Id": "0b1f", "Amz-Sdk-Request": "attempt=1; max=3", "X-Amz-User-Agent": "aws-sdk-js/3"}},
	{name: "REST with a path and a query", url: "https://oidc.eu-west-1.amazonaws.com/a%20b/token?aws_iam=t&x=%2B+%2F&a-b=1&a%3A=2", body: `{}`,
		headers: map[string]string{"Content-Type": "application/json"}},
	{name: "empty GET", url: "https://gatehouse.example/"},
	{name: "Vault", url: "https://sts.amazonaws.com/", body: "Action=GetCallerIdentity&Version=2011-06-15", length: true,
		headers: map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "X-Vault-Aws-Iam-Server-Id": "vault.example"}},
}

func (c client) credentials() aws.Credentials {
	creds := aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: secret}
	if c.token {
		creds.SessionToken = token
	}
	return creds
}

// unsigned is the request before signing, and the hash of its body.
func (c client) unsigned(t testing.TB) (*http.Request, string) {
	t.Helper()
	method := http.MethodPost
	if c.body == "" {
		method = http.MethodGet
	}
	r, err := http.NewRequest(method, c.url, bytes.NewReader([]byte(c.body)))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range c.headers {
		r.Header.Set(k, v)
	}
	sum := sha256.Sum256([]byte(c.body))
	hash := hex.EncodeToString(sum[:])
	if c.contentHash {
		r.Header.Set("X-Amz-Content-Sha256", hash)
	}
	return r, hash
}

// wire is the request, signed by the AWS SDK for Go, as a server reads it.
func (c client) wire(t testing.TB, at time.Time) (*http.Request, []byte) {
	t.Helper()
	r, hash := c.unsigned(t)
	length := r.ContentLength
	if !c.length {
		r.ContentLength = -1
	}
	if err := v4.NewSigner().SignHTTP(t.Context(), c.credentials(), r, hash, "sts", "eu-west-1", at); err != nil {
		t.Fatal(err)
	}
	r.ContentLength = length
	return sent(t, r)
}

// presigned is the request with the signature in its query.
func (c client) presigned(t testing.TB, at time.Time, expires string) (*http.Request, []byte) {
	t.Helper()
	r, hash := c.unsigned(t)
	q := r.URL.Query()
	q.Set("X-Amz-Expires", expires)
	r.URL.RawQuery = q.Encode()
	uri, headers, err := v4.NewSigner().PresignHTTP(t.Context(), c.credentials(), r, hash, "sts", "us-east-1", at)
	if err != nil {
		t.Fatal(err)
	}
	p, err := http.NewRequest(r.Method, uri, r.Body)
	if err != nil {
		t.Fatal(err)
	}
	p.Header, p.ContentLength = headers, r.ContentLength
	return sent(t, p)
}

func sent(t testing.TB, r *http.Request) (*http.Request, []byte) {
	t.Helper()
	var buf bytes.Buffer
	if err := r.Write(&buf); err != nil {
		t.Fatal(err)
	}
	return read(t, buf.Bytes())
}

func TestClientsVerify(t *testing.T) {
	t.Parallel()
	for _, c := range clients {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, body := c.wire(t, then)
			if err := verify(r, body, secret, then.Add(2*time.Minute)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPresignedRequestsVerify(t *testing.T) {
	t.Parallel()
	eks := client{url: "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15", token: true,
		headers: map[string]string{"X-K8s-Aws-Id": "cluster"}}
	for _, c := range []client{eks, clients[5], clients[4]} {
		r, body := c.presigned(t, then, "60")
		if err := verify(r, body, secret, then.Add(time.Minute)); err != nil {
			t.Errorf("%s: %v", c.url, err)
		}
	}
	r, body := eks.presigned(t, then, "60")
	r.Header.Set("X-K8s-Aws-Id", "other")
	if err := verify(r, body, secret, then); err == nil {
		t.Error("a token for one cluster is good for another")
	}
}
