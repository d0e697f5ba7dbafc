package policy

import (
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
)

// naive is a second evaluator, written from AWS's pages to be plain rather than quick. It reads documents with encoding/json
// and shares nothing with the engine but the types of a request.
type naive struct {
	r *Request
	l *naiveLayers
}

// naiveLayers are layers of documents as text.
type naiveLayers struct {
	identity, session                      []naiveDocument
	boundary, resource, endpoint           *naiveDocument
	scp, rcp                               [][]naiveDocument
	hasSession, trust, mustAllow, admitted bool
}

type naiveDocument struct {
	Version   string
	Statement []naiveStatement
}

type naiveStatement struct {
	Effect                                                            string
	Action, NotAction, Resource, NotResource, Principal, NotPrincipal any
	Condition                                                         map[string]map[string]any
}

func naiveParse(text string) naiveDocument {
	var d naiveDocument
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		panic(err)
	}
	return d
}

// values returns the texts of a text or a list.
func values(v any) (list []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, one := range v {
			list = append(list, one.(string))
		}
	}
	return list
}

// decide returns "allowed", "explicit" or "implicit".
func (n *naive) decide() string {
	l, p := n.l, &n.r.Principal
	scp, rcp := l.scp, l.rcp
	outside := p.Kind == Service || p.Kind == Anonymous || p.Kind == Federated
	if outside || p.ManagementAccount || p.ServiceLinkedRole {
		scp = nil
	}
	service, _, _ := strings.Cut(strings.ToLower(n.r.Action), ":")
	if service != "sqs" && service != "s3" {
		rcp = nil
	}
	all := slices.Concat(slices.Concat(scp...), slices.Concat(rcp...), l.identity, l.session)
	for _, one := range []*naiveDocument{l.boundary, l.resource, l.endpoint} {
		if one != nil {
			all = append(all, *one)
		}
	}
	for i := range all {
		for j := range all[i].Statement {
			if s := &all[i].Statement[j]; s.Effect == "Deny" && n.names(s) > 0 && n.matches(&all[i], s) {
				return "explicit"
			}
		}
	}
	for _, level := range slices.Concat(scp, rcp) {
		if n.allow(level) == 0 {
			return "implicit"
		}
	}
	if l.endpoint != nil && n.allow([]naiveDocument{*l.endpoint}) == 0 {
		return "implicit"
	}
	if n.agrees(outside) {
		return "allowed"
	}
	return "implicit"
}

// agrees says whether the two accounts agree, once organizations do and nothing denies.
func (n *naive) agrees(outside bool) bool {
	l, strength := n.l, 0
	if l.resource != nil {
		strength = n.allow([]naiveDocument{*l.resource})
	}
	if outside {
		return strength > 0
	}
	within := true // the rest of the caller's own account: boundary and session policies
	if l.boundary != nil {
		within = within && n.allow([]naiveDocument{*l.boundary}) > 0
	}
	if l.hasSession || len(l.session) > 0 {
		within = within && n.allow(l.session) > 0
	}
	identity := n.r.Principal.Kind == Root || n.allow(l.identity) > 0
	if n.r.ResourceAccount != n.r.Principal.Account {
		return (strength > 0 || l.admitted) && !((l.trust || l.mustAllow) && strength == 0) && identity && within
	}
	switch strength {
	case 3:
		return true
	case 2:
		return within
	case 0:
		if l.trust || l.mustAllow {
			return false
		}
	}
	return identity && within
}

// allow returns how strongly the documents allow: 0 not at all, 1 the account, 2 the role behind a session, 3 the caller.
func (n *naive) allow(docs []naiveDocument) (best int) {
	for i := range docs {
		for j := range docs[i].Statement {
			if s := &docs[i].Statement[j]; s.Effect == "Allow" && n.matches(&docs[i], s) {
				best = max(best, n.names(s))
			}
		}
	}
	return best
}

// names returns how the statement names the caller; 3 where documents of its kind name nobody.
func (n *naive) names(s *naiveStatement) int {
	if s.NotPrincipal != nil {
		return n.namesByExclusion(s)
	}
	if s.Principal == nil || s.Principal == "*" {
		return 3
	}
	best, p := 0, &n.r.Principal
	for kind, list := range s.Principal.(map[string]any) {
		for _, who := range values(list) {
			best = max(best, n.namesOne(kind, who, p))
		}
	}
	return best
}

