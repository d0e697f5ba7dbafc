package restjson_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/sso/types"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
	"github.com/gatehouse-sso/gatehouse/internal/wire/restjson"
)

func TestThePortalsMembersTravelInHeaderAndQuery(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodGet, "/assignment/roles?account_id=1&max_result=7&next_token=a%2Bb", nil)
	r.Header.Set("x-amz-sso_bearer_token", "token")
	var in sso.ListAccountRolesInput
	if err := restjson.Decode(r, nil, &in); err != nil {
		t.Fatal(err)
	}
	if aws.ToString(in.AccountId) != "1" || aws.ToInt32(in.MaxResults) != 7 || aws.ToString(in.NextToken) != "a+b" || aws.ToString(in.AccessToken) != "token" {
		t.Errorf("got %+v", in)
	}
}

func TestMalformedPortalRequestsAreFaults(t *testing.T) {
	t.Parallel()
	for _, query := range []string{"max_result=x", "max_result=99999999999", "account_id=1&account_id=2", "account_id=%ff", "account_id=%zz", "a;b"} {
		r := httptest.NewRequest(http.MethodGet, "/assignment/roles?"+query, nil)
		if err := restjson.Decode(r, nil, &sso.ListAccountRolesInput{}); !fault.Is(err, "InvalidRequestException") {
			t.Errorf("%s: %v", query, err)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/token", nil)
	if err := restjson.Decode(r, []byte(`{"clientId":1}`), &ssooidc.CreateTokenInput{}); !fault.Is(err, "InvalidRequestException") {
		t.Errorf("token: %v", err)
	}
	if err := restjson.Decode(r, []byte(`{`), &account.GetContactInformationInput{}); !fault.Is(err, "SerializationException") {
		t.Errorf("account: %v", err)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		out  any
		want string
	}{
		{&sso.LogoutOutput{}, ""},
		{&sso.ListAccountsOutput{}, `{"accountList":[]}`},
		{&sso.GetRoleCredentialsOutput{RoleCredentials: &ssotypes.RoleCredentials{AccessKeyId: aws.String("A"), Expiration: 1767323045678}}, `{"roleCredentials":{"accessKeyId":"A","expiration":1767323045678}}`},
		{&account.GetAccountInformationOutput{AccountCreatedDate: &created}, `{"AccountCreatedDate":"2026-01-02T03:04:05Z"}`},
		{&account.PutContactInformationOutput{}, ""},
	} {
		if got, err := restjson.Encode(nil, c.out); err != nil || string(got) != c.want {
			t.Errorf("%T: %s, %v, want %s", c.out, got, err, c.want)
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
		{"sso-oidc", fault.New(fault.Invalid, "AuthorizationPendingException", ""), 400, `{"__type":"AuthorizationPendingException","error":"authorization_pending","error_description":null}`},
		{"sso-oidc", fault.New(fault.Invalid, "SlowDownException", "Wait."), 400, `{"__type":"SlowDownException","error":"slow_down","error_description":"Wait."}`},
		{"sso-oidc", fault.New(fault.Denied, "AccessDeniedException", "No."), 400, `{"__type":"AccessDeniedException","error":"access_denied","error_description":"No."}`},
		{"sso-oidc", fault.New(fault.Unauthenticated, "InvalidClientException", "x"), 401, `{"__type":"InvalidClientException","error":"invalid_client","error_description":"x"}`},
		{"sso-oidc", fault.New(fault.Unauthenticated, "ExpiredTokenException", "x"), 400, `{"__type":"ExpiredTokenException","error":"expired_token","error_description":"x"}`},
		{"sso-oidc", fault.New(fault.Invalid, "InvalidRequestRegionException", "x").With("region", "r").With("endpoint", "e"), 400, `{"__type":"InvalidRequestRegionException","error":"invalid_request","error_description":"x","endpoint":"e","region":"r"}`},
		{"sso-oidc", nil, 500, `{"__type":"InternalServerException","error":"server_error","error_description":"The request failed because of an error inside Gatehouse. Please try again."}`},
		{"sso-oidc", wire.ServiceNamed("sso-oidc").NotBuilt("CreateTokenWithIAM"), 501, `{"__type":"NotImplementedException","error":"server_error","error_description":"Gatehouse does not implement sso-oidc:CreateTokenWithIAM yet."}`},
		{"sso", fault.New(fault.Unauthenticated, "UnauthorizedException", "Session token not found or invalid"), 401, `{"__type":"UnauthorizedException","message":"Session token not found or invalid"}`},
		{"sso", fault.New(fault.Denied, "ForbiddenException", "No access"), 403, `{"__type":"ForbiddenException","message":"No access"}`},
		{"sso", fault.New(fault.NotFound, "ResourceNotFoundException", "x"), 404, `{"__type":"ResourceNotFoundException","message":"x"}`},
		{"sso", fault.New(fault.Throttled, "TooManyRequestsException", "x"), 429, `{"__type":"TooManyRequestsException","message":"x"}`},
		{"account", fault.New(fault.Conflict, "ConflictException", "x"), 409, `{"__type":"ConflictException","message":"x"}`},
		{"account", fault.New(fault.Unauthenticated, "InvalidSignatureException", "x"), 403, `{"__type":"InvalidSignatureException","message":"x"}`},
		{"account", fault.New(fault.Invalid, "ResourceUnavailableException", "x"), 424, `{"__type":"ResourceUnavailableException","message":"x"}`},
	} {
		w := httptest.NewRecorder()
		restjson.WriteError(w, wire.ServiceNamed(c.svc), "id", c.f)
		if w.Code != c.status || w.Body.String() != c.want {
			t.Errorf("%s %v: %d %s\nwant %d %s", c.svc, c.f, w.Code, w.Body, c.status, c.want)
		}
		if h := w.Header(); h.Get("X-Amzn-Requestid") != "id" || h.Get("Content-Type") != "application/json" || h.Get("X-Amzn-Errortype") == "" {
			t.Errorf("%s: headers %v", c.svc, h)
		}
	}
}

// FuzzDecode checks that queries never cause anything but inputs and faults.
func FuzzDecode(f *testing.F) {
	f.Add("account_id=1&max_result=7&next_token=x", []byte(`{"clientId":"a"}`))
	f.Fuzz(func(t *testing.T, query string, body []byte) {
		r := httptest.NewRequest(http.MethodGet, "/assignment/roles", nil)
		r.URL.RawQuery = query
		for _, in := range []any{&sso.ListAccountRolesInput{}, &ssooidc.CreateTokenInput{}, &account.PutContactInformationInput{}} {
			if err := restjson.Decode(r, body, in); err != nil && fault.As(err) == nil {
				t.Errorf("%v is no fault", err)
			}
		}
	})
}

func BenchmarkEncodeGetRoleCredentials(b *testing.B) {
	token := make([]byte, 600)
	for i := range token {
		token[i] = 'A'
	}
	out := &sso.GetRoleCredentialsOutput{RoleCredentials: &ssotypes.RoleCredentials{
		AccessKeyId: aws.String("ASIAEXAMPLEEXAMPLE00"), SecretAccessKey: aws.String("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
		SessionToken: aws.String(string(token)), Expiration: 1767323045678,
	}}
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if buf, err = restjson.Encode(buf[:0], out); err != nil {
			b.Fatal(err)
		}
	}
}
