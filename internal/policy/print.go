package policy

import (
	"encoding/json"
	"strings"
)

// String returns the document as canonical JSON: no white space, elements in a fixed order, lists of one as their element.
func (d *Document) String() string {
	var p printer
	p.WriteByte('{')
	if d.version != "" {
		p.field("Version", d.version)
	}
	if d.id != "" {
		p.field("Id", d.id)
	}
	p.name("Statement")
	p.WriteByte('[')
	for i := range d.statements {
		if i > 0 {
			p.WriteByte(',')
		}
		p.statement(&d.statements[i])
	}
	p.WriteString("]}")
	return p.String()
}

// printer writes JSON; it puts a comma before a name unless an object has just begun.
type printer struct {
	strings.Builder
	begun bool
}

func (p *printer) name(name string) {
	if p.begun {
		p.WriteByte(',')
	}
	p.begun = true
	p.quote(name)
	p.WriteByte(':')
}

func (p *printer) field(name, value string) {
	p.name(name)
	p.quote(value)
}

func (p *printer) open()  { p.WriteByte('{'); p.begun = false }
func (p *printer) close() { p.WriteByte('}'); p.begun = true }

// quote writes a JSON string without HTML escapes, which would make ARN patterns and "<" in tags hard to read.
func (p *printer) quote(s string) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(s) == nil { // strings always encode
		p.WriteString(strings.TrimSuffix(b.String(), "\n"))
	}
}

func (p *printer) values(name string, values []string) {
	p.name(name)
	if len(values) == 1 {
		p.quote(values[0])
		return
	}
	p.WriteByte('[')
	for i, v := range values {
		if i > 0 {
			p.WriteByte(',')
		}
		p.quote(v)
	}
	p.WriteByte(']')
}

func (p *printer) statement(s *statement) {
	p.open()
	if s.sid != "" {
		p.field("Sid", s.sid)
	}
	p.field("Effect", pick(s.deny, "Deny", "Allow"))
	if s.principal != nil {
		p.principals(pick(s.notPrincipal, "NotPrincipal", "Principal"), s.principal)
	}
	p.values(pick(s.notAction, "NotAction", "Action"), s.actions)
	if s.resources != nil {
		resources := make([]string, len(s.resources))
		for i := range s.resources {
			resources[i] = s.resources[i].text
		}
		p.values(pick(s.notResource, "NotResource", "Resource"), resources)
	}
	if len(s.conditions) > 0 {
		p.conditions(s.conditions)
	}
	p.close()
}

func (p *printer) principals(name string, who *principals) {
	p.name(name)
	if who.everyone {
		p.quote("*")
		return
	}
	p.open()
	if len(who.aws) > 0 {
		names := make([]string, len(who.aws))
		for i := range who.aws {
			names[i] = who.aws[i].text
		}
		p.values("AWS", names)
	}
	for _, group := range []struct {
		name   string
		values []string
	}{{"Service", who.services}, {"Federated", who.federated}, {"CanonicalUser", who.canonical}} {
		if len(group.values) > 0 {
			p.values(group.name, group.values)
		}
	}
	p.close()
}

// conditions prints each operator once; Parse keeps the keys of one operator together.
func (p *printer) conditions(conditions []condition) {
	p.name("Condition")
	p.open()
	for i := range conditions {
		c := &conditions[i]
		if i == 0 || conditions[i-1].operator != c.operator {
			if i > 0 {
				p.close()
			}
			p.name(c.operator)
			p.open()
		}
		p.values(c.key, c.values)
	}
	p.close()
	p.close()
}

func pick(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}
