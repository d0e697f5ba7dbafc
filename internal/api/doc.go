// Package api is the corridor that every request walks, one way:
//
//	recognise → authenticate → decode → constraints → authorise → execute → record → encode
//
// An operation is a Row in a service's Table: its name, its IAM action, who may call it, its handler, and the resources
// its decision is about. Routing, authorisation, audit and the support matrix all read the same row. A handler
// is a function over the AWS SDK's own types; it never sees JSON, XML or HTTP.
//
// Only this package makes a Call, and only after it knows the caller. Pages, the sample organization and imports walk
// the same corridor by Invoke and have no other way in. A change is authorised twice: before it is queued, and again
// inside its transaction, on what the changes before it in the batch have left. Its audit event commits with it.
package api
