package wire_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssoadmintypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

func must(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Skip()
	}
	return u
}

func TestMalformedJSONIsAFault(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"x":`, 70) + "1" + strings.Repeat("}", 70)
	many := `{"Tags":[` + strings.Repeat("{},", 20_000) + `{}]}`
	for name, body := range map[string]string{
		"text":                                "hello",
		"a list":                              "[]",
		"a cut object":                        `{"Name":"x"`,
		"a cut string":                        `{"Name":"x`,
		"a cut escape":                        `{"Name":"x\`,
		"text after the object":               `{} {}`,
		"a trailing comma":                    `{"Name":"x",}`,
		"a key without quotes":                `{Name:"x"}`,
		"a number for a string":               `{"Name":1}`,
		"an object for a string":              `{"Name":{}}`,
		"a string for a list":                 `{"Tags":"x"}`,
		"a list for a structure":              `{"Tags":[[]]}`,
		"null in a list":                      `{"Tags":[null]}`,
		"a member twice":                      `{"Name":"x","Name":"y"}`,
		"a bad escape":                        `{"Name":"\x"}`,
		"half a surrogate pair":               `{"Name":"\ud800"}`,
		"two halves of the same kind":         `{"Name":"\ud800\ud800"}`,
		"bytes that are not UTF-8":            "{\"Name\":\"\xff\"}",
		"bytes that are not UTF-8, elsewhere": "{\"\xff\":\"\"}",
		"a control character":                 "{\"Name\":\"\x01\"}",
		"deep nesting of unknown members":     deep,
		"very many elements":                  many,
		"a bad number in an unknown member":   `{"x":01}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := wire.DecodeJSON([]byte(body), &ssoadmin.CreatePermissionSetInput{})
			if f := fault.As(err); f == nil || f.Code != "SerializationException" || f.Kind != fault.Invalid {
				t.Errorf("got %v, want a SerializationException", err)
			}
		})
	}
}

