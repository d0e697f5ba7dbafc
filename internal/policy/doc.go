// Package policy is the policy language of IAM: it parses, validates, prints and decides.
//
// # What it is for
//
// A document is parsed once (Parse) into an immutable Document and then evaluated many times (Decide), against a Request
// and the Layers of policies that apply to it. The package is pure: it reads no clock, no file and no network, and it adds
// nothing to a request; whatever a condition may look at must be in the request's Context.
//
// # Compiled documents
//
// The actions of a document are indexed, 64 statements at a time: names in a hash table, patterns in a trie, so that what a
// decision costs does not grow with the list of actions. ARN patterns are split at their stars, and the values of conditions
// are read when the document is. A decision works in its own stack frame and allocates nothing.
//
// # The order of a decision
//
// Decide follows "Policy evaluation logic" in the IAM User Guide. An explicit Deny in any layer wins. Then every level of
// service control policies and of resource control policies must allow, then the resource's own policy may allow alone (how
// far depends on whom it names, see grant), and otherwise identity policies, permissions boundary and session policies must
// each allow. Across accounts both sides must allow. A role's trust policy is a resource policy that must allow even within
// one account.
//
// Explain walks the same way and stops nowhere: it tells what every layer says, and which changes would allow the request.
//
// Inquire walks the same way for a request of which not everything is known. Its answer is yes, no, or yes if certain
// conditions hold.
//
// # Invariants
//
//   - Whatever was not understood was refused by Parse; nothing is skipped silently during a decision.
//   - A value that comes from the request can never act as a wildcard, whatever characters it holds.
//   - Adding a Deny statement to any layer never turns a denial into permission.
//   - Explain decides as Decide does. The changes that it names allow the request; without any one of them it stays denied.
//   - Whatever the unknown keys of an inquiry turn out to be, Decide says of the request what Inquire said.
//   - Parse(d.String()) gives a document that decides as d does.
//
// The grammar is that of "Grammar of the IAM JSON policy language", the operators those of "IAM JSON policy elements:
// Condition operators". Where the recorded behaviour of AWS differs from these pages, behaviour wins, and the code says so.
package policy
