package wire_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	accounttypes "github.com/aws/aws-sdk-go-v2/service/account/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	identitystoredocument "github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	organizationstypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	ssoadmindocument "github.com/aws/aws-sdk-go-v2/service/ssoadmin/document"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
	ssooidctypes "github.com/aws/aws-sdk-go-v2/service/ssooidc/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/document"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
	"github.com/gatehouse-sso/gatehouse/internal/wire/awsjson"
	"github.com/gatehouse-sso/gatehouse/internal/wire/awsquery"
	"github.com/gatehouse-sso/gatehouse/internal/wire/restjson"
)

const requestID = "11111111-2222-3333-4444-555555555555"

var endpoint = "http://gatehouse.test"

var testCredentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}, nil
})

var noRetry = aws.NopRetryer{}

// httpDoer is what an SDK client sends its requests with.
type httpDoer func(*http.Request) (*http.Response, error)

func (d httpDoer) Do(r *http.Request) (*http.Response, error) { return d(r) }

// decode and encode choose the protocol, as the corridor does.
func decode(call wire.Recognised, r *http.Request, body []byte, in any) error {
	switch call.Protocol {
	case wire.AWSJSON:
		return awsjson.Decode(r, body, in)
	case wire.AWSQuery:
		return awsquery.Decode(r, body, in)
	}
	return restjson.Decode(r, body, in)
}

func encode(call wire.Recognised, out any) ([]byte, string, error) {
	switch call.Protocol {
	case wire.AWSJSON:
		b, err := awsjson.Encode(nil, out)
		return b, awsjson.ContentType, err
	case wire.AWSQuery:
		b, err := awsquery.Encode(nil, call.Service, call.Operation, requestID, out)
		return b, awsquery.ContentType, err
	}
	b, err := restjson.Encode(nil, out)
	return b, restjson.ContentType, err
}

func writeError(w http.ResponseWriter, call wire.Recognised, f *fault.Fault) {
	switch call.Protocol {
	case wire.AWSJSON:
		awsjson.WriteError(w, call.Service, requestID, f)
	case wire.AWSQuery:
		awsquery.WriteError(w, call.Service, requestID, f)
	default:
		restjson.WriteError(w, call.Service, requestID, f)
	}
}

// answer makes a client's HTTP answer.
func answer(status int, contentType string, body []byte) *http.Response {
	return &http.Response{
		StatusCode: status, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
		Header: http.Header{"Content-Type": {contentType}, "X-Amzn-Requestid": {requestID}},
	}
}

// readRequest reads the whole body of a client's request.
func readRequest(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	return io.ReadAll(r.Body)
}

// sameValues compares inputs and outputs: documents by their JSON, structures without the SDK's own fields.
var sameValues = cmp.Options{
	cmp.Exporter(func(reflect.Type) bool { return true }),
	cmp.Comparer(func(a, b middleware.Metadata) bool { return true }),
	cmp.Comparer(func(a, b ssoadmindocument.Interface) bool { return documentText(a) == documentText(b) }),
	cmp.Comparer(func(a, b identitystoredocument.Interface) bool { return documentText(a) == documentText(b) }),
}

func documentText(d document.Marshaler) string {
	text, err := d.MarshalSmithyDocument()
	var value any
	if err == nil {
		err = json.Unmarshal(text, &value) // the SDK's two kinds of documents differ in what they escape
	}
	return fmt.Sprint(value, err)
}

func TestTheSDKsClientsReadAndWriteEveryOperation(t *testing.T) {
	t.Parallel()
	for name := range clients(nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := "Zoë & <Söhne> \"x\" 'y' \\ \t+;= 😀"
			if name == "sso" {
				text = "plain+/= &x" // travels in a header
			}
			fill := filler{text}
			var call wire.Recognised
			var got, out reflect.Value
			var current operation
			client := clients(func(r *http.Request) (*http.Response, error) {
				body, err := readRequest(r)
				if err != nil {
					return nil, err
				}
				var ok bool
				if call, ok, err = wire.Recognise(r, body); !ok || err != nil {
					return nil, fmt.Errorf("not recognised: %v", err)
				}
				got = reflect.New(current.in)
				if err := decode(call, r, body, got.Interface()); err != nil {
					return nil, err
				}
				text, contentType, err := encode(call, out.Interface())
				return answer(200, contentType, text), err
			})[name]
			for _, current = range operationsOf(name, client) {
				in := fill.value(current.in, 0).Addr()
				out = fill.value(current.out, 0).Addr()
				results := current.method.Call([]reflect.Value{reflect.ValueOf(t.Context()), in})
				if err, _ := results[1].Interface().(error); err != nil {
					t.Errorf("%s: %v", current.name, err)
					continue
				}
				if call.Service.Name != name || call.Operation != current.name {
					t.Errorf("%s is recognised as %s.%s", current.name, call.Service.Name, call.Operation)
				}
				if diff := cmp.Diff(in.Interface(), got.Interface(), sameValues); diff != "" {
					t.Errorf("%s: input (-sent +read):\n%s", current.name, diff)
				}
				read := results[0]
				unescapeDocuments(read)
				if diff := cmp.Diff(out.Interface(), read.Interface(), sameValues); diff != "" {
					t.Errorf("%s: output (-sent +read):\n%s", current.name, diff)
				}
			}
		})
	}
}

