package policy

import "strings"

// wordsOfResource is what IAM says of a Resource that is neither "*" nor begins as an ARN does.
func wordsOfResource(text string) string {
	if _, _, found := strings.Cut(text, ":"); !found {
		return "Resource " + text + ` must be in ARN format or "*".`
	}
	return badPartition(strings.Split(text, ":"))
}

// badPartition fills an ARN up to its six parts, as IAM does in what it says.
func badPartition(parts []string) string {
	full := append([]string{"arn"}, parts[1:]...)
	for len(full) < 6 {
		full = append(full, "*")
	}
	return `Partition "` + full[1] + `" is not valid for resource "` + strings.Join(full, ":") + `".`
}

// refusesResource returns what IAM says of an ARN that a stored identity policy may not have, or "". What wildcards or
// variables leave open is let pass. See "IAM JSON policy elements: Resource" in the IAM User Guide.
func (p *parser) refusesResource(text string) string {
	if !p.kind.isStored() || text == "*" || text == "**" || strings.Contains(text, "${") {
		return ""
	}
	parts := strings.SplitN(text, ":", 6)
	if len(parts) < 3 {
		return "Resource vendor must be fully qualified and cannot contain regexes."
	}
	partition, service := parts[1], parts[2]
	switch {
	case !isPartition(partition):
		return badPartition(strings.Split(text, ":"))
	case service == "":
		return legacy
	case service == "iam":
		return refusesIAM(text, parts)
	case service == "s3":
		return refusesS3(text, parts)
	}
	return ""
}

func isPartition(s string) bool {
	return strings.ContainsAny(s, "*?") || contains(partitions[:], s)
}

// partitions are those of AWS. See "Partitions" in the AWS Whitepaper on fault isolation boundaries.
var partitions = [...]string{"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"}

// refusesIAM: things of IAM have no Region, and are of known kinds.
func refusesIAM(text string, parts []string) string {
	if len(parts) > 3 && parts[3] != "" && !strings.ContainsAny(parts[3], "*?") {
		return "IAM resource " + text + " cannot contain region information."
	}
	if len(parts) < 6 {
		return ""
	}
	kind, _, found := strings.Cut(parts[5], "/")
	if strings.ContainsAny(kind, "*?") || !found && kind == "root" || found && contains(iamKinds[:], kind) {
		return ""
	}
	return `IAM resource path must either be "*", root, or start with ` + strings.Join(iamKinds[:], "/, ") + "/."
}

// iamKinds are what IAM's ARNs name, in the order in which IAM lists them.
var iamKinds = [...]string{"user", "federated-user", "role", "group", "instance-profile", "mfa", "server-certificate", "policy",
	"sms-mfa", "saml-provider", "oidc-provider", "report", "access-report"}

// refusesS3: buckets have no Region; access points have one, and an account. A bucket's ARN is never short.
func refusesS3(text string, parts []string) string {
	if len(parts) == 4 || len(parts) == 5 {
		return legacy
	}
	if len(parts) == 6 && parts[3] != "" && !strings.ContainsAny(parts[3], "*?") && parts[4] == "" {
		return "Resource " + text + " can not contain region information."
	}
	return ""
}
