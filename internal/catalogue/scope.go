package catalogue

import (
	"archive/zip"
	_ "embed"
	"io"
	"strings"
	"sync"
)

// data is an archive of the files. Reading its directory takes less time than keeping it is worth.
//
//go:embed data.zip
var data string

// Catalogue reads the data of services, and keeps what it read lately.
type Catalogue struct {
	mu   sync.Mutex
	kept map[string]*Scope
}

// most is how many scopes are kept: a caller who asks for every service shall not fill the memory.
const most = 8

// Scope is what one name in the scope of signatures stands for: one API, or several that share the name.
type Scope struct {
	Name string

	apis      []*API
	actions   map[string]*action // by name in lower case
	resources map[string]string  // the pattern of a resource type's ARNs, by "prefix:type"
	keys      [][]string         // sets of condition keys
}

// API is one service.
type API struct {
	Name         string // as the AWS CLI calls it
	XMLNamespace string

	prefix     string // of its actions
	protocols  []string
	version    string
	target     string // what precedes the operation in X-Amz-Target
	aliases    map[string]string
	operations []*Operation
}

// Operation is one operation of an API.
type Operation struct {
	Name string

	route *route // of a REST protocol
	asked []asked
}

// asked is an action that an operation needs in place of the one of its own name.
type asked struct {
	action     string // or "-"
	arn        string // the resource itself
	when, not  string // a member that the input has to have, or not to have
	variables  map[string]string
	permission bool // false for "-"
}

// action is an action and the types of resources that it is about.
type action struct {
	name  string
	keys  int // the number of a set of condition keys; -1 for none
	types []resourceType
}

type resourceType struct {
	name     string
	keys     int
	required bool
}

// Scope returns what a name in a signature's scope stands for, or nil.
func (c *Catalogue) Scope(name string) *Scope {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.kept[name]; s != nil {
		return s
	}
	s := load(name)
	if s == nil {
		return nil
	}
	if c.kept == nil || len(c.kept) >= most {
		c.kept = map[string]*Scope{}
	}
	c.kept[s.Name] = s
	return s
}

// Models lists the APIs as the AWS CLI names their models: "ec2/2016-11-15".
func Models() (list []string) {
	for _, name := range names() {
		for line := range strings.Lines(text(name)) {
			if f := strings.Split(strings.TrimSpace(line), "\t"); f[0] == "api" {
				list = append(list, f[1]+"/"+f[4])
			}
		}
	}
	return list
}

func archive() *zip.Reader {
	z, err := zip.NewReader(strings.NewReader(data), int64(len(data)))
	if err != nil {
		panic("catalogue: the embedded data is damaged: " + err.Error())
	}
	return z
}

// names are those of all scopes.
func names() (list []string) {
	for _, f := range archive().File {
		list = append(list, f.Name)
	}
	return list
}

// text is the file of a scope, or "".
func text(name string) string {
	for _, f := range archive().File {
		if f.Name != name {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return ""
		}
		var b strings.Builder
		b.Grow(int(f.UncompressedSize64)) //nolint:gosec // of our own data
		io.Copy(&b, r)                    //nolint:errcheck // a test reads every file
		return b.String()
	}
	return ""
}

// load reads a file. The data is part of the program, and a test reads all of it.
func load(name string) *Scope {
	lines := text(name)
	if lines == "" {
		return nil
	}
	s := &Scope{Name: strings.Clone(name), actions: map[string]*action{}, resources: map[string]string{}}
	for line := range strings.Lines(lines) {
		if fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); !strings.HasPrefix(line, "#") {
			s.read(fields)
		}
	}
	return s
}

// read takes in one line.
func (s *Scope) read(fields []string) {
	var a *API
	if len(s.apis) > 0 {
		a = s.apis[len(s.apis)-1]
	}
	switch fields[0] {
	case "api":
		f := append(fields, "", "")
		s.apis = append(s.apis, &API{Name: f[1], prefix: f[2], protocols: strings.Split(f[3], ","), version: f[4], target: f[5],
			XMLNamespace: f[6], aliases: map[string]string{}})
	case "alias":
		a.aliases[fields[1]] = fields[2]
	case "op":
		a.operations = append(a.operations, newOperation(fields[1], fields[2:]))
	case "keys":
		s.keys = append(s.keys, strings.Fields(fields[2]))
	case "resource":
		s.resources[fields[1]] = fields[2]
	case "action":
		s.actions[strings.ToLower(fields[1])] = newAction(fields)
	}
}

func newOperation(name string, fields []string) *Operation {
	o := &Operation{Name: name}
	for _, f := range fields {
		switch rest := f[1:]; f[0] {
		case '@':
			o.route = newRoute(rest)
		case '?':
			o.route.query = append(o.route.query, newParameter(rest))
		case '^':
			o.route.headers = append(o.route.headers, rest)
		case '=':
			o.asked = append(o.asked, newAsked(rest))
		}
	}
	return o
}

func newAsked(text string) asked {
	name, more, _ := strings.Cut(text, ";")
	a := asked{action: name, permission: name != "-", variables: map[string]string{}}
	for pair := range strings.SplitSeq(more, ";") {
		switch key, value, _ := strings.Cut(pair, "="); key {
		case "":
		case "arn":
			a.arn = value
		case "if":
			a.when = value
		case "unless":
			a.not = value
		default:
			a.variables[key] = value
		}
	}
	return a
}

func newAction(fields []string) *action {
	a := &action{name: fields[1], keys: number(fields[2])}
	for _, f := range fields[3:] {
		last := strings.LastIndexByte(f, ' ')
		a.types = append(a.types, resourceType{name: f[1:last], keys: number(f[last+1:]), required: f[0] == '!'})
	}
	return a
}

// number reads the number of a set of condition keys; "-" is -1.
func number(text string) int {
	n := 0
	for _, c := range text {
		if c < '0' || c > '9' {
			return -1
		}
		n = 10*n + int(c-'0')
	}
	return n
}

// keysOf lists the keys of a set.
func (s *Scope) keysOf(n int) []string {
	if n < 0 || n >= len(s.keys) {
		return nil
	}
	return s.keys[n]
}