// unescapeDocuments decodes the policies of IAM's answers, which the Go SDK leaves to its users.
func unescapeDocuments(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			unescapeDocuments(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			unescapeDocuments(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				continue
			}
			text, isText := v.Field(i).Interface().(*string)
			if strings.HasSuffix(f.Name, "Document") && isText && text != nil {
				if plain, err := url.PathUnescape(*text); err == nil {
					*text = plain
				}
				continue
			}
			unescapeDocuments(v.Field(i))
		}
	}
}

func TestIAMPoliciesArePercentEncodedInAnswers(t *testing.T) {
	t.Parallel()
	policy := `{"Version": "2012-10-17"}`
	escaped := "%7B%22Version%22%3A%20%222012-10-17%22%7D"
	for _, out := range []any{
		&iam.GetRoleOutput{Role: &iamtypes.Role{AssumeRolePolicyDocument: &policy}},
		&iam.GetRolePolicyOutput{PolicyDocument: &policy},
		&iam.GetUserPolicyOutput{PolicyDocument: &policy},
		&iam.GetGroupPolicyOutput{PolicyDocument: &policy},
		&iam.GetPolicyVersionOutput{PolicyVersion: &iamtypes.PolicyVersion{Document: &policy}},
		&iam.GetAccountAuthorizationDetailsOutput{
			RoleDetailList: []iamtypes.RoleDetail{{AssumeRolePolicyDocument: &policy}},
		},
		&iam.GetAccountAuthorizationDetailsOutput{
			RoleDetailList: []iamtypes.RoleDetail{{RolePolicyList: []iamtypes.PolicyDetail{{PolicyDocument: &policy}}}},
		},
	} {
		text, err := awsquery.Encode(nil, wire.ServiceNamed("iam"), "X", requestID, out)
		if err != nil || !strings.Contains(string(text), escaped) {
			t.Errorf("%T: %s, %v", out, text, err)
		}
	}
}

// failing returns clients that get f as their answer.
func failing(t *testing.T, f *fault.Fault) map[string]any {
	return clients(func(r *http.Request) (*http.Response, error) {
		body, err := readRequest(r)
		if err != nil {
			return nil, err
		}
		call, ok, err := wire.Recognise(r, body)
		if !ok || err != nil {
			t.Errorf("not recognised: %v", err)
		}
		w := httptest.NewRecorder()
		writeError(w, call, f)
		return w.Result(), nil
	})
}

func TestTheSDKsClientsReadErrors(t *testing.T) {
	t.Parallel()
	ctx := t.Context()

	f := fault.New(fault.NotFound, "NoSuchEntity", "The role with name <x> cannot be found.")
	_, err := failing(t, f)["iam"].(*iam.Client).GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("x")})
	var noSuchEntity *iamtypes.NoSuchEntityException
	if !errors.As(err, &noSuchEntity) || noSuchEntity.ErrorMessage() != f.Message {
		t.Errorf("iam: %v", err)
	}

	f = fault.New(fault.Limit, "ConstraintViolationException", "Too many.").With("Reason", "OU_NUMBER_LIMIT_EXCEEDED")
	_, err = failing(t, f)["organizations"].(*organizations.Client).ListRoots(ctx, nil)
	var constraint *organizationstypes.ConstraintViolationException
	if !errors.As(err, &constraint) || constraint.Reason != "OU_NUMBER_LIMIT_EXCEEDED" || constraint.ErrorMessage() != f.Message {
		t.Errorf("organizations: %v", err)
	}

	f = fault.New(fault.Invalid, "AuthorizationPendingException", "Wait.")
	_, err = failing(t, f)["sso-oidc"].(*ssooidc.Client).CreateToken(ctx, &ssooidc.CreateTokenInput{
		ClientId: aws.String("a"), ClientSecret: aws.String("b"), GrantType: aws.String("c"),
	})
	var pending *ssooidctypes.AuthorizationPendingException
	if !errors.As(err, &pending) || aws.ToString(pending.Error_) != "authorization_pending" || aws.ToString(pending.Error_description) != "Wait." {
		t.Errorf("sso-oidc: %v", err)
	}

	f = fault.New(fault.Denied, "ForbiddenException", "No access")
	_, err = failing(t, f)["sso"].(*sso.Client).GetRoleCredentials(ctx, &sso.GetRoleCredentialsInput{
		AccessToken: aws.String("a"), AccountId: aws.String("b"), RoleName: aws.String("c"),
	})
	var apiError smithy.APIError
	if !errors.As(err, &apiError) || apiError.ErrorCode() != "ForbiddenException" || apiError.ErrorMessage() != "No access" {
		t.Errorf("sso: %v", err)
	}

	f = fault.New(fault.Invalid, "ValidationException", "Bad.").With("reason", "fieldValidationFailed").
		With("fieldList", []accounttypes.ValidationExceptionField{{Name: aws.String("n"), Message: aws.String("m")}})
	_, err = failing(t, f)["account"].(*account.Client).GetContactInformation(ctx, nil)
	var validation *accounttypes.ValidationException
	if !errors.As(err, &validation) || len(validation.FieldList) != 1 || aws.ToString(validation.FieldList[0].Name) != "n" {
		t.Errorf("account: %v", err)
	}
}
