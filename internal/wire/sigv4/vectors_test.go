package sigv4_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/wire/sigv4"
)

const (
	secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	token  = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
)

var then = time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)

// vector is a request of AWS's Signature Version 4 test suite (AWS General Reference) with its published signature.
// Those with duplicated headers or parameters and unnormalised paths are in refusals_test.go: we refuse them.
type vector struct {
	name, line, headers, body string
	signed, service, want     string
}

const unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

var vectors = []vector{
	{name: "get-vanilla", line: "GET /", want: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{name: "get-vanilla-query", line: "GET /?Param1=value1", want: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
	{name: "get-vanilla-query-order-key-case", line: "GET /?Param2=value2&Param1=value1", want: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
	{name: "get-vanilla-query-unreserved", line: "GET /?" + unreserved + "=" + unreserved, want: "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
	{name: "get-vanilla-utf8-query", line: "GET /?%E1%88%B4=bar", want: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
	{name: "get-unreserved", line: "GET /" + unreserved, want: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
	{name: "get-space", line: "GET /example%20space/", want: "446b817944c553435b35e813c261ff4e161fff982d1bacdef1c87f6785dd1662"},
	{name: "get-header-value-trim", line: "GET /", headers: "My-Header1: value1\r\nMy-Header2: \"a   b   c\"\r\n", signed: "host;my-header1;my-header2;x-amz-date", want: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
	{name: "post-vanilla", line: "POST /", want: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
	{name: "post-vanilla-query", line: "POST /?Param1=value1", want: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
	{name: "post-header-key-sort", line: "POST /", headers: "My-Header1: value1\r\n", signed: "host;my-header1;x-amz-date", want: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
	{name: "post-header-value-case", line: "POST /", headers: "My-Header1: VALUE1\r\n", signed: "host;my-header1;x-amz-date", want: "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
	{name: "post-x-www-form-urlencoded", line: "POST /", headers: "Content-Type: application/x-www-form-urlencoded\r\n", body: "Param1=value1", signed: "content-type;host;x-amz-date", want: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
	{name: "post-x-www-form-urlencoded-parameters", line: "POST /", headers: "Content-Type: application/x-www-form-urlencoded; charset=utf8\r\n", body: "Param1=value1", signed: "content-type;host;x-amz-date", want: "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"},
	{name: "post-sts-header-before", line: "POST /", headers: "X-Amz-Security-Token: " + token + "\r\n", signed: "host;x-amz-date;x-amz-security-token", want: "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
}

// request is the vector as a server reads it.
func (v vector) request(t testing.TB) (*http.Request, []byte) {
	t.Helper()
	signed, service := v.signed, v.service
	if signed == "" {
		signed = "host;x-amz-date"
	}
	if service == "" {
		service = "service"
	}
	raw := v.line + " HTTP/1.1\r\nHost: example.amazonaws.com\r\nX-Amz-Date: 20150830T123600Z\r\n" + v.headers +
		fmt.Sprintf("Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/%s/aws4_request, SignedHeaders=%s, Signature=%s\r\n", service, signed, v.want) +
		fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(v.body), v.body)
	return read(t, []byte(raw))
}

func read(t testing.TB, raw []byte) (*http.Request, []byte) {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r, body
}

// verify parses and verifies as a server does that knows one access key. The id of the key is not part of what is
// signed: another id is another secret.
func verify(r *http.Request, body []byte, secret string, now time.Time) error {
	s, err := sigv4.Parse(r)
	if err != nil {
		return err
	}
	if s.AccessKeyID != "AKIDEXAMPLE" {
		return &sigv4.Error{Reason: sigv4.BadKey}
	}
	return s.Verify(r, body, s.Key(secret), now)
}

func TestPublishedVectorsVerify(t *testing.T) {
	t.Parallel()
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			r, body := v.request(t)
			if err := verify(r, body, secret, then); err != nil {
				t.Error(err)
			}
			if err := verify(r, body, secret+"x", then); err == nil {
				t.Error("another secret verifies too")
			}
		})
	}
}

func TestSigningKeyIsThePublishedOne(t *testing.T) {
	t.Parallel()
	// The example of the AWS General Reference, "Deriving the signing key".
	key := sigv4.SigningKey(secret, "20150830", "us-east-1", "iam")
	if got, want := hex.EncodeToString(key[:]), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestParseTellsWhoSigned(t *testing.T) {
	t.Parallel()
	r, _ := vectors[len(vectors)-1].request(t)
	s, err := sigv4.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join([]string{s.AccessKeyID, s.Date, s.Region, s.Service, s.Time.Format(time.RFC3339), fmt.Sprint(s.SessionToken == token, s.Presigned, s.Signs("host"), s.Signs("accept"))}, " ")
	if want := "AKIDEXAMPLE 20150830 us-east-1 service 2015-08-30T12:36:00Z true false true false"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
