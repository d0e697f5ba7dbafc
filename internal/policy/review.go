package policy

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// Review is what there is to say about a document before it is used.
type Review struct {
	Document *Document // nil when it was refused
	Remarks  []Remark  // in the order of the text
	Sizes    []Size
}

// Remark is one thing to say, and where.
type Remark struct {
	Severity Severity
	Code     string // as ValidatePolicy of IAM Access Analyzer names it; of an error, that of the API that refuses
	Text     string // what AWS says
	Why      string // what is wrong just here, where the text does not say it
	At       Position
}

// Severity says how bad it is, as ValidatePolicy does.
type Severity uint8

// The severities.
const (
	Error Severity = iota
	SecurityWarning
	Warning
	Suggestion
)

// String names the severity as ValidatePolicy does.
func (s Severity) String() string {
	return [...]string{"ERROR", "SECURITY_WARNING", "WARNING", "SUGGESTION"}[s]
}

// Size is how much of a quota a document uses.
type Size struct {
	Quota   string
	Used    int
	Allowed int
}

// Left returns how much is left; less than nothing when it is too large.
func (s Size) Left() int { return s.Allowed - s.Used }

// quota is a limit on the size of documents.
type quota struct {
	name    string
	allowed int
	letters bool // white space does not count
}

// quotas of the kinds, from "IAM and AWS STS quotas", "Quotas for AWS Organizations" and PutInlinePolicyToPermissionSet.
var quotas = [...][]quota{
	Identity: {{"managed policy", 6144, true}, {"inline policies of a user", 2048, true}, {"inline policies of a group", 5120, true}, {"inline policies of a role", 10240, true}},
	Resource: nil,
	Trust:    {{"trust policy of a role", 2048, true}},
	SCP:      {{"service control policy", 10240, false}},
	RCP:      {{"resource control policy", 5120, false}},
	Session:  {{"session policies with the ARNs of others", 2048, false}},
	Boundary: {{"managed policy", 6144, true}},
	Inline:   {{"inline policy of a permission set", 32768, false}, {"the same without white space", 10240, true}},
}

// Check reviews a document: what AWS would refuse, what ValidatePolicy of IAM Access Analyzer would remark, and its sizes.
func Check(document []byte, kind Kind) Review {
	out := Review{}
	for _, q := range quotas[kind] {
		used := len([]rune(string(document)))
		if q.letters {
			used = Letters(string(document))
		}
		out.Sizes = append(out.Sizes, Size{q.name, used, q.allowed})
	}
	d, err := Parse(document, kind)
	if err != nil {
		out.Remarks = []Remark{refused(document, kind, err)}
		return out
	}
	out.Document = d
	r := reviewer{d: d}
	r.document()
	sort.SliceStable(r.remarks, func(i, j int) bool {
		a, b := r.remarks[i].At, r.remarks[j].At
		return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
	})
	out.Remarks = r.remarks
	return out
}

// refused is the remark on a document that Parse refuses.
func refused(document []byte, kind Kind, err error) Remark {
	r := Remark{Code: "MalformedPolicyDocument", Text: err.Error(), At: Position{1, 1}}
	if f := fault.As(err); f != nil {
		r.Text = f.Message
	}
	if kind == SCP || kind == RCP {
		r.Code, r.Text = "MalformedPolicyDocumentException", wordsOfType
	}
	var at *syntaxError
	if errors.As(err, &at) {
		r.At = newPlaces(string(document)).of(at.offset)
		if !strings.Contains(r.Text, at.message) {
			r.Why = at.message
		}
	}
	return r
}

// reviewer collects remarks on a document that is understood.
type reviewer struct {
	d       *Document
	remarks []Remark
}

func (r *reviewer) say(severity Severity, code string, at Position, format string, args ...any) {
	r.remarks = append(r.remarks, Remark{Severity: severity, Code: code, Text: fmt.Sprintf(format, args...), At: at})
}

