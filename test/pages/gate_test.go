package pages

import (
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/testkit"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit/kittest"
)

// typed fills fields and presses a button.
func typed(button string, fields ...string) func(*testkit.Browser) {
	return func(b *testkit.Browser) {
		for i := 0; i < len(fields); i += 2 {
			b.Fill(fields[i], fields[i+1])
		}
		b.Press(button)
	}
}

// signsIn is what a person does at the door, whatever comes of it.
var signsIn = typed("Sign in", "#user", "pcollins", "#password", "not the password")

func signInScenes() []scene {
	signIn := func(kind fault.Kind, code, message string) answers { return answers{"SignIn": no(kind, code, message)} }
	return []scene{
		{name: "signin", page: "signin.html", path: "/signin", out: true, shows: []string{"Sign in", host}},
		{name: "signin-logo", page: "signin.html", path: "/signin?to=/start/alder", out: true, do: pictured, shows: []string{"Sign in", host}},
		{name: "signin-signed-out", page: "signin.html", path: "/signin?signed_out=1", out: true, shows: []string{"You are signed out."}},
		{name: "signin-ended", page: "signin.html", path: "/signin?ended=1", out: true, shows: []string{"Begin again."}},
		{name: "signin-chosen", page: "signin.html", path: "/signin?chosen=1", out: true, shows: []string{"Your new password is set."}},
		{name: "signin-other-in", page: "signin.html", path: "/signin", answers: answers{"WhoIsIn": always(&door.WhoIsInOutput{Door: door.Root, Name: "the root user of Alder Freight"})},
			shows: []string{"Signed in with this browser: the root user of Alder Freight."}},
		{name: "signin-wrong", page: "signin.html", path: "/signin", out: true, answers: signIn(fault.Denied, "X", "no"), do: signsIn,
			shows: []string{"The user name or the password is not right."}},
		{name: "signin-paused", page: "signin.html", path: "/signin", out: true, answers: signIn(fault.Throttled, "X", "no"), do: signsIn,
			shows: []string{"A short pause."}},
		{name: "signin-blocked", page: "signin.html", path: "/signin", out: true, answers: signIn(fault.Denied, self.Blocked, "You need a second step, and have none. Ask your administrator."), do: signsIn,
			shows: []string{"You cannot sign in yet."}},
		{name: "signin-passkey-unknown", page: "signin.html", path: "/signin", out: true, answers: answers{"SignInWithPasskey": no(fault.Denied, "X", "no")},
			do: func(b *testkit.Browser) {
				b.WaitFor("This passkey does not sign anybody in here.", func() { b.Eval(`(document.querySelector("[data-fido]").submit(), "")`) })
			}},
	}
}

// wants is a sign-in that waits for something.
func wants(w self.DescribeSignInOutput, more answers) answers {
	w.UserName, w.Organization = "pcollins", "Alder Freight"
	a := answers{"DescribeSignIn": always(&w), "StartKeyProof": always(&self.StartKeyProofOutput{Options: passkeyOptions})}
	for name, answer := range more {
		a[name] = answer
	}
	return a
}

// stopAsking takes back the browser's own window, which keeps the keyboard to itself.
func stopAsking(b *testkit.Browser) { b.WaitUntil(`(waiting.abort(), true)`) }

// strangersKey has the page at a path ask an authenticator that is none of the person's.
func strangersKey(path string) func(*testkit.Browser) {
	return func(b *testkit.Browser) {
		b.Open("/nothing")
		b.AddAuthenticator(false)
		b.WaitFor("Nothing was proved.", func() { b.Open(path) })
	}
}

// wrongKey brings an answer that the server refuses.
func wrongKey(b *testkit.Browser) {
	stopAsking(b)
	b.WaitFor("This key is not one of yours.", func() { b.Eval(`(document.querySelector("[data-fido]").submit(), "")`) })
}

