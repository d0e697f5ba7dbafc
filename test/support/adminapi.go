package support

import (
	"cmp"
	"fmt"
	"go/ast"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/server"
	"github.com/gatehouse-sso/gatehouse/test/support/source"
)

// adminAPI is what the page about the admin API is made of.
type adminAPI struct {
	rooms      []*source.Package // with operations
	api, audit *source.Package
	commands   map[string]string // of the operations
	structures map[string]reflect.Type
	b          strings.Builder
}

// AdminAPI returns the text of docs/admin-api.md with the operations as the server has them: members and comments from
// the types, errors from the handlers, commands from the program.
func AdminAPI(text, root string) (string, error) {
	p := &adminAPI{structures: map[string]reflect.Type{}}
	var operations, importer, cli *source.Package
	for dir, to := range map[string]**source.Package{"/internal/api/admin": &operations, "/internal/importer": &importer, "/internal/api": &p.api,
		"/internal/audit": &p.audit, "/cmd/gatehouse": &cli} {
		var err error
		if *to, err = source.Read(root + dir); err != nil {
			return "", err
		}
	}
	p.rooms = []*source.Package{operations, importer}
	rows := slices.SortedFunc(slices.Values(server.Tables()[admin.Name]), func(a, b api.Row) int { return cmp.Compare(a.Name, b.Name) })
	p.commands = commandsOf(cli, rows)
	p.contents(rows)
	for i := range rows {
		if err := p.operation(&rows[i]); err != nil {
			return "", err
		}
	}
	if err := p.structured(); err != nil {
		return "", err
	}
	return within(text, "operations", p.b.String())
}

func (p *adminAPI) printf(format string, args ...any) { fmt.Fprintf(&p.b, format, args...) }

// contents lists the operations by who may call them.
func (p *adminAPI) contents(rows []api.Row) {
	p.printf("\n| operation | command |\n|---|---|\n")
	for _, r := range rows {
		p.printf("| [%s](#%s) | %s |\n", r.Name, strings.ToLower(r.Name), code(p.commands[r.Name]))
	}
}

func code(text string) string {
	if text == "" {
		return "none"
	}
	return "`" + text + "`"
}

// operation writes a section.
func (p *adminAPI) operation(r *api.Row) error {
	at := slices.IndexFunc(p.rooms, func(room *source.Package) bool { return room.Rows()[r.Name].Handler != "" })
	if at < 0 {
		return fmt.Errorf("%s: no table of the packages that are read has it", r.Name)
	}
	room := p.rooms[at]
	row := room.Rows()[r.Name]
	in, out, does := room.Types[r.Name+"Input"], room.Types[r.Name+"Output"], room.Doc(row.Handler)
	if in == nil || out == nil || does == "" {
		return fmt.Errorf("%s: its input and output are not called after it, or its handler %s has no comment", r.Name, row.Handler)
	}
	functions, named := room.Reach(row.Handler)
	p.printf("\n### %s\n\n%s\n\n", r.Name, capital(does))
	p.printf("- Who: %s\n", callers(r, row.Columns, functions, named))
	kind := "a change"
	if r.Read {
		kind = "a reading"
	}
	p.printf("- On the record: `%s`, %s\n- Command: %s\n", r.Name, kind, code(p.commands[r.Name]))
	if err := cmp.Or(p.members("Takes", in, room.About(out), reflect.TypeOf(r.NewInput()).Elem()),
		p.members("Answers", out, nil, reflect.TypeOf(r.NewOutput()).Elem())); err != nil {
		return err
	}
	codes := room.Faults(functions)
	for _, name := range named {
		if package_, name, _ := strings.Cut(name, "."); (package_ == "c" || package_ == "api") && !slices.Contains(everywhere, name) {
			reached, _ := p.api.Reach(name, everywhere...)
			codes = append(codes, p.api.Faults(reached)...)
		}
	}
	slices.Sort(codes)
	if codes = slices.Compact(codes); len(codes) > 0 {
		p.printf("\nErrors: `%s`\n", strings.Join(codes, "`, `"))
	}
	p.printf("\n```sh\n%s\n```\n", example(r))
	return nil
}

// everywhere is what every operation calls: its errors are those of all.
var everywhere = []string{"Update", "View", "Look", "Prepare", "Permits", "Invoke", "After", "Table", "Op", "On", "By"}

