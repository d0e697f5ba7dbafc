package wire

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits of what a request may hold. No operation of AWS comes near them.
const (
	MaxDepth    = 64     // nesting of objects and lists
	MaxElements = 16_384 // list and map elements in one request, so that a small body cannot become a large heap
)

// Kind is the kind of a Shape.
type Kind uint8

// The kinds of shapes.
const (
	KindString Kind = iota + 1 // also enums
	KindBool
	KindInt
	KindFloat
	KindBlob
	KindTime
	KindPointer
	KindList
	KindMap
	KindStruct
	KindUnion
	KindDocument
)

// Shape is the plan of a Go type: what it is on the wire, in any protocol.
type Shape struct {
	Kind    Kind
	Type    reflect.Type
	API     string   // the SDK package a structure comes from, such as "iam"; empty for Gatehouse's own
	Elem    *Shape   // of a pointer, list or map
	Fields  []Field  // of a structure, sorted by wire name without case
	Members []Member // of a union

	byName   map[string]*Field
	document func(any) any
}

// Field is a member of a structure.
type Field struct {
	Name    string // on the wire
	GoName  string
	Index   int
	Shape   *Shape
	ISO8601 bool // the time is a string in JSON too
	Escaped bool // the text is percent-encoded in XML

	key []byte // the name as a JSON key with its colon
}

// Member is a member of a union: a Go type that implements its interface.
type Member struct {
	Name  string
	Type  reflect.Type // a pointer to a structure whose first field is Value
	Shape *Shape       // of Value

	key []byte
}

// Field returns the member with this wire name, or nil.
func (s *Shape) Field(name string) *Field { return s.byName[name] }

// Member returns the member of the union with this wire name, or nil.
func (s *Shape) Member(name string) *Member {
	for i := range s.Members {
		if s.Members[i].Name == name {
			return &s.Members[i]
		}
	}
	return nil
}

// MemberOf returns the member of the union that v holds, or nil.
func (s *Shape) MemberOf(v reflect.Value) *Member {
	t := v.Elem().Type()
	for i := range s.Members {
		if s.Members[i].Type == t {
			return &s.Members[i]
		}
	}
	return nil
}

// Absent reports whether a member with this value is left out of a message. Numbers, booleans and plain strings
// are always there; an empty enum is not a value of it.
func (s *Shape) Absent(v reflect.Value) bool {
	switch s.Kind {
	case KindPointer, KindList, KindMap, KindBlob, KindUnion, KindDocument:
		return v.IsNil()
	case KindString:
		return v.Len() == 0 && s.Type != stringType
	case KindTime:
		return v.IsZero()
	}
	return false
}

var (
	stringType = reflect.TypeFor[string]()
	timeType   = reflect.TypeFor[time.Time]()
	bytesType  = reflect.TypeFor[[]byte]()
)

// shapes remembers the plan of each type. It is a memo of a pure function of the type, so it may be shared.
var shapes sync.Map // reflect.Type to *Shape

// planning is held while plans are made, since types refer to each other and to themselves.
var planning sync.Mutex

// ShapeOf returns the plan of a type. It fails for types that have no form on the wire, among them interfaces that
// are not registered as unions; tables of operations call it at start so that this is never met by a request.
func ShapeOf(t reflect.Type) (*Shape, error) {
	if s, ok := shapes.Load(t); ok {
		return s.(*Shape), nil
	}
	planning.Lock()
	defer planning.Unlock()
	p := planner{}
	s, err := p.plan(t)
	if err != nil {
		return nil, fmt.Errorf("wire: %s: %w", t, err)
	}
	for t, s := range p {
		shapes.LoadOrStore(t, s)
	}
	return s, nil
}

// Check reports whether the types of these values, inputs and outputs of operations, can be read and written.
func Check(values ...any) error {
	for _, v := range values {
		if _, err := ShapeOf(reflect.TypeOf(v)); err != nil {
			return err
		}
	}
	return nil
}

// planner holds the plans being made, so that recursive types end.
type planner map[reflect.Type]*Shape

func (p planner) plan(t reflect.Type) (*Shape, error) {
	if s, ok := p[t]; ok {
		return s, nil
	}
	if s, ok := shapes.Load(t); ok {
		return s.(*Shape), nil
	}
	s := &Shape{Type: t}
	p[t] = s
	return s, p.fill(s)
}

func (p planner) fill(s *Shape) (err error) {
	t := s.Type
	switch {
	case t == timeType:
		s.Kind = KindTime
		return nil
	case t == bytesType:
		s.Kind = KindBlob
		return nil
	}
	switch t.Kind() {
	case reflect.String:
		s.Kind = KindString
	case reflect.Bool:
		s.Kind = KindBool
	case reflect.Int, reflect.Int32, reflect.Int64:
		s.Kind = KindInt
	case reflect.Float32, reflect.Float64:
		s.Kind = KindFloat
	case reflect.Pointer:
		s.Kind = KindPointer
		s.Elem, err = p.plan(t.Elem())
	case reflect.Slice:
		s.Kind = KindList
		s.Elem, err = p.plan(t.Elem())
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return fmt.Errorf("map with keys of type %s", t.Key())
		}
		s.Kind = KindMap
		s.Elem, err = p.plan(t.Elem())
	case reflect.Struct:
		s.Kind = KindStruct
		err = p.fillStruct(s)
	case reflect.Interface:
		err = p.fillInterface(s)
	default:
		err = fmt.Errorf("type %s has no form on the wire", t)
	}
	return err
}

func (p planner) fillStruct(s *Shape) error {
	s.API = apiOf(s.Type)
	s.byName = map[string]*Field{}
	for i := range s.Type.NumField() {
		f := s.Type.Field(i)
		if !f.IsExported() || f.Name == "ResultMetadata" {
			continue
		}
		shape, err := p.plan(f.Type)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", s.Type, f.Name, err)
		}
		id := memberID{s.API, s.Type.Name(), f.Name}
		name := wireName(id)
		s.Fields = append(s.Fields, Field{
			Name: name, GoName: f.Name, Index: i, Shape: shape, key: jsonKey(name),
			ISO8601: isoTimes[id], Escaped: escapedDocuments[id],
		})
	}
	slices.SortFunc(s.Fields, func(a, b Field) int { // the order in which AWS's recordings have them
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	for i := range s.Fields {
		s.byName[s.Fields[i].Name] = &s.Fields[i]
	}
	return nil
}

func (p planner) fillInterface(s *Shape) error {
	if construct, ok := documents[s.Type]; ok {
		s.Kind, s.document = KindDocument, construct
		return nil
	}
	types, ok := unions[s.Type]
	if !ok {
		return fmt.Errorf("the union %s is not registered", s.Type)
	}
	s.Kind = KindUnion
	for _, t := range types {
		shape, err := p.plan(t.Elem().Field(0).Type)
		if err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
		name := strings.TrimPrefix(t.Elem().Name(), s.Type.Name()+"Member")
		s.Members = append(s.Members, Member{Name: name, Type: t, Shape: shape, key: jsonKey(name)})
	}
	return nil
}

// apiOf returns the SDK package that a type belongs to, or "".
func apiOf(t reflect.Type) string {
	rest, ok := strings.CutPrefix(t.PkgPath(), "github.com/aws/aws-sdk-go-v2/service/")
	if !ok {
		return ""
	}
	api, _, _ := strings.Cut(rest, "/")
	return api
}

func jsonKey(name string) []byte { return append(appendJSONString(nil, name), ':') }
