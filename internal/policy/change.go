package policy

import (
	"cmp"
	"fmt"
	"slices"
)

// Change is a part of what would allow a request: a statement that must not deny it any more, or one to add.
type Change struct {
	Layer Layer
	Level int // of an SCP or RCP; -1 otherwise

	// The statement that denies; nothing of this is set when a statement is to be added.
	Remove                bool
	PolicyARN, PolicyName string
	Index                 int
	Sid                   string
	At                    Position

	Add string // the statement to add to a policy of the layer, as JSON

	doc       *Document
	statement statement
}

// String says what to do.
func (c Change) String() string {
	if !c.Remove {
		return fmt.Sprintf("Add to a policy of the layer %s: %s", place(c.Layer, c.Level), c.Add)
	}
	return fmt.Sprintf("Take %s out of %s (layer %s), or except the request from it.",
		statementName(c.Sid, c.Index, c.At), policyName(c.PolicyARN, c.PolicyName), place(c.Layer, c.Level))
}

// changes takes away each Deny and adds an Allow to each layer that lacks one. A policy that is attached twice is changed
// once.
func changes(r *Request, reports []LayerReport) (list []Change) {
	type statementID struct {
		doc   *Document
		index int
	}
	seen := map[statementID]bool{}
	for i := range reports {
		report := &reports[i]
		for _, s := range report.Statements {
			if id := (statementID{s.doc, s.Index}); s.Matches && s.Deny && !seen[id] {
				seen[id] = true
				list = append(list, Change{Layer: report.Layer, Level: report.Level, Remove: true, PolicyARN: s.PolicyARN,
					PolicyName: s.PolicyName, Index: s.Index, Sid: s.Sid, At: s.At, doc: s.doc})
			}
		}
		if report.lacks {
			list = append(list, addition(r, report))
		}
	}
	return list
}

// addition is a statement for a layer that allows just this request.
func addition(r *Request, report *LayerReport) Change {
	c := Change{Layer: report.Layer, Level: report.Level, statement: statement{actions: []string{r.Action}}}
	s := &c.statement
	if report.Layer != LayerTrust {
		text := cmp.Or(r.Resource, "*")
		s.resources = []resource{newResource(text, false)}
		s.everywhere = text == "*"
	}
	switch report.Layer {
	case LayerResource, LayerTrust:
		s.principal = inPersonOf(&r.Principal)
	case LayerRCP, LayerEndpoint:
		s.principal = &principals{everyone: true}
	}
	var p printer
	p.statement(s)
	c.Add = p.String()
	return c
}

// inPersonOf names a caller in person.
func inPersonOf(p *Principal) *principals {
	switch p.Kind {
	case Anonymous:
		return &principals{everyone: true}
	case Service:
		return &principals{services: []string{p.Service}}
	case Federated:
		return &principals{federated: []string{p.ARN}}
	}
	return &principals{aws: []awsPrincipal{newAWSPrincipal(p.ARN)}}
}

// Amend returns the layers with changes made to them. What is added stands in the one policy of a layer, or in a policy of
// its own where a layer has several.
func Amend(l *Layers, changes []Change) *Layers {
	out := *l
	gone := map[*Document][]int{}
	for _, c := range changes {
		if c.Remove {
			gone[c.doc] = append(gone[c.doc], c.Index)
		}
	}
	one := func(p *Policy) *Policy {
		if p == nil {
			return nil
		}
		return &Policy{ARN: p.ARN, Name: p.Name, Doc: p.Doc.without(gone[p.Doc])}
	}
	several := func(list []Policy) []Policy {
		list = slices.Clone(list)
		for i := range list {
			list[i] = *one(&list[i])
		}
		return list
	}
	levels := func(list [][]Policy) [][]Policy {
		list = slices.Clone(list)
		for i := range list {
			list[i] = several(list[i])
		}
		return list
	}
	out.RCP, out.SCP = levels(l.RCP), levels(l.SCP)
	out.Endpoint, out.Resource, out.Boundary = one(l.Endpoint), one(l.Resource), one(l.Boundary)
	out.Session, out.Identity = several(l.Session), several(l.Identity)
	for _, c := range changes {
		if !c.Remove {
			out.add(&c)
		}
	}
	return &out
}

// add adds the statement of a change to its layer.
func (l *Layers) add(c *Change) {
	with := func(p *Policy) *Policy {
		if p == nil {
			p = &Policy{Doc: &Document{kind: Resource}}
		}
		return &Policy{ARN: p.ARN, Name: p.Name, Doc: p.Doc.with(c.statement)}
	}
	switch c.Layer {
	case LayerRCP:
		l.RCP[c.Level] = append(l.RCP[c.Level], *with(nil))
	case LayerSCP:
		l.SCP[c.Level] = append(l.SCP[c.Level], *with(nil))
	case LayerEndpoint:
		l.Endpoint = with(l.Endpoint)
	case LayerResource, LayerTrust:
		l.Resource = with(l.Resource)
	case LayerBoundary:
		l.Boundary = with(l.Boundary)
	case LayerSession:
		l.Session = append(l.Session, *with(nil))
	case LayerIdentity:
		l.Identity = append(l.Identity, *with(nil))
	}
}

// without returns the document without some of its statements; one without any says nothing.
func (d *Document) without(indexes []int) *Document {
	if len(indexes) == 0 {
		return d
	}
	var kept []statement
	for i := range d.statements {
		if !slices.Contains(indexes, i) {
			kept = append(kept, d.statements[i])
		}
	}
	return d.made(kept)
}

// with returns the document with one more statement.
func (d *Document) with(s statement) *Document {
	return d.made(append(slices.Clone(d.statements), s))
}

func (d *Document) made(statements []statement) *Document {
	out := &Document{kind: d.kind, version: d.version, id: d.id, statements: statements}
	out.compile()
	return out
}