func stepScenes() []scene {
	code := self.DescribeSignInOutput{Next: "PROVE", Apps: []string{"Paula’s phone"}, RecoveryCodes: 8, MayTrust: true}
	both := self.DescribeSignInOutput{Next: "PROVE", Apps: []string{"Paula’s phone"}, Keys: []string{"Blue key", "Laptop"}, RecoveryCodes: 8, MayTrust: true}
	mailed := self.DescribeSignInOutput{Next: "CODE"}
	password := self.DescribeSignInOutput{Next: "PASSWORD", SignedIn: true}
	wrong := answers{"ContinueSignIn": no(fault.Denied, "X", "no")}
	paused := answers{"ContinueSignIn": no(fault.Throttled, "X", "no")}
	sixDigits := typed("Continue", "#code", "123456")
	return []scene{
		{name: "step-code", page: "step.html", path: "/signin/step", out: true, answers: wants(code, nil), shows: []string{"Enter your code", "Trust this browser", "Use a recovery code"}},
		{name: "step-code-logo", page: "step.html", path: "/signin/step?to=/start/alder", out: true, answers: wants(code, nil), do: pictured, shows: []string{"Enter your code"}},
		{name: "step-code-wrong", page: "step.html", path: "/signin/step", out: true, answers: wants(code, wrong), do: sixDigits, shows: []string{"This code is not right"}},
		{name: "step-code-paused", page: "step.html", path: "/signin/step", out: true, answers: wants(code, paused), do: sixDigits, shows: []string{"A short pause."}},
		{name: "step-key", page: "step.html", path: "/signin/step", out: true, answers: wants(both, nil), do: stopAsking, shows: []string{"Use your key or passkey", "Blue key", "Ask for the key", "Use a code"}},
		{name: "step-key-refused", page: "step.html", path: "/signin/step", out: true, answers: wants(both, nil), do: strangersKey("/signin/step"), shows: []string{"Ask for the key"}},
		{name: "step-key-wrong", page: "step.html", path: "/signin/step", out: true, answers: wants(both, wrong), do: wrongKey, shows: []string{"Ask for the key"}},
		{name: "step-recovery", page: "step.html", path: "/signin/step?way=recovery", out: true, answers: wants(both, nil), shows: []string{"Use a recovery code", "Use a key or passkey"}},
		{name: "step-recovery-wrong", page: "step.html", path: "/signin/step?way=recovery", out: true, answers: wants(both, wrong), do: typed("Continue", "#recovery", "abcd-efgh"),
			shows: []string{"This is none of your codes"}},
		{name: "step-mail", page: "step.html", path: "/signin/step", out: true, answers: wants(mailed, nil), shows: []string{"Enter the code from your mail"}},
		{name: "step-mail-again", page: "step.html", path: "/signin/step", out: true, answers: wants(mailed, answers{"SendCode": always(&self.SendCodeOutput{})}),
			do: func(b *testkit.Browser) { b.Press("Send another code") }, shows: []string{"Another code is on its way."}},
		{name: "step-mail-wrong", page: "step.html", path: "/signin/step", out: true, answers: wants(mailed, wrong), do: sixDigits, shows: []string{"Type that of the newest mail."}},
		{name: "step-password", page: "step.html", path: "/signin/step", out: true, answers: wants(password, nil), shows: []string{"Type your password again", "pcollins"}},
		{name: "step-password-wrong", page: "step.html", path: "/signin/step", out: true, answers: wants(password, wrong), do: typed("Continue", "#password", "no"), shows: []string{"The password is not right."}},
	}
}

