// Package client is Gatehouse seen from the side of its clients: it writes the configuration that points unmodified AWS
// tools at a server. It knows nothing of the server but its address, and imports none of its packages.
//
// Two addresses must not be confused. The origin is where the server answers; clients learn it from a section
// [services], which redirects only the services that Gatehouse has, so that a profile's other calls go where they always
// went. The start URL is an identifier: AWS's tools take an https host of AWS's without asking it, compare the URL and
// send it along. See "Service-specific endpoints" and "IAM Identity Center authentication" in the AWS SDKs and Tools
// Reference Guide.
package client

import (
	"fmt"
	"strings"
)

// Service is one of the services that Gatehouse answers for.
type Service struct {
	Section string // its name in a [services] section
	Model   string // its directory among the models of the AWS CLI, with the version of its API
}

// Services are the services that a client is redirected for.
func Services() []Service {
	return []Service{
		{"sso", "sso/2019-06-10"},
		{"sso_oidc", "sso-oidc/2019-06-10"},
		{"sts", "sts/2011-06-15"},
		{"sso_admin", "sso-admin/2020-07-20"},
		{"identitystore", "identitystore/2020-06-15"},
		{"organizations", "organizations/2016-11-28"},
		{"iam", "iam/2010-05-08"},
		{"account", "account/2021-02-01"},
	}
}

// Profile is a role of a person in an account.
type Profile struct {
	Name      string
	AccountID string
	RoleName  string
}

// Config is a configuration file of AWS's tools.
type Config struct {
	Origin            string // where the server answers, such as http://localhost:7070
	Region            string
	StartURL          string // the identifier of the identity center, as sso_start_url has it
	SessionName       string // of the [sso-session] and of the [services] section
	Profiles          []Profile
	Comments          []string // further lines for the head of the file
	ManagementProcess string   // the credential_process of a profile "management"; empty for none
	// AllServices redirects every service of AWS, for a server that decides for those that it does not run.
	AllServices bool
}

// String writes the file.
func (c Config) String() string {
	var b strings.Builder
	c.head(&b)
	if c.StartURL != "" {
		section(&b, "sso-session "+c.SessionName,
			"sso_start_url", c.StartURL,
			"sso_region", c.Region,
			"sso_registration_scopes", "sso:account:access")
	}
	for _, p := range c.Profiles {
		section(&b, "profile "+p.Name,
			"sso_session", c.SessionName,
			"sso_account_id", p.AccountID,
			"sso_role_name", p.RoleName,
			"region", c.Region,
			"services", c.SessionName)
		c.redirect(&b)
	}
	if c.ManagementProcess != "" {
		section(&b, "profile management",
			"credential_process", c.ManagementProcess,
			"region", c.Region,
			"services", c.SessionName)
		c.redirect(&b)
	}
	fmt.Fprintf(&b, "\n[services %s]\n", c.SessionName)
	for _, s := range Services() {
		fmt.Fprintf(&b, "%s =\n  endpoint_url = %s\n", s.Section, c.Origin)
	}
	return b.String()
}

// head says what a reader of the file would otherwise get wrong.
func (c Config) head(b *strings.Builder) {
	fmt.Fprintf(b, "# The portal is at %s\n", c.Origin)
	if c.StartURL != "" {
		b.WriteString("# sso_start_url is an identifier and not an address: nothing is looked up there.\n")
	}
	if c.AllServices {
		b.WriteString("# Every service of AWS is redirected: the server decides what it does not run, and does not do it.\n")
	} else {
		b.WriteString("# Only the services of the section [services] at the end are redirected.\n")
	}
	for _, line := range c.Comments {
		b.WriteString(strings.TrimRight("# "+line, " ") + "\n")
	}
}

// redirect ends a profile's section with the endpoint of all services. A bucket's name goes into the path: not every
// resolver finds names under localhost.
func (c Config) redirect(b *strings.Builder) {
	if c.AllServices {
		fmt.Fprintf(b, "endpoint_url = %s\ns3 =\n  addressing_style = path\n", c.Origin)
	}
}

func section(b *strings.Builder, name string, pairs ...string) {
	fmt.Fprintf(b, "\n[%s]\n", name)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			fmt.Fprintf(b, "%s = %s\n", pairs[i], pairs[i+1])
		}
	}
}
