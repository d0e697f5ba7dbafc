package main

import (
	"slices"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
)

// signInPolicyCmds are the commands about what is asked of who signs in.
type signInPolicyCmds struct {
	Show signInPolicyShowCmd `cmd:"" help:"Show what is asked of who signs in."`
	Set  signInPolicySetCmd  `cmd:"" help:"Change what is given of it, from the next sign-in on."`
}

// signInPolicyShowCmd shows the policy.
type signInPolicyShowCmd struct {
	targetFlags `embed:"" group:"Which gatehouse:"`
	outputFlags `embed:""`
}

// Run prints the policy.
func (c *signInPolicyShowCmd) Run(a *app) error {
	return c.with(a, func(s *session) error {
		out, err := request[admin.GetSignInPolicyOutput](s, admin.Name, "GetSignInPolicy", &admin.GetSignInPolicyInput{})
		if err != nil {
			return err
		}
		return c.show(s, policyNames(), policyFields(&out.Policy))
	})
}

// The words of the command for those of the API.
var (
	promptWords = map[string]string{"never": "DISABLED", "context": "CONTEXT_AWARE", "always": "ALWAYS_ON"}
	deviceWords = map[string]string{"register": "REQUIRE_REGISTRATION", "email": "EMAIL_OTP", "block": "BLOCK", "allow": "ALLOW"}
	kindWords   = map[string]string{"app": "TOTP", "key": "WEBAUTHN"}
	proofWords  = map[string]string{"always": "ALWAYS", "elsewhere": "ADDRESS_DIFFERS", "never": "NEVER"}
)

// word is what the command calls a word of the API.
func word(words map[string]string, of string) string {
	for ours, theirs := range words {
		if theirs == of {
			return ours
		}
	}
	return of
}

func policyNames() []string {
	return []string{"mfa", "devices", "without device", "own devices", "session", "idle", "step up for keys", "passwords", "device flow", "device flow only for", "no device flow for", "device flow proof", "device flow session"}
}

func policyFields(p *admin.SignInPolicy) []string {
	kinds := make([]string, len(p.MfaTypes))
	for i, k := range p.MfaTypes {
		kinds[i] = word(kindWords, k)
	}
	return []string{word(promptWords, p.MfaMode), strings.Join(kinds, ", "), word(deviceWords, p.NoMfaDevice), onOff(p.UsersManageMfaDevices),
		minutes(p.SessionMinutes), or(p.IdleMinutes, "none"), onOff(p.StepUpForAccessKeys), strings.ToLower(p.PasswordRules), onOff(p.DeviceFlow),
		strings.Join(p.DeviceFlowAllowedGroupIds, ", "), strings.Join(p.DeviceFlowDeniedGroupIds, ", "), word(proofWords, p.DeviceFlowProof), or(p.DeviceFlowSessionMinutes, "as the sign-in")}
}

// or is a number of minutes, or what it means that there are none.
func or(n int32, none string) string {
	if n == 0 {
		return none
	}
	return minutes(n)
}

func minutes(n int32) string {
	return strings.TrimSuffix((time.Duration(n) * time.Minute).String(), "0s")
}

func onOff(b bool) string {
	if b {
		return "on"
	}
	return "off"
}

// signInPolicySetCmd changes the policy.
type signInPolicySetCmd struct {
	targetFlags   `embed:"" group:"Which gatehouse:"`
	MFA           string         `name:"mfa" help:"When a second factor is asked for: never, context (a new browser or network), or always." enum:"never,context,always," default:""`
	Devices       []string       `help:"Devices that may be registered: app, key, or both." enum:"app,key" placeholder:"KIND"`
	WithoutDevice string         `help:"What becomes of who has none: register, email, block or allow." enum:"register,email,block,allow," default:""`
	OwnDevices    string         `help:"Whether people manage their own devices: on or off." enum:"on,off," default:""`
	Session       *time.Duration `help:"How long a sign-in lasts, from 15m to 2160h." placeholder:"TIME"`
	Idle          *time.Duration `help:"How long a sign-in may go unused; 0 for as long as it lasts." placeholder:"TIME"`
	StepUpForKeys string         `help:"Whether access keys are shown after a fresh proof only: on or off." enum:"on,off," default:""`
	Passwords     string         `help:"Rules for new passwords: nist (long, and not known to thieves) or aws (8 to 64 characters of four classes, not one of the last three)." enum:"nist,aws," default:""`

	DeviceFlow        string         `help:"Whether devices are let in by their code: on or off." enum:"on,off," default:""`
	DeviceFlowOnlyFor []string       `help:"Groups whose members alone let devices in, by name; all of them each time, or none." placeholder:"GROUP"`
	NoDeviceFlowFor   []string       `help:"Groups whose members let none in, by name; all of them each time, or none." placeholder:"GROUP"`
	DeviceFlowProof   string         `help:"When a fresh proof of who you are comes before you let a device in: always, elsewhere (its address is not yours) or never." enum:"always,elsewhere,never," default:""`
	DeviceFlowSession *time.Duration `help:"How long a device is let in at most; 0 for as long as the sign-in lasts." placeholder:"TIME"`
}

// Run prints the policy as it is now.
func (c *signInPolicySetCmd) Run(a *app) error {
	in := &admin.PutSignInPolicyInput{MfaMode: promptWords[c.MFA], NoMfaDevice: deviceWords[c.WithoutDevice], UsersManageMfaDevices: isOn(c.OwnDevices),
		StepUpForAccessKeys: isOn(c.StepUpForKeys), SessionMinutes: inMinutes(c.Session), IdleMinutes: inMinutes(c.Idle),
		PasswordRules: strings.ToUpper(c.Passwords), DeviceFlow: isOn(c.DeviceFlow), DeviceFlowProof: proofWords[c.DeviceFlowProof],
		DeviceFlowSessionMinutes: inMinutes(c.DeviceFlowSession)}
	for _, k := range c.Devices {
		in.MfaTypes = append(in.MfaTypes, kindWords[k])
	}
	return c.with(a, func(s *session) (err error) {
		if in.DeviceFlowAllowedGroupIds, err = s.groups(c.DeviceFlowOnlyFor); err != nil {
			return err
		}
		if in.DeviceFlowDeniedGroupIds, err = s.groups(c.NoDeviceFlowFor); err != nil {
			return err
		}
		out, err := request[admin.PutSignInPolicyOutput](s, admin.Name, "PutSignInPolicy", in)
		if err != nil {
			return err
		}
		return outputFlags{}.show(s, policyNames(), policyFields(&out.Policy))
	})
}

// groups returns the ids of groups; that of the word none is an empty list.
func (s *session) groups(names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	ids := []string{}
	if slices.Equal(names, []string{"none"}) {
		return ids, nil
	}
	at, err := s.center()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		id, err := s.group(at, name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, *id)
	}
	return ids, nil
}

func isOn(word string) *bool {
	if word == "" {
		return nil
	}
	on := word == "on"
	return &on
}

func inMinutes(d *time.Duration) *int32 {
	if d == nil {
		return nil
	}
	n := int32(min(*d/time.Minute, 1<<30))
	return &n
}
