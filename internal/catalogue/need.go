package catalogue

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// Caller is what of a caller goes into the ARNs of what they speak of.
type Caller struct {
	Account ident.AccountID
	Region  string
}

// Need is one permission that a call needs.
type Need struct {
	Action string // "ec2:StartInstances"
	// Resource is an ARN, or "*" for an action that is about no resource. Where Unknown, it is a pattern of ARNs whose
	// stars stand for what the request does not tell.
	Resource string
	Unknown  bool
	Account  ident.AccountID // whose the resource is, as far as its ARN tells; else the caller's
	Keys     []string        // the condition keys of the service that AWS would know of
	Context  map[string][]string
}

// Bounds of what a call may ask to be decided. AWS lets a resource have 50 tags.
const (
	mostNeeds = 1000
	mostTags  = 100
)

// Needs returns the permissions that the call needs. It is empty for an operation that needs none. ok is false when no
// action is known for the operation.
func (c *Call) Needs(by Caller) (needs []Need, ok bool, err error) {
	if len(c.in.tags()) > mostTags {
		return nil, true, fault.New(fault.Invalid, "LimitExceededException", "A call may hand over %d tags at most.", mostTags)
	}
	list := c.Operation.asked
	if len(list) == 0 {
		list = []asked{{action: c.API.prefix + ":" + c.Operation.Name, permission: true}}
	}
	known := false
	for i := range list {
		a := &list[i]
		if !a.permission {
			known = true
			continue
		}
		act := c.Scope.actions[strings.ToLower(a.action)]
		if act == nil && a.arn == "" {
			continue
		}
		known = true
		if a.when != "" && !c.in.has(a.when) || a.not != "" && c.in.has(a.not) {
			continue
		}
		for _, n := range c.needsOf(a, act, by) {
			if len(n.Resource) > longestARN {
				return nil, true, fault.New(fault.Invalid, "ValidationException", "The request names a resource whose ARN is longer than %d characters.", longestARN)
			}
			needs = append(needs, n)
		}
		if len(needs) > mostNeeds {
			return nil, true, fault.New(fault.Invalid, "LimitExceededException", "A call may speak of %d resources at most.", mostNeeds)
		}
	}
	return needs, known, nil
}

// needsOf are the needs of one action: one for each of its resources, and those of the roles that are handed over.
func (c *Call) needsOf(a *asked, act *action, by Caller) []Need {
	d := &derivation{call: c, by: by, asked: a}
	if a.arn != "" {
		return d.need(a.action, d.stated(act))
	}
	needs := d.resources(act)
	if !c.reads() {
		for _, arn := range c.in.roles() {
			needs = append(needs, Need{Action: "iam:PassRole", Resource: arn, Account: ownerOf(arn, by.Account),
				Keys: []string{"iam:PassedToService", "iam:AssociatedResourceArn"}})
		}
	}
	return needs
}

// derivation is the search for the resources of one action.
type derivation struct {
	call  *Call
	by    Caller
	asked *asked
	act   *action

	kind   resourceType // under consideration
	filled int          // variables of its pattern that members of the input have filled
}

// resources are the needs of an action. Every resource that the input names counts; of a type that an action always
// needs and the input does not name, the resource is unknown; and where nothing is found of any type, all that the input
// speaks of is.
func (d *derivation) resources(act *action) (needs []Need) {
	if len(act.types) == 0 {
		return d.need(act.name, []string{"*"}, act.keys)
	}
	d.act = act
	var lacking, hinted []Need
	for _, t := range act.types {
		d.kind, d.filled = t, 0
		pattern := d.call.Scope.resources[prefixOf(act.name)+":"+t.name]
		found := d.named(pattern)
		if len(found) == 0 {
			found = d.fill(pattern)
		}
		list := d.need(act.name, found, act.keys, t.keys)
		switch {
		case list[0].Unknown && t.required:
			lacking = append(lacking, list...)
		case list[0].Unknown && d.filled > 0:
			hinted = append(hinted, list...)
		case !list[0].Unknown && (d.filled > 0 || len(act.types) == 1):
			needs = append(needs, list...)
		}
	}
	if needs = append(needs, lacking...); len(needs) > 0 {
		return needs
	}
	if len(hinted) > 0 {
		return hinted
	}
	needs = d.need(act.name, []string{"*"}, act.keys, act.types[0].keys)
	needs[0].Unknown = true
	return needs
}

