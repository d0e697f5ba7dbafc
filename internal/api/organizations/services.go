package organizations

// integration is an AWS service that works with organizations.
type integration struct {
	principal string
	delegates int // how many delegated administrators it takes; 0 for a service that takes none
}

// integrations are the services that can be given trusted access, in the order of their names. See "AWS services that
// you can use with AWS Organizations" in the AWS Organizations User Guide.
var integrations = []integration{
	{"access-analyzer.amazonaws.com", 1},
	{"account.amazonaws.com", 1},
	{"agentless.inspector2.amazonaws.com", 0},
	{"aiops.amazonaws.com", 5},
	{"appstudio.amazonaws.com", 0},
	{"artifact.amazonaws.com", 0},
	{"auditmanager.amazonaws.com", 1},
	{"aws-artifact-account-sync.amazonaws.com", 0},
	{"backup.amazonaws.com", 5},
	{"billing-cost-management.amazonaws.com", 1},
	{"cloudformation.amazonaws.com", 5},
	{"cloudtrail.amazonaws.com", 3},
	{"compute-optimizer.amazonaws.com", 1},
	{"config.amazonaws.com", 3},
	{"config-multiaccountsetup.amazonaws.com", 3},
	{"controltower.amazonaws.com", 0},
	{"cost-optimization-hub.bcm.amazonaws.com", 1},
	{"detective.amazonaws.com", 1},
	{"devops-guru.amazonaws.com", 1},
	{"ds.amazonaws.com", 0},
	{"ec2.amazonaws.com", 1},
	{"fms.amazonaws.com", 10},
	{"guardduty.amazonaws.com", 1},
	{"health.amazonaws.com", 5},
	{"iam.amazonaws.com", 1},
	{"inspector2.amazonaws.com", 1},
	{"ipam.amazonaws.com", 1},
	{"license-manager.amazonaws.com", 1},
	{"license-manager.member-account.amazonaws.com", 1},
	{"license-manager-linux-subscriptions.amazonaws.com", 1},
	{"macie.amazonaws.com", 1},
	{"malware-protection.guardduty.amazonaws.com", 1},
	{"member.org.stacksets.cloudformation.amazonaws.com", 5},
	{"networkmanager.amazonaws.com", 10},
	{"notifications.amazonaws.com", 5},
	{"observabilityadmin.amazonaws.com", 1},
	{"opensearch.amazonaws.com", 0},
	{"q.amazonaws.com", 0},
	{"ram.amazonaws.com", 0},
	{"reachabilityanalyzer.networkinsights.amazonaws.com", 5},
	{"reporting.trustedadvisor.amazonaws.com", 5},
	{"resource-explorer-2.amazonaws.com", 1},
	{"rolesanywhere.amazonaws.com", 0},
	{"s3.amazonaws.com", 1},
	{"securityhub.amazonaws.com", 1},
	{"securitylake.amazonaws.com", 1},
	{"security-ir.amazonaws.com", 1},
	{"servicecatalog.amazonaws.com", 50},
	{"servicequotas.amazonaws.com", 0},
	{"ssm.amazonaws.com", 1},
	{"ssm-quicksetup.amazonaws.com", 1},
	{"sso.amazonaws.com", 1},
	{"stacksets.cloudformation.amazonaws.com", 5},
	{"storage-lens.s3.amazonaws.com", 5},
	{"tagpolicies.tag.amazonaws.com", 0},
	{"trustedadvisor.amazonaws.com", 0},
	{"user-subscriptions.amazonaws.com", 1},
	{"wellarchitected.amazonaws.com", 0},
	{"workmail.amazonaws.com", 0},
}

// integrationOf returns the service with this principal, or nil.
func integrationOf(principal string) *integration {
	for i := range integrations {
		if integrations[i].principal == principal {
			return &integrations[i]
		}
	}
	return nil
}
