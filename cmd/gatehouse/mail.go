package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// mailCmds are the commands about mail.
type mailCmds struct {
	Show   mailShowCmd   `cmd:"" help:"Show how mail is sent, and whether some is waiting."`
	Set    mailSetCmd    `cmd:"" help:"Say how mail is sent from now on."`
	Remove mailRemoveCmd `cmd:"" help:"Send no mail any more."`
	Test   mailTestCmd   `cmd:"" help:"Send a test mail, and print what the mail server says."`
}

// mailShowCmd shows the settings.
type mailShowCmd struct {
	dataFlags   `embed:""`
	outputFlags `embed:""`
}

// Run prints the settings without the password.
func (c *mailShowCmd) Run(a *app) error {
	s, err := c.local(a, "")
	if err != nil {
		return err
	}
	var out admin.GetMailSettingsOutput
	err = s.call(a.ctx, admin.Name, "GetMailSettings", &admin.GetMailSettingsInput{}, &out)
	if err := errors.Join(err, s.close()); err != nil {
		return err
	}
	fields := []string{"none", "", "", "", strconv.Itoa(int(out.Waiting)), out.LastError}
	if m := out.MailServer; m != nil {
		fields = []string{m.Host + ":" + strconv.Itoa(int(m.Port)), m.Security, m.User, sender(m), fields[4], fields[5]}
	} else if out.Mailbox {
		fields[0] = "none: mail is kept on the page /mailbox"
	}
	return c.show(s, []string{"mail server", "security", "user", "from", "waiting", "last error"}, fields)
}

func sender(m *admin.MailServer) string {
	if m.FromName == "" {
		return m.FromAddress
	}
	return m.FromName + " <" + m.FromAddress + ">"
}

// mailSetCmd sets up a mail server.
type mailSetCmd struct {
	dataFlags     `embed:""`
	Host          string `required:"" help:"Name of the mail server." placeholder:"HOST"`
	Port          int32  `help:"Port. Default: 587 for starttls, 465 for tls, 25 for none." placeholder:"PORT"`
	Security      string `help:"starttls, tls, or none to a mail server on this machine." enum:"starttls,tls,none" default:"starttls"`
	From          string `required:"" help:"Address of the sender." placeholder:"EMAIL"`
	FromName      string `help:"Name of the sender." placeholder:"NAME"`
	User          string `help:"User at the mail server. Its password is asked for, and never an argument." placeholder:"NAME"`
	PasswordStdin bool   `help:"Read the password from the first line of standard input."`
	KeepPassword  bool   `help:"Leave the password of this user of this mail server as it is."`
}

// Run asks for the password and sets it.
func (c *mailSetCmd) Run(a *app) error {
	security := map[string]string{"starttls": "STARTTLS", "tls": "TLS", "none": "NONE"}[c.Security]
	if c.Port == 0 {
		c.Port = map[string]int32{"STARTTLS": 587, "TLS": 465, "NONE": 25}[security]
	}
	in := &admin.PutMailSettingsInput{MailServer: admin.MailServer{Host: c.Host, Port: c.Port, Security: security, User: c.User,
		FromAddress: c.From, FromName: c.FromName}}
	if c.User != "" && !c.KeepPassword {
		word, err := readPassword(a, c.User, c.PasswordStdin)
		if err != nil {
			return err
		}
		in.Password = word
	}
	if err := c.operate(a, admin.Name, "PutMailSettings", in, new(admin.PutMailSettingsOutput)); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "Mail goes by %s from now on. See whether it arrives: gatehouse mail test EMAIL\n", c.Host)
	return nil
}

// mailRemoveCmd removes the settings.
type mailRemoveCmd struct {
	dataFlags `embed:""`
}

// Run says that there is no mail any more.
func (c *mailRemoveCmd) Run(a *app) error {
	err := c.operate(a, admin.Name, "DeleteMailSettings", &admin.DeleteMailSettingsInput{}, new(admin.DeleteMailSettingsOutput))
	return a.done(unsent(err), "No mail is sent any more. Links are shown to you instead.")
}

// mailTestCmd sends a test mail.
type mailTestCmd struct {
	dataFlags `embed:""`
	To        string `arg:"" help:"Address."`
}

// Run says that the mail server took it.
func (c *mailTestCmd) Run(a *app) error {
	err := c.operate(a, admin.Name, "SendTestMail", &admin.SendTestMailInput{To: c.To}, new(admin.SendTestMailOutput))
	if err != nil {
		return unsent(err)
	}
	fmt.Fprintf(a.stdout, "The mail server took a mail to %s.\n", c.To)
	return nil
}

// unsent hints at how mail is set up.
func unsent(err error) error {
	if fault.Is(err, "ResourceNotFoundException") {
		return hinted(err, "set one up with: gatehouse mail set --host smtp.example.com --from gatehouse@example.com")
	}
	return err
}
