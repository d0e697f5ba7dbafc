package constraint

import (
	"maps"
	"slices"
)

// Member is a member of an input that has constraints.
type Member struct {
	Path      []string // names of the model; the elements of a list are "member", those of a map "key" and "value"
	Kind      string   // the kind of its shape, empty where only presence is constrained
	Required  bool
	Min, Max  *int64
	Pattern   string
	Enum      []string
	Sensitive bool
}

// Services lists the services of the table.
func Services() []string { return slices.Sorted(maps.Keys(table())) }

// Operations lists the operations of a service whose inputs have constraints.
func Operations(service string) []string {
	svc := table()[service]
	if svc == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(svc.operations))
}

// Members lists what is constrained in the input of an operation, for tests and documentation. A shape that
// contains itself is listed once.
func Members(service, operation string) []Member {
	svc := table()[service]
	if svc == nil || svc.operations[operation] == nil {
		return nil
	}
	return svc.members(svc.operations[operation], nil, nil)
}

func (svc *service) members(s *shape, above []string, open []*shape) []Member {
	if slices.Contains(open, s) {
		return nil
	}
	open = append(open, s)
	var all []Member
	for _, part := range append(slices.Clone(s.fields),
		member{"member", s.member, false}, member{"key", s.key, false}, member{"value", s.val, false}) {
		to := svc.shapes[part.shape]
		if to == nil && !part.required {
			continue
		}
		m := Member{Path: append(slices.Clone(above), part.name), Required: part.required}
		if to != nil {
			m.Kind, m.Min, m.Max, m.Enum, m.Sensitive = to.kind, to.min, to.max, to.enum, to.sensitive
			if to.pattern != nil {
				m.Pattern = to.pattern.java
			}
		}
		all = append(all, m)
		if to != nil {
			all = append(all, svc.members(to, m.Path, open)...)
		}
	}
	return all
}
