package policy

import "strings"

// layerTexts are the names of layers in AWS's text ("Troubleshoot access denied error messages" in the IAM User Guide).
// That page once writes "a sessions policy"; messages as sent say "a session policy".
var layerTexts = [...]struct{ explicit, implicit string }{
	LayerRCP:      {"a resource control policy", "resource control policy"},
	LayerSCP:      {"a service control policy", "service control policy"},
	LayerEndpoint: {"a VPC endpoint policy", "VPC endpoint policy"},
	LayerResource: {"a resource-based policy", "resource-based policy"},
	LayerTrust:    {"the role trust policy", "role trust policy"},
	LayerBoundary: {"a permissions boundary", "permissions boundary"},
	LayerSession:  {"a session policy", "session policy"},
	LayerIdentity: {"an identity-based policy", "identity-based policy"},
}

// Message returns AWS's text of a denial, or "" when the request was allowed.
func (d Decision) Message(r *Request) string {
	if d.Allowed {
		return ""
	}
	var b strings.Builder
	b.WriteString("User: " + caller(&r.Principal) + " is not authorized to perform: " + r.Action)
	if r.Resource != "" {
		b.WriteString(" on resource: " + r.Resource)
	}
	if d.Layer == LayerNone {
		return b.String()
	}
	text := layerTexts[d.Layer]
	if !d.Explicit {
		b.WriteString(" because no " + text.implicit + " allows the " + r.Action + " action")
		return b.String()
	}
	b.WriteString(" with an explicit deny in " + text.explicit)
	if d.PolicyARN != "" && d.showsARN(r) {
		b.WriteString(": " + d.PolicyARN)
	}
	return b.String()
}

// showsARN reports whether the caller may learn which policy denied: only one of its own account or organization.
func (d Decision) showsARN(r *Request) bool {
	switch d.Layer {
	case LayerRCP:
		if r.ResourceAccount == "" || r.ResourceAccount == r.Principal.Account {
			return true
		}
		mine := r.Context.Single("aws:principalorgid")
		return mine != "" && mine == r.Context.Single("aws:resourceorgid")
	case LayerResource, LayerTrust, LayerEndpoint:
		return false // such policies have no ARN of their own
	}
	return true
}

// caller names the principal as AWS does.
func caller(p *Principal) string {
	switch {
	case p.Kind == Service && p.ARN == "":
		return p.Service
	case p.Kind == Anonymous && p.ARN == "":
		return "anonymous"
	}
	return p.ARN
}
