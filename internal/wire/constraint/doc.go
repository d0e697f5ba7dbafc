// Package constraint checks the input of an operation against the constraints of AWS's own model of it: required
// members, lengths, ranges, patterns and enumerations, and words what is broken as AWS does.
//
// The constraints are one table, table.txt, which gen writes from the service models in botocore 1.44.5; they are
// not in the AWS SDK for Go, whose types the inputs are. A member that only one of the two knows is not checked.
// botocore 1.44.5 knows the operations of the SDK modules in go.mod, three more of the account service, and one
// more member of sso-admin's UpdateInstance.
//
// Check walks the input by reflection, along a plan that is made once for an operation and kept. It does not change
// the input. Lengths of strings are counted in code points. A pattern must match the whole value; patterns are
// Java's, translated where RE2 differs. A value that the model calls sensitive is never repeated in a message.
//
// Rules that the models do not state, such as the quota of a resource or what two members mean together, are not
// here: they belong to the service that has them.
//
// Specification: Smithy 2.0, "Constraint traits".
package constraint

//go:generate go run ./gen -out table.txt -errors ../../../test/contract/errors.txt $BOTOCORE_WHEEL
