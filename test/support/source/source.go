// Package source reads Go packages for what pages say about them: the comments of types, which functions a function
// reaches, and with which faults these answer. It goes by names alone, as a reader with a text editor would.
package source

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Package is a Go package without its tests.
type Package struct {
	Types  map[string]*Type
	funcs  map[string][]*ast.FuncDecl // functions and methods, by their names alone
	consts map[string]string
}

// Type is a struct.
type Type struct {
	Name, Doc string
	Fields    []Field
}

// Field is a field of a struct. An embedded one has the name of its type.
type Field struct {
	Name, Type, Comment string
	Tag                 reflect.StructTag
}

// Read reads the package in a folder.
func Read(dir string) (*Package, error) {
	p := &Package{map[string]*Type{}, map[string][]*ast.FuncDecl{}, map[string]string{}}
	parsed, err := parser.ParseDir(token.NewFileSet(), dir, func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, parser.ParseComments)
	for _, files := range parsed {
		for _, file := range files.Files {
			for _, d := range file.Decls {
				p.add(d)
			}
		}
	}
	return p, err
}

func (p *Package) add(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		p.funcs[d.Name.Name] = append(p.funcs[d.Name.Name], d)
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if s, ok := spec.Type.(*ast.StructType); ok {
					p.Types[spec.Name.Name] = typeOf(spec.Name.Name, d.Doc.Text(), s)
				}
			case *ast.ValueSpec:
				for i, name := range spec.Names {
					if i < len(spec.Values) {
						p.consts[name.Name] = text(spec.Values[i])
					}
				}
			}
		}
	}
}

func typeOf(name, doc string, s *ast.StructType) *Type {
	t := &Type{Name: name, Doc: sentence(doc)}
	for _, f := range s.Fields.List {
		field := Field{Type: spelled(f.Type), Comment: sentence(f.Doc.Text() + f.Comment.Text())}
		if f.Tag != nil {
			field.Tag = reflect.StructTag(text(f.Tag))
		}
		for _, n := range f.Names {
			field.Name = n.Name
			t.Fields = append(t.Fields, field)
		}
		if len(f.Names) == 0 {
			field.Name = strings.TrimLeft(field.Type[strings.LastIndexByte(field.Type, '.')+1:], "*")
			t.Fields = append(t.Fields, field)
		}
	}
	return t
}

// sentence is a comment on one line.
func sentence(comment string) string { return strings.Join(strings.Fields(comment), " ") }

// spelled is a type as it is written.
func spelled(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return "*" + spelled(e.X)
	case *ast.ArrayType:
		return "[]" + spelled(e.Elt)
	case *ast.SelectorExpr:
		return spelled(e.X) + "." + e.Sel.Name
	}
	return ""
}

// text is the value of a string literal, or empty.
func text(e ast.Expr) string {
	if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
		value, _ := strconv.Unquote(l.Value) // the parser has seen it
		return value
	}
	return ""
}

// Calls are the calls of functions with a name in a body, such as fault.New.
func calls(in ast.Node, function string) (list []*ast.CallExpr) {
	ast.Inspect(in, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok && spelled(c.Fun) == function {
			list = append(list, c)
		}
		return true
	})
	return list
}

// Row is an operation in a table: its handler, and the functions that make its further columns.
type Row struct {
	Handler string
	Columns []string
}

// Rows returns the rows of a table of operations by their names.
func (p *Package) Rows() map[string]Row {
	rows := map[string]Row{}
	for _, f := range p.funcs["Table"] {
		for _, c := range calls(f, "api.Op") {
			row := Row{Handler: spelled(c.Args[2])}
			if s, ok := c.Args[2].(*ast.SelectorExpr); ok {
				row.Handler = s.Sel.Name
			}
			for _, column := range c.Args[3:] {
				if made, ok := column.(*ast.CallExpr); ok {
					row.Columns = append(row.Columns, spelled(made.Fun))
				}
			}
			rows[text(c.Args[0])] = row
		}
	}
	return rows
}

// Reach is the functions that functions with a name reach within the package, themselves among them, and what they name of
// packages and receivers besides: "c.Update", "api.EndLinks".
func (p *Package) Reach(name string, except ...string) (functions []*ast.FuncDecl, named []string) {
	seen, todo := map[string]bool{}, []string{name}
	for len(todo) > 0 {
		name, todo = todo[0], todo[1:]
		if seen[name] || slices.Contains(except, name) {
			continue
		}
		seen[name] = true
		for _, f := range p.funcs[name] {
			functions = append(functions, f)
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.Ident:
					todo = append(todo, n.Name)
				case *ast.SelectorExpr:
					if x, ok := n.X.(*ast.Ident); ok {
						named = append(named, x.Name+"."+n.Sel.Name)
					}
				}
				return true
			})
		}
	}
	return functions, named
}

// Faults are the codes of the faults that functions make.
func (p *Package) Faults(functions []*ast.FuncDecl) (codes []string) {
	for _, f := range functions {
		for _, c := range calls(f, "fault.New") {
			code := text(c.Args[1])
			if id, ok := c.Args[1].(*ast.Ident); ok {
				code = p.consts[id.Name]
			}
			if code != "" {
				codes = append(codes, code)
			}
		}
	}
	return codes
}

// Strings are the string literals of functions.
func Strings(functions ...*ast.FuncDecl) (list []string) {
	for _, f := range functions {
		ast.Inspect(f, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok && text(e) != "" {
				list = append(list, text(e))
			}
			return true
		})
	}
	return list
}

// About are the comments of the members of what a struct has, by their names: those of the policy in an answer that has a
// policy.
func (p *Package) About(t *Type) map[string]string {
	about := map[string]string{}
	for _, f := range t.Fields {
		if inner := p.Types[f.Type]; inner != nil {
			for _, member := range inner.Fields {
				about[member.Name] = member.Comment
			}
		}
	}
	return about
}

// Doc is what a function's comment says, behind its name.
func (p *Package) Doc(name string) string {
	for _, f := range p.funcs[name] {
		if doc, ok := strings.CutPrefix(sentence(f.Doc.Text()), name+" "); ok {
			return doc
		}
	}
	return ""
}

// Run is the method Run of a command.
func (p *Package) Run(command string) *ast.FuncDecl {
	for _, f := range p.funcs["Run"] {
		if f.Recv != nil && strings.TrimLeft(spelled(f.Recv.List[0].Type), "*") == command {
			return f
		}
	}
	return nil
}

// Within are the functions that a function reaches, as Reach has them.
func (p *Package) Within(f *ast.FuncDecl, except ...string) []*ast.FuncDecl {
	all := []*ast.FuncDecl{f}
	ast.Inspect(f, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && !slices.Contains(except, id.Name) {
			reached, _ := p.Reach(id.Name, except...)
			all = append(all, reached...)
		}
		return true
	})
	return all
}
