package policy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// MaxSize bounds the text of any document. AWS's largest own has 86 kB; its quotas for customers are smaller and belong to
// those who store documents.
const MaxSize = 256 << 10

// Parse compiles a document. What the kind does not allow is refused with a fault of code MalformedPolicyDocument, whose
// message says what is wrong and where.
func Parse(doc []byte, kind Kind) (*Document, error) {
	if len(doc) > MaxSize {
		return nil, malformedDocument("The policy is larger than %d bytes.", MaxSize)
	}
	p := &parser{source: string(doc), places: newPlaces(string(doc)), kind: kind}
	root, err := readJSON(p.source)
	if err == nil {
		var d *Document
		if d, err = p.document(root); err == nil {
			return d, nil
		}
	}
	if kind == RCP {
		return nil, malformedDocument("%s", wordsOfType).Because(err)
	}
	var at *syntaxError
	if errors.As(err, &at) {
		return nil, p.refusal(at)
	}
	return nil, err
}

// refusal is the fault for what was found. Where IAM has a sentence of its own, it stands alone, as callers expect it;
// its general ones are followed by the place and the reason, which IAM leaves to be guessed.
func (p *parser) refusal(at *syntaxError) error {
	if at.alone {
		return malformedDocument("%s", at.words).Because(at)
	}
	where := newPlaces(p.source).of(at.offset)
	lead := "Syntax error in policy at"
	switch p.kind {
	case Identity, Boundary, Inline, Session:
		if at.words != "" && at.words != legacy {
			return malformedDocument("%s", at.words).Because(at)
		}
		if lead = "Syntax errors in policy."; at.words == legacy {
			lead = legacy + "."
		}
		lead += " See"
	case Trust:
		if at.json {
			lead = "This policy contains invalid Json at"
		}
	}
	return malformedDocument("%s line %d, column %d: %s.", lead, where.Line, where.Column, at.message).Because(at)
}

// wordsOfType is what Organizations says of any policy that it refuses.
const wordsOfType = "The provided policy document does not meet the requirements of the specified policy type."

// legacy is IAM's sentence for values that it cannot read.
const legacy = "The policy failed legacy parsing"

// malformedDocument returns the fault of every refusal.
func malformedDocument(format string, args ...any) *fault.Fault {
	return fault.New(fault.Invalid, "MalformedPolicyDocument", format, args...)
}

// parser turns JSON into a document.
type parser struct {
	source    string
	places    *places // of the statements
	kind      Kind
	variables bool // the language version has variables
}

func wrong(n *node, format string, args ...any) error {
	return &syntaxError{offset: n.start, message: fmt.Sprintf(format, args...)}
}

// said is wrong with what IAM says of it.
func said(n *node, words, format string, args ...any) error {
	return &syntaxError{offset: n.start, message: fmt.Sprintf(format, args...), words: words}
}

// plain is what IAM says, which stands alone in documents of every kind.
func plain(n *node, format string, args ...any) error {
	words := fmt.Sprintf(format, args...)
	return &syntaxError{offset: n.start, message: words, words: words, alone: true}
}

func (p *parser) document(root node) (*Document, error) {
	if root.kind != '{' {
		return nil, wrong(&root, "a policy is a JSON object")
	}
	d := &Document{kind: p.kind}
	var list *node
	for i := range root.members {
		m := &root.members[i]
		switch m.name {
		case "Version":
			if m.value.kind != '"' || m.value.text != "2012-10-17" && m.value.text != "2008-10-17" {
				return nil, wrong(&m.value, `Version must be "2012-10-17" or "2008-10-17"`)
			}
			d.version = m.value.text
		case "Id":
			if m.value.kind != '"' {
				return nil, wrong(&m.value, "Id must be a string")
			}
			d.id = m.value.text
		case "Statement":
			list = &m.value
		default:
			return nil, wrong(&m.value, "%q is no element of a policy", m.name)
		}
	}
	p.variables = d.version == "2012-10-17"
	if list == nil {
		return nil, wrong(&root, "the policy has no Statement")
	}
	if err := p.statements(d, list); err != nil {
		return nil, err
	}
	d.compile()
	return d, nil
}

// statements compiles a list of statements, or a single one.
func (p *parser) statements(d *Document, list *node) error {
	items := list.items
	if list.kind == '{' {
		items = []node{*list}
	} else if list.kind != '[' {
		return wrong(list, "Statement must be an object or a list of objects")
	}
	if len(items) == 0 {
		return wrong(list, "the policy has no statements")
	}
	d.opening = p.places.of(list.start)
	d.opening.Column++
	sids := map[string]bool{}
	d.statements = make([]statement, len(items))
	for i := range items {
		s := &d.statements[i]
		if err := p.statement(s, &items[i]); err != nil {
			return err
		}
		if s.sid != "" && sids[s.sid] {
			return said(&items[i], "Statement IDs (SID) in a single policy must be unique.", "statement ids (Sid) must be unique; %q is there twice", s.sid)
		}
		sids[s.sid] = true
	}
	return nil
}