// resources are what the columns of rows make the resource of a decision.
var resources = map[string]string{"in": "the identity store", "ofSigner": "the identity store and the person, or on the user of the account", "ofRoot": "the account's root user"}

// callers says who may call an operation, and on which resources it is decided.
func callers(r *api.Row, columns []string, functions []*ast.FuncDecl, named []string) string {
	if r.Action == "" {
		return "operators only: whoever may read the data directory"
	}
	on := "`*`"
	for _, column := range columns {
		on = cmp.Or(resources[column], on)
	}
	if !slices.Contains(columns, "ofSigner") && slices.ContainsFunc(functions, func(f *ast.FuncDecl) bool { return f.Name.Name == "allowedPerson" }) {
		on += " and the person"
	}
	text := "`" + r.Action + "` on " + on
	if r.Who&api.OperatorsOnly != 0 {
		text = "operators, and " + text
	}
	for _, s := range source.Strings(functions...) {
		if slices.Contains(named, "c.Permits") && strings.HasPrefix(s, "organizations:") {
			text += "; `" + s + "` where that is needed"
		}
	}
	return text
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// members writes the table of a structure's members. What has no comment may have one in about, or means the same everywhere.
func (p *adminAPI) members(head string, t *source.Type, about map[string]string, of reflect.Type) error {
	if len(t.Fields) == 0 {
		return nil
	}
	p.printf("\n| %s | type | |\n|---|---|---|\n", head)
	for _, f := range t.Fields {
		field, _ := of.FieldByName(f.Name)
		is := cmp.Or(f.Comment, about[f.Name])
		if is == "" && head == "Takes" {
			is = members[f.Name]
		}
		if is == "" && head == "Takes" {
			return fmt.Errorf("%s: its member %s has no comment", t.Name, f.Name)
		}
		p.printf("| %s | %s | %s |\n", f.Name, p.typed(field.Type), cell(is))
	}
	return nil
}

// members are those that mean the same in every input in which they have no comment of their own.
var members = map[string]string{
	"AccountId":       "12 digits",
	"Action":          "such as `s3:GetObject`; no wildcards",
	"Context":         "condition keys of the request, at most 50 with at most 50 values each; what is not given is unknown",
	"DeviceId":        "as ListMfaDevicesForUser has it",
	"DeviceName":      "1 to 64 characters that can be seen",
	"IdentityStoreId": "the caller's when it is left out",
	"MaxResults":      "at most so many on a page",
	"NextToken":       "of the page before; good for 24 hours",
	"UserName":        "of the person, in capitals or not",
	"IamUserName":     "with AccountId, in place of UserName: of an IAM user of the account; its root user when it is left out",
}

// cell is a comment in a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }

// typed names a type as AWS's models do.
func (p *adminAPI) typed(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return p.typed(t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "blob in base64"
		}
		return "list of " + p.typed(t.Elem())
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int32:
		return "integer"
	case reflect.Int64:
		return "long"
	}
	if t == reflect.TypeFor[time.Time]() {
		return "timestamp"
	}
	p.structures[t.Name()] = t
	return "[" + t.Name() + "](#" + strings.ToLower(t.Name()) + ")"
}

// structured writes the structures that operations share, and those that they are made of.
func (p *adminAPI) structured() error {
	p.printf("\n## Structures\n")
	for done := map[string]bool{}; len(done) < len(p.structures); {
		for _, name := range slices.Sorted(maps.Keys(p.structures)) {
			if done[name] {
				continue
			}
			done[name] = true
			t := p.audit.Types[name]
			for _, room := range p.rooms {
				t = cmp.Or(t, room.Types[name])
			}
			if t == nil {
				continue
			}
			p.printf("\n### %s\n\n%s\n", name, capital(strings.TrimPrefix(strings.TrimPrefix(t.Doc, name+" "), "is ")))
			if err := p.members("Member", t, nil, p.structures[name]); err != nil {
				return err
			}
		}
	}
	return nil
}

// example is a call.
func example(r *api.Row) string {
	body := examples[r.Name]
	if r.Who&api.Signed == 0 {
		return "curl -sS --unix-socket DIR/control.sock http://control/gatehouse/" + r.Name + " -d '" + body + "'"
	}
	return "admin_api " + r.Name + " '" + body + "'"
}
