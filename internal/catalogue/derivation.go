package catalogue

import (
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

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
		found := d.beside(d.named(pattern), d.fill(pattern))
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

// unknownMark begins an ARN that is a pattern.
const unknownMark = "\x00"

// stated are the ARNs of an action whose resource the data states: what is stated, and those of its types that the input has.
func (d *derivation) stated(act *action) []string {
	if act == nil {
		return d.fill(d.asked.arn)
	}
	var named []string
	for _, t := range act.types {
		named = append(named, d.named(d.call.Scope.resources[prefixOf(act.name)+":"+t.name])...)
	}
	return d.beside(named, d.fill(d.asked.arn))
}

// beside adds the ARNs that members of the input make to those that it names, unless they are not all there. An ARN
// that no member of the operation holds is passed over by the service, so that it takes the place of nothing.
func (d *derivation) beside(named, made []string) []string {
	if len(named) == 0 {
		return made
	}
	if !strings.HasPrefix(made[0], unknownMark) {
		named = append(named, made...)
	}
	slices.Sort(named)
	return slices.Compact(named)
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
		values := d.value(name, own(pattern) == 1)
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

// own counts the variables of a pattern that are of the service: all but partition, Region and account.
func own(pattern string) int {
	n := strings.Count(pattern, "${")
	for _, common := range []string{"${Partition}", "${Region}", "${Account}"} {
		n -= strings.Count(pattern, common)
	}
	return n
}

// value are the values of a variable of an ARN's pattern. only says that it is the only one of the service.
func (d *derivation) value(name string, only bool) []string {
	switch name {
	case "Partition":
		return []string{"aws"}
	case "Region":
		return []string{d.by.Region}
	case "Account", "AccountId":
		return []string{string(d.accountOf())}
	}
	values := d.members(name, only)
	if len(values) > 0 {
		d.filled++
	} else if d.kind.required && d.call.creates() {
		d.filled++
		return []string{"*"} // not a pattern: EC2 decides on "instance/*" before there is one
	}
	return values
}

// members are the values of a variable that the input has.
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