func (r *reviewer) document() {
	if r.d.version == "" {
		r.say(Warning, "MISSING_VERSION", Position{1, 1}, "We recommend that you specify the Version element to help you with debugging permission issues.")
	}
	for i := range r.d.statements {
		s := &r.d.statements[i]
		r.actions(s)
		r.resources(s)
		for j := range s.conditions {
			r.condition(&s.conditions[j])
		}
		if !s.deny && s.notPrincipal {
			r.say(SecurityWarning, "ALLOW_WITH_NOT_PRINCIPAL", s.place("NotPrincipal"),
				"Using Allow with NotPrincipal can be overly permissive. We recommend that you use Principal instead.")
		}
	}
}

// place returns where an element stands, or the statement where it has none.
func (s *statement) place(names ...string) Position {
	for _, e := range s.elements {
		for _, name := range names {
			if e.name == name {
				return e.at
			}
		}
	}
	return s.start
}

// actions remarks on lists that say something twice, and on powers that are given away by a star.
func (r *reviewer) actions(s *statement) {
	at := s.place("Action", "NotAction")
	var redundant []string
	for i, a := range s.actions {
		for j, b := range s.actions {
			if i != j && covers(b, a) && (j < i || !covers(a, b)) {
				redundant = append(redundant, a)
				break
			}
		}
	}
	if len(redundant) > 0 {
		r.say(Suggestion, "REDUNDANT_ACTION", at, "The %d action(s) are redundant because they provide similar permissions. "+
			"Update the policy to remove the redundant action such as: %s.", len(redundant), redundant[0])
	}
	if s.deny || s.notAction || !s.hasWildResource() {
		return
	}
	if name, found := s.means("iam:passrole"); found && !s.testsKey("iam:passedtoservice") {
		if strings.Contains(name, "*") {
			r.say(SecurityWarning, "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE", at, "Using wildcards (*) in the action and the resource can be overly "+
				"permissive because it allows iam:PassRole permissions on all resources. We recommend that you specify resource ARNs or add the "+
				"iam:PassedToService condition key to your statement.")
		} else {
			r.say(SecurityWarning, "PASS_ROLE_WITH_STAR_IN_RESOURCE", at, "Using the iam:PassRole action with wildcards (*) in the resource can be overly "+
				"permissive because it allows iam:PassRole permissions on multiple resources. We recommend that you specify resource ARNs or add the "+
				"iam:PassedToService condition key to your statement.")
		}
	}
	if name, found := s.means("iam:createservicelinkedrole"); found && !strings.Contains(name, "*") && !s.testsKey("iam:awsservicename") {
		r.say(Warning, "CREATE_SLR_WITH_STAR_IN_RESOURCE", at, "Using the iam:CreateServiceLinkedRole action with wildcards (*) in the resource can "+
			"allow creation of unintended service-linked roles. We recommend that you specify resource ARNs instead.")
	}
}

// covers reports whether every action that b means is meant by a.
func covers(a, b string) bool {
	a, b = lowerASCII(a), lowerASCII(b)
	return a == b || !strings.Contains(b, "?") && match(wild(a), b)
}

// hasWildResource reports whether the statement speaks of every resource of an account.
func (s *statement) hasWildResource() bool {
	if s.everywhere && !s.notResource {
		return true
	}
	for i := range s.resources {
		if strings.HasSuffix(s.resources[i].text, ":role/*") && !s.notResource {
			return true
		}
	}
	return false
}

// means returns the pattern, if any, by which the statement means an action.
func (s *statement) means(action string) (as string, found bool) {
	for _, a := range s.actions {
		if match(wild(lowerASCII(a)), action) {
			return a, true
		}
	}
	return "", false
}

func (s *statement) testsKey(lower string) bool {
	for i := range s.conditions {
		if s.conditions[i].lowerKey == lower {
			return true
		}
	}
	return false
}

func (r *reviewer) resources(s *statement) {
	at := s.place("Resource", "NotResource")
	redundant := 0
	which := ""
	for i := range s.resources {
		for j := range s.resources {
			a, b := s.resources[i].text, s.resources[j].text
			if i != j && (a == b && j < i || a != b && !strings.ContainsAny(a, "?$") && !strings.Contains(b, "$") && match(wild(b), a)) {
				redundant++
				which = a
				break
			}
		}
		r.variables(s.resources[i].text, at)
	}
	if redundant > 0 {
		r.say(Suggestion, "REDUNDANT_RESOURCE", at, "The %d resource ARN(s) are redundant because they reference the same resource. "+
			"Review the use of wildcards (*) such as: %s.", redundant, which)
	}
}

