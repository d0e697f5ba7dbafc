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
	return []string{"mfa", "devices", "without device", "own devices", "session", "idle", "step up for keys", "device flow", "no device flow for", "passwords"}
}

func policyFields(p *admin.SignInPolicy) []string {
	kinds := make([]string, len(p.MfaTypes))
	for i, k := range p.MfaTypes {
		kinds[i] = word(kindWords, k)
	}
	idle := "none"
	if p.IdleMinutes > 0 {
		idle = minutes(p.IdleMinutes)
	}
	return []string{word(promptWords, p.MfaMode), strings.Join(kinds, ", "), word(deviceWords, p.NoMfaDevice), onOff(p.UsersManageMfaDevices),
		minutes(p.SessionMinutes), idle, onOff(p.StepUpForAccessKeys), onOff(p.DeviceFlow), strings.Join(p.DeviceFlowDeniedGroupIds, ", "), strings.ToLower(p.PasswordRules)}
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
	targetFlags     `embed:"" group:"Which gatehouse:"`
	MFA             string         `name:"mfa" help:"When a second factor is asked for: never, context (a new browser or network), or always." enum:"never,context,always," default:""`
	Devices         []string       `help:"Devices that may be registered: app, key, or both." enum:"app,key" placeholder:"KIND"`
	WithoutDevice   string         `help:"What becomes of who has none: register, email, block or allow." enum:"register,email,block,allow," default:""`
	OwnDevices      string         `help:"Whether people manage their own devices: on or off." enum:"on,off," default:""`
	Session         *time.Duration `help:"How long a sign-in lasts, from 15m to 2160h." placeholder:"TIME"`
	Idle            *time.Duration `help:"How long a sign-in may go unused; 0 for as long as it lasts." placeholder:"TIME"`
	StepUpForKeys   string         `help:"Whether access keys are shown after a fresh proof only: on or off." enum:"on,off," default:""`
	DeviceFlow      string         `help:"Whether devices are let in by their code: on or off." enum:"on,off," default:""`
	Passwords       string         `help:"Rules for new passwords: nist (long, and not known to thieves) or aws (8 to 64 characters of four classes, not one of the last three)." enum:"nist,aws," default:""`
	NoDeviceFlowFor []string       `help:"Groups whose members let none in, by name; all of them each time, or none." placeholder:"GROUP"`
}

// Run prints the policy as it is now.
func (c *signInPolicySetCmd) Run(a *app) error {
	in := &admin.PutSignInPolicyInput{MfaMode: promptWords[c.MFA], NoMfaDevice: deviceWords[c.WithoutDevice], UsersManageMfaDevices: isOn(c.OwnDevices),
		StepUpForAccessKeys: isOn(c.StepUpForKeys), DeviceFlow: isOn(c.DeviceFlow), SessionMinutes: inMinutes(c.Session), IdleMinutes: inMinutes(c.Idle),
		PasswordRules: strings.ToUpper(c.Passwords)}
	for _, k := range c.Devices {
		in.MfaTypes = append(in.MfaTypes, kindWords[k])
	}
	return c.with(a, func(s *session) error {
		at, err := s.center()
		if err != nil {
			return err
		}
		if slices.Equal(c.NoDeviceFlowFor, []string{"none"}) {
			in.DeviceFlowDeniedGroupIds, c.NoDeviceFlowFor = []string{}, nil
		}
		for _, name := range c.NoDeviceFlowFor {
			id, err := s.group(at, name)
			if err != nil {
				return err
			}
			in.DeviceFlowDeniedGroupIds = append(in.DeviceFlowDeniedGroupIds, *id)
		}
		out, err := request[admin.PutSignInPolicyOutput](s, admin.Name, "PutSignInPolicy", in)
		if err != nil {
			return err
		}
		return outputFlags{}.show(s, policyNames(), policyFields(&out.Policy))
	})
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