func prefixOf(action string) string {
	prefix, _, _ := strings.Cut(action, ":")
	return prefix
}

// need makes a need of every ARN.
func (d *derivation) need(action string, arns []string, sets ...int) (needs []Need) {
	var keys []string
	for _, n := range sets {
		keys = append(keys, d.call.Scope.keysOf(n)...)
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	context := d.context(keys)
	for _, arn := range arns {
		plain, unknown := strings.CutPrefix(arn, unknownMark)
		needs = append(needs, Need{Action: action, Resource: plain, Unknown: unknown, Account: ownerOf(plain, d.by.Account),
			Keys: keys, Context: context})
	}
	return needs
}

// ownerOf is the account that an ARN names, or the caller's.
func ownerOf(arn string, otherwise ident.AccountID) ident.AccountID {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		if id, err := ident.ParseAccountID(parts[4]); err == nil {
			return id
		}
	}
	return otherwise
}

// unknownMark begins an ARN that is a pattern.
const unknownMark = "\x00"

// stated are the ARNs of an action whose resource the data states: one of a known type that the input holds, or else what
// is stated.
func (d *derivation) stated(act *action) []string {
	if act != nil {
		for _, t := range act.types {
			if found := d.named(d.call.Scope.resources[prefixOf(act.name)+":"+t.name]); len(found) > 0 {
				return found
			}
		}
	}
	return d.fill(d.asked.arn)
}

// named are the ARNs in the input that the pattern of a type fits.
func (d *derivation) named(pattern string) (found []string) {
	for _, arn := range d.call.in.arns() {
		if fits(pattern, arn) {
			found = append(found, arn)
			d.filled++
		}
	}
	return found
}

// fill returns the ARNs of a pattern, its variables filled in; where one cannot be, a single one with stars, and the mark
// of what is unknown. One variable may have several values: the last that has.
func (d *derivation) fill(pattern string) []string {
	texts, missing := []string{""}, false
	for rest := pattern; rest != ""; {
		before, after, found := strings.Cut(rest, "${")
		texts = each(texts, []string{before})
		if !found {
			break
		}
		var name string
		name, rest, _ = strings.Cut(after, "}")
		values := d.value(name, strings.Count(pattern, "${"))
		if len(values) == 0 {
			missing = true
			values = []string{"*"}
		}
		texts = each(texts, values)
	}
	if missing {
		return []string{unknownMark + texts[0]}
	}
	return texts
}

// each appends every end to every beginning, up to a bound.
func each(texts, ends []string) []string {
	out := make([]string, 0, len(texts)*len(ends))
	for _, t := range texts {
		for _, e := range ends {
			if len(out) > mostNeeds {
				return out
			}
			out = append(out, t+e[:min(len(e), longestARN+1-len(t))]) // longer is too long already
		}
	}
	return out
}

// value are the values of a variable of an ARN's pattern that has so many of them.
func (d *derivation) value(name string, of int) []string {
	switch name {
	case "Partition":
		return []string{"aws"}
	case "Region":
		return []string{d.by.Region}
	case "Account", "AccountId":
		return []string{string(d.accountOf())}
	}
	values := d.members(name, of <= 4)
	if len(values) > 0 {
		d.filled++
	} else if d.kind.required && d.call.creates() {
		d.filled++
		return []string{"*"} // not a pattern: EC2 decides on "instance/*" before there is one
	}
	return values
}

// members are the values of a variable that the input has. only says that it is the only one of its pattern, besides
// partition, Region and account.
func (d *derivation) members(name string, only bool) []string {
	if path, ok := d.asked.variables[name]; ok {
		return usable(d.call.in.at(path))
	}
	if strings.HasPrefix(name, ".") {
		return d.call.in.at(name)
	}
	if member, ok := d.call.API.aliases[name]; ok {
		return usable(d.call.in.at(member))
	}
	if name == "QueueName" && d.call.Scope.Name == "sqs" {
		if _, queue := d.queue(); queue != "" {
			return []string{queue}
		}
	}
	return d.guess(name, only)
}

