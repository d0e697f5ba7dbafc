package admin

import "time"

// MailServer is how the server sends mail.
type MailServer struct {
	Host        string
	Port        int32
	Security    string // STARTTLS, TLS, or NONE to a mail server on this machine
	User        string // empty where the mail server asks for nobody
	FromAddress string // of the sender
	FromName    string
}

// GetMailSettingsInput is empty.
type GetMailSettingsInput struct{}

// GetMailSettingsOutput has the settings without the password.
type GetMailSettingsOutput struct {
	MailServer *MailServer // nil when none is set up
	Mailbox    bool        // without one, mail is kept for a page of this development server
	Waiting    int32       // letters that are still to be sent
	LastError  string      // of the one that is due next, if it was tried
}

// PutMailSettingsInput has all settings. Without Password, that of the same user of the same mail server stays.
type PutMailSettingsInput struct {
	MailServer MailServer // all of it
	Password   string     // of the user at the mail server
}

// PutMailSettingsOutput is empty.
type PutMailSettingsOutput struct{}

// DeleteMailSettingsInput is empty.
type DeleteMailSettingsInput struct{}

// DeleteMailSettingsOutput is empty.
type DeleteMailSettingsOutput struct{}

// SendTestMailInput says where a test mail goes.
type SendTestMailInput struct {
	To string // an address
}

// SendTestMailOutput is empty: the mail server took the mail.
type SendTestMailOutput struct{}

// DescribeUserEmailInput names a person.
type DescribeUserEmailInput struct{ IdentityStoreId, UserName string }

// DescribeUserEmailOutput says where mail to the person goes; empty for nowhere.
type DescribeUserEmailOutput struct {
	Email    string
	Verified bool // the person used a link that was mailed there
}

// SendEmailVerificationInput names a person. An earlier link for this ends.
type SendEmailVerificationInput struct{ IdentityStoreId, UserName string }

// SendEmailVerificationOutput says where the link went.
type SendEmailVerificationOutput struct {
	SentTo    string
	ExpiresAt time.Time
}

// InviteUserInput invites a person who has no password yet. An earlier invitation ends.
type InviteUserInput struct {
	IdentityStoreId, UserName string
	ShowLink                  bool // answer the link instead of mailing it
}

// InviteUserOutput says where the link went, or has it for the caller to hand over. It is shown only now.
type InviteUserOutput struct {
	SentTo    string
	Link      string
	ExpiresAt time.Time
}

// ResetUserPasswordInput lets a person choose another password. An earlier link ends.
type ResetUserPasswordInput struct {
	IdentityStoreId, UserName string
	ShowLink                  bool // answer the link instead of mailing it
	OneTimePassword           bool // make a password for the next sign-in instead, in place of the one that the person has
}

// ResetUserPasswordOutput says where the link went, or has what the caller has to hand over. It is shown only now.
type ResetUserPasswordOutput struct {
	SentTo          string
	Link            string
	OneTimePassword string
	ExpiresAt       time.Time
}

// RequirePasswordChangeInput has a person choose another password at the next sign-in.
type RequirePasswordChangeInput struct {
	IdentityStoreId, UserName string
	EndSessions               bool // sign the person out everywhere, which ends every key that was handed out to them
}

// RequirePasswordChangeOutput is empty.
type RequirePasswordChangeOutput struct{}
