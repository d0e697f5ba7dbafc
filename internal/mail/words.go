package mail

// wording is what the letters of a kind say: templates over Letter, whose names are fit for a line. What has a link says
// it between says and ends, under the word of the button.
type wording struct {
	subject string
	says    []string
	button  string
	ends    []string
}

// happened is the end of all letters that tell of something.
const happened = "It was done on {{.When}}{{with .Client}}, with {{.}}{{end}}{{with .Address}}, from the address {{.}}{{end}}. If it was you, you need do nothing. If not, tell your administrator at once."

// words are all that mails say.
var words = map[Kind]wording{
	Invitation: {
		subject: "Your invitation to {{.Organization}}",
		says: []string{
			"Hello {{.Name}},",
			"{{with .By}}{{.}} invited you{{else}}you are invited{{end}} to sign in to the AWS accounts of {{.Organization}}. Your user name is {{.UserName}}.",
			"Choose a password behind this link. It works once, until {{.Deadline}}.",
		},
		button: "Accept the invitation",
		ends:   []string{"Afterwards you sign in at {{.Portal}}. If you did not expect this mail, do nothing."},
	},
	RootInvitation: {
		subject: "Set the root password of {{.Organization}}",
		says: []string{
			"Hello {{.Name}},",
			"this is the address of the AWS account {{.Organization}}. Its root user may do everything in the account.",
			"Choose the password of the root user behind this link. It works once, until {{.Deadline}}.",
		},
		button: "Set the root password",
		ends:   []string{"Afterwards the root user signs in at {{.Portal}} with this address. If you did not expect this mail, do nothing: until the link is used, the root user has no password."},
	},
	Reset: {
		subject: "A new password for {{.Organization}}",
		says: []string{
			"Hello {{.Name}},",
			"{{with .By}}{{.}} wants you to choose a new password{{else}}somebody, most likely you, asked for a new password{{end}} for {{.UserName}} at {{.Organization}}.",
			"Choose it behind this link. It works once, until {{.Deadline}}.",
		},
		button: "Choose a new password",
		ends:   []string{"If you did not ask for it, do nothing: your password stays as it is, and the link ends by itself."},
	},
	PasswordChanged: {
		subject: "Your password for {{.Organization}} was changed",
		says:    []string{"Hello {{.Name}},", "the password of {{.UserName}} at {{.Organization}} was changed, and every other sign-in has ended.", happened},
	},
	Registration: {
		subject: "Add a second step to your sign-in at {{.Organization}}",
		says: []string{
			"Hello {{.Name}},",
			"{{with .By}}{{.}} wants you{{else}}you are asked{{end}} to add a device to the sign-in of {{.UserName}} at {{.Organization}}: a passkey, a security key or an authenticator app.",
			"Have it at hand, and open this link. It asks for your password, works once, and ends on {{.Deadline}}.",
		},
		button: "Add a device",
		ends:   []string{"If you did not expect this mail, do nothing, and tell your administrator."},
	},
	DeviceAdded: {
		subject: "A second step was added to your sign-in at {{.Organization}}",
		says:    []string{"Hello {{.Name}},", "the device “{{.Device}}” was added to the sign-in of {{.UserName}} at {{.Organization}}.", happened},
	},
	DeviceRenamed: {
		subject: "A second step of your sign-in at {{.Organization}} was renamed",
		says:    []string{"Hello {{.Name}},", "the device “{{.Was}}” of {{.UserName}} at {{.Organization}} is called “{{.Device}}” now.", happened},
	},
	DeviceRemoved: {
		subject: "A second step was removed from your sign-in at {{.Organization}}",
		says:    []string{"Hello {{.Name}},", "the device “{{.Device}}” was removed from the sign-in of {{.UserName}} at {{.Organization}}.", happened},
	},
	RecoveryUsed: {
		subject: "A recovery code was used to sign in at {{.Organization}}",
		says:    []string{"Hello {{.Name}},", "somebody who knows the password of {{.UserName}} at {{.Organization}} used one of the recovery codes.", happened},
	},
	RecoveryRenewed: {
		subject: "New recovery codes for your sign-in at {{.Organization}}",
		says:    []string{"Hello {{.Name}},", "recovery codes of {{.UserName}} at {{.Organization}} were made anew. The ones before are of no use any more.", happened},
	},
	AddressChanged: {
		subject: "Your e-mail address at {{.Organization}} was changed",
		says:    []string{"Hello {{.Name}},", "mail to {{.UserName}} at {{.Organization}} goes to another address from now on, and no more to this one.", happened},
	},
	Verification: {
		subject: "Confirm your e-mail address for {{.Organization}}",
		says: []string{
			"Hello {{.Name}},",
			"this address was entered for {{.UserName}} at {{.Organization}}. Confirm behind this link that it is yours. It works once, until {{.Deadline}}.",
		},
		button: "Confirm the address",
		ends:   []string{"If {{.UserName}} is not you, do nothing: this address was a mistake, and gets no link to a password."},
	},
	Code: {
		subject: "Your sign-in code for {{.Organization}}",
		says: []string{
			"Hello {{.Name}},",
			"your code is {{.Code}}. Type it in the browser in which you are signing in as {{.UserName}}. It is good until {{.Deadline}}.",
			"Nobody from {{.Organization}} will ask you for this code. If you are not signing in, somebody knows your password: tell your administrator.",
		},
	},
	Test: {
		subject: "Gatehouse can send mail",
		says:    []string{"This is the test mail that the operator of {{.Portal}} asked for on {{.When}}. Mail works."},
	},
}