func (p *parser) statement(s *statement, n *node) error {
	if n.kind != '{' {
		return wrong(n, "a statement is a JSON object")
	}
	s.start = p.places.of(n.start)
	s.elements = make([]element, len(n.members))
	seen := map[string]bool{}
	for i := range n.members {
		m := &n.members[i]
		seen[m.name] = true
		s.elements[i] = element{m.name, p.places.of(m.start)}
		if err := p.element(s, m); err != nil {
			return err
		}
	}
	s.end = p.places.of(n.end)
	if err := p.required(n, seen); err != nil {
		return err
	}
	return p.special(s, n)
}

// element compiles one member of a statement.
func (p *parser) element(s *statement, m *member) error {
	v := &m.value
	switch m.name {
	case "Sid":
		if v.kind != '"' {
			return wrong(v, "a Sid is a string")
		}
		if !p.isSid(v.text) {
			return said(v, "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
				"a Sid is a string of letters and digits")
		}
		s.sid = v.text
	case "Effect":
		if v.kind != '"' || v.text != "Allow" && v.text != "Deny" {
			return wrong(v, `Effect must be "Allow" or "Deny"`)
		}
		s.deny = v.text == "Deny"
	case "Action", "NotAction":
		s.notAction = m.name == "NotAction"
		return p.actions(s, v)
	case "Resource", "NotResource":
		s.notResource = m.name == "NotResource"
		return p.resources(s, v)
	case "Principal", "NotPrincipal":
		s.notPrincipal = m.name == "NotPrincipal"
		return p.principals(s, v)
	case "Condition":
		return p.conditions(s, v)
	default:
		return wrong(v, "%q is no element of a statement", m.name)
	}
	return nil
}

// isSid: identity policies allow letters and digits only; the others allow any text.
func (p *parser) isSid(s string) bool {
	if !p.kind.isStored() && p.kind != Session {
		return true
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// required checks which elements the kind needs and which it must not have.
func (p *parser) required(n *node, seen map[string]bool) error {
	if !seen["Effect"] {
		return wrong(n, "the statement has no Effect")
	}
	for _, pair := range []struct {
		a, b    string
		wanted  bool
		missing string // in IAM's words
	}{
		{"Action", "NotAction", true, "Policy statement must contain actions."},
		{"Resource", "NotResource", p.kind != Trust, "Policy statement must contain resources."},
		{"Principal", "NotPrincipal", p.kind.hasPrincipal(), ""},
	} {
		switch {
		case seen[pair.a] && seen[pair.b]:
			return wrong(n, "the statement has both %s and %s", pair.a, pair.b)
		case pair.wanted && !seen[pair.a] && !seen[pair.b]:
			return said(n, pair.missing, "the statement must have %s or %s", pair.a, pair.b)
		case !pair.wanted && seen[pair.a]:
			return p.prohibited(n, pair.a)
		case !pair.wanted && seen[pair.b]:
			return p.prohibited(n, pair.b)
		}
	}
	return nil
}

// prohibited refuses an element that documents of the kind do not have.
func (p *parser) prohibited(n *node, element string) error {
	if p.kind == Trust {
		return plain(n, "Has prohibited field %s", element)
	}
	return said(n, "Policy document should not specify a principal.", "Has prohibited field %s", element)
}

// special applies the rules that only one kind has.
func (p *parser) special(s *statement, n *node) error {
	switch p.kind {
	case Trust:
		return checkTrust(s, n)
	case RCP:
		if !isResourceControl(s) {
			return wrong(n, "a resource control policy denies named actions of supported services to everyone")
		}
	}
	return nil
}

// texts returns the strings of a string or a list of strings.
func texts(n *node, what string) ([]node, error) {
	switch n.kind {
	case '"':
		return []node{*n}, nil
	case '[':
		for i := range n.items {
			if n.items[i].kind != '"' {
				return nil, wrong(&n.items[i], "%s must be a string", what)
			}
		}
		return n.items, nil
	}
	return nil, wrong(n, "%s must be a string or a list of strings", what)
}

func (p *parser) actions(s *statement, n *node) error {
	items, err := texts(n, "an action")
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return said(n, "Policy statement must contain actions.", "the statement must contain actions")
	}
	s.actions = make([]string, len(items))
	for i := range items {
		if !isAction(items[i].text) {
			return said(&items[i], wordsOfAction(items[i].text),
				`%q is not an action: actions are "*" or must be prefaced by a vendor, as in "iam:GetUser"`, items[i].text)
		}
		s.actions[i] = items[i].text
	}
	return nil
}

// isAction checks for "*" or "vendor:name", where the vendor has no wildcards unless it is "*".
func isAction(text string) bool {
	vendor, name, found := strings.Cut(text, ":")
	if text == "*" || text == "**" {
		return true
	}
	if !found || name == "" || vendor == "" {
		return false
	}
	if vendor == "*" {
		return name == "*"
	}
	return strings.Trim(strings.ToLower(vendor), "abcdefghijklmnopqrstuvwxyz0123456789-.") == "" && !strings.ContainsAny(name, ":\t\r\n")
}

// wordsOfAction is what IAM says of a text that is no action.
func wordsOfAction(text string) string {
	vendor, name, found := strings.Cut(text, ":")
	switch {
	case !found || vendor == "" || name == "":
		return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
	case strings.Contains(name, ":"):
		return "Actions/Condition can contain only one colon."
	}
	return "Vendor " + vendor + " is not valid"
}

func (p *parser) resources(s *statement, n *node) error {
	items, err := texts(n, "a resource")
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return said(n, "Policy statement must contain resources.", "the statement must contain resources")
	}
	s.resources = make([]resource, len(items))
	for i := range items {
		text := items[i].text
		if text != "*" && text != "**" && !strings.HasPrefix(text, "arn:") && !strings.HasPrefix(text, "${") {
			return said(&items[i], wordsOfResource(text), `resource %q must be in ARN format or "*"`, text)
		}
		if words := p.refusesResource(text); words != "" {
			return said(&items[i], words, "resource %q is no ARN that can exist", text)
		}
		s.resources[i] = newResource(text, p.variables)
		s.everywhere = s.everywhere || s.resources[i].template.pattern.shape == all
	}
	return nil
}

