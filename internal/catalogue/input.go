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
//
// Which of its members an operation knows is not known here, and services pass over what they do not know. So wherever two
// members could be the one that counts, both do: nobody shall name one thing to the service and another to who decides.
type input struct {
	members map[string]any
	beside  map[string]any    // the parameters and headers of a REST request
	special map[string]string // what is no member, by a name that begins with a dot
	labels  map[string]bool   // the words that the path gives a value: there it counts, and nowhere else
	whole   bool              // nothing of the request was left unread

	// What was found in the members once it was looked for.
	words  map[string][]any  // by their names as words; see word
	found  []string          // see arns
	tagged map[string]string // see tags
	torn   bool              // a tag has two keys or two values
}

// word returns the members whose names are this as a word, in the words of norm.
func (in *input) word(name string) []any {
	if in.words == nil {
		in.words = make(map[string][]any, len(in.members))
		for _, from := range []map[string]any{in.members, in.beside} {
			for _, name := range slices.Sorted(maps.Keys(from)) {
				w := norm(name)
				in.words[w] = append(in.words[w], from[name])
			}
		}
	}
	return in.words[name]
}

// mostNested is how deep a path in an input may go. AWS's own inputs are less deep.
const mostNested = 32

func jsonInput(body []byte) (*input, error) {
	in := &input{members: map[string]any{}}
	return in, in.mergeJSON(body, true)
}

// mergeJSON adds the members of a JSON body. One that is not said to be JSON may be a payload, such as a function's, and
// need not be JSON; but services read it as JSON whatever it is said to be.
func (in *input) mergeJSON(body []byte, said bool) error {
	in.whole = len(bytes.TrimSpace(body)) == 0
	if in.whole {
		return nil
	}
	err := in.addJSON(body)
	if err != nil && !said {
		return nil
	}
	in.whole = err == nil
	return err
}

func (in *input) addJSON(body []byte) error {
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
			if !in.labels[norm(name)] {
				in.members[name] = value
			}
		}
	}
	return nil
}

func cborInput(body []byte) (*input, error) {
	in := &input{members: map[string]any{}, whole: true}
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
	in := &input{members: map[string]any{}, whole: true}
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
	in := &input{members: map[string]any{}, beside: map[string]any{}, special: map[string]string{".path": r.URL.Path}, labels: map[string]bool{}}
	for name, value := range labels {
		in.members[name] = value
		in.labels[norm(name)] = true
	}
	for name, values := range r.Header {
		if strings.HasPrefix(name, "X-Amz") && !in.labels[norm(name)] {
			in.beside[strings.ToLower(name)] = values[0]
		}
	}
	for name, values := range query {
		if !strings.HasPrefix(name, "X-Amz-") && !in.labels[norm(name)] {
			in.beside[name] = list(values)
		}
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

// hasExactly reports whether there is a member of the request itself with this name, letter for letter: one that takes a need
// away has to be the very one that the service knows.
func (in *input) hasExactly(name string) bool {
	return in.members[name] != nil || in.beside[name] != nil
}

func (in *input) walk(path string) []any {
	found := []any{in.members, in.beside}
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
	var names []string
	for name := range m {
		if sameWord(name, part) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	out := make([]any, len(names))
	for i, name := range names {
		out[i] = m[name]
	}
	return out
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

// sameWord reports whether two names are the same as words. It stops where they begin to differ, since inputs may have many.
func sameWord(a, b string) bool {
	for {
		a, b = atLetter(a), atLetter(b)
		if a == "" || b == "" {
			return a == b
		}
		if a[0] != b[0] && norm(a[:1]) != norm(b[:1]) {
			return false
		}
		a, b = a[1:], b[1:]
	}
}

// atLetter is what a name has from its next letter or digit on.
func atLetter(name string) string {
	for name != "" && norm(name[:1]) == "" {
		name = name[1:]
	}
	return name
}
