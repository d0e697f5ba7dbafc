// Package connect lets programs sign in that read no setting for the address of AWS: they are given Gatehouse as their
// HTTPS proxy instead. The proxy leads nowhere else. It takes CONNECT (RFC 9110 section 9.3.6) for names of AWS whose
// services Gatehouse runs, ends TLS itself, and hands the requests to the handler that answers all others.
//
// # The authority
//
// Certificates come from an authority of this Gatehouse's own, which a client has to trust. What that trust is worth to a
// thief is bounded in the certificate: name constraints (RFC 5280 section 4.2.1.10) permit the names that Gatehouse serves,
// one by one, and no IP address; it may not make further authorities and vouches for servers only. Its key is sealed in the
// database, so that all nodes have the same; a certificate for a name is made when the name is first asked for, lives for a
// day, and never leaves memory with its key.
//
// # The proxy
//
// It listens on loopback addresses only: who may speak to it is on this machine. It must never: open a connection to
// anywhere; serve a name that its authority may not vouch for; let a tunnel to one name carry requests for another, by SNI
// or by Host; believe a header about where a request came from; be kept busy by clients that say nothing.
package connect
