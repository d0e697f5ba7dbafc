package contract

import (
	_ "embed"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/server"
	"github.com/gatehouse-sso/gatehouse/internal/wire/constraint"
)

//go:embed errors.txt
var errorsText string

// modelled are the codes of the errors of each operation, by "service operation".
func modelled() map[string][]string {
	all := map[string][]string{}
	for line := range strings.Lines(errorsText) {
		if f := strings.Fields(line); len(f) > 1 && f[0] != "#" {
			all[f[0]+" "+f[1]] = f[2:]
		}
	}
	return all
}

// each walks all built operations that AWS has a model of.
func (w *world) each(fn func(service string, row api.Row)) {
	for _, service := range slices.Sorted(maps.Keys(w.tables)) {
		for _, row := range w.tables[service] {
			fn(service, row)
		}
	}
}

func (w *world) root() *caller {
	return w.as(w.Root(&account.Account{ID: home}))
}

// toward makes sure that a member, and all around it that has to be there, is in an input.
func (w *world) toward(in any, service, operation string, m constraint.Member) {
	for _, other := range constraint.Members(service, operation) {
		n := len(other.Path)
		onTheWay := n <= len(m.Path) && slices.Equal(other.Path, m.Path[:n])
		if onTheWay || other.Required && reaches(reflect.ValueOf(in), other.Path[:n-1]) && !reaches(reflect.ValueOf(in), other.Path) {
			w.fill(in, service, other, w.mine)
		}
	}
}

func TestEveryConstraintOfTheModelHolds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root, tried := w.root(), 0
	w.each(func(service string, row api.Row) {
		want := codeOf(service)
		for _, m := range constraint.Members(service, row.Name) {
			for _, b := range breaches(m) {
				in := w.input(service, row.Name, w.mine)
				w.toward(in, service, row.Name, m)
				if !b.apply(in) {
					continue
				}
				got := root.call(service, row.Name, in)
				tried++
				said := got.message == "" || slices.ContainsFunc(refusals, func(s string) bool { return strings.Contains(got.message, s) }) // the SDK has no message of OIDC's
				if got.unsent == nil && (got.code != want || !said) && !(b.what == "accessToken missing" && got.status == http.StatusUnauthorized) {
					t.Errorf("%s %s: %s: got %s", service, row.Name, b.what, got)
				}
			}
		}
	})
	t.Logf("%d inputs", tried)
}

// refusals are what services say of input that breaks a constraint; the last three are Organizations' own.
var refusals = []string{"failed to satisfy constraint", "You must provide a value for the parameter.",
	"You provided a value that does not match the required pattern.", "You specified an invalid value."}

// codeOf is the code of a service for input that breaks a constraint.
func codeOf(service string) string {
	return constraint.Fault(service, make([]constraint.Violation, 1)).Code
}

