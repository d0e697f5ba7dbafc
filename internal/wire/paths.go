package wire

import "net/http"

// restPath is the method and path of a restJson operation.
type restPath struct{ method, path string }

// restCall names the operation behind a path.
type restCall struct{ service, operation string }

// restCalls holds the paths of the portal, OIDC and account services as their models have them. CreateTokenWithIAM
// shares its path with CreateToken and is told by its query, see Recognise.
var restCalls = map[restPath]restCall{
	{http.MethodGet, "/federation/credentials"}: {"sso", "GetRoleCredentials"},
	{http.MethodGet, "/assignment/accounts"}:    {"sso", "ListAccounts"},
	{http.MethodGet, "/assignment/roles"}:       {"sso", "ListAccountRoles"},
	{http.MethodPost, "/logout"}:                {"sso", "Logout"},

	{http.MethodPost, "/client/register"}:      {"sso-oidc", "RegisterClient"},
	{http.MethodPost, "/device_authorization"}: {"sso-oidc", "StartDeviceAuthorization"},
	{http.MethodPost, "/token"}:                {"sso-oidc", "CreateToken"},

	{http.MethodPost, "/acceptPrimaryEmailUpdate"}:      {"account", "AcceptPrimaryEmailUpdate"},
	{http.MethodPost, "/deleteAlternateContact"}:        {"account", "DeleteAlternateContact"},
	{http.MethodPost, "/disableRegion"}:                 {"account", "DisableRegion"},
	{http.MethodPost, "/enableRegion"}:                  {"account", "EnableRegion"},
	{http.MethodPost, "/getAccountInformation"}:         {"account", "GetAccountInformation"},
	{http.MethodPost, "/getAlternateContact"}:           {"account", "GetAlternateContact"},
	{http.MethodPost, "/getContactInformation"}:         {"account", "GetContactInformation"},
	{http.MethodPost, "/getGovCloudAccountInformation"}: {"account", "GetGovCloudAccountInformation"},
	{http.MethodPost, "/getPrimaryEmail"}:               {"account", "GetPrimaryEmail"},
	{http.MethodPost, "/getPrimaryEmailUpdateStatus"}:   {"account", "GetPrimaryEmailUpdateStatus"},
	{http.MethodPost, "/getRegionOptStatus"}:            {"account", "GetRegionOptStatus"},
	{http.MethodPost, "/listRegions"}:                   {"account", "ListRegions"},
	{http.MethodPost, "/putAccountName"}:                {"account", "PutAccountName"},
	{http.MethodPost, "/putAlternateContact"}:           {"account", "PutAlternateContact"},
	{http.MethodPost, "/putContactInformation"}:         {"account", "PutContactInformation"},
	{http.MethodPost, "/sendPhoneNumberVerification"}:   {"account", "SendPhoneNumberVerification"},
	{http.MethodPost, "/startPrimaryEmailUpdate"}:       {"account", "StartPrimaryEmailUpdate"},
	{http.MethodPost, "/verifyPhoneNumber"}:             {"account", "VerifyPhoneNumber"},
}
