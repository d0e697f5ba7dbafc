package constraint

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed table.txt
var text string

// shape is what the model says about the values of a type.
type shape struct {
	kind             string // string, integer, list, map, structure, union, blob and the like
	min, max         *int64
	pattern          *pattern
	enum             []string
	sensitive        bool
	member, key, val string // names of the element shapes of a list or a map
	fields           []member
}

// member is a member of a structure, and the name of its shape, empty where the shape has no constraint.
type member struct {
	name, shape string
	required    bool
}

// service is the part of the table about one service. Operations are the shapes of their inputs.
type service struct {
	shapes, operations map[string]*shape
}

// table parses the embedded text once. It is generated and a test parses it, so that a broken line is a bug.
var table = sync.OnceValue(func() map[string]*service {
	t, err := parse(text)
	if err != nil {
		panic(err)
	}
	return t
})

func parse(text string) (map[string]*service, error) {
	t := map[string]*service{}
	current := &service{}
	for n, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		fields := strings.Split(line, "\t")
		switch {
		case strings.HasPrefix(line, "#") || fields[0] == "botocore":
			continue
		case len(fields) < 2:
			return nil, fmt.Errorf("table.txt, line %d: too few fields", n+1)
		case fields[0] == "service":
			current = &service{map[string]*shape{}, map[string]*shape{}}
			t[fields[1]] = current
			continue
		}
		s, err := parseShape(fields)
		if err != nil {
			return nil, fmt.Errorf("table.txt, line %d: %w", n+1, err)
		}
		if fields[0] == "op" {
			s.kind = "structure"
			current.operations[fields[1]] = s
		} else {
			current.shapes[fields[1]] = s
		}
	}
	return t, nil
}

func parseShape(fields []string) (*shape, error) {
	s := &shape{kind: fields[0]}
	for _, f := range fields[2:] {
		name, value, _ := strings.Cut(f, "=")
		var err error
		switch name {
		case "min":
			s.min, err = number(value)
		case "max":
			s.max, err = number(value)
		case "sensitive":
			s.sensitive = true
		case "pattern":
			s.pattern = new(pattern)
			s.pattern.java, err = strconv.Unquote(value)
		case "enum":
			s.enum = strings.Split(value, ",")
		case "member":
			s.member = value
		case "key":
			s.key = value
		case "value":
			s.val = value
		default:
			if name[0] != '.' {
				return nil, fmt.Errorf("unknown field %q", name)
			}
			name, required := strings.CutSuffix(name[1:], "!")
			s.fields = append(s.fields, member{name, value, required})
		}
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

func number(v string) (*int64, error) {
	n, err := strconv.ParseInt(v, 10, 64)
	return &n, err
}

// phrases words the constraints of a shape itself, as AWS does for the elements of a list.
func (s *shape) phrases() []string {
	var all []string
	if s.max != nil {
		all = append(all, s.atMost())
	}
	if s.min != nil {
		all = append(all, s.atLeast())
	}
	if s.pattern != nil {
		all = append(all, s.matching())
	}
	if len(s.enum) > 0 {
		all = append(all, s.oneOf())
	}
	return all
}

func (s *shape) ranged() bool { return s.kind == "integer" || s.kind == "long" }

func (s *shape) atMost() string {
	if s.ranged() {
		return fmt.Sprintf("Member must have value less than or equal to %d", *s.max)
	}
	return fmt.Sprintf("Member must have length less than or equal to %d", *s.max)
}

func (s *shape) atLeast() string {
	if s.ranged() {
		return fmt.Sprintf("Member must have value greater than or equal to %d", *s.min)
	}
	return fmt.Sprintf("Member must have length greater than or equal to %d", *s.min)
}

func (s *shape) matching() string {
	return "Member must satisfy regular expression pattern: " + s.pattern.java
}

func (s *shape) oneOf() string {
	return "Member must satisfy enum value set: [" + strings.Join(s.enum, ", ") + "]"
}

// broken lists the constraints that a size (a length, or a number) and, for strings, a text break.
func (s *shape) broken(size int64, text string, textual bool) (all []Constraint) {
	if s.max != nil && size > *s.max {
		all = append(all, Max)
	}
	if s.min != nil && size < *s.min {
		all = append(all, Min)
	}
	if textual && s.pattern != nil && !s.pattern.matches(text) {
		all = append(all, Pattern)
	}
	if textual && len(s.enum) > 0 && !slices.Contains(s.enum, text) {
		all = append(all, Enum)
	}
	return all
}
