package catalogue

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// request makes one as a client would send it: "METHOD path", headers as "Name: value", and the body.
func request(line, body string, headers ...string) *http.Request {
	method, target, _ := strings.Cut(line, " ")
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Set(name, value)
	}
	return r
}

// sent is one call of a service, as it goes over the wire.
type sent struct {
	line, body string
	headers    []string
}

func inJSON(target, body string) sent {
	return sent{"POST /", body, []string{"X-Amz-Target: " + target, "Content-Type: application/x-amz-json-1.0"}}
}

func inForm(fields string) sent {
	return sent{"POST /", fields, []string{"Content-Type: application/x-www-form-urlencoded"}}
}

func inREST(line, body string, headers ...string) sent {
	return sent{line, body, append(headers, "Content-Type: application/json")}
}

const (
	region  = "eu-west-1"
	account = "111122223333"
)

// here shortens the ARNs in tables: "arn:aws:ec2~instance/i-1".
func here(text string) string { return strings.ReplaceAll(text, "~", ":"+region+":"+account+":") }

func TestNeeds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		scope string
		sent  sent
		want  string // "Operation: action resource, …"; a resource with a question mark is unknown
	}{
		// EC2
		{"ec2", inForm("Action=DescribeInstances&Version=2016-11-15"), "DescribeInstances: ec2:DescribeInstances *"},
		{"ec2", inForm("Action=StartInstances&Version=2016-11-15&InstanceId.1=i-1&InstanceId.2=i-2"), "StartInstances: ec2:StartInstances arn:aws:ec2~instance/i-1, ec2:StartInstances arn:aws:ec2~instance/i-2"},
		{"ec2", inForm("Action=TerminateInstances&Version=2016-11-15&InstanceId.1=i-1"), "TerminateInstances: ec2:TerminateInstances arn:aws:ec2~instance/i-1"},
		{"ec2", inForm("Action=AuthorizeSecurityGroupIngress&Version=2016-11-15&GroupId=sg-1"), "AuthorizeSecurityGroupIngress: ec2:AuthorizeSecurityGroupIngress arn:aws:ec2~security-group/sg-1"},
		{"ec2", inForm("Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0/16"), "CreateVpc: ec2:CreateVpc arn:aws:ec2~vpc/*"},
		{"ec2", inForm("Action=DeleteVolume&Version=2016-11-15&VolumeId=vol-1"), "DeleteVolume: ec2:DeleteVolume arn:aws:ec2~volume/vol-1"},
		// awsJson
		{"dynamodb", inJSON("DynamoDB_20120810.ListTables", `{}`), "ListTables: dynamodb:ListTables *"},
		{"dynamodb", inJSON("DynamoDB_20120810.GetItem", `{"TableName":"t","Key":{}}`), "GetItem: dynamodb:GetItem arn:aws:dynamodb~table/t"},
		{"dynamodb", inJSON("DynamoDB_20120810.GetItem", `{"TableName":"arn:aws:dynamodb:us-east-1:444455556666:table/t"}`), "GetItem: dynamodb:GetItem arn:aws:dynamodb:us-east-1:444455556666:table/t"},
		{"dynamodb", inJSON("DynamoDB_20120810.BatchGetItem", `{"RequestItems":{"b":{},"a":{}}}`), "BatchGetItem: dynamodb:BatchGetItem arn:aws:dynamodb~table/a, dynamodb:BatchGetItem arn:aws:dynamodb~table/b"},
		{"dynamodb", inJSON("DynamoDB_20120810.TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"a"}},{"Delete":{"TableName":"b"}}]}`), "TransactWriteItems: dynamodb:PutItem arn:aws:dynamodb~table/a, dynamodb:DeleteItem arn:aws:dynamodb~table/b"},
		{"dynamodb", inJSON("DynamoDB_20120810.DeleteTable", `{}`), "DeleteTable: dynamodb:DeleteTable ?arn:aws:dynamodb~table/*"},
		{"kms", inJSON("TrentService.ScheduleKeyDeletion", `{"KeyId":"1234"}`), "ScheduleKeyDeletion: kms:ScheduleKeyDeletion arn:aws:kms~key/1234"},
		{"kms", inJSON("TrentService.ReEncrypt", `{"SourceKeyId":"a","DestinationKeyId":"b"}`), "ReEncrypt: kms:ReEncryptFrom arn:aws:kms~key/a, kms:ReEncryptTo arn:aws:kms~key/b"},
		{"logs", inJSON("Logs_20140328.CreateLogStream", `{"logGroupName":"g","logStreamName":"s"}`), "CreateLogStream: logs:CreateLogStream arn:aws:logs~log-group:g:log-stream:s"},
		{"secretsmanager", inJSON("secretsmanager.GetSecretValue", `{"SecretId":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:s-AbCdEf"}`), "GetSecretValue: secretsmanager:GetSecretValue arn:aws:secretsmanager~secret:s-AbCdEf"},
		{"ssm", inJSON("AmazonSSM.PutParameter", `{"Name":"p","Value":"v"}`), "PutParameter: ssm:PutParameter arn:aws:ssm~parameter/p"},
		{"states", inJSON("AWSStepFunctions.StartExecution", `{"stateMachineArn":"arn:aws:states:eu-west-1:111122223333:stateMachine:m"}`), "StartExecution: states:StartExecution arn:aws:states~stateMachine:m"},
		{"kinesis", inJSON("Kinesis_20131202.PutRecord", `{"StreamName":"s"}`), "PutRecord: kinesis:PutRecord arn:aws:kinesis~stream/s"},
		{"ecr", inJSON("AmazonEC2ContainerRegistry_V20150921.PutImage", `{"repositoryName":"r"}`), "PutImage: ecr:PutImage arn:aws:ecr~repository/r"},
		{"ecr", inJSON("AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken", `{}`), "GetAuthorizationToken: ecr:GetAuthorizationToken *"},
		{"ecs", inJSON("AmazonEC2ContainerServiceV20141113.DeleteCluster", `{"cluster":"c"}`), "DeleteCluster: ecs:DeleteCluster arn:aws:ecs~cluster/c"},
		{"events", inJSON("AWSEvents.DescribeEventBus", `{"Name":"b"}`), "DescribeEventBus: events:DescribeEventBus arn:aws:events~event-bus/b"},
		{"codebuild", inJSON("CodeBuild_20161006.StartBuild", `{"projectName":"p"}`), "StartBuild: codebuild:StartBuild arn:aws:codebuild~project/p"},
		{"glue", inJSON("AWSGlue.StartJobRun", `{"JobName":"j"}`), "StartJobRun: glue:StartJobRun arn:aws:glue~job/j"},
		{"ecs", inJSON("AmazonEC2ContainerServiceV20141113.RunTask", `{"cluster":"c","taskDefinition":"d:1","overrides":{"taskRoleArn":"arn:aws:iam::111122223333:role/t"}}`), "RunTask: ecs:RunTask ?arn:aws:ecs~task-definition/*:*, iam:PassRole arn:aws:iam::111122223333:role/t"},
		{"athena", inJSON("AmazonAthena.GetWorkGroup", `{"WorkGroup":"w"}`), "GetWorkGroup: athena:GetWorkGroup arn:aws:athena~workgroup/w"},
		{"cognito-idp", inJSON("AWSCognitoIdentityProviderService.DescribeUserPool", `{"UserPoolId":"u"}`), "DescribeUserPool: cognito-idp:DescribeUserPool arn:aws:cognito-idp~userpool/u"},
		{"sqs", inJSON("AmazonSQS.SendMessage", `{"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/444455556666/q"}`), "SendMessage: sqs:SendMessage arn:aws:sqs:eu-west-1:444455556666:q"},
		{"sqs", inJSON("AmazonSQS.CreateQueue", `{"QueueName":"q"}`), "CreateQueue: sqs:CreateQueue arn:aws:sqs~q"},
		{"budgets", inJSON("AWSBudgetServiceGateway.CreateBudget", `{"Budget":{"BudgetName":"b"}}`), "CreateBudget: budgets:ModifyBudget arn:aws:budgets::111122223333:budget/b"},
		{"tagging", inJSON("ResourceGroupsTaggingAPI_20170126.GetResources", `{}`), "GetResources: tag:GetResources *"},
		// query
		{"sqs", inForm("Action=DeleteMessageBatch&Version=2012-11-05&QueueUrl=http://localhost:7070/111122223333/q"), "DeleteMessageBatch: sqs:DeleteMessage arn:aws:sqs~q"},
		{"sns", inForm("Action=Publish&Version=2010-03-31&TopicArn=arn:aws:sns:eu-west-1:111122223333:t"), "Publish: sns:Publish arn:aws:sns~t"},
		{"sns", inForm("Action=CreateTopic&Version=2010-03-31&Name=t"), "CreateTopic: sns:CreateTopic arn:aws:sns~t"},
		{"sns", inForm("Action=ListTopics&Version=2010-03-31"), "ListTopics: sns:ListTopics *"},
		{"cloudformation", inForm("Action=DescribeStacks&Version=2010-05-15&StackName=s"), "DescribeStacks: cloudformation:DescribeStacks ?arn:aws:cloudformation~stack/s/*"},
		{"rds", inForm("Action=DeleteDBInstance&Version=2014-10-31&DBInstanceIdentifier=d"), "DeleteDBInstance: rds:DeleteDBInstance arn:aws:rds~db:d"},
		{"autoscaling", inForm("Action=DescribeAutoScalingGroups&Version=2011-01-01"), "DescribeAutoScalingGroups: autoscaling:DescribeAutoScalingGroups *"},
		{"elasticloadbalancing", inForm("Action=DeleteLoadBalancer&Version=2015-12-01&LoadBalancerArn=arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/a/1"), "DeleteLoadBalancer: elasticloadbalancing:DeleteLoadBalancer arn:aws:elasticloadbalancing~loadbalancer/app/a/1"},
		{"monitoring", inForm("Action=ListDashboards&Version=2010-08-01"), "ListDashboards: cloudwatch:ListDashboards *"},
		{"monitoring", inForm("Action=DeleteAlarms&Version=2010-08-01&AlarmNames.member.1=a"), "DeleteAlarms: cloudwatch:DeleteAlarms arn:aws:cloudwatch~alarm:a"},
		{"redshift", inForm("Action=DeleteCluster&Version=2012-12-01&ClusterIdentifier=c"), "DeleteCluster: redshift:DeleteCluster arn:aws:redshift~cluster:c"},
		{"elasticache", inForm("Action=DeleteCacheCluster&Version=2015-02-02&CacheClusterId=c"), "DeleteCacheCluster: elasticache:DeleteCacheCluster arn:aws:elasticache~cluster:c"},
		{"ec2", inForm("Action=RunInstances&Version=2016-11-15&ImageId=ami-1&MinCount=1&MaxCount=1&SubnetId=subnet-1"), "RunInstances: ec2:RunInstances arn:aws:ec2:eu-west-1::image/ami-1, ec2:RunInstances arn:aws:ec2~instance/*, " +
			"ec2:RunInstances arn:aws:ec2~network-interface/*, ec2:RunInstances arn:aws:ec2~security-group/*, ec2:RunInstances arn:aws:ec2~subnet/subnet-1"},
		// restJson
		{"lambda", inREST("GET /2015-03-31/functions/", ""), "ListFunctions: lambda:ListFunctions *"},
		{"lambda", inREST("POST /2015-03-31/functions/f/invocations", "{}"), "Invoke: lambda:InvokeFunction arn:aws:lambda~function:f"},
		{"lambda", inREST("POST /2015-03-31/functions/444455556666:function:f/invocations", "{}"), "Invoke: lambda:InvokeFunction arn:aws:lambda~function:f"},
		{"lambda", inREST("POST /2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A111122223333%3Afunction%3Af/invocations", "{}"), "Invoke: lambda:InvokeFunction arn:aws:lambda~function:f"},
		{"lambda", inREST("POST /2015-03-31/functions", `{"FunctionName":"f","Role":"arn:aws:iam::111122223333:role/r"}`), "CreateFunction: lambda:CreateFunction arn:aws:lambda~function:f, iam:PassRole arn:aws:iam::111122223333:role/r"},
		{"eks", inREST("GET /clusters/c", ""), "DescribeCluster: eks:DescribeCluster arn:aws:eks~cluster/c"},
		{"eks", inREST("DELETE /clusters/c/node-groups/n", ""), "DeleteNodegroup: eks:DeleteNodegroup ?arn:aws:eks~nodegroup/c/n/*"},
		{"apigateway", inREST("GET /restapis/a1/stages", ""), "GetStages: apigateway:GET arn:aws:apigateway:eu-west-1::/restapis/a1/stages"},
		{"apigateway", inREST("PATCH /v2/apis/a1", "{}"), "UpdateApi: apigateway:PATCH arn:aws:apigateway:eu-west-1::/v2/apis/a1"},
		{"bedrock", inREST("POST /model/m/converse", "{}"), "Converse: bedrock:InvokeModel arn:aws:bedrock:eu-west-1::foundation-model/m"},
		{"batch", inREST("POST /v1/describejobs", `{"jobs":[]}`), "DescribeJobs: batch:DescribeJobs *"},
		{"backup", inREST("DELETE /backup-vaults/v", ""), "DeleteBackupVault: backup:DeleteBackupVault arn:aws:backup~backup-vault:v"},
		{"xray", inREST("POST /TraceSegments", `{}`), "PutTraceSegments: xray:PutTraceSegments *"},
		{"elasticfilesystem", inREST("DELETE /2015-02-01/file-systems/fs-1", ""), "DeleteFileSystem: elasticfilesystem:DeleteFileSystem arn:aws:elasticfilesystem~file-system/fs-1"},
		// restXml
		{"route53", inREST("GET /2013-04-01/hostedzone", ""), "ListHostedZones: route53:ListHostedZones *"},
		{"route53", inREST("POST /2013-04-01/hostedzone/Z1/rrset/", "<x/>"), "ChangeResourceRecordSets: route53:ChangeResourceRecordSets arn:aws:route53:::hostedzone/Z1"},
		{"cloudfront", inREST("GET /2020-05-31/distribution/E1", ""), "GetDistribution: cloudfront:GetDistribution arn:aws:cloudfront::111122223333:distribution/E1"},
		// Amazon S3
		{"s3", inREST("GET /", ""), "ListBuckets: s3:ListAllMyBuckets *"},
		{"s3", inREST("GET /b?list-type=2&prefix=p", ""), "ListObjectsV2: s3:ListBucket arn:aws:s3:::b"},
		{"s3", inREST("GET /b/?prefix=p", ""), "ListObjects: s3:ListBucket arn:aws:s3:::b"},
		{"s3", inREST("GET /b/some/key%20x", ""), "GetObject: s3:GetObject arn:aws:s3:::b/some/key x"},
		{"s3", inREST("GET /b/k?versionId=1", ""), "GetObject: s3:GetObjectVersion arn:aws:s3:::b/k"},
		{"s3", inREST("GET /b/folder/", ""), "GetObject: s3:GetObject arn:aws:s3:::b/folder/"},
		{"s3", inREST("GET /k", "", "Host: b.s3.eu-west-1.amazonaws.com"), "GetObject: s3:GetObject arn:aws:s3:::b/k"},
		{"s3", inREST("GET /?location", "", "Host: my.bucket.localhost:7070"), "GetBucketLocation: s3:GetBucketLocation arn:aws:s3:::my.bucket"},
		{"s3", inREST("PUT /b/k", "x"), "PutObject: s3:PutObject arn:aws:s3:::b/k"},
		{"s3", inREST("PUT /b/k", "", "X-Amz-Tagging: a=b"), "PutObject: s3:PutObject arn:aws:s3:::b/k, s3:PutObjectTagging arn:aws:s3:::b/k"},
		{"s3", inREST("PUT /b/k", "", "X-Amz-Copy-Source: /from/a/b"), "CopyObject: s3:GetObject arn:aws:s3:::from/a/b, s3:PutObject arn:aws:s3:::b/k"},
		{"s3", inREST("PUT /b/k?partNumber=1&uploadId=u", ""), "UploadPart: s3:PutObject arn:aws:s3:::b/k"},
		{"s3", inREST("POST /b/k?uploads", ""), "CreateMultipartUpload: s3:PutObject arn:aws:s3:::b/k"},
		{"s3", inREST("GET /b/k?uploadId=u", ""), "ListParts: s3:ListMultipartUploadParts arn:aws:s3:::b/k"},
		{"s3", inREST("HEAD /b", ""), "HeadBucket: s3:ListBucket arn:aws:s3:::b"},
		{"s3", inREST("HEAD /b/k", ""), "HeadObject: s3:GetObject arn:aws:s3:::b/k"},
		{"s3", inREST("POST /b?delete", ""), "DeleteObjects: s3:DeleteObject ?arn:aws:s3:::b/*"},
		{"s3", inREST("GET /v20180820/configuration/publicAccessBlock", ""), "GetPublicAccessBlock: s3:GetAccountPublicAccessBlock *"},
	} {
		t.Run(test.scope+" "+test.want, func(t *testing.T) {
			t.Parallel()
			var c Catalogue
			call, err := c.Scope(test.scope).Recognise(request(test.sent.line, test.sent.body, test.sent.headers...), []byte(test.sent.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(here(test.want), told(t, call)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// told writes what a call needs.
func told(t *testing.T, call *Call) string {
	t.Helper()
	needs, ok, err := call.Needs(Caller{Account: account, Region: region})
	if err != nil || !ok {
		t.Fatalf("%s: known %v, %v", call.Operation.Name, ok, err)
	}
	var list []string
	for _, n := range needs {
		mark := ""
		if n.Unknown {
			mark = "?"
		}
		list = append(list, n.Action+" "+mark+n.Resource)
	}
	return call.Operation.Name + ": " + strings.Join(list, ", ")
}