// nameOf is the name of a member; an element of a list has the list's.
func nameOf(m constraint.Member) string {
	name := m.Path[len(m.Path)-1]
	if name == "member" {
		name = m.Path[len(m.Path)-2]
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// idsOf lists the members of an operation's input that name something by its id.
func idsOf(in any, service, operation string) (list []constraint.Member) {
	for _, m := range constraint.Members(service, operation) {
		if at(reflect.ValueOf(clone(in)), m.Path).Kind() != reflect.String {
			continue
		}
		name := nameOf(m)
		for _, end := range []string{"Id", "Ids", "Arn", "Arns", "Name"} {
			if strings.HasSuffix(name, end) && (end != "Name" || service == "iam" && operation+"Name" != "Create"+name) {
				list = append(list, m)
			}
		}
	}
	return list
}

func TestEveryIDHasAFixture(t *testing.T) {
	t.Parallel()
	known := map[string]bool{"": true}
	for _, k := range kinds {
		known[k.name] = true
	}
	for service, table := range server.Tables() {
		for _, row := range table {
			for _, m := range idsOf(row.NewInput(), service, row.Name) {
				if k, ok := ids[service+"."+nameOf(m)]; !ok || !known[k] {
					t.Errorf("%s %s: say in fixtures_test.go what kind of thing %s names", service, row.Name, nameOf(m))
				}
			}
		}
	}
}

// TestIDsOfNothingLeadNowhere: what an id names that never was, is no more, or belongs to somebody else, is answered with
// an error of the model.
func TestIDsOfNothingLeadNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root, model := w.root(), modelled()
	w.each(func(service string, row api.Row) {
		for _, m := range idsOf(row.NewInput(), service, row.Name) {
			kind := ids[service+"."+nameOf(m)]
			if kind == "" {
				continue
			}
			for what, id := range map[string]string{"of nothing": text(service, m, nil), "of others": w.foreign[kind], "deleted": w.deleted[kind]} {
				in := w.input(service, row.Name, w.mine)
				w.toward(in, service, row.Name, m)
				if id == "" || !put(in, m.Path, id) {
					continue
				}
				got := root.call(service, row.Name, in)
				if got.unsent != nil || got.status == 200 && fine[service+" "+row.Name+" "+nameOf(m)] != "" {
					continue
				}
				name := service + " " + row.Name
				if !slices.Contains(append(model[name], codeOf(service), denied(service), beyond[name]), got.code) {
					t.Errorf("%s %s: %s %s (%s): got %s", service, row.Name, nameOf(m), what, id, got)
				}
			}
		}
	})
}

// denied is the code of a denial.
func denied(service string) string {
	switch service {
	case "iam", "sts":
		return "AccessDenied"
	case "sso":
		return "ForbiddenException"
	}
	return "AccessDeniedException"
}

// TestCursorsAreGoodWhereTheyCameFrom: a token of a page that was made up, or that another list gave, is refused.
func TestCursorsAreGoodWhereTheyCameFrom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root, model := w.root(), modelled()
	page := func(operation string) string {
		in := w.input("identitystore", operation, w.mine)
		put(in, []string{"MaxResults"}, int64(1))
		return at(reflect.ValueOf(root.call("identitystore", operation, in).out), []string{"NextToken"}).String()
	}
	users, groups := page("ListUsers"), page("ListGroups")
	w.each(func(service string, row api.Row) {
		for _, name := range []string{"NextToken", "Marker"} {
			stolen := users
			if row.Name == "ListUsers" {
				stolen = groups
			}
			for _, token := range []string{"forged", stolen, stolen[:len(stolen)-4]} {
				in := w.input(service, row.Name, w.mine)
				if !reflect.ValueOf(in).Elem().FieldByName(name).IsValid() || !put(in, []string{name}, token) {
					continue
				}
				got := root.call(service, row.Name, in)
				if got.unsent == nil && !slices.Contains(append(model[service+" "+row.Name], codeOf(service)), got.code) {
					t.Errorf("%s %s: %s: got %s", service, row.Name, token, got)
				}
			}
		}
	})
}

// TestOwnServicesSurviveAnyInput: Gatehouse's own operations have no model; whatever they are sent, the fault is not theirs.
func TestOwnServicesSurviveAnyInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := w.root()
	for service, table := range w.tables {
		if root.clients[service] != nil {
			continue
		}
		for _, row := range table {
			for _, body := range []string{"", "{}", "[]", `{"X":1}`, `"x"`, strings.Repeat("[", 1000), `{"AccountId":{}}`} {
				if got := w.Call(root.keys, service, apitest.JSON(service, row.Name, body)); got.Status >= 500 {
					t.Errorf("%s %s: %.20s: got %d %s", service, row.Name, body, got.Status, got.Body)
				}
			}
			in := reflect.ValueOf(row.NewInput()).Elem()
			for i := range in.NumField() {
				if in.Field(i).Kind() == reflect.String {
					in.Field(i).SetString("d-0000000000")
				}
			}
			if got := root.call(service, row.Name, in.Addr().Interface()); got.status >= 500 {
				t.Errorf("%s %s: got %s", service, row.Name, got)
			}
		}
	}
}
