// Package workload is what the policy engine is measured with: ten situations, from one policy that AWS manages to a full stack
// of layers across accounts, and 256 different requests for each. Benchmarks here and beside other engines share it.
package workload

import (
	"fmt"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/policy/managed"
)

// The documents of the scenarios; the others are AWS's own.
const (
	full     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	fullRCP  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`
	s3AndEC2 = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","ec2:*"],"Resource":["*"]}]}`
	rcp      = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":["s3:*","sts:AssumeRole"],"Resource":"*",
		"Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-exampleorg"}}}]}`
	bucket = `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"s3:*","Resource":["arn:aws:s3:::payments-data","arn:aws:s3:::payments-data/*"]},
		{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::payments-data/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`
	// Twenty is a policy of twenty statements with conditions.
	Twenty = `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":["s3:GetObject","s3:GetObjectVersion"],"Resource":["arn:aws:s3:::payments-*/*"],"Condition":{"StringEquals":{"aws:PrincipalTag/team":"payments"}}},
		{"Effect":"Allow","Action":["s3:ListBucket"],"Resource":["arn:aws:s3:::payments-*"],"Condition":{"NumericLessThan":{"s3:max-keys":"100"}}},
		{"Effect":"Allow","Action":["s3:PutObject"],"Resource":["arn:aws:s3:::payments-uploads/*"],"Condition":{"Bool":{"aws:SecureTransport":"true"}}},
		{"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:Query","dynamodb:PutItem"],"Resource":["arn:aws:dynamodb:*:111111111111:table/payments-*"],"Condition":{"StringEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1"]}}},
		{"Effect":"Allow","Action":["sqs:*"],"Resource":["arn:aws:sqs:*:111111111111:payments-*"]},
		{"Effect":"Allow","Action":["sns:Publish"],"Resource":["arn:aws:sns:*:111111111111:payments-*"]},
		{"Effect":"Allow","Action":["logs:*"],"Resource":["arn:aws:logs:*:111111111111:log-group:/payments/*"]},
		{"Effect":"Allow","Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":["arn:aws:kms:eu-west-1:111111111111:key/*"],"Condition":{"StringEquals":{"aws:ResourceTag/team":"payments"}}},
		{"Effect":"Allow","Action":["secretsmanager:GetSecretValue"],"Resource":["arn:aws:secretsmanager:*:111111111111:secret:payments/*"],"Condition":{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","192.168.0.0/16"]}}},
		{"Effect":"Allow","Action":["lambda:InvokeFunction","lambda:Get*","lambda:List*"],"Resource":["arn:aws:lambda:*:111111111111:function:payments-*"]},
		{"Effect":"Allow","Action":["ec2:Describe*"],"Resource":["*"]},
		{"Effect":"Allow","Action":["ec2:StartInstances","ec2:StopInstances"],"Resource":["arn:aws:ec2:*:111111111111:instance/*"],"Condition":{"StringEquals":{"aws:ResourceTag/team":"payments"}}},
		{"Effect":"Allow","Action":["ec2:RunInstances"],"Resource":["arn:aws:ec2:*:111111111111:*"],"Condition":{"StringLike":{"ec2:InstanceType":["t3.*","m6g.*"]},"StringEquals":{"aws:RequestTag/team":"payments"}}},
		{"Effect":"Allow","Action":["iam:PassRole"],"Resource":["arn:aws:iam::111111111111:role/payments/*"],"Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}},
		{"Effect":"Deny","Action":["s3:DeleteBucket*"],"Resource":["*"]},
		{"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}},
		{"Effect":"Deny","Action":["ec2:RunInstances"],"Resource":["arn:aws:ec2:*:*:instance/*"],"Condition":{"StringNotLike":{"ec2:InstanceType":["t3.*","m6g.*"]}}},
		{"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{"DateGreaterThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}},
		{"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{"NotIpAddress":{"aws:SourceIp":["10.0.0.0/8"]}}},
		{"Effect":"Allow","Action":["tag:TagResources"],"Resource":["*"],"Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["team","env","cost"]}}}]}`
)

// Guardrails are the statements that an organization of five levels attaches beside FullAWSAccess, one a level.
var Guardrails = []string{
	`{"Effect":"Deny","Action":["organizations:LeaveOrganization","account:CloseAccount"],"Resource":["*"]}`,
	`{"Effect":"Deny","NotAction":["iam:*","organizations:*","sts:*","route53:*","cloudfront:*","support:*"],"Resource":["*"],"Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1"]}}}`,
	`{"Effect":"Deny","Action":["cloudtrail:StopLogging","cloudtrail:DeleteTrail","config:Delete*","guardduty:Delete*","guardduty:Disassociate*"],"Resource":["*"],"Condition":{"StringNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/OrgAdmin"]}}}`,
	`{"Effect":"Deny","Action":["ec2:RunInstances"],"Resource":["arn:aws:ec2:*:*:instance/*"],"Condition":{"StringNotLike":{"ec2:InstanceType":["t3.*","m6g.*","c7g.*"]}}}`,
	`{"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{"StringLike":{"aws:PrincipalArn":["arn:aws:iam::*:root"]}}}`,
}

// parsed compiles a document of this package, or of AWS.
func parsed(kind policy.Kind, document string) policy.Policy {
	d, err := policy.Parse([]byte(document), kind)
	if err != nil {
		panic(err)
	}
	return policy.Policy{Doc: d}
}

// awsManaged returns the policy that AWS manages under the name, which may have a path.
func awsManaged(name string) policy.Policy {
	p, _ := managed.ByARN(managed.Prefix + "/" + name)
	out := parsed(policy.Identity, p.Document())
	out.ARN, out.Name = p.ARN, p.Name
	return out
}

// Scenario is a situation to decide in.
type Scenario struct {
	Name    string
	Layers  *policy.Layers
	Allowed bool

	action, resource string // the number of the request follows the resource, unless that is "*"
	owner            ident.AccountID
}

// Scenarios returns all, compiled.
func Scenarios() []Scenario {
	power, view := awsManaged("PowerUserAccess"), awsManaged("job-function/ViewOnlyAccess")
	read, own := awsManaged("ReadOnlyAccess"), parsed(policy.Identity, Twenty)
	data, boundary := parsed(policy.Resource, bucket), awsManaged("PowerUserAccess")
	var levels [][]policy.Policy
	for _, g := range Guardrails {
		levels = append(levels, []policy.Policy{parsed(policy.SCP, full), parsed(policy.SCP, `{"Version":"2012-10-17","Statement":[`+g+`]}`)})
	}
	stack := &policy.Layers{Identity: []policy.Policy{power, own}, Boundary: &boundary, SCP: levels, Resource: &data,
		Session: []policy.Policy{parsed(policy.Session, s3AndEC2)},
		RCP:     [][]policy.Policy{{parsed(policy.RCP, fullRCP), parsed(policy.RCP, rcp)}}}
	identity := func(p policy.Policy) *policy.Layers { return &policy.Layers{Identity: []policy.Policy{p}} }
	const here, instance = "111111111111", "arn:aws:ec2:eu-west-1:111111111111:instance/i-"
	return []Scenario{
		{"A_AdministratorAccess", identity(awsManaged("AdministratorAccess")), true, "ec2:RunInstances", instance, here},
		{"B_PowerUserAccess", identity(power), true, "ec2:RunInstances", instance, here},
		{"B_PowerUserAccess_denied", identity(power), false, "iam:CreateUser", "arn:aws:iam::111111111111:user/", here},
		{"C_ViewOnlyAccess", identity(view), true, "ec2:DescribeInstances", "*", here},
		{"C_ViewOnlyAccess_denied", identity(view), false, "ec2:RunInstances", instance, here},
		{"D_five_levels", &policy.Layers{Identity: []policy.Policy{power}, SCP: levels}, true, "ec2:RunInstances", instance, here},
		{"E_twenty_statements", identity(own), true, "ec2:RunInstances", instance, here},
		{"E_twenty_statements_denied", identity(own), false, "rds:CreateDBInstance", "arn:aws:rds:eu-west-1:111111111111:db:", here},
		{"F_full_stack", stack, true, "s3:GetObject", "arn:aws:s3:::payments-data/2026/05/", "222222222222"},
		{"G_ReadOnlyAccess", identity(read), true, "ec2:DescribeInstances", "*", here},
	}
}

// Requests returns requests that are different, so that nothing that a policy yields for one of them is still at hand for the next.
func (s *Scenario) Requests() []*policy.Request {
	list := make([]*policy.Request, 256)
	for i := range list {
		x := policy.NewContext()
		for key, value := range map[string]string{
			"aws:PrincipalArn":   "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_PowerUser_0123456789abcdef",
			"aws:PrincipalOrgID": "o-exampleorg", "aws:RequestedRegion": "eu-west-1", "aws:SourceIp": fmt.Sprintf("10.20.30.%d", i),
			"aws:SecureTransport": "true", "aws:MultiFactorAuthPresent": "true", "aws:PrincipalTag/team": "payments",
			"aws:RequestTag/team": "payments", "ec2:InstanceType": fmt.Sprintf("t3.%d", i), "aws:ResourceTag/team": "payments",
			"aws:CurrentTime": fmt.Sprintf("2026-05-01T00:%02d:00Z", i%60), "s3:max-keys": "50", "aws:ResourceAccount": string(s.owner),
		} {
			x.Set(key, value)
		}
		x.SetList("aws:TagKeys", []string{"team", "env"})
		resource := s.resource
		if resource != "*" {
			resource += fmt.Sprint(i)
		}
		list[i] = &policy.Request{Action: s.action, Resource: resource, ResourceAccount: s.owner, Context: x,
			Principal: policy.Principal{Kind: policy.RoleSession, Account: "111111111111",
				ARN:     fmt.Sprintf("arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_PowerUser_0123456789abcdef/user%d", i),
				RoleARN: "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_PowerUser_0123456789abcdef"}}
	}
	return list
}
