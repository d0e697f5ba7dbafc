package sigv4_test

import (
	"testing"
	"time"
)

// Two requests that botocore 1.43.11 signed, with its clock held at the time of AWS's test suite: a session's call,
// and the URL inside a token of "aws eks get-token".
const (
	botocorePost = "POST / HTTP/1.1\r\nHost: sts.eu-west-1.amazonaws.com:8443\r\nContent-Length: 43\r\n" +
		"Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\nX-Amz-Date: 20150830T123600Z\r\nX-Amz-Security-Token: to/k+en==\r\n" +
		"Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/sts/aws4_request, " +
		"SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=c6006cff1db5b9dc075b2147662c6b2750e7e33df6042a61adc14b939c8f0e19\r\n\r\n" +
		"Action=GetCallerIdentity&Version=2011-06-15"
	botocoreToken = "GET /?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256" +
		"&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Feu-west-1%2Fsts%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60" +
		"&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Security-Token=to%2Fk%2Ben%3D%3D" +
		"&X-Amz-Signature=64f76d8c7d7bc347b0e4026602c027fb51ebb1d8340cd307d635b0441ae64bc6 HTTP/1.1\r\n" +
		"Host: sts.eu-west-1.amazonaws.com\r\nX-K8s-Aws-Id: my cluster\r\n\r\n"
)

func TestBotocoreVerifies(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{"a session": botocorePost, "a token for EKS": botocoreToken} {
		r, body := read(t, []byte(raw))
		if err := verify(r, body, secret, then.Add(30*time.Second)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
