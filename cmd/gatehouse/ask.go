package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
)

// askFlags are what every question about permissions may say besides what is asked.
type askFlags struct {
	Context []string `help:"Condition key of the request, such as aws:SourceIp=192.0.2.1; again for one more, or for one more value. What is not given is unknown." placeholder:"KEY=VALUE" sep:"none"`
	Account string   `help:"Only in this account, by id or name." placeholder:"ACCOUNT"`
	JSON    bool     `name:"json" help:"Print JSON for programs, an object a line."`
}

// keys reads the condition keys. One that is given more than once has several values.
func (f askFlags) keys() ([]admin.ContextKey, error) {
	var list []admin.ContextKey
	for _, text := range f.Context {
		key, value, found := strings.Cut(text, "=")
		if !found || !strings.Contains(key, ":") {
			return nil, misuse("write it as --context KEY=VALUE, such as --context aws:MultiFactorAuthPresent=true", "--context: %q is not a key and its value", text)
		}
		at := slices.IndexFunc(list, func(k admin.ContextKey) bool { return strings.EqualFold(k.Key, key) })
		if at < 0 {
			list = append(list, admin.ContextKey{Key: key, Values: []string{value}})
			continue
		}
		list[at].Values, list[at].List = append(list[at].Values, value), true
	}
	return list, nil
}

// lines prints an object a line.
func lines[T any](w io.Writer, list ...T) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for _, one := range list {
		if err := e.Encode(one); err != nil {
			return err
		}
	}
	return nil
}

// short is an answer in two words.
func short(a admin.Answer) string {
	if a.Answer == "yes-if" {
		return "yes if"
	}
	return a.Answer
}

// conditions prints what a yes-if requires, a line each, behind an indent.
func conditions(w io.Writer, indent string, a admin.Answer) error {
	for i, way := range a.Ways {
		for j, r := range way.Requirements {
			lead := ""
			switch {
			case j > 0:
				lead = "and "
			case i > 0:
				lead = "or if "
			}
			if _, err := fmt.Fprintf(w, "%s%s%s\n", indent, lead, r.Text); err != nil {
				return err
			}
		}
	}
	return nil
}

// few lists some names and how many there are besides.
func few(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
