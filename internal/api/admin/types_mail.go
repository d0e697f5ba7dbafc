package admin

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
	MailServer MailServer
	Password   string
}

// PutMailSettingsOutput is empty.
type PutMailSettingsOutput struct{}

// DeleteMailSettingsInput is empty.
type DeleteMailSettingsInput struct{}

// DeleteMailSettingsOutput is empty.
type DeleteMailSettingsOutput struct{}

// SendTestMailInput says where a test mail goes.
type SendTestMailInput struct{ To string }

// SendTestMailOutput is empty: the mail server took the mail.
type SendTestMailOutput struct{}
