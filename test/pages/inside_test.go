package pages

import (
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

var errBroken = errors.New("the disk is full")

func portalScenes() []scene {
	list := func(out *self.ListOwnAccountsOutput) answers { return answers{"ListOwnAccounts": always(out)} }
	paged := page(accounts()...)
	paged.Total, paged.Matching, paged.Page, paged.Pages = 5000, 5000, 3, 50
	found := page(accounts()[8], accounts()[10])
	found.Total = 5000
	none := &self.ListOwnAccountsOutput{Total: 5000, Page: 1, Pages: 1}
	finds := func(text, shows string) func(*testkit.Browser) {
		return func(b *testkit.Browser) { b.WaitFor(shows, func() { b.Fill("#find", text) }) }
	}
	return []scene{
		{name: "portal", page: "accounts.html", path: "/start", shows: []string{"AWS accounts", "(12)", "Recent", "Favourites", "Other accounts"}},
		{name: "portal-open", page: "accounts.html", path: "/start", do: func(b *testkit.Browser) { b.Click("details.account > summary") }, shows: []string{"PowerUserAccess", "Access keys"}},
		{name: "portal-marked", page: "accounts.html", path: "/start", do: func(b *testkit.Browser) {
			b.Click(`.star[value="147997130082"]`)
			b.WaitUntil(`document.querySelector('.star[value="147997130082"]').getAttribute("aria-pressed") === "true"`)
		}},
		{name: "portal-found", page: "accounts.html", path: "/start", do: finds("pay view", "1 account matches.")},
		{name: "portal-nothing", page: "accounts.html", path: "/start", do: finds("nothing of the kind", "No account matches")},
		{name: "portal-menu", page: "accounts.html", path: "/start", do: func(b *testkit.Browser) { b.Click("details.menu summary") }, shows: []string{"Signed in as pcollins"}},
		{name: "portal-one", page: "accounts.html", path: "/start", answers: list(page(accounts()[0])), shows: []string{"Development", "PowerUserAccess"}},
		{name: "portal-three", page: "accounts.html", path: "/start", answers: list(page(accounts()[:3]...)), shows: []string{"Customs gateway"}},
		{name: "portal-empty", page: "accounts.html", path: "/start", answers: list(page()), shows: []string{"no account is open to you yet"}},
		{name: "portal-paged", page: "accounts.html", path: "/start?page=3", answers: list(paged), shows: []string{"(5,000)", "Page 3 of 50"}},
		{name: "portal-paged-found", page: "accounts.html", path: "/start?q=ta", answers: list(found), shows: []string{"2 accounts match “ta”."}},
		{name: "portal-paged-nothing", page: "accounts.html", path: "/start?q=nothing", answers: list(none), shows: []string{"No account matches “nothing”"}},
	}
}

const development = "?account_id=730335184621&role_name=PowerUserAccess"

func keysScenes() []scene {
	one := answers{"ListOwnAccounts": always(page(accounts()[0]))}
	opens := func(b *testkit.Browser) { b.WaitFor("Keys end at", func() { b.Click(".roles button") }) }
	return []scene{
		{name: "keys-dialog", page: "accounts.html", path: "/start", answers: one, do: opens, shows: []string{"Recommended"}},
		{name: "keys-dialog-shown", page: "accounts.html", path: "/start", answers: one, do: func(b *testkit.Browser) {
			opens(b)
			b.Click("#show")
			b.Click(`[href="#values"]`)
		}, shows: []string{"Session token"}},
		{name: "keys-offered", page: "keys.html", path: "/start/keys" + development, answers: one, shows: []string{"Get access keys"}},
		{name: "keys", page: "keys.html", path: "/start/keys" + development, answers: one, do: func(b *testkit.Browser) {
			b.Press("Get access keys")
			b.Eval(`(document.querySelectorAll("details.fold").forEach(d => d.open = true), "")`)
		}, shows: []string{"Keys end at"}, notStill: "the test itself opens parts of it"},
		{name: "console", page: "console.html", path: "/start/console" + development + "&destination=https%3A%2F%2Fconsole.aws.amazon.com%2Fs3%2Fhome", answers: one, shows: []string{"There is no console yet"}},
		{name: "console-foreign", page: "console.html", path: "/start#/console" + development + "&destination=https%3A%2F%2Fevil.example%2Fbucket", answers: one,
			do: func(b *testkit.Browser) {
				b.WaitUntil(`location.pathname === "/start/console" && document.readyState === "complete"`)
			}, shows: []string{"Take care.", "https://evil.example/bucket"}},
		{name: "roles", page: "roles.html", path: "/start/console?destination=https%3A%2F%2Fconsole.aws.amazon.com%2Fs3%2Fhome", answers: one, shows: []string{"Choose a role"}},
		{name: "roles-lacking", page: "roles.html", path: "/start/console?account_id=000000000042", answers: one, shows: []string{"You do not have what the link leads to."}},
		{name: "shortcut", page: "shortcut.html", path: "/start/shortcut?account_id=730335184621", answers: one, shows: []string{"Create a shortcut"}},
		{name: "shortcut-made", page: "shortcut.html", path: "/start/shortcut" + development + "&destination=https%3A%2F%2Fconsole.aws.amazon.com%2Fs3%2Fhome", answers: one, shows: []string{"Your link"}},
		{name: "shortcut-wrong", page: "shortcut.html", path: "/start/shortcut" + development + "&destination=%2F%2Fevil.example", answers: one, shows: []string{"This is no page of the AWS console."}},
	}
}

// security is what Paula Collins has: an app, two keys, and three places where she is signed in.
func security() *self.DescribeSecurityOutput {
	return &self.DescribeSecurityOutput{MayManage: true, MayAdd: true, HasPassword: true, RecoveryCodes: 8, RecoveryMadeAt: ago(90 * 24 * time.Hour), MinPassword: 15, Fresh: true,
		Devices: []self.OwnDevice{
			{ID: "d1", Name: "Laptop", Kind: "WEBAUTHN", BuiltIn: true, AddedAt: ago(200 * 24 * time.Hour), UsedAt: ago(time.Hour)},
			{ID: "d2", Name: "Blue key", Kind: "WEBAUTHN", PerhapsCopied: true, AddedAt: ago(200 * 24 * time.Hour), UsedAt: ago(40 * 24 * time.Hour)},
			{ID: "d3", Name: "Paula’s phone", Kind: "TOTP", AddedAt: ago(90 * 24 * time.Hour), UsedAt: ago(12 * 24 * time.Hour)},
		},
		Sessions: []self.OwnSession{
			{ID: "s1", Current: true, Client: "Firefox on Linux", Address: "192.0.2.17", Since: ago(time.Hour), Until: in(7 * time.Hour), MFA: true},
			{ID: "s2", Client: "Safari on iOS", Address: "2001:db8:85a3::8a2e:370:7334", Since: ago(5 * time.Hour), Until: in(3 * time.Hour)},
			{ID: "s3", Program: true, UserAgent: "aws-cli/2.36.2 md/awscrt#0.27.6", Address: "192.0.2.17", Since: ago(50 * time.Minute), Until: in(7 * time.Hour)},
		}}
}

func securityScenes() []scene {
	says := no(fault.Conflict, "ConflictException", "It is your last device, and you need one. Add another first.")
	managed, alone := security(), security()
	managed.MayManage, managed.MayAdd, alone.Devices = false, false, alone.Devices[:1]
	const at = "/start/security"
	return []scene{
		{name: "security", page: "security.html", path: at, shows: []string{"My security", "Paula’s phone", "8 left", "AWS CLI 2.36.2"}},
		{name: "security-managed", page: "security.html", path: at, answers: answers{"DescribeSecurity": always(managed)}, shows: []string{"Your administrator adds and removes devices for you."}},
		{name: "security-codes", page: "security.html", path: at, answers: answers{"CreateRecoveryCodes": always(&self.CreateRecoveryCodesOutput{RecoveryCodes: recoveryCodes()})}, do: typed("Make new ones"),
			shows: []string{"Your new recovery codes"}},
		{name: "security-refused", page: "security.html", path: at, answers: answers{"EndSessions": no(fault.NotFound, "NotFound", "This sign-in has ended already.")}, do: typed("End all the others"),
			shows: []string{"This sign-in has ended already."}},
		{name: "security-device", page: "own-device.html", path: at + "/device?id=d2", shows: []string{"Blue key", "Remove it"}},
		{name: "security-device-refused", page: "own-device.html", path: at + "/device?id=d2", answers: answers{"RemoveDevice": says}, do: typed("Remove it"), shows: []string{"It is your last device"}},
		{name: "security-device-last", page: "own-device.html", path: at + "/device?id=d1", answers: answers{"DescribeSecurity": always(alone)}, shows: []string{"It is your last one"}},
		{name: "security-password", page: "password.html", path: at + "/password", shows: []string{"Change your password"}},
		{name: "security-password-refused", page: "password.html", path: at + "/password", answers: answers{"ChangePassword": no(fault.Invalid, "X", "It is little more than a name of yours, or of your organization.")},
			do: typed("Change the password", "#password", "paula collins works here"), shows: []string{"little more than a name"}},
	}
}

func iamUser() *door.DescribeSelfOutput {
	return &door.DescribeSelfOutput{Door: door.IAM, Name: "ana", Account: "Development", AccountID: "730335184621", Alias: "alder-dev", MinLength: 8, PasswordSetAt: ago(20 * 24 * time.Hour), PasswordEndsAt: in(70 * 24 * time.Hour),
		Devices: []door.Device{{Serial: "arn:aws:iam::730335184621:mfa/ana", Name: "ana", AddedAt: ago(20 * 24 * time.Hour)},
			{Serial: "arn:aws:iam::730335184621:u2f/user/ana/blue-7XNL7NFNLZ2345672EXAMPLE23", Name: "blue", AddedAt: ago(10 * 24 * time.Hour), Key: true}},
		Sessions: []door.Session{{ID: "s1", Current: true, Client: "Firefox on Linux", Address: "192.0.2.17", Since: ago(time.Hour), Until: in(7 * time.Hour)}, {ID: "s2", Client: "Safari on macOS", Address: "192.0.2.18", Since: ago(2 * time.Hour), Until: in(6 * time.Hour)}},
		Fresh:    true, SignedInAt: ago(time.Hour), ExpiresAt: in(7 * time.Hour)}
}

func rootUser() *door.DescribeSelfOutput {
	return &door.DescribeSelfOutput{Door: door.Root, Name: "the root user of Alder Freight", Account: "Alder Freight", AccountID: "211125709968", Email: "aws@alderfreight.example", MinLength: 8, PasswordSetAt: ago(20 * 24 * time.Hour),
		Sessions: []door.Session{{ID: "s1", Current: true, Client: "Firefox on Linux", Address: "192.0.2.17", Since: ago(time.Hour), Until: in(7 * time.Hour)}}, SignedInAt: ago(time.Hour), ExpiresAt: in(7 * time.Hour)}
}

func accessKeys() *iam.ListAccessKeysOutput {
	return &iam.ListAccessKeysOutput{AccessKeyMetadata: []types.AccessKeyMetadata{
		{AccessKeyId: aws.String("AKIAIOSFODNN7EXAMPLE"), Status: types.StatusTypeActive, CreateDate: aws.Time(ago(20 * 24 * time.Hour))},
		{AccessKeyId: aws.String("AKIAI44QH8DHBEXAMPLE"), Status: types.StatusTypeInactive, CreateDate: aws.Time(ago(200 * 24 * time.Hour))}}}
}

func ownScenes() []scene {
	root := answers{"DescribeSelf": always(rootUser()), "ListSetupTasks": always(&door.ListSetupTasksOutput{})}
	left := answers{"DescribeSelf": always(rootUser()), "ListSetupTasks": always(&door.ListSetupTasksOutput{Tasks: []door.SetupTask{
		{Name: "SECOND_FACTOR"}, {Name: "IDENTITY_CENTER", Done: true}, {Name: "ADMINISTRATOR"}, {Name: "MAIL"}}})}
	app := answers{"StartDevice": always(&door.StartDeviceOutput{Serial: "arn:aws:iam::730335184621:mfa/phone", Secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
		URI: "otpauth://totp/Development:phone?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Development"}),
		"CompleteDevice": no(fault.Denied, "InvalidAuthenticationCode", "Authentication code for device is not valid.")}
	adds := typed("Add an authenticator app", "#name", "phone")
	key := answers{"CreateAccessKey": always(&iam.CreateAccessKeyOutput{AccessKey: &types.AccessKey{AccessKeyId: aws.String("AKIAIOSFODNN7EXAMPLE"), SecretAccessKey: aws.String("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")}})}
	return []scene{
		{name: "own-root", page: "own.html", path: "/security", answers: root, shows: []string{"Root user of Alder Freight", "A password alone lets you in."}},
		{name: "own-root-setup", page: "own.html", path: "/security", answers: left, shows: []string{"What is left of the set-up", "To do"}},
		{name: "own-iam", page: "own.html", path: "/security", shows: []string{"IAM user ana", "Access keys", "AKIAIOSFODNN7EXAMPLE"}},
		{name: "own-iam-no-keys", page: "own.html", path: "/security", answers: answers{"ListAccessKeys": no(fault.Denied, "AccessDenied", "no")}, shows: []string{"do not let you see your access keys"}},
		{name: "own-refused", page: "own.html", path: "/security", answers: answers{"CreateAccessKey": no(fault.Limit, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")}, do: typed("Make one"), shows: []string{"Cannot exceed quota"}},
		{name: "own-app", page: "own-app.html", path: "/security", answers: app, do: adds, shows: []string{"Connect your app"}},
		{name: "own-app-wrong", page: "own-app.html", path: "/security", answers: app, do: func(b *testkit.Browser) {
			adds(b)
			typed("Connect", "#first", "000000", "#second", "111111")(b)
		}, shows: []string{"It is not connected yet."}},
		{name: "own-passkey", page: "own-passkey.html", path: "/security", answers: answers{"StartKey": always(&door.StartKeyOutput{Ticket: "ticket", Options: "{}"})},
			do: typed("Add a passkey or key", "#name", "blue"), shows: []string{"Touch your key when it blinks.", "Ask for the key"}},
		{name: "own-key", page: "own-key.html", path: "/security", answers: key, do: typed("Make one"), shows: []string{"We show the secret only now."}},
		{name: "own-password", page: "own-password.html", path: "/security/password", shows: []string{"Change your password"}},
		{name: "own-password-refused", page: "own-password.html", path: "/security/password", answers: answers{"ChangePassword": no(fault.Invalid, "PasswordPolicyViolation", "Password does not conform to the account password policy.")},
			do: typed("Change the password", "#old", "no", "#password", "nine herons"), shows: []string{"does not conform"}},
	}
}

func mailboxScenes() []scene {
	return []scene{
		{name: "mailbox-empty", page: "mailbox.html", path: "/mailbox", out: true, shows: []string{"No mail yet"}},
		{name: "mailbox", page: "mailbox.html", path: "/mailbox", out: true, letters: []*mail.Message{
			{To: "tom.adler@alderfreight.example", Subject: "A new device at Alder Freight", At: ago(time.Hour), Text: "Hello Tom,\n\nThe security key “Blue key” can sign you in at Alder Freight from now on."},
			{To: "paula.collins@alderfreight.example", Subject: "Your invitation to Alder Freight", At: ago(time.Minute), Link: origin + "/signin/link?secret=x",
				Text: "Hello Paula,\n\nTom Adler invited you to Alder Freight. Your user name is pcollins.\n\n" + origin + "/signin/link?secret=x\n\nThe link works once, until 27 November 2026, 14:41 UTC."},
		}, shows: []string{"Your invitation to Alder Freight", "Open the link"}},
	}
}
