package admin

// Portal is where people of an identity center sign in.
type Portal struct {
	Address         string // what follows /start/; empty for /start itself
	Url             string
	FormerAddresses []string // which lead to it still
	Title           string   // empty for the name of the account
	Logo            bool     // there is one
}

// DescribePortalInput names an identity store; empty for the caller's.
type DescribePortalInput struct{ IdentityStoreId string }

// DescribePortalOutput has the portal.
type DescribePortalOutput struct{ Portal Portal }

// UpdatePortalInput changes what is given and leaves the rest.
type UpdatePortalInput struct {
	IdentityStoreId string
	Address         *string // "" for the one that it has without any
	Title           *string // "" for the name of the account
}

// UpdatePortalOutput has the portal as it is from now on.
type UpdatePortalOutput struct{ Portal Portal }

// PutPortalLogoInput shows a picture at the head of a portal.
type PutPortalLogoInput struct {
	IdentityStoreId string
	Logo            []byte // a PNG
}

// PutPortalLogoOutput is empty.
type PutPortalLogoOutput struct{}

// DeletePortalLogoInput shows the mark of the server again.
type DeletePortalLogoInput struct{ IdentityStoreId string }

// DeletePortalLogoOutput is empty.
type DeletePortalLogoOutput struct{}
