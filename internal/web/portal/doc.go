// Package portal is what a signed-in person sees: the accounts, the roles in them, and keys for a role.
//
// The pages ask the same operations as the AWS CLI does: ListAccounts, ListAccountRoles and GetRoleCredentials of
// IAM Identity Center's portal, with the browser's session in place of a token. Keys are made by a post and never by a
// link, so that no other site can have them made, and their page is never cached.
package portal
