// Package wire is how AWS calls look on the wire, whatever they mean.
//
// It knows the services and the names of all their operations, tells which call a request is (Recognise), and holds
// what the three protocols share: the plans of the SDK's input and output types (Shape) and their JSON form. The
// protocols themselves are the packages below this one: awsjson, awsquery and restjson.
//
// The input and output types of the AWS SDK for Go v2 are the contract: a request is decoded into *XInput and an
// answer encoded from *XOutput by reflection over a plan that is made once a type. Gatehouse's own services use
// plain Go structs with the same rules: a member's wire name is its Go name.
//
// Invariants:
//   - Bytes from a client never cause a panic, recursion deeper than MaxDepth or more than MaxElements list and
//     map elements; whatever cannot be read exactly (bad UTF-8, duplicated members, wrong types) is a fault.
//   - Unknown members are ignored, as AWS does; null is an absent member.
//   - Nil pointers, empty enums and nil nested lists are absent from an answer; the lists directly in an output
//     are always present, because clients iterate over them without asking.
//   - A call is told by its target, its path or its Action, never by Host or User-Agent, since all services share
//     one origin and may be reached through a proxy.
//
// The specifications: Smithy's "AWS JSON 1.1 protocol", "AWS restJson1 protocol" and "AWS query protocol".
package wire
