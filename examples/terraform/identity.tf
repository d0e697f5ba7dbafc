data "aws_ssoadmin_instances" "this" {}

locals {
  instance = tolist(data.aws_ssoadmin_instances.this.arns)[0]
  store    = tolist(data.aws_ssoadmin_instances.this.identity_store_ids)[0]
}

resource "aws_identitystore_user" "terry" {
  identity_store_id = local.store
  user_name         = "terry"
  display_name      = "Terry Form"
  title             = "Platform engineer"

  name {
    given_name  = "Terry"
    family_name = "Form"
  }

  emails {
    value   = "terry@example.com"
    type    = "work"
    primary = true
  }
}

resource "aws_identitystore_group" "platform" {
  identity_store_id = local.store
  display_name      = "Platform"
  description       = "Who runs the shop"
}

resource "aws_identitystore_group_membership" "terry" {
  identity_store_id = local.store
  group_id          = aws_identitystore_group.platform.group_id
  member_id         = aws_identitystore_user.terry.user_id
}

resource "aws_ssoadmin_permission_set" "operator" {
  instance_arn     = local.instance
  name             = "Operator"
  description      = "Runs the shop, and changes nobody's rights"
  session_duration = "PT8H"
  relay_state      = "https://example.com/shop"

  tags = {
    team = "platform"
  }
}

resource "aws_ssoadmin_managed_policy_attachment" "operator" {
  instance_arn       = local.instance
  permission_set_arn = aws_ssoadmin_permission_set.operator.arn
  managed_policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
}

data "aws_iam_policy_document" "operator" {
  statement {
    sid       = "KeepTheTrail"
    effect    = "Deny"
    actions   = ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"]
    resources = ["*"]
  }
}

resource "aws_ssoadmin_permission_set_inline_policy" "operator" {
  instance_arn       = local.instance
  permission_set_arn = aws_ssoadmin_permission_set.operator.arn
  inline_policy      = data.aws_iam_policy_document.operator.json
}

resource "aws_ssoadmin_account_assignment" "operator" {
  instance_arn       = local.instance
  permission_set_arn = aws_ssoadmin_permission_set.operator.arn
  principal_type     = "GROUP"
  principal_id       = aws_identitystore_group.platform.group_id
  target_type        = "AWS_ACCOUNT"
  target_id          = aws_organizations_account.shop.id

  # The policies come first, so that the role is whole when it is provisioned.
  depends_on = [
    aws_ssoadmin_managed_policy_attachment.operator,
    aws_ssoadmin_permission_set_inline_policy.operator,
  ]
}
