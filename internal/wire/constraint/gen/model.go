package main

import "slices"

type ref struct {
	Shape string `json:"shape"`
}

type shape struct {
	Type      string         `json:"type"`
	Required  []string       `json:"required"`
	Members   map[string]ref `json:"members"`
	Member    *ref           `json:"member"`
	Key       *ref           `json:"key"`
	Value     *ref           `json:"value"`
	Min       *int64         `json:"min"`
	Max       *int64         `json:"max"`
	Pattern   string         `json:"pattern"`
	Enum      []string       `json:"enum"`
	Sensitive bool           `json:"sensitive"`
	Union     bool           `json:"union"`
	Error     struct {
		Code string `json:"code"` // where it is not the shape's name
	} `json:"error"`
}

// model is what is read of a service-2.json.
type model struct {
	Operations map[string]struct {
		Input  *ref  `json:"input"`
		Errors []ref `json:"errors"`
	} `json:"operations"`
	Shapes map[string]*shape `json:"shapes"`
}

// parts are the shapes that a shape is made of.
func (s *shape) parts() []string {
	var names []string
	for _, m := range s.Members {
		names = append(names, m.Shape)
	}
	for _, r := range []*ref{s.Member, s.Key, s.Value} {
		if r != nil {
			names = append(names, r.Shape)
		}
	}
	return names
}

// constrained reports whether a value of the shape can break anything.
func (m *model) constrained(name string, seen map[string]bool) bool {
	s := m.Shapes[name]
	if seen[name] || s == nil {
		return false
	}
	seen[name] = true
	if s.Min != nil || s.Max != nil || s.Pattern != "" || len(s.Enum) > 0 || len(s.Required) > 0 {
		return true
	}
	return slices.ContainsFunc(s.parts(), func(part string) bool { return m.constrained(part, seen) })
}

func (m *model) reach(name string, reached map[string]bool) {
	if reached[name] || !m.constrained(name, map[string]bool{}) {
		return
	}
	reached[name] = true
	for _, part := range m.Shapes[name].parts() {
		m.reach(part, reached)
	}
}
