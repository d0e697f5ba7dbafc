package catalogue

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/smithy-go/encoding/cbor"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// input is what a request says, whatever its protocol: structures and maps as map[string]any, lists as []any, and
// everything else as text.
type input struct {
	members map[string]any
	special map[string]string // what is no member, by a name that begins with a dot

	// What was found in the members once it was looked for.
	words  map[string]any    // by their names as words; see word
	found  []string          // see arns
	tagged map[string]string // see tags
}

// word returns a member whose name is this as a word, in the words of norm.
func (in *input) word(name string) any {
	if in.words == nil {
		in.words = make(map[string]any, len(in.members))
		for _, name := range slices.Sorted(maps.Keys(in.members)) {
			if w := norm(name); in.words[w] == nil {
				in.words[w] = in.members[name]
			}
		}
	}
	return in.words[name]
}

// mostNested is how deep a path in an input may go. AWS's own inputs are less deep.
const mostNested = 32

func jsonInput(body []byte) (*input, error) {
	in := &input{members: map[string]any{}}
	return in, in.mergeJSON(body, "application/json")
}

// mergeJSON adds the members of a JSON body. Bodies of other types are payloads, such as a function's.
func (in *input) mergeJSON(body []byte, mediaType string) error {
	if len(bytes.TrimSpace(body)) == 0 || mediaType != "application/json" {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return malformed("The body of the request is not JSON.")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return malformed("The body of the request is not one value of JSON.")
	}
	if m, ok := v.(map[string]any); ok {
		for name, value := range m {
			if _, taken := in.members[name]; !taken { // what the path says is what counts
				in.members[name] = value
			}
		}
	}
	return nil
}

func cborInput(body []byte) (*input, error) {
	in := &input{members: map[string]any{}}
	if len(body) == 0 {
		return in, nil
	}
	v, err := cbor.Decode(body)
	if err != nil {
		return in, malformed("The body of the request is not CBOR.")
	}
	if m, ok := v.(cbor.Map); ok {
		in.members, _ = plain(m).(map[string]any)
	}
	return in, nil
}

// plain turns a value of CBOR into what inputs are made of.
func plain(v cbor.Value) any {
	switch v := v.(type) {
	case cbor.Map:
		m := make(map[string]any, len(v))
		for k, e := range v {
			m[k] = plain(e)
		}
		return m
	case cbor.List:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = plain(e)
		}
		return list
	case *cbor.Tag:
		return plain(v.Value)
	case cbor.String:
		return string(v)
	case cbor.Uint:
		return strconv.FormatUint(uint64(v), 10)
	case cbor.Bool:
		return strconv.FormatBool(bool(v))
	}
	return nil
}

// formInput reads the flattened members of a query protocol: "TagSpecification.1.Tag.2.Key". Lists are maps by number
// here; nothing asks for their order.
func formInput(form url.Values) (*input, error) {
	in := &input{members: map[string]any{}}
	for name, values := range form {
		if len(values) != 1 {
			return in, fault.New(fault.Invalid, "MalformedQueryString", "A parameter is given more than once.")
		}
		at := in.members
		parts := strings.Split(name, ".")
		if len(parts) > mostNested {
			return in, malformed("A parameter is nested too deeply.")
		}
		for i, part := range parts {
			if part == "member" || part == "entry" {
				continue
			}
			if i == len(parts)-1 {
				at[part] = values[0]
				break
			}
			next, ok := at[part].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[part] = next
			}
			at = next
		}
	}
	return in, nil
}

// routeInput takes the members of a REST request that stand in its path, query and headers.
func routeInput(r *http.Request, query url.Values, labels map[string]string) *input {
	in := &input{members: map[string]any{}, special: map[string]string{".path": r.URL.Path}}
	for name, values := range r.Header {
		in.members[strings.ToLower(name)] = values[0]
	}
	for name, values := range query {
		if !strings.HasPrefix(name, "X-Amz-") {
			in.members[name] = list(values)
		}
	}
	for name, value := range labels {
		in.members[name] = value
	}
	if source := r.Header.Get("X-Amz-Copy-Source"); source != "" {
		source, _, _ = strings.Cut(source, "?")
		if plain, err := url.PathUnescape(source); err == nil {
			source = plain
		}
		bucket, key, _ := strings.Cut(strings.TrimPrefix(source, "/"), "/")
		in.special[".source.bucket"], in.special[".source.key"] = bucket, key
	}
	return in
}

// list is one text, or a list of several.
func list(values []string) any {
	if len(values) == 1 {
		return values[0]
	}
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}

// at returns the texts at a path: "*" is every element of a list, "%" every name of a map. Names are compared as words
// are, so that the case of letters does not count.
func (in *input) at(path string) []string {
	if strings.HasPrefix(path, ".") {
		if v := in.special[path]; v != "" {
			return []string{v}
		}
		return nil
	}
	return texts(in.walk(path))
}

// has reports whether there is a member at a path.
func (in *input) has(path string) bool { return len(in.walk(path)) > 0 }

func (in *input) walk(path string) []any {
	found := []any{in.members}
	for part := range strings.SplitSeq(path, ".") {
		var next []any
		for _, v := range found {
			next = append(next, step(v, part)...)
		}
		found = next
	}
	return found
}

func step(v any, part string) []any {
	m, _ := v.(map[string]any)
	switch {
	case part == "*" && m != nil:
		return elements(m)
	case part == "*":
		l, _ := v.([]any)
		return l
	case part == "%":
		out := make([]any, 0, len(m))
		for _, name := range slices.Sorted(maps.Keys(m)) {
			out = append(out, name)
		}
		return out
	}
	if e, ok := m[part]; ok {
		return []any{e}
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if norm(name) == norm(part) {
			return []any{m[name]}
		}
	}
	return nil
}

// elements are the values of a list of a form, which is a map by number.
func elements(m map[string]any) []any {
	out := make([]any, 0, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[name])
	}
	return out
}

// texts are the texts among values, and those of lists of texts.
func texts(values []any) (out []string) {
	for _, v := range values {
		switch v := v.(type) {
		case string:
			out = append(out, v)
		case json.Number:
			out = append(out, v.String())
		case bool:
			out = append(out, strconv.FormatBool(v))
		case []any:
			for _, e := range v {
				if s, ok := e.(string); ok {
					out = append(out, s)
				}
			}
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				if s, ok := v[name].(string); ok && number(name) >= 0 {
					out = append(out, s)
				}
			}
		}
	}
	return out
}

// norm is a name as a word: without the case of its letters and without marks between them.
func norm(name string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case 'A' <= c && c <= 'Z':
			return c + 'a' - 'A'
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			return c
		}
		return -1
	}, name)
}
