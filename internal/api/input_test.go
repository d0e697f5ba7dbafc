package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
)

// TestBadInputIsRefusedAndNeverBreaksAnything sends what no client sends. Nobody gets in, nothing fails inside, and no
// answer tells of the program's inside.
func TestBadInputIsRefusedAndNeverBreaksAnything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.Key(w.User(member, "admin", apitest.Inline(apitest.Allow("*"))))
	const form, jsonType = "application/x-www-form-urlencoded", "application/x-amz-json-1.1"
	action := "Action=CreateUser&Version=2010-05-08&UserName="
	deep := strings.Repeat(`{"a":`, 10000) + "1" + strings.Repeat("}", 10000)
	target := func(r *http.Request, target string) *http.Request {
		r.Header.Set("X-Amz-Target", target)
		return r
	}
	post := func(contentType, body string) *http.Request { return apitest.Request("POST", "/", contentType, body) }
	for name, r := range map[string]func() *http.Request{
		"no action":                  func() *http.Request { return post(form, "Version=2010-05-08") },
		"an unknown action":          func() *http.Request { return post(form, "Action=Nothing&Version=2010-05-08") },
		"an unknown version":         func() *http.Request { return post(form, "Action=ListUsers&Version=1999-01-01") },
		"an action given twice":      func() *http.Request { return post(form, action+"x&Action=DeleteUser") },
		"a parameter given twice":    func() *http.Request { return post(form, action+"x&UserName=y") },
		"a parameter out of range":   func() *http.Request { return post(form, action+strings.Repeat("x", 65)) },
		"a name with a slash":        func() *http.Request { return post(form, action+"a%2Fb") },
		"a NUL":                      func() *http.Request { return post(form, action+"a%00b") },
		"bytes that are not UTF-8":   func() *http.Request { return post(form, action+"%ff%fe") },
		"a broken escape":            func() *http.Request { return post(form, action+"%zz") },
		"a huge list index":          func() *http.Request { return post(form, action+"x&Tags.member.4000000000.Key=a") },
		"a negative list index":      func() *http.Request { return post(form, action+"x&Tags.member.-1.Key=a") },
		"a number that is none":      func() *http.Request { return post(form, "Action=ListUsers&Version=2010-05-08&MaxItems=many") },
		"a form called text":         func() *http.Request { return post("text/plain", action+"x") },
		"a form called JSON":         func() *http.Request { return post(jsonType, action+"x") },
		"a mebibyte and a byte":      func() *http.Request { return post(form, action+strings.Repeat("x", api.MaxBody+1-len(action))) },
		"an unknown target":          func() *http.Request { return target(post(jsonType, "{}"), "Nobody.Nothing") },
		"a target without operation": func() *http.Request { return target(post(jsonType, "{}"), "AWSIdentityStore.") },
		"a target for GET": func() *http.Request {
			return target(apitest.Request("GET", "/", "", ""), "SWBExternalService.ListInstances")
		},
		"an empty target":        func() *http.Request { return target(post(jsonType, "{}"), "") },
		"a page token of nobody": func() *http.Request { return post(form, "Action=ListUsers&Version=2010-05-08&Marker=x") },
		"a policy nested without end": func() *http.Request {
			return post(form, "Action=PutUserPolicy&Version=2010-05-08&UserName=admin&PolicyName=p&PolicyDocument="+deep)
		},
		"an enormous JSON number": func() *http.Request {
			return apitest.Request("POST", "/token", "application/json", `{"code":1e999999}`)
		},
		"JSON nested without end": func() *http.Request { return apitest.Request("POST", "/token", "application/json", deep) },
		"JSON cut short":          func() *http.Request { return apitest.Request("POST", "/token", "application/json", `{"clientId":"`) },
		"JSON that is a list":     func() *http.Request { return apitest.Request("POST", "/token", "application/json", `[]`) },
		"JSON given twice":        func() *http.Request { return apitest.Request("POST", "/token", "application/json", `{}{}`) },
		"a member given twice": func() *http.Request {
			return apitest.Request("POST", "/token", "application/json", `{"clientId":"a","clientId":"b"}`)
		},
		"an account that is no number": func() *http.Request {
			return apitest.Request("GET", "/federation/credentials?account_id=x&role_name=y", "", "")
		},
	} {
		for _, a := range []*apitest.Answer{w.Send(r()), w.Call(k, "iam", r())} {
			inside := strings.Contains(a.Body, "goroutine") || strings.Contains(a.Body, "internal/") || strings.Contains(a.Body, ".go:")
			if a.Status < 400 || a.Status >= 500 && a.Status != http.StatusNotImplemented || inside {
				t.Errorf("%s: %d %.300s", name, a.Status, a.Body)
			}
		}
	}
	if log := w.Logged(); strings.Contains(log, "internal error") {
		t.Error(log)
	}
}

func TestPageTokensAreGoodForOneCallerAndOneOperation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.Key(w.User(member, "admin", apitest.Inline(apitest.Allow("*"))))
	w.User(member, "second", apitest.Inline(apitest.Allow("*")))
	stranger := w.Key(w.User(management, "admin", apitest.Inline(apitest.Allow("*"))))
	list := func(k apitest.Keys, operation string, more ...string) *apitest.Answer {
		return w.Call(k, "iam", apitest.Query("iam", operation, append([]string{"MaxItems", "1"}, more...)...))
	}
	marker := list(k, "ListUsers").Element("Marker")
	if marker == "" {
		t.Fatal("no second page")
	}
	want(t, list(k, "ListUsers", "Marker", marker), http.StatusOK, "")
	want(t, list(k, "ListRoles", "Marker", marker), http.StatusBadRequest, "ValidationError")
	want(t, list(k, "ListUsers", "Marker", marker, "PathPrefix", "/x/"), http.StatusBadRequest, "ValidationError")
	want(t, list(stranger, "ListUsers", "Marker", marker), http.StatusBadRequest, "ValidationError")
	want(t, list(k, "ListUsers", "Marker", marker+"x"), http.StatusBadRequest, "ValidationError")
	w.Time.Pass(25 * 60 * 60 * 1e9)
	want(t, list(k, "ListUsers", "Marker", marker), http.StatusBadRequest, "ValidationError")
}

func TestThePortalKnowsNoStrangers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, cookie, token := w.SignIn(w.person)
	const accounts = "/assignment/accounts"
	for _, bad := range []string{"", "x", token[:len(token)-2], token + "A", cookie, strings.Repeat("A", 2000)} {
		a := w.Portal(bad, http.MethodGet, accounts)
		want(t, a, http.StatusUnauthorized, "UnauthorizedException")
		if a.Text("message") != "Session token not found or invalid" || a.Header.Get("X-Amzn-Errortype") != "UnauthorizedException" {
			t.Errorf("got %s %v", a.Body, a.Header)
		}
	}
	for _, missing := range []string{"account_id=333333333333&role_name=ViewOnlyAccess", "account_id=222222222222&role_name=Admin",
		"account_id=999999999999&role_name=ViewOnlyAccess", "account_id=222222222222&role_name=viewonlyaccess"} {
		a := w.Portal(token, http.MethodGet, "/federation/credentials?"+missing)
		want(t, a, http.StatusForbidden, "ForbiddenException")
		if a.Text("message") != "No access" {
			t.Errorf("got %s", a.Body)
		}
	}
	want(t, w.Portal(token, http.MethodGet, accounts), http.StatusOK, "")
	w.Time.Pass(8 * 60 * 60 * 1e9)
	want(t, w.Portal(token, http.MethodGet, accounts), http.StatusUnauthorized, "UnauthorizedException")
}
