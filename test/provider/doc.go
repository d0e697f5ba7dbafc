// Package provider keeps Gatehouse fit for Terraform: it sends what Terraform's AWS provider sends for each of its
// resources, in the provider's order, with the SDK that the provider is built on, and asks of the answers what the
// provider asks of them.
//
// A resource lives once through: it is created, read, changed, read, imported, deleted, and read again. Reading needs
// nothing but the resource's id, so that every read is also an import; it answers with the attributes that the provider
// compares with the configuration, so that a difference here is a plan there that is never empty; and it tells a resource
// that is gone by exactly the errors by which the provider does. Waiters ask as the provider's do, without its pauses.
//
// What a real Terraform does with a whole configuration is seen in test/clients.
package provider