func (n *naive) namesOne(kind, who string, p *Principal) int {
	switch {
	case kind == "Service" && p.Kind == Service && who == p.Service, kind == "Federated" && p.Kind == Federated && who == p.ARN:
		return 3
	case kind != "AWS" || p.Kind == Federated:
		return 0
	case who == "*":
		return 3
	case p.Kind == Service || p.Kind == Anonymous:
		return 0
	case who == string(p.Account) || who == "arn:aws:iam::"+string(p.Account)+":root":
		return 1
	case who == p.ARN:
		return 3
	case (p.Kind == RoleSession || p.Kind == FederatedUser) && who == p.RoleARN:
		return 2
	}
	return 0
}

// namesByExclusion: a Deny means whoever is not listed in full, and everybody with a boundary; an Allow means nobody.
func (n *naive) namesByExclusion(s *naiveStatement) int {
	if s.Effect == "Allow" {
		return 0
	}
	if n.l.boundary != nil {
		return 3
	}
	found := map[int]bool{}
	for kind, list := range s.NotPrincipal.(map[string]any) {
		for _, who := range values(list) {
			found[n.namesOne(kind, who, &n.r.Principal)] = true
		}
	}
	exempt := found[1] && found[3]
	switch n.r.Principal.Kind {
	case Root:
		exempt = found[1]
	case RoleSession, FederatedUser:
		exempt = found[1] && found[2] && found[3]
	case Service, Federated:
		exempt = found[3]
	}
	if exempt {
		return 0
	}
	return 3
}

func (n *naive) matches(d *naiveDocument, s *naiveStatement) bool {
	any := func(patterns any, s string, variables, short, lower bool) bool {
		for _, p := range values(patterns) {
			if lower {
				p, s = strings.ToLower(p), strings.ToLower(s)
			}
			if short && strings.HasPrefix(p, "arn:") && !(variables && strings.Contains(p, "${")) {
				p += strings.Repeat(":*", max(0, 5-strings.Count(p, ":")))
			}
			if tokens, ok := n.tokens(p, variables, true); ok && naiveGlob(tokens, utf16.Encode([]rune(s))) {
				return true
			}
		}
		return false
	}
	variables := d.Version == "2012-10-17"
	if s.Action != nil && !any(s.Action, n.r.Action, false, false, true) || s.NotAction != nil && any(s.NotAction, n.r.Action, false, false, true) {
		return false
	}
	if s.Resource != nil && !any(s.Resource, n.r.Resource, variables, true, false) || s.NotResource != nil && any(s.NotResource, n.r.Resource, variables, true, false) {
		return false
	}
	broken := false
	for operator, keys := range s.Condition {
		for key, wanted := range keys {
			holds, failed := n.condition(operator, key, values(wanted), variables)
			if !holds && !failed {
				return false
			}
			broken = broken || failed
		}
	}
	return !broken || s.Effect == "Deny"
}

// token is a UTF-16 unit, or a wildcard.
type token struct {
	unit uint16
	wild byte // '*' or '?'
}

// tokens replaces variables; ok is false when one has no value.
func (n *naive) tokens(text string, variables, wildcards bool) (list []token, ok bool) {
	literal := func(s string) {
		for _, u := range utf16.Encode([]rune(s)) {
			list = append(list, token{unit: u})
		}
	}
	for text != "" {
		if variables && strings.HasPrefix(text, "${") && strings.Contains(text, "}") {
			inside := text[2:strings.Index(text, "}")]
			text = text[len(inside)+3:]
			if strings.Contains("*?$", inside) {
				literal(inside)
				continue
			}
			key, fallback, hasDefault := strings.Cut(inside, ",")
			v, multi, found := n.r.Context.Get(strings.TrimSpace(key))
			switch {
			case found && !multi:
				literal(v[0])
			case !found && hasDefault:
				literal(strings.Trim(strings.TrimSpace(fallback), "'"))
			default:
				return nil, false
			}
			continue
		}
		r := []rune(text)[0]
		text = text[len(string(r)):]
		if wildcards && (r == '*' || r == '?') {
			list = append(list, token{wild: byte(r)})
		} else {
			literal(string(r))
		}
	}
	return list, true
}

// naiveGlob matches by trying everything.
func naiveGlob(p []token, s []uint16) bool {
	switch {
	case len(p) == 0:
		return len(s) == 0
	case p[0].wild == '*':
		return naiveGlob(p[1:], s) || len(s) > 0 && naiveGlob(p, s[1:])
	case len(s) == 0:
		return false
	}
	return (p[0].wild == '?' || p[0].unit == s[0]) && naiveGlob(p[1:], s[1:])
}

