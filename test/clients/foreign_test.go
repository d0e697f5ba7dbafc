package clients_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// foreignServices is a server whose clients ask it for every service, with two roles: "clerk", who may only read IAM, and
// that of PowerUserAccess.
func foreignServices(t *testing.T) (d *testkit.Dev, clerk, clerkARN, power string) {
	t.Helper()
	d = testkit.StartDev(t, "--all-services")
	admin := d.Profile(t, "sso_role_name", "AdministratorAccess")
	account := admin.Keys["sso_account_id"]
	c := inRole(t, d, "pcollins", account, "AdministratorAccess")
	role := c.makeRole(t, account, "clerk", "")
	_, err := c.iam().PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("clerk"), PolicyName: aws.String("all"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:Get*","Resource":"*"}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := c.assume(t, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("me")}).keys.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d.AddProfile(t, "clerk", "aws_access_key_id = "+keys.AccessKeyID, "aws_secret_access_key = "+keys.SecretAccessKey,
		"aws_session_token = "+keys.SessionToken, "region = us-east-1", "endpoint_url = "+d.URL)
	p := d.Profile(t, "sso_role_name", "PowerUserAccess")
	signIn(t, d, "notsure").token(d.Session(t, p))
	return d, "clerk", "arn:aws:sts::" + account + ":assumed-role/clerk/me", p.Name
}

