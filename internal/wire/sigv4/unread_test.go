package sigv4_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/gatehouse-sso/gatehouse/internal/wire/sigv4"
)

// TestRequestsOfS3VerifyWithoutTheirBody has the SDK's signer sign as its S3 client has it.
func TestRequestsOfS3VerifyWithoutTheirBody(t *testing.T) {
	t.Parallel()
	keys := aws.Credentials{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: "secret"}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	for _, path := range []string{"/", "/b/k", "/b//x/../y%20z", "/b/%2B%26%24%2C%C3%A9?list-type=2&prefix=a%2Fb", "/b?acl"} {
		for _, payload := range []string{"UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
			"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"} {
			r := httptest.NewRequest(http.MethodPut, "http://localhost:7070"+path, nil)
			r.Header.Set("X-Amz-Content-Sha256", payload)
			if err := signer.SignHTTP(t.Context(), keys, r, payload, "s3", "us-east-1", now); err != nil {
				t.Fatal(err)
			}
			check := func() error {
				s, err := sigv4.Parse(r)
				if err != nil {
					return err
				}
				s.LeaveBody()
				return s.Verify(r, nil, s.Key(keys.SecretAccessKey), now)
			}
			if err := check(); err != nil {
				t.Errorf("%s with %s: %v", path, payload, err)
			}
			r.Header.Set("X-Amz-Content-Sha256", payload[1:])
			if err := check(); err == nil {
				t.Errorf("%s with %s verifies with another payload", path, payload)
			}
			r.Header.Del("X-Amz-Content-Sha256")
			if err := check(); err == nil {
				t.Errorf("%s with %s verifies without a payload", path, payload)
			}
		}
	}
}

func TestPresignedRequestsOfS3Verify(t *testing.T) {
	t.Parallel()
	keys := aws.Credentials{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: "secret", SessionToken: "token"}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	r := httptest.NewRequest(http.MethodGet, "http://localhost:7070/b/a%20key?X-Amz-Expires=60&versionId=1", nil)
	signed, _, err := signer.PresignHTTP(t.Context(), keys, r, "UNSIGNED-PAYLOAD", "s3", "us-east-1", now)
	if err != nil {
		t.Fatal(err)
	}
	r = httptest.NewRequest(http.MethodGet, signed, nil)
	s, err := sigv4.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(r, nil, s.Key(keys.SecretAccessKey), now); err == nil {
		t.Error("it verifies by the rules of other services")
	}
	s.LeaveBody()
	if err := s.Verify(r, nil, s.Key(keys.SecretAccessKey), now); err != nil {
		t.Error(err)
	}
}