func registrationScenes() []scene {
	may := self.DescribeSignInOutput{Next: "REGISTER", MayRegister: []string{"WEBAUTHN", "TOTP"}}
	lost := self.DescribeSignInOutput{Next: "REGISTER", MayRegister: []string{"WEBAUTHN", "TOTP"}, Recovered: true}
	full := self.DescribeSignInOutput{Next: "REGISTER", SignedIn: true}
	app := answers{"StartDevice": always(&self.StartDeviceOutput{Secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", Account: "pcollins",
		URI: "otpauth://totp/Alder%20Freight:pcollins?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Alder%20Freight"}),
		"CompleteDevice": no(fault.Denied, "X", "This is not right. Check that the clock of your phone is, and type the code that it shows now.")}
	key := answers{"StartDevice": always(&self.StartDeviceOutput{Options: "{}"})}
	connected := answers{"StartDevice": app["StartDevice"], "CompleteDevice": always(&self.SignInOutput{Next: "DONE", RecoveryCodes: recoveryCodes()})}
	connects := typed("Connect", "#code", "123456", "#name", "Paula’s phone")
	return []scene{
		{name: "register", page: "choice.html", path: "/signin/device", out: true, answers: wants(may, nil), shows: []string{"Add a second step", "Passkey or security key"}},
		{name: "register-lost", page: "choice.html", path: "/signin/device", out: true, answers: wants(lost, nil), shows: []string{"Replace the device that you lost."}},
		{name: "register-full", page: "choice.html", path: "/signin/device", out: true, answers: wants(full, nil), shows: []string{"You have as many devices as there may be."}},
		{name: "register-app", page: "device-new.html", path: "/signin/device?kind=TOTP", out: true, answers: wants(may, app), shows: []string{"Connect your app", "JBSW Y3DP"}},
		{name: "register-app-wrong", page: "device-new.html", path: "/signin/device?kind=TOTP", out: true, answers: wants(may, app), do: connects, shows: []string{"This is not right."}},
		{name: "register-key", page: "device-new.html", path: "/signin/device?kind=WEBAUTHN", out: true, answers: wants(may, key), shows: []string{"Add a passkey or key"}},
		{name: "register-codes", page: "codes.html", path: "/signin/device?kind=TOTP", out: true, answers: wants(may, connected), do: connects, shows: []string{"Keep these codes", "We show them only now."}},
	}
}

func recoveryCodes() []string {
	return []string{"k7m2-9qwx-4hdt", "p3vn-8rzc-6jyb", "w5gf-2tkd-7mxq", "h9bs-4npv-3rwc", "c6yj-7xmh-8kdt", "q2zr-5wgb-9fnv", "t8dk-3hcy-6pms", "m4xw-6vqj-2bzg", "f7nc-9ksr-5ytd", "j3hp-8gmw-4qxv"}
}

