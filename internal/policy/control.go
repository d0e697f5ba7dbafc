package policy

import (
	"bytes"
	"strings"
)

// isResourceControl checks a statement of a resource control policy: it denies, to everyone, named actions of services
// that support such policies ("Resource control policies" in the Organizations User Guide).
func isResourceControl(s *statement) bool {
	who := s.principal
	everyone := who.everyone || len(who.aws) == 1 && who.aws[0].text == "*" &&
		len(who.services)+len(who.federated)+len(who.canonical) == 0
	if !everyone || s.notPrincipal || s.notAction {
		return false
	}
	if !s.deny {
		return isFullAccess(s)
	}
	for i := range s.actions {
		if !isControlled([]byte(lowerASCII(s.actions[i]))) {
			return false
		}
	}
	return true
}

// isFullAccess reports whether the statement is that of RCPFullAWSAccess, the one policy of this kind that allows.
func isFullAccess(s *statement) bool {
	return len(s.actions) == 1 && s.actions[0] == "*" && len(s.resources) == 1 && s.resources[0].text == "*" &&
		!s.notResource && len(s.conditions) == 0
}

// bindsRCP reports whether resource control policies have a say in what is asked. A grant of a KMS key can always be retired
// by its grantee ("Resource control policies in AWS KMS"), and a service can always assume the role that is linked to it
// ("Resource control policies" in the Organizations User Guide).
func (e *evaluation) bindsRCP() bool {
	return isControlled(e.action) && string(e.action) != "kms:retiregrant" && !e.assumesLinkedRole()
}

func (e *evaluation) assumesLinkedRole() bool {
	return e.principal.Kind == Service && string(e.action) == "sts:assumerole" && strings.Contains(e.resource, ":role/aws-service-role/")
}

// isControlled reports whether the service of an action, given in lower case, is one of those that support resource control
// policies.
func isControlled(action []byte) bool {
	service, _, _ := bytes.Cut(action, []byte{':'})
	switch string(service) {
	case "aoss", "appconfig", "appstream", "autoscaling", "autoscaling-plans", "budgets", "clouddirectory", "cloudfront",
		"cloudsearch", "cloudtrail-data", "codeartifact", "codebuild", "codecommit", "codepipeline", "cognito-identity",
		"cognito-idp", "comprehend", "comprehendmedical", "compute-optimizer", "cost-optimization-hub", "dax", "dsql", "dynamodb",
		"ecr", "ecr-public", "events", "firehose", "fis", "fms", "gamelift", "health", "inspector-scan", "kendra", "kinesisvideo",
		"kms", "logs", "memorydb", "networkmonitor", "notifications", "opensearch", "pca-connector-ad", "personalize", "polly",
		"pricing", "resource-groups", "rolesanywhere", "s3", "secretsmanager", "servicediscovery", "signin", "sqs", "sts",
		"support", "swf", "textract", "timestream-influxdb", "transcribe", "transfer", "translate", "wafv2", "workspaces", "xray":
		return true
	}
	return false
}
