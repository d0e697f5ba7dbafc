package wire_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

func TestRecognise(t *testing.T) {
	t.Parallel()
	const form = "application/x-www-form-urlencoded; charset=utf-8"
	const json = "application/x-amz-json-1.1"
	for _, c := range []struct {
		name, method, target, contentType, amzTarget, body string
		want                                               string // service.operation, or "page"
		code                                               string
	}{
		{name: "a JSON target", method: "POST", target: "/", contentType: json, amzTarget: "SWBExternalService.ListInstances", want: "sso-admin.ListInstances"},
		{name: "a JSON operation that AWS has not", method: "POST", target: "/", amzTarget: "SWBExternalService.Fly", want: "sso-admin.", code: "UnknownOperationException"},
		{name: "an unknown JSON target", method: "POST", target: "/", amzTarget: "DynamoDB_20120810.GetItem", want: ".", code: "UnknownOperationException"},
		{name: "an empty JSON target", method: "POST", target: "/", amzTarget: "Gatehouse.", want: "gatehouse.", code: "UnknownOperationException"},
		{name: "a JSON target with GET", method: "GET", target: "/", amzTarget: "SWBExternalService.ListInstances", want: ".", code: "UnknownOperationException"},
		{name: "Gatehouse's own admin service", method: "POST", target: "/", amzTarget: "Gatehouse.EnableUser", want: "gatehouse.EnableUser"},
		{name: "Gatehouse's own self service", method: "POST", target: "/", amzTarget: "GatehouseSelf.SignIn", want: "gatehouse-self.SignIn"},
		{name: "Gatehouse's own service with a name that is none", method: "POST", target: "/", amzTarget: "Gatehouse.a b", want: "gatehouse.", code: "UnknownOperationException"},
		{name: "a query form", method: "POST", target: "/", contentType: form, body: "Action=GetCallerIdentity&Version=2011-06-15", want: "sts.GetCallerIdentity"},
		{name: "the same name in IAM", method: "POST", target: "/", contentType: form, body: "Version=2010-05-08&Action=GetUser", want: "iam.GetUser"},
		{name: "an action of the other service", method: "POST", target: "/", contentType: form, body: "Version=2011-06-15&Action=GetUser", want: "sts.", code: "InvalidAction"},
		{name: "an unknown version", method: "POST", target: "/", contentType: form, body: "Version=2016-11-15&Action=DescribeRegions", want: ".", code: "InvalidAction"},
		{name: "no version", method: "POST", target: "/", contentType: form, body: "Action=GetUser", want: ".", code: "InvalidAction"},
		{name: "an action given twice", method: "POST", target: "/?Action=GetUser", contentType: form, body: "Action=DeleteUser&Version=2010-05-08", want: ".", code: "InvalidAction"},
		{name: "a presigned request", method: "GET", target: "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256", want: "sts.GetCallerIdentity"},
		{name: "an encoded action", method: "GET", target: "/?%41ction=GetCallerIdentity&Version=2011-06-15", want: "sts.GetCallerIdentity"},
		{name: "Action on another path", method: "GET", target: "/federation?Action=getSigninToken", want: "page"},
		{name: "the front page", method: "GET", target: "/", want: "page"},
		{name: "a form that is no call", method: "POST", target: "/signin", contentType: form, body: "Action=GetUser", want: "page"},
		{name: "a body that is no form", method: "POST", target: "/", contentType: "text/plain", body: "Action=GetUser&Version=2010-05-08", want: "page"},
		{name: "the portal", method: "GET", target: "/federation/credentials?role_name=a&account_id=b", want: "sso.GetRoleCredentials"},
		{name: "the portal's log-out", method: "POST", target: "/logout", want: "sso.Logout"},
		{name: "a page of that name", method: "GET", target: "/logout", want: "page"},
		{name: "the token service", method: "POST", target: "/token", want: "sso-oidc.CreateToken"},
		{name: "the token service with a signature", method: "POST", target: "/token?aws_iam=t", want: "sso-oidc.CreateTokenWithIAM"},
		{name: "the browser's half of PKCE", method: "GET", target: "/authorize?client_id=x", want: "page"},
		{name: "account management", method: "POST", target: "/getContactInformation", want: "account.GetContactInformation"},
		{name: "a path below one", method: "POST", target: "/token/", want: "page"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(c.method, c.target, strings.NewReader(c.body))
			if c.contentType != "" {
				r.Header.Set("Content-Type", c.contentType)
			}
			if c.amzTarget != "" {
				r.Header.Set("X-Amz-Target", c.amzTarget)
			}
			call, ok, err := wire.Recognise(r, []byte(c.body))
			if got := nameOf(call, ok); got != c.want {
				t.Errorf("recognised as %q, want %q", got, c.want)
			}
			code := ""
			if f := fault.As(err); f != nil {
				code = f.Code
			}
			if code != c.code {
				t.Errorf("error %v, want %q", err, c.code)
			}
		})
	}
}

func nameOf(call wire.Recognised, ok bool) string {
	switch {
	case !ok:
		return "page"
	case call.Service == nil:
		return "." + call.Operation
	}
	return call.Service.Name + "." + call.Operation
}

func TestTwoTargetsAreRefused(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header["X-Amz-Target"] = []string{"SWBExternalService.ListInstances", "SWBExternalService.DeleteInstance"}
	if _, ok, err := wire.Recognise(r, nil); !ok || !fault.Is(err, "UnknownOperationException") {
		t.Errorf("got %v, %v", ok, err)
	}
}

func FuzzRecognise(f *testing.F) {
	f.Add("POST", "Action=GetUser&Version=2010-05-08", "", "application/x-www-form-urlencoded")
	f.Add("POST", "{}", "SWBExternalService.ListInstances", "application/x-amz-json-1.1")
	f.Fuzz(func(t *testing.T, method, body, target, contentType string) {
		r := &http.Request{Method: method, URL: must(t, "/?"+body), Header: http.Header{"Content-Type": {contentType}}}
		if target != "" {
			r.Header["X-Amz-Target"] = []string{target}
		}
		call, ok, err := wire.Recognise(r, []byte(body))
		if err != nil && (!ok || fault.As(err) == nil || call.Operation != "") {
			t.Errorf("error %v with %+v, %v", err, call, ok)
		}
		if ok && err == nil && !call.Service.Knows(call.Operation) {
			t.Errorf("recognised %+v, which is not known", call)
		}
	})
}