func linkScenes() []scene {
	rules := self.PasswordRules{MinLength: 15, MaxLength: 128}
	invited := &self.DescribeLinkOutput{Purpose: "INVITATION", UserName: "pcollins", Name: "Paula", Email: "paula.collins@alderfreight.example", Organization: "Alder Freight",
		By: "Tom Adler", Rules: rules, WantsDevice: true, ExpiresAt: in(7 * 24 * time.Hour)}
	reset := &self.DescribeLinkOutput{Purpose: "RESET", UserName: "pcollins", Name: "Paula", Organization: "Alder Freight",
		Rules: self.PasswordRules{MinLength: 8, Classes: true, History: 5}, ExpiresAt: in(24 * time.Hour)}
	device := *reset
	device.Purpose = "REGISTRATION"
	address := *invited
	address.Purpose = "VERIFICATION"
	ofRoot := self.DescribeLinkOutput{Purpose: "INVITATION", AccountID: "211125709968", UserName: "aws@alderfreight.example", Name: "Alder Freight", Email: "aws@alderfreight.example",
		Organization: "Alder Freight", Rules: rules, ExpiresAt: in(7 * 24 * time.Hour)}
	objects := kittest.Never(fault.New(fault.Invalid, api.PasswordRefused, "no").With("Objections", []string{"It has 9 characters, and needs 15.", "It is little more than a name of yours, or of your organization."}))
	sets := typed("Set the password", "#password", "paula collins works here")
	asks := typed("Send me a link", "#user", "pcollins")
	forgot := func(answer func(any) (any, error)) answers { return answers{"RequestPasswordReset": answer} }
	choose := self.DescribeSignInOutput{Next: "CHOOSE", Rules: rules}
	return []scene{
		{name: "invitation", page: "link.html", path: "/signin/link?secret=x", out: true, answers: answers{"DescribeLink": always(invited)}, shows: []string{"Welcome, Paula", "Tom Adler invited you"}},
		{name: "invitation-refused", page: "link.html", path: "/signin/link?secret=x", out: true, answers: answers{"DescribeLink": always(invited), "SpendLink": objects}, do: sets,
			shows: []string{"Choose another password."}},
		{name: "reset", page: "link.html", path: "/signin/link?secret=x", out: true, answers: answers{"DescribeLink": always(reset)}, shows: []string{"Choose a new password"}},
		{name: "link-device", page: "link.html", path: "/signin/link?secret=x", out: true, answers: answers{"DescribeLink": always(&device)}, shows: []string{"Next, you add a passkey"}},
		{name: "link-device-wrong", page: "link.html", path: "/signin/link?secret=x", out: true, answers: answers{"DescribeLink": always(&device), "SpendLink": no(fault.Denied, "X", "no")}, do: typed("Continue", "#password", "no"),
			shows: []string{"The password is not right."}},
		{name: "link-address", page: "link.html", path: "/signin/link?secret=x", out: true, answers: answers{"DescribeLink": always(&address)}, shows: []string{"Is this your address?"}},
		{name: "link-address-confirmed", page: "verified.html", path: "/signin/link?secret=x", out: true, answers: answers{"DescribeLink": always(&address), "SpendLink": always(&self.SignInOutput{})}, do: typed("Yes, it is mine"),
			shows: []string{"Your address is confirmed"}},
		{name: "link-root", page: "link.html", path: "/signin/link?secret=x", out: true, answers: answers{"DescribeLink": always(&ofRoot)}, shows: []string{"Set the root password", "211125709968"}},
		{name: "link-dead", page: "link-dead.html", path: "/signin/link?secret=x", out: true, answers: answers{"DescribeLink": no(fault.NotFound, "X", "no")}, shows: []string{"This link opens nothing any more"}},
		{name: "forgot", page: "forgot.html", path: "/signin/forgot", out: true, shows: []string{"I forgot my password"}},
		{name: "forgot-asked", page: "forgot.html", path: "/signin/forgot", out: true, answers: forgot(always(&self.RequestPasswordResetOutput{})), do: asks, shows: []string{"Look at your mail"}},
		{name: "forgot-paused", page: "forgot.html", path: "/signin/forgot", out: true, answers: forgot(no(fault.Throttled, "X", "no")), do: asks, shows: []string{"A short pause."}},
		{name: "forgot-no-mail", page: "forgot.html", path: "/signin/forgot", out: true, answers: forgot(no(fault.Unavailable, "X", "No mail can be sent from here. Ask your administrator for a new password.")), do: func(b *testkit.Browser) {
			b.Fill("#user", "pcollins")
			b.WaitFor("No mail can be sent", func() { b.Click(".primary") }) // the server says 503, as it should
		}},
		{name: "forgot-root", page: "forgot.html", path: "/signin/root/forgot", out: true, shows: []string{"E-mail address of the account"}},
		{name: "forgot-root-asked", page: "forgot.html", path: "/signin/root/forgot", out: true, answers: answers{"RequestRootPasswordReset": always(&door.RequestRootPasswordResetOutput{})},
			do: typed("Send me a link", "#user", "aws@alderfreight.example"), shows: []string{"Look at your mail"}},
		{name: "choose", page: "choose.html", path: "/signin/password", out: true, answers: wants(choose, nil), shows: []string{"Choose your own password"}},
		{name: "choose-refused", page: "choose.html", path: "/signin/password", out: true, answers: wants(choose, answers{"ChooseInSignIn": objects}), do: sets, shows: []string{"Choose another password."}},
	}
}

