package main

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed exceptions.txt
var exceptionsText string

// exceptions say which operations ask for other actions than that of their own name.
type exceptions struct {
	asked   map[string][]string          // "s3 ListObjectsV2": the actions
	aliases map[string]map[string]string // of a service: which member fills a variable of its ARNs
	used    map[string]bool
}

func readExceptions(text string) (*exceptions, error) {
	ex := &exceptions{map[string][]string{}, map[string]map[string]string{}, map[string]bool{}}
	for n, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0:
		case len(fields) < 3:
			return nil, fmt.Errorf("exceptions.txt, line %d: too few fields", n+1)
		case strings.HasPrefix(fields[1], "$"):
			if ex.aliases[fields[0]] == nil {
				ex.aliases[fields[0]] = map[string]string{}
			}
			ex.aliases[fields[0]][fields[1][1:]] = fields[2]
		default:
			ex.asked[fields[0]+" "+fields[1]] = fields[2:]
		}
	}
	return ex, nil
}

// of returns the actions of an operation, or nothing when they are those of its name. "*" stands for every operation of a
// service, and METHOD in an action for the method of the request.
func (ex *exceptions) of(m *model, operation string) []string {
	for _, key := range []string{m.name + " " + operation, m.name + " *"} {
		if list := ex.asked[key]; list != nil {
			ex.used[key] = true
			list = slices.Clone(list)
			for i := range list {
				list[i] = strings.Replace(list[i], "METHOD", m.Operations[operation].HTTP.Method, 1)
			}
			return list
		}
	}
	return nil
}

// unused is an error that names exceptions of operations that are gone.
func (ex *exceptions) unused() error {
	var left []string
	for key := range ex.asked {
		if !ex.used[key] {
			left = append(left, key)
		}
	}
	slices.Sort(left)
	if len(left) > 0 {
		return fmt.Errorf("exceptions.txt: no such operation: %s", strings.Join(left, ", "))
	}
	return nil
}
