// Package sigv4 verifies AWS Signature Version 4 on requests that a Gatehouse server receives.
//
// Parse reads what a request claims: which access key signed it, when, for which region and service. Verify
// rebuilds the canonical request from what the server really received and compares. Between the two the caller
// finds the secret of the access key; KeyCache spares it that, and the derivation, for keys it saw lately.
//
// What the package promises:
//
//   - The canonical request covers exactly the headers that SignedHeaders names. The host, the date, and where
//     they are present X-Amz-Security-Token and X-Amz-Target must be among them, because the server acts on them.
//   - The body is always covered: its hash is computed here and never believed. UNSIGNED-PAYLOAD and the
//     streaming forms, which only Amazon S3 knows, are refused, unless the caller never looks at the body (LeaveBody).
//   - A request has one reading. A signed or signature-bearing header that occurs twice, a query parameter that
//     occurs twice, a signature in the header and in the query, a path that is not normalised: all are refused,
//     although AWS accepts some of them, because two readers could disagree about them.
//   - The clock may differ by five minutes. A presigned request lives as long as it says, at most seven days.
//   - Neither secrets, keys and session tokens nor the expected signature occur in an error.
//
// The package does not decide whether the region or the service of the scope is the right one: the route knows
// that, and answers ScopeMismatch. SigV4A, the multi-region variant with ECDSA, is refused as incomplete.
//
// Specification: AWS Identity and Access Management User Guide, "Create a signed AWS API request" and
// "Troubleshoot Signature Version 4 signing for AWS API requests".
package sigv4
