package iam

import "github.com/gatehouse-sso/gatehouse/internal/ident"

// Alias is another name of an account, which people sign in with in place of its number. No two accounts have the same,
// and no account has two. See "Using an alias for your AWS account ID" in the IAM User Guide.
type Alias struct {
	Name    string
	Account ident.AccountID
}