func programScenes() []scene {
	asked := self.LookUpDeviceCodeOutput{UserCode: "SQSX-VKBN", ClientName: "botocore-client-gatehouse", Address: "127.0.0.1", UserAgent: "aws-cli/2.36.2 md/awscrt#0.27.6 os/linux", State: "PENDING",
		RequestedAt: ago(40 * time.Second), ExpiresAt: in(9 * time.Minute), LetInUntil: in(7 * time.Hour)}
	abroad, forbidden, stale, late := asked, asked, asked, asked
	abroad.Address, abroad.Elsewhere, forbidden.Forbidden, stale.ProveFirst, late.ExpiresAt = "203.0.113.77", true, true, true, ago(time.Minute)
	answered := answers{"LookUpDeviceCode": always(&asked), "ApproveDevice": always(&self.ApproveDeviceOutput{ClientName: "botocore-client-gatehouse"})}
	authorize := "/authorize?response_type=code&client_id=abc&redirect_uri=http%3A%2F%2F127.0.0.1%3A40571%2Foauth%2Fcallback&state=s&code_challenge=c&code_challenge_method=S256&scopes=sso%3Aaccount%3Aaccess"
	consent := answers{"ApproveAuthorization": func(in any) (any, error) {
		out := &self.ApproveAuthorizationOutput{ClientName: "botocore-client-gatehouse"}
		if !in.(*self.ApproveAuthorizationInput).Ask {
			out.RedirectTo = origin + "/callback"
		}
		return out, nil
	}}
	return []scene{
		{name: "device-enter", page: "code.html", path: "/device", shows: []string{"Enter the code"}},
		{name: "device-unknown", page: "code.html", path: "/device", answers: answers{"LookUpDeviceCode": no(fault.NotFound, "X", "no")}, do: typed("Next", "#code", "bcdf-ghjk"), shows: []string{"This code is not known."}},
		{name: "device-confirm", page: "device.html", path: "/device?user_code=SQSX-VKBN", answers: answered, shows: []string{"Is this your code?", "SQSX-VKBN", "Same as this browser"}},
		{name: "device-abroad", page: "device.html", path: "/device?user_code=SQSX-VKBN", answers: answers{"LookUpDeviceCode": always(&abroad)}, shows: []string{"203.0.113.77"}},
		{name: "device-forbidden", page: "device.html", path: "/device?user_code=SQSX-VKBN", answers: answers{"LookUpDeviceCode": always(&forbidden)}, shows: []string{"You cannot let programs in by a code."}},
		{name: "device-stale", page: "device.html", path: "/device?user_code=SQSX-VKBN", answers: answers{"LookUpDeviceCode": always(&stale)}, shows: []string{"Prove it is you"}},
		{name: "device-late", page: "refusal.html", path: "/device?user_code=SQSX-VKBN", answers: answers{"LookUpDeviceCode": always(&late)}, shows: []string{"This code has expired."}},
		{name: "device-allowed", page: "device-done.html", path: "/device?user_code=SQSX-VKBN", answers: answered, do: typed("Allow"), shows: []string{"You can close this page"}},
		{name: "device-stopped", page: "device-done.html", path: "/device?user_code=SQSX-VKBN", answers: answered, do: typed("Stop"), shows: []string{"Nothing was allowed"}},
		{name: "consent", page: "consent.html", path: authorize, answers: consent, shows: []string{"If you allow it"}},
		{name: "consent-allowed", page: "onward.html", path: authorize, answers: consent, do: typed("Allow"), shows: []string{"You can close this page"}},
		{name: "consent-stopped", page: "onward.html", path: authorize, answers: consent, do: typed("Do not allow"), shows: []string{"Nothing was allowed"}},
	}
}

