// Package cases is the neutral format of policy tests: a request, the policies that apply to it, and the decision that
// somebody expects. `gatehouse policy test` reads it, and so do the tests of the engine.
//
// # The format
//
// One JSON object a line (JSON Lines). A case is complete in itself: nothing is added to the context of its request.
//
//	{"id": "unique", "tags": ["…"], "why": "one short clause", "confidence": "captured" or "documented" or "likely",
//	 "request": {"principal": ARN, service principal, provider, or {"type":"Anonymous"},
//	             "action": "s3:GetObject", "resource": ARN or "*", "resourceAccount": "111111111111",
//	             "context": {key: text or [texts]}, "wildcardOnlyAction": true,
//	             "principalFacts": {"managementAccount": true, "serviceLinkedRole": true,
//	                                "user": ARN of the user who asked for a federated session},
//	             "resourceFacts": {"managementAccount": true}},
//	 "policies": {"identity": […], "resource": […], "boundary": […], "session": […], "vpce": […],
//	              "scp": [[root], [unit], …, [account]], "rcp": the same of the resource's account},
//	 "expected": {"decision": "Allowed" or "ImplicitlyDenied" or "ExplicitlyDenied", "blockedBy": ["scp", …],
//	              "message": AWS's text, "policy": ARN, name or file, "statement": Sid, or number from 1}}
//
// A policy is a document in its place, {"file": path beside the file of the case}, or {"arn": …, "document": …}. A layer that
// is not there has no say; an empty level of an organization allows nothing.
package cases

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Case is one test.
type Case struct {
	ID         string   `json:"id"`
	Tags       []string `json:"tags"`
	Why        string   `json:"why"`
	Confidence string   `json:"confidence"`
	Request    Request  `json:"request"`
	Policies   Policies `json:"policies"`
	Expected   Expected `json:"expected"`

	dir string // where files that it names are
}

// Request is who wants to do what.
type Request struct {
	Principal          Principal        `json:"principal"`
	Action             string           `json:"action"`
	Resource           string           `json:"resource"`
	ResourceAccount    string           `json:"resourceAccount"`
	Context            map[string]Value `json:"context"`
	WildcardOnlyAction bool             `json:"wildcardOnlyAction"` // the action has no permissions for single resources
	PrincipalFacts     struct {
		ManagementAccount bool   `json:"managementAccount"`
		ServiceLinkedRole bool   `json:"serviceLinkedRole"`
		User              string `json:"user"` // of a federated session
	} `json:"principalFacts"`
	ResourceFacts struct {
		ManagementAccount bool `json:"managementAccount"`
	} `json:"resourceFacts"`
}

// Policies are the documents by layer.
type Policies struct {
	Identity []json.RawMessage   `json:"identity"`
	Resource []json.RawMessage   `json:"resource"`
	Boundary []json.RawMessage   `json:"boundary"`
	Session  []json.RawMessage   `json:"session"`
	VPCE     []json.RawMessage   `json:"vpce"`
	SCP      [][]json.RawMessage `json:"scp"`
	RCP      [][]json.RawMessage `json:"rcp"`
}

// Expected is what the case wants; what is not given may be anything.
type Expected struct {
	Decision  string    `json:"decision"`
	BlockedBy []string  `json:"blockedBy"` // layers that block; others may too
	Message   string    `json:"message"`
	Policy    string    `json:"policy"`
	Statement Statement `json:"statement"`
}

// Principal is a caller: an ARN or a name; empty for nobody.
type Principal string

// UnmarshalJSON reads a text, or the object that stands for nobody.
func (p *Principal) UnmarshalJSON(b []byte) error {
	var anonymous struct{ Type string }
	if json.Unmarshal(b, &anonymous) == nil && anonymous.Type == "Anonymous" {
		*p = ""
		return nil
	}
	var text string
	if err := json.Unmarshal(b, &text); err != nil || text == "" {
		return errors.New(`a principal is an ARN, a service, or {"type":"Anonymous"}`)
	}
	*p = Principal(text)
	return nil
}

// Value is the value of a context key: a text, or texts where the key is multi-valued.
type Value struct {
	Texts []string
	Multi bool
}

// UnmarshalJSON reads a text or a list of texts.
func (v *Value) UnmarshalJSON(b []byte) error {
	var text *string
	if json.Unmarshal(b, &text) == nil && text != nil {
		v.Texts = []string{*text}
		return nil
	}
	v.Multi = true
	if err := json.Unmarshal(b, &v.Texts); err != nil || v.Texts == nil {
		return errors.New("the value of a context key is a text or a list of texts")
	}
	return nil
}

// Statement is a statement by its Sid or its number.
type Statement struct {
	Sid    string
	Number int // from 1; 0 when it is not by number
}

// UnmarshalJSON reads a text or a number.
func (s *Statement) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &s.Sid) == nil || json.Unmarshal(b, &s.Number) == nil && s.Number > 0 {
		return nil
	}
	return errors.New("a statement is a Sid or a number from 1")
}

// Read returns the cases of a file.
func Read(path string) ([]*Case, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return read(f, path)
}

func read(from io.Reader, path string) (list []*Case, err error) {
	lines := bufio.NewReader(from)
	seen := map[string]int{}
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if text := bytes.TrimSpace(line); len(text) > 0 {
			c, err := parse(text)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", path, number, err)
			}
			if at := seen[c.ID]; at > 0 {
				return nil, fmt.Errorf("%s:%d: the id %q is that of line %d too", path, number, c.ID, at)
			}
			seen[c.ID], c.dir = number, filepath.Dir(path)
			list = append(list, c)
		}
		if err == io.EOF {
			return list, nil
		}
	}
}

// parse reads a case strictly: a name that is mistyped must not silently test less.
func parse(line []byte) (*Case, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	c := &Case{}
	if err := d.Decode(c); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("want one case a line")
	}
	switch c.Expected.Decision {
	case "Allowed", "ImplicitlyDenied", "ExplicitlyDenied":
	default:
		return nil, fmt.Errorf("the expected decision is %q: want Allowed, ImplicitlyDenied or ExplicitlyDenied", c.Expected.Decision)
	}
	if c.ID == "" || c.Request.Action == "" {
		return nil, errors.New("a case has an id, and its request an action")
	}
	return c, nil
}