// accountOf is the account in an ARN: the caller's, unless the URL of a queue says otherwise.
func (d *derivation) accountOf() ident.AccountID {
	if account, _ := d.queue(); account != "" && d.call.Scope.Name == "sqs" {
		return account
	}
	return d.by.Account
}

// queue reads a QueueUrl. See "Amazon SQS queue URLs" in the Amazon SQS Developer Guide.
func (d *derivation) queue() (account ident.AccountID, name string) {
	values := d.call.in.at("QueueUrl")
	if len(values) != 1 {
		return "", ""
	}
	parts := strings.Split(values[0], "/")
	name = parts[len(parts)-1]
	if len(parts) > 1 {
		account, _ = ident.ParseAccountID(parts[len(parts)-2])
	}
	return account, name
}

// creates reports whether the operation makes the resource that it is about, whose id nobody knows yet.
func (c *Call) creates() bool {
	if c.Scope.Name != "ec2" {
		return false
	}
	for _, verb := range []string{"Create", "Run", "Allocate", "Import", "Copy", "Register", "Request", "Provision"} {
		if strings.HasPrefix(c.Operation.Name, verb) {
			return true
		}
	}
	return false
}

// guess finds the member that fills a variable by its name: it has the variable's, in whole or in part; it has the type's,
// where the ARN has no other variable; or it is a bare name or id in an operation whose own name speaks of what the
// variable names.
func (d *derivation) guess(variable string, only bool) []string {
	names := slices.DeleteFunc(candidates(variable), func(name string) bool { return d.anothers(name, variable) })
	kind, operation := norm(d.kind.name), norm(d.call.Operation.Name)
	if only {
		for _, end := range ends {
			names = append(names, kind+end, kind+end+"s")
		}
	}
	if stem := stemOf(norm(variable)); stem != "" && strings.Contains(operation, stem) || only && strings.Contains(operation, kind) {
		names = append(names, ends[1:]...)
	}
	for _, name := range names {
		if values := usable(texts([]any{d.call.in.word(name)})); len(values) > 0 {
			return values
		}
	}
	return nil
}

// anothers reports whether a name is that of a variable of another type of the action, as "SubnetId" is where a
// "SecondarySubnetId" may be too.
func (d *derivation) anothers(name, variable string) bool {
	if d.act == nil || name == norm(variable) {
		return false
	}
	for _, t := range d.act.types {
		for pattern := d.call.Scope.resources[prefixOf(d.act.name)+":"+t.name]; pattern != ""; {
			var other string
			_, pattern, _ = strings.Cut(pattern, "${")
			other, pattern, _ = strings.Cut(pattern, "}")
			if other != variable && norm(other) == name {
				return true
			}
		}
	}
	return false
}

// ends are how names of members end that name a thing.
var ends = []string{"", "name", "id", "identifier"}

// stemOf is a variable's name without such an end.
func stemOf(name string) string {
	for _, end := range append(ends[1:], "arn") {
		if stem, ok := strings.CutSuffix(name, end); ok {
			return stem
		}
	}
	return name
}

// candidates are names that a member with the value of a variable may have, the likeliest first.
func candidates(variable string) []string {
	full := norm(variable)
	out := []string{full, full + "s"}
	if stem := stemOf(full); stem != "" {
		for _, end := range ends {
			out = append(out, stem+end, stem+end+"s")
		}
	}
	words := wordsOf(variable)
	for i := 1; i+1 < len(words); i++ { // "SecurityGroupId" is "GroupId" on the wire
		short := norm(strings.Join(words[i:], ""))
		out = append(out, short, short+"s")
	}
	return out
}

// wordsOf splits a name before its capital letters.
func wordsOf(name string) (words []string) {
	start := 0
	for i := 1; i < len(name); i++ {
		if name[i] >= 'A' && name[i] <= 'Z' && name[i-1] >= 'a' && name[i-1] <= 'z' {
			words, start = append(words, name[start:i]), i
		}
	}
	return append(words, name[start:])
}