// variables remarks on what looks like a variable and is none.
func (r *reviewer) variables(text string, at Position) {
	_, rest, found := strings.Cut(text, "${")
	if !found {
		return
	}
	switch inside, _, closed := cutVariable(rest); {
	case !closed:
		r.say(Error, "MISSING_BRACE_IN_VARIABLE", at, "The policy variable is missing a closing curly brace. Add } after the variable text.")
	case r.d.version != "2012-10-17":
		r.say(Error, "VARIABLE_UNSUPPORTED_IN_VERSION", at, "The variable ${%s} is not supported in this version. Use the following version: 2012-10-17", inside)
	}
}

func (r *reviewer) condition(c *condition) {
	if len(c.values) == 0 {
		r.say(Suggestion, "EMPTY_ARRAY_CONDITION", c.at, "There are no values in the condition key array %s. We recommend that you either remove the condition or specify values.", c.key)
	}
	multi, known := isMultiValued(c.lowerKey)
	switch {
	case !known:
		r.say(Warning, "INVALID_GLOBAL_CONDITION_KEY", c.at, "The condition key %s does not exist. Use a valid condition key.", c.key)
	case multi && c.quantifier == single && c.test != testNull:
		r.say(Error, "MISSING_QUALIFIER", c.at, "The request context key %s has multiple values. Use the ForAllValues or ForAnyValue condition key qualifiers in your policy.", c.key)
	case !multi && c.quantifier == forAll && strings.HasPrefix(c.lowerKey, "aws:"):
		r.say(SecurityWarning, "FORALLVALUES_WITH_SINGLE_VALUED_KEY", c.at, "Using ForAllValues qualifier with the single-valued condition key %s can be overly "+
			"permissive. We recommend that you remove ForAllValues:.", c.key)
	}
	wildcard := false
	for _, v := range c.values {
		wildcard = wildcard || strings.ContainsAny(strings.NewReplacer("${*}", "", "${?}", "").Replace(v), "*?")
		if c.test == testText || c.test == testFolded || c.test == testLike || c.test == testARN {
			r.variables(v, c.at)
		}
	}
	if wildcard && (c.test == testText || c.test == testFolded) {
		r.say(Warning, "WILDCARD_WITHOUT_LIKE_OPERATOR", c.at, "Your condition value includes a * or ? character. If you meant to use a wildcard (*, ?), update the condition operator to include Like.")
	}
}

// isMultiValued reports whether a key is multi-valued, and whether it is one of AWS's global keys or some service's. See "AWS
// global condition context keys" in the IAM User Guide.
func isMultiValued(lowerKey string) (multi, known bool) {
	if !strings.HasPrefix(lowerKey, "aws:") {
		return lowerKey == "sts:transitivetagkeys", true
	}
	if family, tag, found := strings.Cut(lowerKey, "/"); found {
		return false, tag != "" && (family == "aws:principaltag" || family == "aws:requesttag" || family == "aws:resourcetag")
	}
	switch lowerKey[len("aws:"):] {
	case "principalorgpaths", "principalservicenameslist", "resourceorgpaths", "sourceorgpaths", "vpceorgpaths", "tagkeys", "calledvia":
		return true, true
	case "principalarn", "principalaccount", "principalorgid", "principaltype", "principalisawsservice", "principalservicename",
		"userid", "username", "assumedroot", "federatedprovider", "multifactorauthpresent", "multifactorauthage", "tokenissuetime",
		"sourceidentity", "chatbotsourcearn", "ec2instancesourcevpc", "ec2instancesourceprivateipv4", "sourceip", "sourcevpc",
		"sourcevpce", "vpcsourceip", "sourcevpcarn", "vpceaccount", "vpceorgid", "resourceaccount", "resourceorgid",
		"requestedregion", "currenttime", "epochtime", "securetransport", "useragent", "referer", "calledviafirst",
		"calledvialast", "viaawsservice", "sourcearn", "sourceaccount", "sourceorgid", "signinsessionarn":
		return false, true
	}
	return false, false
}