// condition evaluates one operator with one key; failed says that the policy holds what cannot be compared.
func (n *naive) condition(operator, key string, wanted []string, variables bool) (holds, failed bool) {
	quantifier, base, found := strings.Cut(operator, ":")
	if !found {
		quantifier, base = "", operator
	}
	base, ifExists := strings.CutSuffix(base, "IfExists")
	got, multi, present := n.r.Context.Get(key)
	if base == "Null" {
		for _, w := range wanted {
			if strings.EqualFold(w, "true") != present {
				return true, false
			}
		}
		return false, false
	}
	positive := strings.Replace(base, "Not", "", 1)
	negated := positive != base
	if !present {
		return ifExists || quantifier == "ForAllValues" || quantifier == "" && negated, false
	}
	if multi && quantifier == "" {
		return false, false
	}
	holds = quantifier != "ForAnyValue"
	for _, value := range got {
		one, broken := n.compareAll(positive, negated, value, wanted, variables)
		switch quantifier {
		case "ForAnyValue":
			if one {
				return true, false
			}
			failed = failed || broken
		default:
			if !one {
				return false, broken
			}
		}
	}
	return holds, failed
}

// compareAll compares one value of the request with those of the policy, in order.
func (n *naive) compareAll(operator string, negated bool, value string, wanted []string, variables bool) (holds, failed bool) {
	for _, w := range wanted {
		switch n.compare(operator, value, w, variables) {
		case "equal":
			return !negated, false
		case "neither":
			return false, false
		case "broken":
			return false, true
		}
	}
	return negated, false
}

// compare returns "equal", "differs", "neither" (the request's value is none of the operator's) or "broken" (the policy's is).
func (n *naive) compare(operator, value, want string, variables bool) string {
	verdict := func(same bool) string { return map[bool]string{true: "equal", false: "differs"}[same] }
	ordered := func(sign int) string {
		return verdict(sign == 0 && strings.HasSuffix(operator, "Equals") || sign < 0 && strings.Contains(operator, "Less") || sign > 0 && strings.Contains(operator, "Greater"))
	}
	switch {
	case operator == "StringEquals" || operator == "StringLike" || operator == "StringEqualsIgnoreCase":
		tokens, ok := n.tokens(want, variables, operator == "StringLike")
		if operator == "StringEqualsIgnoreCase" {
			value = strings.Map(func(r rune) rune {
				if r > 0xffff {
					return r
				}
				return unicode.ToLower(r)
			}, value)
			for i := range tokens {
				tokens[i].unit = uint16(unicode.ToLower(rune(tokens[i].unit)))
			}
		}
		return verdict(ok && naiveGlob(tokens, utf16.Encode([]rune(value))))
	case operator == "Bool":
		return verdict(strings.EqualFold(value, "true") == strings.EqualFold(want, "true"))
	case operator == "BinaryEquals":
		_, err := base64.StdEncoding.Strict().DecodeString(want)
		return verdict(err == nil && value == want)
	case operator == "IpAddress":
		a, err := netip.ParseAddr(value)
		if err != nil {
			return "neither"
		}
		p, err := netip.ParsePrefix(want)
		return verdict(err == nil && p.Contains(a))
	case strings.HasPrefix(operator, "Arn"):
		return n.compareARN(value, want, variables)
	case strings.HasPrefix(operator, "Numeric"):
		a, okA := new(big.Rat).SetString(value)
		b, okB := new(big.Rat).SetString(want)
		if !okA || !okB {
			return "differs"
		}
		return ordered(a.Cmp(b))
	case strings.HasPrefix(operator, "Date"):
		a, okA := naiveDate(value)
		b, okB := naiveDate(want)
		if !okA || !okB {
			return "differs"
		}
		return ordered(a.Compare(b))
	}
	panic(operator)
}

func (n *naive) compareARN(value, want string, variables bool) string {
	parts := strings.SplitN(value, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return "neither"
	}
	tokens, ok := n.tokens(want, variables, true)
	if !ok {
		return "differs"
	}
	var split [][]token
	begin := 0
	for i, t := range tokens {
		if t.wild == 0 && t.unit == ':' && len(split) < 5 {
			split = append(split, tokens[begin:i])
			begin = i + 1
		}
	}
	split = append(split, tokens[begin:])
	if len(split) < 6 || len(split[0]) != 3 || slices.ContainsFunc(split[0], func(t token) bool { return t.wild != 0 }) || !naiveGlob(split[0], utf16.Encode([]rune("arn"))) {
		return "broken"
	}
	for i := range split {
		if !naiveGlob(split[i], utf16.Encode([]rune(parts[i]))) {
			return "differs"
		}
	}
	return "equal"
}

func naiveDate(s string) (time.Time, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && len(s) != 4 {
		return time.Unix(n, 0), true
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly, "2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
