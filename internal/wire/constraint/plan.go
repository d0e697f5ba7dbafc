package constraint

import (
	"reflect"
	"sync"
	"unicode"
	"unicode/utf8"
)

// plan is what to look at in values of one Go type: a shape of the model, resolved against the type.
type plan struct {
	*shape
	fields         []field
	elem, key, val *plan
	simple         bool                   // a value without parts: its constraints are its own
	cases          map[string]*unionCases // shapes of a union, by the name of the Go type that holds the member
}

type field struct {
	name     string // as AWS writes it in a path: the first letter in lower case
	index    int
	required bool
	plan     *plan // nil where only presence counts
}

// unionCases plans the value of a member of a union, whose Go type is known only from a value.
type unionCases struct {
	name    string // as AWS writes it in a path
	service *service
	shape   *shape
	once    sync.Once
	plan    *plan
}

func (u *unionCases) of(t reflect.Type) *plan {
	u.once.Do(func() { u.plan = u.service.plan(u.shape, t, map[visit]*plan{}) })
	return u.plan
}

// visit is a shape met at a Go type; a plan in the making is found again where the two are recursive.
type visit struct {
	shape *shape
	typ   reflect.Type
}

type operation struct {
	service, name string
	input         reflect.Type
}

// plans keeps what planFor made: a function of the table and the program's types, which do not change.
var plans sync.Map // operation -> *plan

func planFor(service, name string, t reflect.Type) *plan {
	key := operation{service, name, t}
	if p, ok := plans.Load(key); ok {
		return p.(*plan)
	}
	svc := table()[service]
	if svc == nil || svc.operations[name] == nil {
		return nil
	}
	p, _ := plans.LoadOrStore(key, svc.plan(svc.operations[name], t, map[visit]*plan{}))
	return p.(*plan)
}

// plan resolves a shape against a Go type. What the type does not have is left out.
func (svc *service) plan(s *shape, t reflect.Type, seen map[visit]*plan) *plan {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	at := visit{s, t}
	if p := seen[at]; p != nil {
		return p
	}
	p := &plan{shape: s}
	seen[at] = p
	sub := func(name string, t reflect.Type) *plan {
		if svc.shapes[name] == nil {
			return nil
		}
		return svc.plan(svc.shapes[name], t, seen)
	}
	switch {
	case t.Kind() == reflect.Interface && s.kind == "union":
		p.cases = map[string]*unionCases{}
		for _, m := range s.fields {
			if to := svc.shapes[m.shape]; to != nil {
				p.cases[t.Name()+"Member"+goName(m.name)] = &unionCases{name: lowerFirst(m.name), service: svc, shape: to}
			}
		}
	case t.Kind() == reflect.Struct && (s.kind == "structure" || s.kind == "union"):
		for _, m := range s.fields {
			if f, ok := t.FieldByName(goName(m.name)); ok {
				p.fields = append(p.fields, field{lowerFirst(m.name), f.Index[0], m.required, sub(m.shape, f.Type)})
			}
		}
	case t.Kind() == reflect.Slice && s.kind == "list":
		p.elem = sub(s.member, t.Elem())
	case t.Kind() == reflect.Map && s.kind == "map":
		p.key, p.val = sub(s.key, t.Key()), sub(s.val, t.Elem())
	default:
		p.simple = true
	}
	return p
}

// goName is the field of an SDK type for a member of the model.
func goName(member string) string {
	r, n := utf8.DecodeRuneInString(member)
	return string(unicode.ToUpper(r)) + member[n:]
}

func lowerFirst(member string) string {
	r, n := utf8.DecodeRuneInString(member)
	return string(unicode.ToLower(r)) + member[n:]
}

// caseOf finds the plan for the value of a union: the SDK's type for member X of union U is UMemberX, with a
// field Value.
func (p *plan) caseOf(v reflect.Value) (string, reflect.Value, *plan) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return "", v, nil
	}
	u, inner := p.cases[v.Type().Name()], v.FieldByName("Value")
	if u == nil || !inner.IsValid() {
		return "", v, nil
	}
	return u.name, inner, u.of(inner.Type())
}
