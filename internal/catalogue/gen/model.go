package main

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// model is what the catalogue needs of a service's model.
type model struct {
	name     string // of botocore's folder, which is also the AWS CLI's name
	Metadata struct {
		APIVersion, EndpointPrefix, SigningName, TargetPrefix, XMLNamespace string

		Protocol  string
		Protocols []string
	}
	Operations map[string]operation
	Shapes     map[string]struct {
		Required []string
		Members  map[string]struct{ Location, LocationName string }
	}
}

type operation struct {
	HTTP  struct{ Method, RequestURI string }
	Input *struct{ Shape string }
}

// scope is the name of the service in the scope of a signature.
func (m *model) scope() string { return cmp.Or(m.Metadata.SigningName, m.Metadata.EndpointPrefix) }

func (m *model) protocols() []string {
	if len(m.Metadata.Protocols) > 0 {
		return m.Metadata.Protocols
	}
	return []string{m.Metadata.Protocol}
}

// rest reports whether method and path tell the operation.
func (m *model) rest() bool { return strings.HasPrefix(m.protocols()[0], "rest-") }

// shape is what method and path say, with the names of labels taken away: operations of one shape are told apart by
// members that they require in the query or in headers.
func (o operation) shape() string {
	path, query, _ := strings.Cut(o.HTTP.RequestURI, "?")
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, "{") {
			parts[i] = "{}"
		}
	}
	return o.HTTP.Method + " " + strings.Join(parts, "/") + "?" + constants(query)
}

// constants are the parameters that a query has to have, without the hint that SDKs put there.
func constants(query string) string {
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		if pair != "" && !strings.HasPrefix(pair, "x-id=") {
			kept = append(kept, pair)
		}
	}
	return strings.Join(kept, "&")
}

// shared counts the operations of each shape.
func (m *model) shared() map[string]int {
	n := map[string]int{}
	for _, o := range m.Operations {
		n[o.shape()]++
	}
	return n
}

// route is the columns that tell a request of the operation from others.
func (m *model) route(name string, shared map[string]int) []string {
	o := m.Operations[name]
	path, query, _ := strings.Cut(o.HTTP.RequestURI, "?")
	fields := []string{"@" + o.HTTP.Method + " " + path}
	if q := constants(query); q != "" {
		for _, pair := range strings.Split(q, "&") {
			if decoded, err := url.QueryUnescape(pair); err == nil {
				fields = append(fields, "?"+decoded)
			}
		}
	}
	if shared[o.shape()] > 1 && o.Input != nil {
		fields = append(fields, m.required(o.Input.Shape)...)
	}
	return fields
}

// required are the members of an input that have to be in the query or in a header.
func (m *model) required(input string) (fields []string) {
	s := m.Shapes[input]
	for _, name := range s.Required {
		switch at := s.Members[name]; at.Location {
		case "querystring":
			fields = append(fields, "?"+at.LocationName)
		case "header":
			fields = append(fields, "^"+strings.ToLower(at.LocationName))
		}
	}
	slices.Sort(fields)
	return fields
}