func TestTheAWSCLIAsksForServicesThatAreNotRun(t *testing.T) {
	t.Parallel()
	d, clerk, arn, power := foreignServices(t)
	file := filepath.Join(d.Home, "file")
	if err := os.WriteFile(file, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	account := strings.Split(arn, ":")[4]
	for _, test := range []struct {
		command, operation string
		code, denied       string // the whole message, after "User: … is not authorized to perform: "
		notBuilt, service  string
	}{
		{"ec2 describe-instances", "DescribeInstances", "UnauthorizedOperation", "ec2:DescribeInstances because no identity-based policy allows the ec2:DescribeInstances action", "NotImplemented", "ec2"},
		{"s3 ls", "ListBuckets", "AccessDenied", "s3:ListAllMyBuckets because no identity-based policy allows the s3:ListAllMyBuckets action", "NotImplemented", "s3"},
		{"s3 ls s3://bucket/prefix/", "ListObjectsV2", "AccessDenied", `s3:ListBucket on resource: "arn:aws:s3:::bucket" because no identity-based policy allows the s3:ListBucket action`, "NotImplemented", "s3"},
		{"s3 cp " + file + " s3://bucket/a/key", "PutObject", "AccessDenied", `s3:PutObject on resource: "arn:aws:s3:::bucket/a/key" because no identity-based policy allows the s3:PutObject action`, "NotImplemented", "s3"},
		{"dynamodb describe-table --table-name table", "DescribeTable", "AccessDeniedException", "dynamodb:DescribeTable on resource: arn:aws:dynamodb:us-east-1:ACCOUNT:table/table because no identity-based policy allows the dynamodb:DescribeTable action", "NotImplementedException", "dynamodb"},
		{"lambda invoke --function-name f " + file + ".out", "Invoke", "AccessDeniedException", "lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:ACCOUNT:function:f because no identity-based policy allows the lambda:InvokeFunction action", "NotImplementedException", "lambda"},
		{"sqs send-message --queue-url https://sqs.us-east-1.amazonaws.com/ACCOUNT/q --message-body x", "SendMessage", "AccessDenied", "sqs:sendmessage on resource: arn:aws:sqs:us-east-1:ACCOUNT:q because no identity-based policy allows the sqs:sendmessage action", "NotImplemented", "sqs"},
		{"sns create-topic --name t", "CreateTopic", "AuthorizationError", "SNS:CreateTopic on resource: arn:aws:sns:us-east-1:ACCOUNT:t because no identity-based policy allows the SNS:CreateTopic action", "NotImplemented", "sns"},
		{"route53 list-hosted-zones", "ListHostedZones", "AccessDenied", "route53:ListHostedZones because no identity-based policy allows the route53:ListHostedZones action", "NotImplemented", "route53"},
		{"cloudfront list-distributions", "ListDistributions", "AccessDenied", "cloudfront:ListDistributions on resource: * because no identity-based policy allows the cloudfront:ListDistributions action", "NotImplemented", "cloudfront"},
	} {
		args := strings.Fields(strings.ReplaceAll(test.command, "ACCOUNT", account))
		message := func(code, text string) string {
			return fmt.Sprintf("An error occurred (%s) when calling the %s operation: %s\n", code, test.operation, text)
		}
		denied := "User: " + arn + " is not authorized to perform: " + strings.ReplaceAll(test.denied, "ACCOUNT", account)
		if test.service == "ec2" {
			denied = "You are not authorized to perform this operation. " + denied
		}
		res := testkit.AWS(t, d, clerk, args...)
		if want := message(test.code, denied); res.Exit == 0 || !strings.HasSuffix(res.Stderr, want) {
			t.Errorf("denied: aws %s ends with %d and\n%s\nwant\n%s", test.command, res.Exit, res.Stderr, want)
		}
		if strings.Contains(test.command, "ACCOUNT") {
			continue // the other role is in another account
		}
		res = testkit.AWS(t, d, power, args...)
		if want := message(test.notBuilt, "Allowed by PowerUserAccess (statement 1). Gatehouse decides; it does not run "+test.service+"."); res.Exit == 0 || !strings.HasSuffix(res.Stderr, want) {
			t.Errorf("allowed: aws %s ends with %d and\n%s\nwant\n%s", test.command, res.Exit, res.Stderr, want)
		}
	}
}

// askAll asks for services by protocols that the AWS CLI does not use, and ends a line with each error's code and text.
const askAll = `
import boto3, io, urllib.request, urllib.error
from botocore.config import Config
from botocore.exceptions import ClientError

def ask(service, operation, **arguments):
    try:
        getattr(boto3.client(service), operation)(**arguments)
        print("done?")
    except ClientError as e:
        print(service, e.response["ResponseMetadata"]["HTTPStatusCode"], e.response["Error"]["Code"], e.response["Error"]["Message"])

ask("cloudwatch", "list_dashboards")
ask("cloudwatch", "delete_alarms", AlarmNames=["a"])
ask("s3", "put_object", Bucket="bucket", Key="a key/with ü+", Body=io.BytesIO(b"x" * 3000000))
ask("s3", "head_object", Bucket="bucket", Key="k")
ask("kms", "describe_key", KeyId="1234")
ask("eks", "describe_cluster", name="c")
url = boto3.client("s3", config=Config(signature_version="s3v4")).generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "a key"})
try:
    urllib.request.urlopen(url)
except urllib.error.HTTPError as e:
    print("presigned", e.code, "s3:GetObject" in e.read().decode())
`

func TestBoto3AsksForServicesThatAreNotRun(t *testing.T) {
	t.Parallel()
	python := testkit.Tool(t, "venv/bin/python")
	d, clerk, arn, power := foreignServices(t)
	account := strings.Split(arn, ":")[4]
	deny := func(service, action, resource string) string {
		on := ""
		if resource != "" {
			on = " on resource: " + resource
		}
		return "User: " + arn + " is not authorized to perform: " + action + on + " because no identity-based policy allows the " + action + " action\n"
	}
	want := "cloudwatch 400 AccessDeniedException " + deny("cloudwatch", "cloudwatch:ListDashboards", "") +
		"cloudwatch 400 AccessDeniedException " + deny("cloudwatch", "cloudwatch:DeleteAlarms", "arn:aws:cloudwatch:us-east-1:"+account+":alarm:a") +
		"s3 403 AccessDenied " + deny("s3", "s3:PutObject", `"arn:aws:s3:::bucket/a key/with ü+"`) +
		"s3 403 403 Forbidden\n" +
		"kms 400 AccessDeniedException " + deny("kms", "kms:DescribeKey", "arn:aws:kms:us-east-1:"+account+":key/1234") +
		"eks 403 AccessDeniedException " + deny("eks", "eks:DescribeCluster", "arn:aws:eks:us-east-1:"+account+":cluster/c") +
		"presigned 403 True\n"
	res := testkit.Run(t, d.Env("AWS_PROFILE="+clerk), python, "-c", askAll)
	if res.Exit != 0 || res.Stdout != want {
		t.Errorf("denied: exit %d\n%s%s\nwant\n%s", res.Exit, res.Stdout, res.Stderr, want)
	}
	allowed := func(service, code string) string {
		return fmt.Sprintf("501 %s Allowed by PowerUserAccess (statement 1). Gatehouse decides; it does not run %s.\n", code, service)
	}
	want = "cloudwatch " + allowed("monitoring", "NotImplementedException") + "cloudwatch " + allowed("monitoring", "NotImplementedException") +
		"s3 " + allowed("s3", "NotImplemented") + "s3 501 501 Not Implemented\n" + "kms " + allowed("kms", "NotImplementedException") +
		"eks " + allowed("eks", "NotImplementedException") + "presigned 501 False\n"
	res = testkit.Run(t, d.Env("AWS_PROFILE="+power), python, "-c", askAll)
	if res.Exit != 0 || res.Stdout != want {
		t.Errorf("allowed: exit %d\n%s%s\nwant\n%s", res.Exit, res.Stdout, res.Stderr, want)
	}
}
