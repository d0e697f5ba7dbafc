package setup

import "time"

// OfferSetupInput asks for a link that begins the set-up.
type OfferSetupInput struct{}

// OfferSetupOutput has the link, or says that the set-up is over.
type OfferSetupOutput struct {
	Over      bool
	Link      string // empty while no server runs
	ExpiresAt time.Time
}

// DescribeSetupLinkInput names a link.
type DescribeSetupLinkInput struct{ Secret string }

// DescribeSetupLinkOutput says until when it is good.
type DescribeSetupLinkOutput struct{ ExpiresAt time.Time }

// BeginSetupInput spends a link.
type BeginSetupInput struct{ Secret string }

// BeginSetupOutput has what the browser keeps.
type BeginSetupOutput struct {
	Browser   string
	ExpiresAt time.Time
}

// DescribeSetupInput asks how far the set-up has come. Browser is what the browser keeps; operators have none.
type DescribeSetupInput struct{ Browser string }

// DescribeSetupOutput says what it waits for, and what there is by now.
type DescribeSetupOutput struct {
	Stage                         string // ACCOUNT, ORGANIZATION, PORTAL, ADMINISTRATOR or OVER
	AccountId, AccountName, Email string
	OrganizationId                string
	PortalUrl                     string
	MinLength                     int32 // of the password that is asked for
	CanMail                       bool
	ExpiresAt                     time.Time // of the browser
}

// CreateFirstAccountInput makes the first account and its root user.
type CreateFirstAccountInput struct{ Browser, AccountName, Email, Password string }

// CreateFirstAccountOutput names the account.
type CreateFirstAccountOutput struct{ AccountId string }

// CreateFirstOrganizationInput makes the organization of the first account.
type CreateFirstOrganizationInput struct {
	Browser    string
	Standalone bool // it stays alone, which ends the set-up
}

// CreateFirstOrganizationOutput names the organization.
type CreateFirstOrganizationOutput struct{ OrganizationId string }

// EnableFirstPortalInput enables the identity center.
type EnableFirstPortalInput struct {
	Browser string
	Address string // what follows /start/; empty for /start itself
}

// EnableFirstPortalOutput says where it is.
type EnableFirstPortalOutput struct{ InstanceArn, PortalUrl string }

// CreateFirstAdministratorInput adds a person who may do everything in the first account.
type CreateFirstAdministratorInput struct {
	Browser, UserName, GivenName, FamilyName, Email string
	Password                                        string // empty for a link by which they choose it
}

// CreateFirstAdministratorOutput says how they get in.
type CreateFirstAdministratorOutput struct {
	UserId, PortalUrl string
	SentTo            string // where the link was mailed
	Link              string // where it could not be
	ExpiresAt         time.Time
}
