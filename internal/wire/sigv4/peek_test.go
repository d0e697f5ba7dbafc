package sigv4_test

import (
	"net/http/httptest"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/wire/sigv4"
)

func TestServicePeeksAtTheScope(t *testing.T) {
	t.Parallel()
	const scope = "AKIA/20260102/us-east-1/s3/aws4_request"
	for _, test := range []struct{ name, header, query, want string }{
		{"header", "AWS4-HMAC-SHA256 Credential=" + scope + ", SignedHeaders=host, Signature=0", "", "s3"},
		{"header without spaces", "AWS4-HMAC-SHA256 Credential=" + scope + ",SignedHeaders=host,Signature=0", "", "s3"},
		{"query", "", "a=b&X-Amz-Credential=AKIA%2F20260102%2Fus-east-1%2Fs3%2Faws4_request&c=d", "s3"},
		{"header before query", "AWS4-HMAC-SHA256 Credential=AKIA/1/r/sts/aws4_request", "X-Amz-Credential=" + scope, "sts"},
		{"nothing", "", "", ""},
		{"another parameter", "", "a=X-Amz-Credential=" + scope, ""},
		{"another scheme", "Basic Credential=" + scope, "", ""},
		{"several Regions", "AWS4-ECDSA-P256-SHA256 Credential=AKIA/20260102/s3/aws4_request", "", ""},
		{"too short", "AWS4-HMAC-SHA256 Credential=AKIA/20260102/s3/aws4_request", "", ""},
		{"too long", "AWS4-HMAC-SHA256 Credential=" + scope + "/x", "", ""},
		{"no word", "AWS4-HMAC-SHA256 Credential=AKIA/20260102/us-east-1/../aws4_request", "", ""},
	} {
		r := httptest.NewRequest("GET", "/?"+test.query, nil)
		if test.header != "" {
			r.Header.Set("Authorization", test.header)
		}
		if got := sigv4.Service(r); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func BenchmarkService(b *testing.B) {
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA/20260102/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0")
	b.ReportAllocs()
	for b.Loop() {
		sigv4.Service(r)
	}
}