func doorScenes() []scene {
	signIn := func(kind fault.Kind, code, message string) answers { return answers{"SignIn": no(kind, code, message)} }
	wants := func(next string, more answers) answers {
		a := answers{"DescribeSignIn": always(&door.DescribeSignInOutput{Door: door.IAM, Next: next, Name: "ana", Account: "Development", AccountID: "730335184621", Devices: []string{"ana"}, MinLength: 8})}
		for name, answer := range more {
			a[name] = answer
		}
		return a
	}
	root := typed("Sign in", "#user", "aws@alderfreight.example", "#password", "no")
	user := typed("Sign in", "#account", "alder-dev", "#user", "ana", "#password", "no")
	wrong := answers{"ContinueSignIn": no(fault.Denied, "X", "Password should have a minimum length of 8.")}
	key := answers{"DescribeSignIn": always(&door.DescribeSignInOutput{Door: door.IAM, Next: door.Code, Name: "ana", Account: "Development", AccountID: "730335184621", Devices: []string{"ana"}, Keys: []string{"blue"}}),
		"StartKeyProof": always(&door.StartKeyProofOutput{Options: passkeyOptions}), "ContinueSignIn": wrong["ContinueSignIn"]}
	return []scene{
		{name: "door-root", page: "door.html", path: "/signin/root", out: true, shows: []string{"Sign in as root user"}},
		{name: "door-root-wrong", page: "door.html", path: "/signin/root", out: true, answers: signIn(fault.Denied, "X", "no"), do: root, shows: []string{"What you typed is not right."}},
		{name: "door-iam", page: "door.html", path: "/signin/iam", out: true, shows: []string{"Sign in as an IAM user"}},
		{name: "door-iam-in", page: "door.html", path: "/signin/iam?signed_out=1&ended=1", answers: answers{"WhoIsIn": always(&door.WhoIsInOutput{Name: "pcollins"})}, shows: []string{"Signed in with this browser: pcollins."}},
		{name: "door-iam-paused", page: "door.html", path: "/signin/iam", out: true, answers: signIn(fault.Throttled, "X", "no"), do: user, shows: []string{"A short pause."}},
		{name: "door-iam-expired", page: "door.html", path: "/signin/iam", out: true, answers: signIn(fault.Denied, door.Expired, "Your password has expired, and the account lets only an administrator set another. Ask one."), do: user,
			shows: []string{"You cannot sign in."}},
		{name: "door-code", page: "door-step.html", path: "/signin/door", out: true, answers: wants(door.Code, nil), shows: []string{"Enter your code"}},
		{name: "door-code-wrong", page: "door-step.html", path: "/signin/door", out: true, answers: wants(door.Code, wrong), do: typed("Continue", "#code", "123456"), shows: []string{"This code is not right"}},
		{name: "door-key", page: "door-step.html", path: "/signin/door", out: true, answers: key, do: stopAsking, shows: []string{"Use your key or passkey", "Ask for the key", "Use a code"}},
		{name: "door-key-refused", page: "door-step.html", path: "/signin/door", out: true, answers: key, do: strangersKey("/signin/door"), shows: []string{"Ask for the key"}},
		{name: "door-key-wrong", page: "door-step.html", path: "/signin/door", out: true, answers: key, do: wrongKey, shows: []string{"Ask for the key"}},
		{name: "door-password", page: "door-step.html", path: "/signin/door", out: true, answers: wants(door.Password, nil), shows: []string{"Set a new password"}},
		{name: "door-password-wrong", page: "door-step.html", path: "/signin/door", out: true, answers: wants(door.Password, wrong), do: typed("Continue", "#password", "not long enough"), shows: []string{"minimum length of 8"}},
	}
}

func refusalScenes() []scene {
	who := func(kind fault.Kind, message string) answers {
		return answers{"ListOwnAccounts": no(kind, "X", message)}
	}
	return []scene{
		{name: "refusal-not-found", page: "refusal.html", path: "/nothing/here", out: true, shows: []string{"Nothing is here", "7F3K-91QD"}},
		{name: "refusal-denied", page: "refusal.html", path: "/start", answers: who(fault.Denied, "The policy of your organization says no."), shows: []string{"This is not open to you"}},
		{name: "refusal-invalid", page: "refusal.html", path: "/start/keys", shows: []string{"This request is not complete"}},
		{name: "refusal-paused", page: "refusal.html", path: "/start", answers: who(fault.Throttled, "Too many requests."), shows: []string{"A short pause"}},
		{name: "refusal-unavailable", page: "refusal.html", path: "/start", answers: who(fault.Unavailable, "The store does not answer."), shows: []string{"Not available just now"}},
		{name: "refusal-ours", page: "refusal.html", path: "/start", answers: answers{"ListOwnAccounts": kittest.Never(errBroken)}, shows: []string{"Something went wrong here"}},
	}
}

// pictured waits until the picture of the portal is there.
func pictured(b *testkit.Browser) {
	b.WaitUntil(`document.querySelector("img.logo")?.naturalWidth === 240`)
}
