package catalogue

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWhatHidesInACallIsAskedFor sends calls that say one thing to the service and seem to say another to who decides.
func TestWhatHidesInACallIsAskedFor(t *testing.T) {
	t.Parallel()
	const harmless, admin = "arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/z-admin"
	function := `{"FunctionName":"f","Role":"` + admin + `"}`
	creates := "CreateFunction: lambda:CreateFunction arn:aws:lambda~function:f, iam:PassRole " + admin
	for name, test := range map[string]struct {
		scope string
		sent  sent
		want  string
	}{
		"a member in other letters": {"dynamodb", inJSON("DynamoDB_20120810.DeleteTable", `{"TABLENAME":"dev","TableName":"prod"}`),
			"DeleteTable: dynamodb:DeleteTable arn:aws:dynamodb~table/dev, dynamodb:DeleteTable arn:aws:dynamodb~table/prod"},
		"a member with a mark": {"dynamodb", inJSON("DynamoDB_20120810.DeleteTable", `{"Table-Name":"dev","TableName":"prod"}`),
			"DeleteTable: dynamodb:DeleteTable arn:aws:dynamodb~table/dev, dynamodb:DeleteTable arn:aws:dynamodb~table/prod"},
		"an inner member in other letters": {"dynamodb", inJSON("DynamoDB_20120810.TransactWriteItems", `{"TransactItems":[{"Put":{"TABLENAME":"dev","TableName":"prod"}}]}`),
			"TransactWriteItems: dynamodb:PutItem arn:aws:dynamodb~table/dev, dynamodb:PutItem arn:aws:dynamodb~table/prod"},
		"a list in other letters": {"dynamodb", inJSON("DynamoDB_20120810.TransactWriteItems", `{"TransactITEMS":[{"Put":{"TableName":"dev"}}],"TransactItems":[{"Put":{"TableName":"prod"}}]}`),
			"TransactWriteItems: dynamodb:PutItem arn:aws:dynamodb~table/dev, dynamodb:PutItem arn:aws:dynamodb~table/prod"},
		"a header": {"lambda", inREST("POST /2015-03-31/functions", `{"functionName":"prod"}`, "FunctionName: dev"), "CreateFunction: lambda:CreateFunction arn:aws:lambda~function:prod"},
		"a parameter": {"lambda", inREST("POST /2015-03-31/functions?FunctionName=dev", `{"FunctionName":"prod"}`),
			"CreateFunction: lambda:CreateFunction arn:aws:lambda~function:prod, lambda:CreateFunction arn:aws:lambda~function:dev"},
		"a parameter of what the path says": {"lambda", inREST("DELETE /2015-03-31/functions/prod?functionname=dev", ""), "DeleteFunction: lambda:DeleteFunction arn:aws:lambda~function:prod"},
		"an ARN beside a name": {"dynamodb", inJSON("DynamoDB_20120810.DeleteTable", `{"TableName":"prod","x":"arn:aws:dynamodb:eu-west-1:111122223333:table/dev"}`),
			"DeleteTable: dynamodb:DeleteTable arn:aws:dynamodb~table/dev, dynamodb:DeleteTable arn:aws:dynamodb~table/prod"},
		"an ARN beside a path":       {"s3", inREST("GET /prod/k?x=arn:aws:s3:::dev/k", ""), "GetObject: s3:GetObject arn:aws:s3:::dev/k, s3:GetObject arn:aws:s3:::prod/k"},
		"a version in other letters": {"s3", inREST("GET /b/k?VERSIONID=1", ""), "GetObject: s3:GetObject arn:aws:s3:::b/k, s3:GetObjectVersion arn:aws:s3:::b/k"},
		"an ARN in a payload": {"lambda", inREST("POST /2015-03-31/functions/prod/invocations", `{"x":"arn:aws:lambda:eu-west-1:111122223333:function:dev"}`),
			"Invoke: lambda:InvokeFunction arn:aws:lambda~function:dev, lambda:InvokeFunction arn:aws:lambda~function:prod"},
		"a function of another account": {"lambda", inREST("DELETE /2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A444455556666%3Afunction%3Af", ""),
			"DeleteFunction: lambda:DeleteFunction arn:aws:lambda:eu-west-1:444455556666:function:f"},
		"a body of text":       {"lambda", sent{"POST /2015-03-31/functions", function, []string{"Content-Type: text/plain"}}, creates},
		"a body of no type":    {"lambda", sent{"POST /2015-03-31/functions", function, nil}, creates},
		"a body of other JSON": {"lambda", sent{"POST /2015-03-31/functions", function, []string{"Content-Type: application/x-amz-json-1.1"}}, creates},
		"a payload":            {"lambda", sent{"POST /2015-03-31/functions/f/invocations", function, []string{"Content-Type: application/octet-stream"}}, "Invoke: lambda:InvokeFunction arn:aws:lambda~function:f"},
		"a role after many": {"lambda", inREST("POST /2015-03-31/functions", `{"FunctionName":"f","Roles":["`+strings.Repeat(harmless+`","`, 1001)+admin+`"]}`),
			"CreateFunction: lambda:CreateFunction arn:aws:lambda~function:f, iam:PassRole " + harmless + ", iam:PassRole " + admin},
		"a role in a profile": {"ec2", inForm("Action=AssociateIamInstanceProfile&Version=2016-11-15&InstanceId=i-1&IamInstanceProfile.Name=p"),
			"AssociateIamInstanceProfile: ec2:AssociateIamInstanceProfile arn:aws:ec2~instance/i-1, iam:PassRole ?arn:aws:iam::111122223333:role/*"},
	} {
		t.Run(name, func(t *testing.T) {
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

// TestACallOfTwoOperationsIsNone: which of them the service would take is not for its caller to choose.
func TestACallOfTwoOperationsIsNone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		scope string
		sent  sent
	}{
		{"s3", inREST("GET /b/k?acl&tagging&x-id=GetObjectTagging", "")},
		{"s3", inREST("GET /b?list-type=2&policy", "")},
		{"s3", inREST("PUT /b/k?tagging", "", "X-Amz-Copy-Source: /from/k")},
		{"sqs", sent{"POST /?Action=DeleteQueue&QueueUrl=https://localhost/111122223333/q&Version=2012-11-05", "{}", []string{"X-Amz-Target: AmazonSQS.ListQueues"}}},
		{"sns", inForm("Action=Publish&Action=DeleteTopic&Version=2010-03-31&TopicArn=arn:aws:sns:eu-west-1:111122223333:t")},
		{"s3", inREST("DELETE /b%2Fk", "")},
	} {
		var c Catalogue
		call, err := c.Scope(test.scope).Recognise(request(test.sent.line, test.sent.body, test.sent.headers...), []byte(test.sent.body))
		if err == nil {
			t.Errorf("%s is %s", test.sent.line, told(t, call))
		}
	}
}
