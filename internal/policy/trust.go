package policy

import "strings"

// checkTrust applies the rules of role trust policies, of which n is a statement. Its texts are those that AWS was recorded
// to answer, so they say no place.
func checkTrust(s *statement, n *node) error {
	if s.principal.everyone {
		return plain(n, `AssumeRolepolicy contained an invalid principal: "STAR":"*".`)
	}
	for i := range s.actions {
		if !isTrustAction(s.actions[i]) {
			return plain(n, "AssumeRole policy may only specify STS AssumeRole actions.")
		}
	}
	for _, provider := range s.principal.federated {
		if !strings.HasPrefix(provider, "arn:") && (!strings.Contains(provider, ".") || strings.Contains(provider, "*")) {
			return plain(n, "Federated principals must be valid domain names or SAML metadata ARNs")
		}
	}
	if s.deny || !s.allowsWebIdentity() {
		return nil
	}
	for _, provider := range s.principal.federated {
		if err := checkSharedIssuer(s, n, issuer(provider)); err != nil {
			return err
		}
	}
	return nil
}

// isService reports whether a service principal has the form of one: a host of AWS's. Which services there are is AWS's
// to know.
func isService(name string) bool {
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" || strings.HasPrefix(name, ".") {
		return false
	}
	for _, domain := range []string{".amazonaws.com", ".amazonaws.com.cn", ".amazon.com", ".aws.internal"} {
		if strings.HasSuffix(name, domain) {
			return true
		}
	}
	return false
}

// isTrustAction: the operations of STS that a role's trust policy governs.
func isTrustAction(action string) bool {
	name, found := strings.CutPrefix(strings.ToLower(action), "sts:")
	return found && (strings.HasPrefix(name, "assumerole") || name == "tagsession" || name == "setsourceidentity" || name == "setcontext")
}

func (s *statement) allowsWebIdentity() bool {
	for _, action := range s.actions {
		if match(wild(lowerASCII(action)), "sts:assumerolewithwebidentity") {
			return !s.notAction
		}
	}
	return s.notAction
}

// issuer returns the host and path of a provider, from its ARN or as it stands.
func issuer(provider string) string {
	if _, name, found := strings.Cut(provider, ":oidc-provider/"); found {
		return name
	}
	return provider
}

// checkSharedIssuer refuses to trust everybody who has an account at an issuer that many organizations share.
func checkSharedIssuer(s *statement, n *node, issuer string) error {
	switch issuer {
	case "cognito-identity.amazonaws.com":
		if len(s.conditions) == 0 {
			return plain(n, "A condition block must be present for the Cognito provider")
		}
		return checkClaim(s, n, issuer, "aud")
	case "gitlab.com", "app.terraform.io":
		return checkClaim(s, n, issuer, "sub")
	case "accounts.google.com":
		if !s.tests("accounts.google.com:aud", "StringEquals") && !s.tests("accounts.google.com:oaud", "StringEquals") {
			return plain(n, "Policy trusting accounts.google.com requires a StringEquals condition on an application id")
		}
	}
	return nil
}

func checkClaim(s *statement, n *node, issuer, claim string) error {
	key := issuer + ":" + claim
	if s.tests(key, "StringEquals", "StringLike", "StringEqualsIgnoreCase") {
		return nil
	}
	return plain(n, "Trust policy with trusted principal %s must evaluate, using StringEquals, StringLike or "+
		"StringEqualsIgnoreCase, %s which is not scoped to all.", issuer, key)
}

// tests reports whether a condition with one of the operators, perhaps for a set, tests the key against values of which
// none is "*".
func (s *statement) tests(key string, operators ...string) bool {
	for i := range s.conditions {
		c := &s.conditions[i]
		base := c.operator[strings.IndexByte(c.operator, ':')+1:]
		if strings.EqualFold(c.key, key) && contains(operators, base) && !contains(c.values, "*") {
			return true
		}
	}
	return false
}
