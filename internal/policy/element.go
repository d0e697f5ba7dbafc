package policy

// Elements are what a statement says, as written.
type Elements struct {
	NotPrincipal, NotAction, NotResource bool // the list is of what is excepted
	Principals, Actions, Resources       []string
	Conditions                           []ConditionText
}

// ConditionText is one key of a Condition element.
type ConditionText struct {
	Operator, Key string
	Values        []string
}

// Elements returns what the statement says.
func (s *StatementReport) Elements() Elements {
	of := &s.doc.statements[s.Index]
	e := Elements{NotPrincipal: of.notPrincipal, NotAction: of.notAction, NotResource: of.notResource,
		Actions: of.actions, Resources: of.resourceTexts()}
	if of.principal != nil {
		e.Principals = of.principal.names()
	}
	for i := range of.conditions {
		c := &of.conditions[i]
		e.Conditions = append(e.Conditions, ConditionText{c.operator, c.key, c.values})
	}
	return e
}
