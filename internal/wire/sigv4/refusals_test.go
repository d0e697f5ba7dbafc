package sigv4_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/wire/sigv4"
)

func reason(err error) sigv4.Reason {
	var e *sigv4.Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return 0
}

// authorized is a request that verifies at then, to be broken by a test.
func authorized(t testing.TB) (*http.Request, []byte) {
	return clients[3].wire(t, then)
}

func replace(r *http.Request, header, from, to string) {
	r.Header.Set(header, strings.Replace(r.Header.Get(header), from, to, 1))
}

func TestBrokenRequestsAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		want  sigv4.Reason
		spoil func(r *http.Request, body *[]byte)
	}{
		{"no signature", sigv4.MissingToken, func(r *http.Request, _ *[]byte) { r.Header.Del("Authorization") }},
		{"another scheme", sigv4.MissingToken, func(r *http.Request, _ *[]byte) { r.Header.Set("Authorization", "Bearer x") }},
		{"SigV4A", sigv4.Incomplete, func(r *http.Request, _ *[]byte) {
			replace(r, "Authorization", "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")
		}},
		{"signature version 2", sigv4.Incomplete, func(r *http.Request, _ *[]byte) { r.Header.Set("Authorization", "AWS AKID:sig") }},
		{"two Authorization headers", sigv4.Incomplete, func(r *http.Request, _ *[]byte) { r.Header.Add("Authorization", "Bearer x") }},
		{"two dates", sigv4.Incomplete, func(r *http.Request, _ *[]byte) { r.Header.Add("X-Amz-Date", "20150830T123600Z") }},
		{"two tokens", sigv4.Incomplete, func(r *http.Request, _ *[]byte) { r.Header.Add("X-Amz-Security-Token", token) }},
		{"two targets", sigv4.Incomplete, func(r *http.Request, _ *[]byte) { r.Header.Add("X-Amz-Target", "AWSIdentityStore.DeleteUser") }},
		{"a field twice", sigv4.Incomplete, func(r *http.Request, _ *[]byte) {
			r.Header.Set("Authorization", r.Header.Get("Authorization")+", Credential=x")
		}},
		{"an unknown field", sigv4.Incomplete, func(r *http.Request, _ *[]byte) {
			r.Header.Set("Authorization", r.Header.Get("Authorization")+", X=x")
		}},
		{"header and query", sigv4.Incomplete, func(r *http.Request, _ *[]byte) { r.URL.RawQuery = "X-Amz-Signature=00" }},
		{"header and a token in the query", sigv4.Incomplete, func(r *http.Request, _ *[]byte) { r.URL.RawQuery = "X-Amz-Security-Token=00" }},
		{"a parameter twice", sigv4.Incomplete, func(r *http.Request, _ *[]byte) { r.URL.RawQuery = "a=1&b=2&%61=1" }},
		{"a malformed query", sigv4.Incomplete, func(r *http.Request, _ *[]byte) { r.URL.RawQuery = "a=%zz" }},
		{"a semicolon in the query", sigv4.Incomplete, func(r *http.Request, _ *[]byte) { r.URL.RawQuery = "a=1;b=2" }},
		{"host unsigned", sigv4.Incomplete, func(r *http.Request, _ *[]byte) { replace(r, "Authorization", ";host", "") }},
		{"date unsigned", sigv4.Incomplete, func(r *http.Request, _ *[]byte) { replace(r, "Authorization", ";x-amz-date", "") }},
		{"token unsigned", sigv4.Incomplete, func(r *http.Request, _ *[]byte) { replace(r, "Authorization", ";x-amz-security-token", "") }},
		{"target unsigned", sigv4.Incomplete, func(r *http.Request, _ *[]byte) { replace(r, "Authorization", ";x-amz-target", "") }},
		{"signed headers out of order", sigv4.Incomplete, func(r *http.Request, _ *[]byte) {
			replace(r, "Authorization", "amz-sdk-invocation-id;amz-sdk-request", "amz-sdk-request;amz-sdk-invocation-id")
		}},
		{"upper-case signature", sigv4.Incomplete, func(r *http.Request, _ *[]byte) {
			a, s, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
			r.Header.Set("Authorization", a+"Signature="+strings.ToUpper(s))
		}},
		{"short signature", sigv4.Incomplete, func(r *http.Request, _ *[]byte) {
			r.Header.Set("Authorization", r.Header.Get("Authorization")[:300])
		}},
		{"scope of four", sigv4.Incomplete, func(r *http.Request, _ *[]byte) { replace(r, "Authorization", "/sts", "") }},
		{"another day", sigv4.ScopeMismatch, func(r *http.Request, _ *[]byte) { replace(r, "Authorization", "20150830", "20150829") }},
		{"another service", sigv4.BadSignature, func(r *http.Request, _ *[]byte) { replace(r, "Authorization", "/sts/", "/iam/") }},
		{"another region", sigv4.BadSignature, func(r *http.Request, _ *[]byte) { replace(r, "Authorization", "eu-west-1", "eu-west-2") }},
		{"another target", sigv4.BadSignature, func(r *http.Request, _ *[]byte) { r.Header.Set("X-Amz-Target", "AWSIdentityStore.DeleteUser") }},
		{"another host", sigv4.BadSignature, func(r *http.Request, _ *[]byte) { r.Host = "other.example" }},
		{"another method", sigv4.BadSignature, func(r *http.Request, _ *[]byte) { r.Method = "PUT" }},
		{"another path", sigv4.BadSignature, func(r *http.Request, _ *[]byte) { r.URL.Path = "/x" }},
		{"a path to be normalised", sigv4.Incomplete, func(r *http.Request, _ *[]byte) { r.URL.Path = "/x/.." }},
		{"a query added", sigv4.BadSignature, func(r *http.Request, _ *[]byte) { r.URL.RawQuery = "Action=DeleteUser" }},
		{"another length", sigv4.BadSignature, func(r *http.Request, _ *[]byte) { r.ContentLength++ }},
		{"no length", sigv4.Incomplete, func(r *http.Request, _ *[]byte) { r.ContentLength = -1 }},
		{"a signed header gone", sigv4.BadSignature, func(r *http.Request, _ *[]byte) { r.Header.Del("Amz-Sdk-Request") }},
		{"another body", sigv4.BadSignature, func(_ *http.Request, body *[]byte) { *body = []byte(`{"MaxResults":11}`) }},
		{"another body, hash unsigned and absent", sigv4.BadSignature, func(r *http.Request, body *[]byte) {
			r.Header.Del("X-Amz-Content-Sha256")
			replace(r, "Authorization", ";x-amz-content-sha256", "")
			*body = []byte(`{"MaxResults":11}`)
		}},
		{"unsigned payload", sigv4.BadSignature, func(r *http.Request, _ *[]byte) { r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, body := authorized(t)
			if err := verify(r, body, secret, then); err != nil {
				t.Fatalf("before: %v", err)
			}
			c.spoil(r, &body)
			err := verify(r, body, secret, then)
			if got := reason(err); got != c.want {
				t.Errorf("got %v (%v), want %v", got, err, c.want)
			}
			if err != nil && (strings.Contains(err.Error(), token) || strings.Contains(err.Error(), secret)) {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
}

func TestVectorsWithTwoReadingsAreRefused(t *testing.T) {
	t.Parallel()
	for _, v := range []vector{
		{name: "get-header-key-duplicate", line: "GET /", headers: "My-Header1: value2\r\nMy-Header1: value2\r\nMy-Header1: value1\r\n", signed: "host;my-header1;x-amz-date", want: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
		{name: "get-vanilla-query-order-key", line: "GET /?Param1=value2&Param1=value1", want: "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
		{name: "get-slash-pointless-dot", line: "GET /./example", want: "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"},
	} {
		r, body := v.request(t)
		if err := verify(r, body, secret, then); reason(err) != sigv4.Incomplete {
			t.Errorf("%s: got %v, want Incomplete", v.name, err)
		}
	}
}

func TestEveryFlippedBitIsRefused(t *testing.T) {
	t.Parallel()
	flip := func(v string, bit int) string {
		b := []byte(v)
		b[bit/8] ^= 1 << (bit % 8)
		return string(b)
	}
	for _, name := range []string{"Authorization", "X-Amz-Date", "X-Amz-Target", "X-Amz-Content-Sha256", "Content-Type", "Amz-Sdk-Request", "X-Amz-Security-Token"} {
		r, body := authorized(t)
		good := r.Header.Get(name)
		for bit := range len(good) * 8 {
			bad := flip(good, bit)
			if strings.Join(strings.Fields(bad), " ") == strings.Join(strings.Fields(good), " ") {
				continue // white space that canonicalisation folds
			}
			r.Header.Set(name, bad)
			if err := verify(r, body, secret, then); err == nil {
				t.Errorf("%s: bit %d of %q may flip", name, bit, good)
			}
		}
	}
	r, body := authorized(t)
	for bit := range len(body) * 8 {
		if err := verify(r, []byte(flip(string(body), bit)), secret, then); err == nil {
			t.Errorf("bit %d of the body may flip", bit)
		}
	}
}

func TestClockMayDifferByFiveMinutes(t *testing.T) {
	t.Parallel()
	r, body := authorized(t)
	for off, want := range map[time.Duration]string{
		5 * time.Minute:              "",
		-5 * time.Minute:             "",
		5*time.Minute + time.Second:  "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)",
		-5*time.Minute - time.Second: "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T123059Z + 5 min.)",
		365 * 24 * time.Hour:         "Signature expired: 20150830T123600Z is now earlier than 20160829T123100Z (20160829T123600Z - 5 min.)",
	} {
		if got := fmt.Sprint(verify(r, body, secret, then.Add(off))); got != want && !(want == "" && got == "<nil>") {
			t.Errorf("%v: got %q, want %q", off, got, want)
		}
	}
}

func TestPresignedRequestsEnd(t *testing.T) {
	t.Parallel()
	c := clients[5]
	for _, tt := range []struct {
		expires string
		after   time.Duration
		want    sigv4.Reason
	}{
		{"60", 60 * time.Second, 0},
		{"60", 61 * time.Second, sigv4.PresignedExpired},
		{"604800", 604800 * time.Second, 0},
		{"604800", 604801 * time.Second, sigv4.PresignedExpired},
		{"604801", 0, sigv4.Incomplete},
		{"0", 0, sigv4.Incomplete},
		{"-1", 0, sigv4.Incomplete},
		{"9999999999999999999", 0, sigv4.Incomplete},
		{"60", -6 * time.Minute, sigv4.Skewed},
	} {
		r, body := c.presigned(t, then, tt.expires)
		if got := reason(verify(r, body, secret, then.Add(tt.after))); got != tt.want {
			t.Errorf("expires %s, after %v: got %v, want %v", tt.expires, tt.after, got, tt.want)
		}
	}
	r, body := c.presigned(t, then, "60")
	r.Header.Set("X-Amz-Security-Token", token)
	if got := reason(verify(r, body, secret, then)); got != sigv4.Incomplete {
		t.Errorf("a token in the header of a presigned request: got %v", got)
	}
}

func TestFaultsHaveTheCodesOfTheProtocol(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"MissingAuthenticationTokenException MissingAuthenticationToken": sigv4.ErrUnsigned,
		"IncompleteSignatureException IncompleteSignature":               &sigv4.Error{Reason: sigv4.Incomplete},
		"UnrecognizedClientException InvalidClientTokenId":               &sigv4.Error{Reason: sigv4.BadKey},
		"InvalidSignatureException SignatureDoesNotMatch":                &sigv4.Error{Reason: sigv4.BadSignature},
		"InvalidSignatureException RequestExpired":                       &sigv4.Error{Reason: sigv4.PresignedExpired},
		"ExpiredTokenException ExpiredToken":                             fmt.Errorf("x: %w", &sigv4.Error{Reason: sigv4.ExpiredToken}),
	} {
		if got := sigv4.Fault(err, false).Code + " " + sigv4.Fault(err, true).Code; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if f := sigv4.Fault(errors.New("disk"), true); f != nil {
		t.Errorf("an internal error became %v", f)
	}
}
