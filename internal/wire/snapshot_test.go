package wire_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/wire"
	"github.com/gatehouse-sso/gatehouse/internal/wire/awsjson"
	"github.com/gatehouse-sso/gatehouse/internal/wire/restjson"
)

// snapshotModules are the SDK modules that carry recorded requests; those of JSON services carry answers too.
var snapshotModules = map[string]string{
	"sso-admin": "ssoadmin", "identitystore": "identitystore", "organizations": "organizations",
	"sso": "sso", "sso-oidc": "ssooidc", "iam": "iam", "sts": "sts",
}

// snapshots returns the recorded files of one module, or skips where the module is not at hand (vendored builds).
func snapshots(t *testing.T, module, pattern string) []string {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2/service/"+module).Output()
	if err != nil || len(bytes.TrimSpace(dir)) == 0 {
		t.Skip("the SDK's module is not in the module cache")
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no %s: %v", module, pattern, err)
	}
	return files
}

// recording is a parsed snapshot: its first line, headers, body.
type recording struct {
	line   string
	header http.Header
	body   []byte
}

func readRecording(t *testing.T, file string) recording {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	line, rest, _ := strings.Cut(string(text), "\n")
	rec := recording{line: line, header: http.Header{}}
	rest = strings.TrimPrefix(rest, "\n") // a request has an empty line before its headers too
	head, body, _ := strings.Cut(rest, "\n\n")
	for _, h := range strings.Split(head, "\n") {
		if name, value, ok := strings.Cut(h, ": "); ok {
			rec.header.Add(name, value)
		}
	}
	rec.body = []byte(body)
	return rec
}

func TestRecordedRequestsAreReadAndWrittenIdentically(t *testing.T) {
	t.Parallel()
	for name, module := range snapshotModules {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inputs := map[string]reflect.Type{}
			for _, op := range operationsOf(name, clients(nil)[name]) {
				inputs[op.name] = op.in
			}
			for _, file := range snapshots(t, module, "request_snapshot/*.request.snap") {
				operation := strings.TrimSuffix(filepath.Base(file), ".request.snap")
				if err := checkRequest(readRecording(t, file), name, operation, inputs[operation]); err != nil {
					t.Errorf("%s: %v", operation, err)
				}
			}
		})
	}
}

func checkRequest(rec recording, service, operation string, input reflect.Type) error {
	method, target, _ := strings.Cut(rec.line, " ")
	u, err := url.Parse(target)
	if err != nil {
		return err
	}
	r := &http.Request{Method: method, URL: u, Header: rec.header}
	call, ok, err := wire.Recognise(r, rec.body)
	if !ok || err != nil || call.Service.Name != service || call.Operation != operation {
		return fmt.Errorf("recognised as %+v, %v, %v", call, ok, err)
	}
	in := reflect.New(input)
	if err := decode(call, r, rec.body, in.Interface()); err != nil {
		return err
	}
	if service == "sso" {
		return nil // nothing in the body; the SDK's own client is the judge of these
	}
	if call.Protocol == wire.AWSQuery {
		return checkForm(rec.body, in.Elem())
	}
	again, err := wire.AppendJSON(nil, in.Interface())
	if err != nil {
		return err
	}
	if string(again) != string(rec.body) {
		return fmt.Errorf("got  %s\nwant %s", again, rec.body)
	}
	return nil
}

// checkForm checks that as many values were read as the form has, besides Action and Version. Empty lists have one.
func checkForm(body []byte, in reflect.Value) error {
	want := strings.Count(string(body), "=") - 2
	if got := leaves(in); got != want {
		return fmt.Errorf("read %d values of %d in %s", got, want, body)
	}
	return nil
}

// leaves counts the values in v.
func leaves(v reflect.Value) (n int) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return 0
		}
		return leaves(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				n += leaves(v.Field(i))
			}
		}
		return n
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return 1
		}
		for i := range v.Len() {
			n += leaves(v.Index(i))
		}
		return n
	case reflect.Map:
		for _, key := range v.MapKeys() {
			n += 1 + leaves(v.MapIndex(key))
		}
		return n
	case reflect.Bool:
		if !v.Bool() {
			return 0
		}
	case reflect.Int32:
		if v.Int() == 0 {
			return 0
		}
	case reflect.String:
		if v.Len() == 0 {
			return 0
		}
	}
	return 1
}

func TestRecordedAnswersAreReadAndWrittenIdentically(t *testing.T) {
	t.Parallel()
	for name, module := range snapshotModules {
		if name == "iam" || name == "sts" {
			continue // these have none
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outputs := map[string]reflect.Type{}
			for _, op := range operationsOf(name, clients(nil)[name]) {
				outputs[op.name] = op.out
			}
			for _, file := range snapshots(t, module, "response_snapshot/*.response.snap") {
				operation := strings.TrimSuffix(filepath.Base(file), ".response.snap")
				rec := readRecording(t, file)
				out := reflect.New(outputs[operation]).Interface()
				if err := wire.DecodeJSON(rec.body, out); err != nil {
					t.Errorf("%s: %v", operation, err)
					continue
				}
				write := awsjson.Encode
				if wire.ServiceNamed(name).Protocol == wire.RESTJSON {
					write = restjson.Encode
				}
				again, err := write(nil, out)
				if err != nil || string(again) != strings.TrimSuffix(string(rec.body), "\n") {
					t.Errorf("%s: %v\ngot  %s\nwant %s", operation, err, again, rec.body)
				}
			}
		})
	}
}
