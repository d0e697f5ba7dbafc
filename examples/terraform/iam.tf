# What a job of the management account runs with.
data "aws_caller_identity" "this" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.this.account_id}:root"]
    }
  }
}

resource "aws_iam_role" "auditor" {
  name                 = "Auditor"
  description          = "Reads who may do what"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 7200

  tags = {
    team = "platform"
  }
}

data "aws_iam_policy_document" "audit" {
  statement {
    actions   = ["iam:Get*", "iam:List*", "organizations:Describe*", "organizations:List*"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "audit" {
  name        = "Audit"
  path        = "/platform/"
  description = "Reads people and the organization"
  policy      = data.aws_iam_policy_document.audit.json
}

resource "aws_iam_role_policy_attachment" "audit" {
  role       = aws_iam_role.auditor.name
  policy_arn = aws_iam_policy.audit.arn
}

resource "aws_iam_group" "robots" {
  name = "robots"
  path = "/platform/"
}

resource "aws_iam_user" "robot" {
  name          = "robot"
  path          = "/platform/"
  force_destroy = true
}

resource "aws_iam_user_group_membership" "robot" {
  user   = aws_iam_user.robot.name
  groups = [aws_iam_group.robots.name]
}

resource "aws_iam_group_policy_attachment" "robots" {
  group      = aws_iam_group.robots.name
  policy_arn = aws_iam_policy.audit.arn
}
