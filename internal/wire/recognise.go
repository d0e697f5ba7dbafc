package wire

import (
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// Recognised is the AWS call that a request is. With an error, Service may be nil and Operation empty, while
// Protocol always says how to write the error.
type Recognised struct {
	Service   *Service
	Operation string
	Protocol  Protocol
}

// Recognise tells which AWS call a request is. ok is false when it is none, so a page. err is a fault when it is
// meant as a call but names no known operation. body is the whole body, read already.
func Recognise(r *http.Request, body []byte) (call Recognised, ok bool, err error) {
	if targets := r.Header.Values("X-Amz-Target"); len(targets) > 0 {
		call, err = byTarget(r, targets)
		return call, true, err
	}
	if found, ok := restCalls[restPath{r.Method, r.URL.Path}]; ok {
		if found.operation == "CreateToken" && r.URL.Query().Get("aws_iam") == "t" {
			found.operation = "CreateTokenWithIAM"
		}
		return Recognised{ServiceNamed(found.service), found.operation, RESTJSON}, true, nil
	}
	if r.URL.Path == "/" || r.URL.Path == "" {
		return byAction(r, body)
	}
	return Recognised{}, false, nil
}

// byTarget recognises an awsJson call. More than one target is refused: a signature covers them joined.
func byTarget(r *http.Request, targets []string) (Recognised, error) {
	call := Recognised{Protocol: AWSJSON}
	target := targets[0]
	if len(targets) > 1 || r.Method != http.MethodPost {
		return call, fault.New(fault.Invalid, "UnknownOperationException", "An awsJson call is a POST with one X-Amz-Target header.")
	}
	for _, s := range services {
		if s.TargetPrefix == "" {
			continue
		}
		if name, ok := strings.CutPrefix(target, s.TargetPrefix); ok {
			call.Service = s
			if !s.Knows(name) {
				return call, s.unknownOperation(AWSJSON, name, "")
			}
			call.Operation = name
			return call, nil
		}
	}
	return call, fault.New(fault.Invalid, "UnknownOperationException", "The target %q is not known here.", clip(target))
}

// byAction recognises an awsQuery call by Action and Version, in the query of a GET (presigned) or the form of a
// POST. An Action given twice is refused rather than guessed.
func byAction(r *http.Request, body []byte) (Recognised, bool, error) {
	none := Recognised{}
	var fields string
	switch r.Method {
	case http.MethodGet:
	case http.MethodPost:
		if IsForm(r) {
			fields = string(body)
		}
	default:
		return none, false, nil
	}
	actions, versions := parameters(r.URL.RawQuery, fields)
	if len(actions) == 0 {
		return none, false, nil
	}
	call := Recognised{Protocol: AWSQuery}
	if len(actions) > 1 || len(versions) > 1 {
		return call, true, fault.New(fault.Invalid, "InvalidAction", "Action and Version may be given once.")
	}
	version := ""
	if len(versions) == 1 {
		version = versions[0]
	}
	for _, s := range services {
		if s.Protocol == AWSQuery && s.Version == version {
			call.Service = s
		}
	}
	if call.Service == nil || !call.Service.Knows(actions[0]) {
		return call, true, call.Service.unknownOperation(AWSQuery, actions[0], version)
	}
	call.Operation = actions[0]
	return call, true, nil
}

// parameters collects Action and Version without decoding the rest of the form.
func parameters(sources ...string) (actions, versions []string) {
	for _, rest := range sources {
		for rest != "" {
			var pair string
			pair, rest, _ = strings.Cut(rest, "&")
			key, value, _ := strings.Cut(pair, "=")
			if k, err := url.QueryUnescape(key); err == nil {
				key = k
			}
			if key != "Action" && key != "Version" {
				continue
			}
			if v, err := url.QueryUnescape(value); err == nil {
				value = v
			}
			if key == "Action" {
				actions = append(actions, value)
			} else {
				versions = append(versions, value)
			}
		}
	}
	return actions, versions
}

// IsForm reports whether the body of r is an HTML form.
func IsForm(r *http.Request) bool { return MediaType(r) == form }

const form = "application/x-www-form-urlencoded"

// MediaType returns the media type of r's body in lower case without parameters, or "" if there is none.
func MediaType(r *http.Request) string {
	header := r.Header.Get("Content-Type")
	switch header { // what nearly every call has
	case "application/x-amz-json-1.1", form:
		return header
	case form + "; charset=utf-8":
		return form
	}
	mediaType, _, err := mime.ParseMediaType(header)
	if err != nil {
		return ""
	}
	return mediaType
}