func TestMistypedValuesAreToldInAWSsWords(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"MaxResults":"5"}`:    "STRING_VALUE can not be converted to an Integer",
		`{"NextToken":5}`:       "NUMBER_VALUE can not be converted to a String",
		`{"NextToken":true}`:    "TRUE_VALUE can not be converted to a String",
		`{"NextToken":["x"]}`:   "Start of list found where not expected",
		`{"NextToken":{"x":1}}`: "Start of structure or map found where not expected.",
		`{"MaxResults":1.5}`:    "The number 1.5 is not an integer of 32 bits.",
	} {
		f := fault.As(wire.DecodeJSON([]byte(body), &ssoadmin.ListInstancesInput{}))
		if f == nil || f.Message != want {
			t.Errorf("%s: got %v, want %q", body, f, want)
		}
	}
}

func TestUnionsHaveExactlyOneMember(t *testing.T) {
	t.Parallel()
	for body, good := range map[string]bool{
		`{"AlternateIdentifier":{"ExternalId":{"Id":"a","Issuer":"b"}}}`:                 true,
		`{"AlternateIdentifier":{"ExternalId":{},"UniqueAttribute":null,"Unknown":[1]}}`: true,
		`{"AlternateIdentifier":{}}`:                                                                false,
		`{"AlternateIdentifier":{"Unknown":{}}}`:                                                    false,
		`{"AlternateIdentifier":{"ExternalId":{},"UniqueAttribute":{}}}`:                            false,
		`{"AlternateIdentifier":"x"}`:                                                               false,
		`{"AlternateIdentifier":{"UniqueAttribute":{"AttributePath":"a","AttributeValue":12e400}}}`: true,
	} {
		err := wire.DecodeJSON([]byte(body), &identitystore.GetUserIdInput{})
		if (err == nil) != good {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestDocumentsKeepNumbersAndNull(t *testing.T) {
	t.Parallel()
	const body = `{"AuthenticationMethod":{"Iam":{"ActorPolicy":{"big":12345678901234567890123,"list":[null,true,{"x":"y"}],"small":0.10}}}}`
	var in ssoadmin.PutApplicationAuthenticationMethodInput
	if err := wire.DecodeJSON([]byte(body), &in); err != nil {
		t.Fatal(err)
	}
	again, err := wire.AppendJSON(nil, &in)
	if err != nil || string(again) != body {
		t.Errorf("got %s, %v", again, err)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	type level string
	type own struct {
		Name     string
		Level    level
		Count    int
		Enabled  bool
		Since    time.Time
		Optional *string
		Items    []string
		Inner    struct{ List []string }
		Extra    map[string]string
	}
	whole := time.Unix(1767323045, 0)
	for _, c := range []struct {
		name string
		out  any
		want string
	}{
		{"an empty output has its lists", &ssoadmin.ListInstancesOutput{}, `{"Instances":[]}`},
		{"a nil output is empty", (*ssoadmin.ListInstancesOutput)(nil), `{}`},
		{"nested lists may be absent", &ssoadmin.DescribeTrustedTokenIssuerOutput{Name: aws.String("a")}, `{"Name":"a"}`},
		{"whole seconds", &ssoadmin.DescribePermissionSetOutput{PermissionSet: &ssoadmintypes.PermissionSet{CreatedDate: &whole}}, `{"PermissionSet":{"CreatedDate":1767323045}}`},
		{"milliseconds", &ssoadmin.DescribePermissionSetOutput{PermissionSet: &ssoadmintypes.PermissionSet{CreatedDate: aws.Time(whole.Add(7 * time.Millisecond))}}, `{"PermissionSet":{"CreatedDate":1767323045.007}}`},
		{"escapes", &ssoadmin.DescribeInstanceOutput{Name: aws.String("a\"\\\n\x01\xff<é\u2028")}, `{"Name":"a\"\\\n\u0001\ufffd<é` + "\u2028" + `","Regions":[]}`},
		{"a plain structure of our own", &own{}, `{"Count":0,"Enabled":false,"Inner":{},"Items":[],"Name":""}`},
		{"a full structure of our own", &own{Name: "n", Level: "l", Count: 1, Since: whole, Extra: map[string]string{"b": "2", "a": "1"}, Items: []string{"x"}}, `{"Count":1,"Enabled":false,"Extra":{"a":"1","b":"2"},"Inner":{},"Items":["x"],"Level":"l","Name":"n","Since":1767323045}`},
	} {
		got, err := wire.AppendJSON(nil, c.out)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %v\ngot  %s\nwant %s", c.name, err, got, c.want)
		}
		if !json.Valid(got) {
			t.Errorf("%s: not JSON", c.name)
		}
	}
}

func TestTypesWithoutAFormAreRefusedAtStart(t *testing.T) {
	t.Parallel()
	for _, v := range []any{
		&struct{ X any }{}, &struct{ X chan int }{}, &struct{ X map[int]string }{}, &struct{ X []struct{ Y error } }{},
	} {
		if err := wire.Check(v); err == nil {
			t.Errorf("%T is accepted", v)
		}
	}
}

// FuzzDecodeJSON checks that whatever is read is written as JSON that reads as the same.
func FuzzDecodeJSON(f *testing.F) {
	f.Add([]byte(`{"AuthenticationMethod":{"Iam":{"ActorPolicy":{"a":[1,null,"\ud83d\ude00"]}}}}`))
	f.Add([]byte(`{"Tags":[{"Key":"k","Value":"v"}],"Name":"x","InstanceArn":null}`))
	f.Add([]byte(`{"StartTimestamp":1.5,"Extensions":{"a":{}},"Roles":[{"Primary":true}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, in := range []any{
			&ssoadmin.PutApplicationAuthenticationMethodInput{}, &ssoadmin.CreatePermissionSetInput{},
			&identitystore.CreateUserInput{}, &organizations.InviteOrganizationToTransferResponsibilityInput{},
		} {
			if err := wire.DecodeJSON(body, in); err != nil {
				if fault.As(err) == nil {
					t.Errorf("%v is no fault", err)
				}
				continue
			}
			text, err := wire.AppendJSON(nil, in)
			if err != nil || !json.Valid(text) {
				t.Fatalf("%s: %v", text, err)
			}
			again := reflect.New(reflect.TypeOf(in).Elem()).Interface()
			if err := wire.DecodeJSON(text, again); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			second, err := wire.AppendJSON(nil, again)
			if err != nil || !bytes.Equal(text, second) {
				t.Fatalf("%v: %s", err, cmp.Diff(string(text), string(second)))
			}
		}
	})
}