func (p *parser) principals(s *statement, n *node) error {
	s.principal = &principals{}
	if n.kind == '"' && n.text == "*" {
		s.principal.everyone = true
		return nil
	}
	if n.kind != '{' || len(n.members) == 0 {
		return wrong(n, `a principal is "*" or an object such as {"AWS": "123456789012"}`)
	}
	for i := range n.members {
		m := &n.members[i]
		items, err := texts(&m.value, "a principal")
		if err != nil {
			return err
		}
		for j := range items {
			known := s.principal.add(m.name, items[j].text)
			if p.kind == Trust && (!known || m.name == "Service" && !isService(items[j].text)) {
				return plain(&items[j], `Invalid principal in policy: "%s":"%s"`, strings.ToUpper(m.name), items[j].text)
			}
			if !known {
				return wrong(&items[j], "invalid principal in policy: %q: %q", m.name, items[j].text)
			}
		}
	}
	return nil
}

// add compiles one principal; it reports whether the type is known and the text may stand under it.
func (s *principals) add(kind, text string) bool {
	switch kind {
	case "AWS":
		s.aws = append(s.aws, newAWSPrincipal(text))
		return isAWSPrincipal(text)
	case "Service":
		s.services = append(s.services, text)
	case "Federated":
		s.federated = append(s.federated, text)
	case "CanonicalUser":
		s.canonical = append(s.canonical, text)
	default:
		return false
	}
	return text != ""
}

func (p *parser) conditions(s *statement, n *node) error {
	if n.kind != '{' {
		return wrong(n, "Condition must be an object of operators")
	}
	for i := range n.members {
		block := &n.members[i]
		if block.value.kind != '{' {
			return wrong(&block.value, "%s must be an object of condition keys", block.name)
		}
		if len(block.value.members) == 0 {
			if _, known := newCondition(block.name, ""); !known {
				return wrong(&block.value, "invalid condition type: %s", block.name)
			}
		}
		for j := range block.value.members {
			c, err := p.condition(block.name, &block.value.members[j])
			if err != nil {
				return err
			}
			s.conditions = append(s.conditions, c)
		}
	}
	return nil
}

func (p *parser) condition(name string, m *member) (condition, error) {
	c, known := newCondition(name, m.name)
	c.at = p.places.of(m.start)
	if !known {
		return c, wrong(&m.value, "invalid condition type: %s", name)
	}
	if m.name == "" {
		return c, wrong(&m.value, "a condition key has no name")
	}
	items := m.value.items
	if m.value.kind != '[' {
		items = []node{m.value}
	}
	for i := range items {
		switch items[i].kind {
		case '"', '0', 't':
		default:
			return c, wrong(&items[i], "a condition value must be a string, number or boolean")
		}
		if !c.add(items[i].text, p.variables) && p.refuses(name) {
			return c, said(&items[i], legacy, "%q is no value for %s", items[i].text, name)
		}
	}
	c.finish()
	return c, nil
}

// refuses reports whether a value that the operator cannot read is refused. Recorded on AWS: stored identity policies
// refuse all of them, session policies only what is not base64.
func (p *parser) refuses(operator string) bool {
	return p.kind.isStored() || strings.Contains(operator, "BinaryEquals")
}
