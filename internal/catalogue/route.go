package catalogue

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// route is what method, path, query and headers of an operation's requests are like. See "HTTP bindings" in the Smithy
// specification.
type route struct {
	method   string
	segments []segment
	query    []parameter
	headers  []string
}

// segment is a part of a path between slashes.
type segment struct {
	text   string // or the name of a label
	label  bool
	greedy bool // a label that takes the rest of the path
}

// parameter is a parameter that has to be there, with its value where that is fixed.
type parameter struct {
	name, value string
	fixed       bool
}

func newRoute(text string) *route {
	method, path, _ := strings.Cut(text, " ")
	r := &route{method: method}
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		switch name, label := strings.CutPrefix(part, "{"); {
		case part == "":
		case label:
			name = strings.TrimSuffix(name, "}")
			plain, greedy := strings.CutSuffix(name, "+")
			r.segments = append(r.segments, segment{plain, true, greedy})
		default:
			r.segments = append(r.segments, segment{text: part})
		}
	}
	return r
}

func newParameter(text string) parameter {
	name, value, fixed := strings.Cut(text, "=")
	return parameter{name, value, fixed}
}

// path is the path of a request in its parts, still escaped.
func path(escaped string) []string {
	trimmed := strings.TrimPrefix(escaped, "/")
	if trimmed == "" {
		return nil
	}
	return strings.Split(trimmed, "/")
}

// match reports how well the route fits a request, and what its labels are; 0 is not at all. Words of the path count
// for more than parameters, which only tell apart what the same path stands for.
func (t *route) match(method string, parts []string, query url.Values, h http.Header) (int, map[string]string) {
	if method != t.method {
		return 0, nil
	}
	score, labels := 1, map[string]string{}
	for i, s := range t.segments {
		if i >= len(parts) || parts[i] == "" && !(s.greedy && i+1 < len(parts)) {
			return 0, nil
		}
		text := parts[i]
		if s.greedy {
			end := len(parts) - (len(t.segments) - i - 1)
			if end <= i {
				return 0, nil
			}
			text = strings.Join(parts[i:end], "/")
			parts = slices.Concat(parts[:i+1], parts[end:])
		}
		plain, err := url.PathUnescape(text)
		switch {
		case err != nil, !s.label && plain != s.text:
			return 0, nil
		case s.label:
			labels[s.text] = plain
			if i > 0 && !t.segments[i-1].label && slices.Contains(ends[1:], s.text) {
				labels[strings.TrimSuffix(t.segments[i-1].text, "s")+s.text] = plain // "clusters/{name}" names a cluster
			}
		default:
			score += 100
		}
	}
	if rest := parts[len(t.segments):]; len(rest) > 1 || len(rest) == 1 && rest[0] != "" {
		return 0, nil
	}
	for _, p := range t.query {
		values, ok := query[p.name]
		if !ok || p.fixed && (len(values) != 1 || values[0] != p.value) {
			return 0, nil
		}
		score += 2
		if p.fixed {
			score++
		}
	}
	for _, name := range t.headers {
		if h.Get(name) == "" {
			return 0, nil
		}
		score += 2
	}
	return score, labels
}

// routed finds the operation that a request of a REST protocol is. Where two fit equally well, the hint decides that SDKs
// put in the query, and else the order of names. Where one asks for a parameter that the other does not know and the other
// way round, the request is neither: whichever was decided on, the service might do the other.
func (s *Scope) routed(method string, parts []string, query url.Values, h http.Header) (*API, *Operation, map[string]string) {
	var api *API
	var best *Operation
	var labels map[string]string
	var fitting []*route
	top, hint := 0, query.Get("x-id")
	for _, a := range s.apis {
		for _, o := range a.operations {
			if o.route == nil {
				continue
			}
			score, found := o.route.match(method, parts, query, h)
			if score > 0 {
				fitting = append(fitting, o.route)
			}
			if score > top || score == top && score > 0 && o.Name == hint {
				api, best, labels, top = a, o, found, score
			}
		}
	}
	for _, t := range fitting {
		if t.words() == best.route.words() && !best.route.asksFor(t) {
			return nil, nil, nil
		}
	}
	return api, best, labels
}

// words counts the words of the path.
func (t *route) words() (n int) {
	for _, s := range t.segments {
		if !s.label {
			n++
		}
	}
	return n
}

// asksFor reports whether a route asks for all parameters and headers that another asks for.
func (t *route) asksFor(other *route) bool {
	for _, p := range other.query {
		if !slices.ContainsFunc(t.query, func(q parameter) bool { return q.name == p.name }) {
			return false
		}
	}
	for _, name := range other.headers {
		if !slices.Contains(t.headers, name) {
			return false
		}
	}
	return true
}
