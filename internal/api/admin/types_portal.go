package admin

// Portal is where people of an identity center sign in.
type Portal struct {
	Address         string // what follows /start/; empty for /start itself
	Url             string
	FormerAddresses []string // which lead to it still
}

// DescribePortalInput names an identity store; empty for the caller's.
type DescribePortalInput struct{ IdentityStoreId string }

// DescribePortalOutput has the portal.
type DescribePortalOutput struct{ Portal Portal }

// UpdatePortalInput changes what is given and leaves the rest.
type UpdatePortalInput struct {
	IdentityStoreId string
	Address         *string // "" for the one that it has without any
}

// UpdatePortalOutput has the portal as it is from now on.
type UpdatePortalOutput struct{ Portal Portal }
