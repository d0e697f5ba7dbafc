package awsjson_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssoadmintypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
	"github.com/gatehouse-sso/gatehouse/internal/wire/awsjson"
)

func TestContentTypes(t *testing.T) {
	t.Parallel()
	for contentType, good := range map[string]bool{
		"application/x-amz-json-1.1":                true,
		"application/x-amz-json-1.1; charset=utf-8": true,
		"application/json":                          true,
		"text/plain":                                false,
		"application/x-www-form-urlencoded":         false,
		"":                                          false,
	} {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("Content-Type", contentType)
		err := awsjson.Decode(r, []byte("{}"), &ssoadmin.ListInstancesInput{})
		if good != (err == nil) || !good && !fault.Is(err, "SerializationException") {
			t.Errorf("%q: %v", contentType, err)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		svc    string
		f      *fault.Fault
		status int
		want   string
	}{
		{"sso-admin", fault.New(fault.Conflict, "ConflictException", "Taken."), 400, `{"__type":"ConflictException","Message":"Taken."}`},
		{"sso-admin", fault.New(fault.Denied, "AccessDeniedException", "No.").With("Reason", "KMS_AccessDeniedException"), 400, `{"__type":"AccessDeniedException","Message":"No.","Reason":"KMS_AccessDeniedException"}`},
		{"identitystore", fault.New(fault.NotFound, "ResourceNotFoundException", "x"), 400, `{"__type":"ResourceNotFoundException","Message":"x"}`},
		{"organizations", nil, 500, `{"__type":"ServiceException","Message":"The request failed because of an error inside Gatehouse. Please try again."}`},
		{"organizations", fault.New(fault.Unavailable, "ServiceUnavailableException", "x"), 503, `{"__type":"ServiceUnavailableException","Message":"x"}`},
		{"organizations", wire.ServiceNamed("organizations").NotBuilt("LeaveOrganization"), 501, `{"__type":"NotImplementedException","Message":"Gatehouse does not implement organizations:LeaveOrganization yet."}`},
		{"", fault.New(fault.Invalid, "UnknownOperationException", "x"), 400, `{"__type":"UnknownOperationException","Message":"x"}`},
	} {
		w := httptest.NewRecorder()
		awsjson.WriteError(w, wire.ServiceNamed(c.svc), "id", c.f)
		if w.Code != c.status || w.Body.String() != c.want {
			t.Errorf("%s: %d %s, want %s", c.svc, w.Code, w.Body, c.want)
		}
		if h := w.Header(); h.Get("X-Amzn-Requestid") != "id" || h.Get("Content-Type") != awsjson.ContentType || h.Get("X-Amzn-Errortype") == "" {
			t.Errorf("%s: headers %v", c.svc, h)
		}
	}
}

func BenchmarkEncodeListInstances(b *testing.B) {
	out := &ssoadmin.ListInstancesOutput{Instances: []ssoadmintypes.InstanceMetadata{{
		InstanceArn: aws.String("arn:aws:sso:::instance/ssoins-1111111111111111"), IdentityStoreId: aws.String("d-1111111111"),
		OwnerAccountId: aws.String("111111111111"), Status: ssoadmintypes.InstanceStatusActive,
	}}}
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if buf, err = awsjson.Encode(buf[:0], out); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeCreatePermissionSet(b *testing.B) {
	body := []byte(`{"InstanceArn":"arn:aws:sso:::instance/ssoins-1111111111111111","Name":"Admin","Description":"Everything","SessionDuration":"PT12H","Tags":[{"Key":"a","Value":"b"}]}`)
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header.Set("Content-Type", awsjson.ContentType)
	b.ReportAllocs()
	for b.Loop() {
		if err := awsjson.Decode(r, body, &ssoadmin.CreatePermissionSetInput{}); err != nil {
			b.Fatal(err)
		}
	}
}
