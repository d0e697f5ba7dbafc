package catalogue

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// FuzzCall sends hostile requests to services of every protocol: they are recognised or refused, and what they need is
// bounded.
func FuzzCall(f *testing.F) {
	f.Add("ec2", "POST", "/", "Action=StartInstances&InstanceId.1=i&InstanceId.2.3.4=x", "application/x-www-form-urlencoded", "", "")
	f.Add("dynamodb", "POST", "/", `{"TransactItems":[{"Put":{"TableName":"a"}}],"Tags":[{"Key":"a"}]}`, "application/x-amz-json-1.0", "DynamoDB_20120810.TransactWriteItems", "")
	f.Add("lambda", "POST", "/2015-03-31/functions/a%2Fb/invocations?Qualifier=x", `{"a":[[[[]]]]}`, "application/json", "", "")
	f.Add("s3", "PUT", "/b//../%2e/k?uploads&x-id=Put", "", "", "", "/a/%zz")
	f.Add("monitoring", "POST", "/service/GraniteServiceVersion20100801/operation/PutMetricAlarm", "\xa1aA\x9f\xff", "application/cbor", "", "")
	f.Add("sqs", "POST", "/", `{"QueueUrl":"////1/"}`, "", "AmazonSQS.SendMessage", "")
	var c Catalogue
	f.Fuzz(func(t *testing.T, scope, method, target, body, mediaType, operation, source string) {
		s := c.Scope(scope)
		u, err := url.ParseRequestURI(target)
		if s == nil || err != nil {
			return
		}
		r := &http.Request{Method: method, URL: u, Host: "b.localhost:1", Header: http.Header{}}
		for name, value := range map[string]string{"Content-Type": mediaType, "X-Amz-Target": operation, "X-Amz-Copy-Source": source} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		if strings.HasPrefix(u.Path, "/service/") {
			r.Header.Set("Smithy-Protocol", cborProtocol)
		}
		call, err := s.Recognise(r, []byte(body), "localhost")
		if call == nil || call.Protocol == 0 || err == nil && call.Operation == nil {
			t.Fatalf("%+v, %v", call, err)
		}
		if err != nil {
			return
		}
		needs, _, _ := call.Needs(Caller{Account: account, Region: region})
		for _, n := range needs {
			if n.Action == "" || n.Resource == "" || strings.Contains(n.Resource, "\x00") || strings.Contains(n.Resource, "${") && !strings.Contains(target+body, "${") {
				t.Errorf("%+v", n)
			}
		}
	})
}

func FuzzFits(f *testing.F) {
	f.Add("arn:${Partition}:s3:::${B}/${O}", "arn:aws:s3:::a/b/c")
	f.Add("arn:aws:x:${Region}:${Account}:a/${B}/c/${D}", "arn:aws:x:::a/c/c/c/c")
	f.Fuzz(func(t *testing.T, pattern, arn string) {
		if fits(pattern, arn) && !strings.Contains(arn, ":") {
			t.Errorf("%q is no ARN", arn)
		}
	})
}

func TestFits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern, arn string
		want         bool
	}{
		{"arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}", "arn:aws:dynamodb:us-east-1:111122223333:table/t", true},
		{"arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}", "arn:aws:dynamodb:us-east-1:111122223333:table/", false},
		{"arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}/index/${IndexName}", "arn:aws:dynamodb:us-east-1:111122223333:table/t", false},
		{"arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}/index/${IndexName}", "arn:aws:dynamodb:us-east-1:111122223333:table/t/index/i", true},
		{"arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}/index/${IndexName}", "arn:aws:dynamodb:us-east-1:111122223333:table//index/i", false},
		{"arn:${Partition}:s3:::${BucketName}", "arn:aws:s3:::b", true},
		{"arn:${Partition}:s3:::${BucketName}", "arn:aws:s3:eu-west-1::b", false},
		{"arn:${Partition}:sns:${Region}:${Account}:${TopicName}", "arn:aws:sqs:us-east-1:111122223333:t", false},
		{"arn:${Partition}:sns:${Region}:${Account}:${TopicName}", "arn:aws:sns:us-east-1:111122223333", false},
		{"arn:${Partition}:x:::a/${B}/a/${C}/a", "arn:aws:x:::" + strings.Repeat("a/", 900) + "b", false},
		{"arn:${Partition}:x:::a/${B}/a/${C}/a", "arn:aws:x:::" + strings.Repeat("a/", 900) + "a", true},
		{"arn:${Partition}:x:::a/${B}/b/${C}/c", "arn:aws:x:::" + strings.Repeat("a/b/", 100_000), false},
	} {
		if got := fits(test.pattern, test.arn); got != test.want {
			t.Errorf("fits(%q, %.60q) is %v", test.pattern, test.arn, got)
		}
	}
}