// usable leaves out what cannot be a part of an ARN: nothing at all, and what is an ARN itself and did not fit.
func usable(values []string) (out []string) {
	for _, v := range values {
		if _, name, ok := strings.Cut(v, ":function:"); ok {
			v = name // of Lambda: "111122223333:function:name"
		}
		if v != "" && !strings.HasPrefix(v, "arn:") && utf8.ValidString(v) && !strings.ContainsFunc(v, unicode.IsControl) {
			out = append(out, v)
		}
	}
	return out
}

// arns are the ARNs that the input's own members hold.
func (in *input) arns() []string {
	if in.found == nil {
		in.found = []string{}
		for _, v := range in.members {
			for _, text := range texts([]any{v}) {
				if strings.HasPrefix(text, "arn:") && len(text) <= longestARN && utf8.ValidString(text) {
					in.found = append(in.found, text)
				}
			}
		}
		slices.Sort(in.found)
		in.found = slices.Compact(in.found)
	}
	return in.found
}

// reads reports whether the operation only looks: a role in its input is something to look for.
func (c *Call) reads() bool {
	for _, verb := range []string{"Get", "List", "Describe", "Search", "Query", "Lookup"} {
		if strings.HasPrefix(c.Operation.Name, verb) {
			return true
		}
	}
	return false
}

// roles are the roles that the input hands over, in members of whatever depth whose names say so. See "Granting a user
// permissions to pass a role to an AWS service" in the IAM User Guide.
func (in *input) roles() (out []string) {
	var look func(name string, v any, depth int)
	look = func(name string, v any, depth int) {
		if depth > mostNested || len(out) > mostNeeds {
			return
		}
		switch v := v.(type) {
		case string:
			if len(v) <= longestARN && handsOver(name) && fits("arn:${Partition}:iam::${Account}:role/${RoleName}", v) {
				out = append(out, v)
			}
		case []any:
			for _, e := range v {
				look(name, e, depth+1)
			}
		case map[string]any:
			for member, e := range v {
				if number(member) >= 0 {
					member = name // the list of a form
				}
				look(member, e, depth+1)
			}
		}
	}
	look("", in.members, 0)
	slices.Sort(out)
	return slices.Compact(out)
}

// handsOver reports whether a member of this name hands a role over.
func handsOver(name string) bool {
	name = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(norm(name), "s"), "arn"), "s")
	return strings.HasSuffix(name, "role")
}

// longestARN bounds what is looked at as an ARN.
const longestARN = 2048

// fits reports whether an ARN could be one of a pattern: every variable stands for something, and one of the first five
// parts for the whole part.
func fits(pattern, arn string) bool {
	want, got := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	if len(want) != 6 || len(got) != 6 {
		return false
	}
	for i := range 5 {
		if want[i] != got[i] && !strings.HasPrefix(want[i], "${") {
			return false
		}
	}
	return like(want[5], got[5])
}

// like reports whether text is a pattern with something in the place of every variable. Going back to the last variable
// only keeps this from being slow: what the ones before it stand for never needs to grow.
func like(pattern, text string) bool {
	back, from := "", -1 // the pattern after the last variable, and where in text its match was begun
	at := 0
	for {
		if end := variableEnd(pattern); end > 0 && at < len(text) {
			pattern = pattern[end:]
			at++
			back, from = pattern, at
			continue
		}
		switch {
		case pattern == "" && at == len(text):
			return true
		case pattern != "" && at < len(text) && variableEnd(pattern) == 0 && pattern[0] == text[at]:
			pattern, at = pattern[1:], at+1
		case from >= 0 && from < len(text):
			from++
			pattern, at = back, from
		default:
			return false
		}
	}
}

// variableEnd is the length of the variable that a pattern begins with, or 0.
func variableEnd(pattern string) int {
	if !strings.HasPrefix(pattern, "${") {
		return 0
	}
	return strings.IndexByte(pattern, '}') + 1
}
