# The provider speaks to Gatehouse alone: every service that the configuration uses has its address here.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "endpoint" {
  description = "Address of the server."
  type        = string
  default     = "http://localhost:7070"
}

variable "profile" {
  description = "Profile of the AWS configuration with credentials of the management account."
  type        = string
  default     = "management"
}

provider "aws" {
  profile                 = var.profile
  region                  = "us-east-1"
  skip_metadata_api_check = true

  endpoints {
    account       = var.endpoint
    iam           = var.endpoint
    identitystore = var.endpoint
    organizations = var.endpoint
    sso           = var.endpoint
    ssoadmin      = var.endpoint
    sts           = var.endpoint
  }
}
