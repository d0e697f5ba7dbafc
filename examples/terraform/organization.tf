# The organization is there before: gatehouse identity-center enable has made it.
data "aws_organizations_organization" "this" {}

locals {
  root = data.aws_organizations_organization.this.roots[0].id
}

resource "aws_organizations_organizational_unit" "workloads" {
  name      = "Terraform workloads"
  parent_id = local.root
}

resource "aws_organizations_organizational_unit" "production" {
  name      = "Production"
  parent_id = aws_organizations_organizational_unit.workloads.id
}

# Destroying the configuration closes the account. A closed account stays where it is for 90 days, and a unit that is not
# empty cannot be deleted, so this one is under the root.
resource "aws_organizations_account" "shop" {
  name              = "Shop"
  email             = "aws+shop@example.com"
  parent_id         = local.root
  role_name         = "OrganizationAccountAccessRole"
  close_on_deletion = true

  lifecycle {
    ignore_changes = [role_name] # which cannot be read back
  }
}

data "aws_iam_policy_document" "deny_billing" {
  statement {
    sid       = "DenyBilling"
    effect    = "Deny"
    actions   = ["aws-portal:*", "billing:*", "payments:*"]
    resources = ["*"]
  }
}

resource "aws_organizations_policy" "deny_billing" {
  name        = "TerraformDenyBilling"
  description = "Bills are the management account's business."
  type        = "SERVICE_CONTROL_POLICY"
  content     = data.aws_iam_policy_document.deny_billing.json
}

resource "aws_organizations_policy_attachment" "workloads" {
  policy_id = aws_organizations_policy.deny_billing.id
  target_id = aws_organizations_organizational_unit.workloads.id
}

resource "aws_organizations_policy_attachment" "shop" {
  policy_id = aws_organizations_policy.deny_billing.id
  target_id = aws_organizations_account.shop.id
}
