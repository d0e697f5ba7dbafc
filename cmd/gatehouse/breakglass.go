package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
)

// breakGlassCmd hands out credentials that nobody granted.
type breakGlassCmd struct {
	dataFlags `embed:""`
	Account   string `help:"Account, by id or name." placeholder:"ACCOUNT"`
	Role      string `help:"A role of the account. Default: its root user." placeholder:"NAME"`
	User      string `help:"An IAM user of the account." placeholder:"NAME"`
	Format    string `help:"env for a shell, json, or process for credential_process." default:"env" placeholder:"FORMAT"`
}

// Run prints the credentials.
func (c *breakGlassCmd) Run(a *app) error {
	print, err := c.printer()
	switch {
	case err != nil:
		return err
	case c.Account == "":
		return misuse("name it with --account ACCOUNT, by id or name", "no account is named to get credentials for")
	case c.Role != "" && c.User != "":
		return misuse("leave out one of --role and --user", "credentials are for a role or for a user, not for both")
	}
	var out admin.BreakGlassOutput
	if err := c.operate(a, admin.Name, "BreakGlass", &admin.BreakGlassInput{Account: c.Account, RoleName: c.Role, UserName: c.User}, &out); err != nil {
		return err
	}
	return print(a.stdout, &out)
}

func (c *breakGlassCmd) printer() (func(io.Writer, *admin.BreakGlassOutput) error, error) {
	switch c.Format {
	case "env":
		return printEnv, nil
	case "json":
		return printJSON, nil
	case "process":
		return printProcess, nil
	}
	return nil, misuse("want env, json or process", "--format: there is no format %q", c.Format)
}

// printEnv writes lines for the eval of a shell.
func printEnv(w io.Writer, out *admin.BreakGlassOutput) error {
	_, err := fmt.Fprintf(w, "export AWS_ACCESS_KEY_ID=%s\nexport AWS_SECRET_ACCESS_KEY=%s\nexport AWS_SESSION_TOKEN=%s\nexport AWS_CREDENTIAL_EXPIRATION=%s\n",
		shellQuote(out.AccessKeyId), shellQuote(out.SecretAccessKey), shellQuote(out.SessionToken), shellQuote(expiry(out)))
	return err
}

// printJSON writes everything that is known of the credentials.
func printJSON(w io.Writer, out *admin.BreakGlassOutput) error {
	return indented(w, struct {
		Arn, AccessKeyId, SecretAccessKey, SessionToken, Expiration string
	}{out.Arn, out.AccessKeyId, out.SecretAccessKey, out.SessionToken, expiry(out)})
}

// printProcess writes what a credential_process answers. See "Process credential provider" in the AWS SDKs and Tools
// Reference Guide.
func printProcess(w io.Writer, out *admin.BreakGlassOutput) error {
	return indented(w, struct {
		Version                                                int
		AccessKeyId, SecretAccessKey, SessionToken, Expiration string
	}{1, out.AccessKeyId, out.SecretAccessKey, out.SessionToken, expiry(out)})
}

func expiry(out *admin.BreakGlassOutput) string { return out.Expiration.UTC().Format(time.RFC3339) }

func indented(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
