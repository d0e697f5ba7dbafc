package admin

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/factor"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// instance returns the identity center with a store that the caller may manage.
func instance(c *api.Call, storeID string) (*permission.Instance, error) {
	i := center(c, storeID)
	if i == nil {
		return nil, fault.New(fault.NotFound, "ResourceNotFoundException", "There is no such identity store in your account.")
	}
	return i, nil
}

// getSignInPolicy says what is asked of who signs in.
func getSignInPolicy(ctx context.Context, c *api.Call, in *GetSignInPolicyInput) (*GetSignInPolicyOutput, error) {
	i, err := instance(c, in.IdentityStoreId)
	if err != nil {
		return nil, err
	}
	p, err := api.Look(ctx, c, func(tx *store.Tx) (*factor.Policy, error) { return api.SignInPolicy(tx, i.ARN) })
	if err != nil {
		return nil, err
	}
	return &GetSignInPolicyOutput{Policy: shown(p)}, nil
}

// putSignInPolicy changes what is given of a policy and leaves the rest. What it asks holds from the next sign-in.
func putSignInPolicy(ctx context.Context, c *api.Call, in *PutSignInPolicyInput) (*PutSignInPolicyOutput, error) {
	out := &PutSignInPolicyOutput{}
	err := c.Update(ctx, func(tx *store.Tx) error {
		i, err := instance(c, in.IdentityStoreId)
		if err != nil {
			return err
		}
		p, err := api.SignInPolicy(tx, i.ARN)
		if err != nil {
			return err
		}
		in.change(p)
		mail, err := c.CanMail(tx)
		if err != nil {
			return err
		}
		if err := p.Check(mail); err != nil {
			return invalid("This cannot be the sign-in policy: %s.", err)
		}
		for _, id := range slices.Concat(in.DeviceFlowAllowedGroupIds, in.DeviceFlowDeniedGroupIds) {
			g, err := store.Groups.Get(tx, id)
			if err != nil || g.StoreID != i.IdentityStoreID {
				return store.Missing(err, invalid("There is no group %q.", id))
			}
		}
		out.Policy = shown(p)
		return store.SignInPolicies.Save(tx, p)
	})
	return out, err
}

// change makes p what is asked for.
func (in *PutSignInPolicyInput) change(p *factor.Policy) {
	if in.MfaMode != "" {
		p.Prompt = factor.Prompt(in.MfaMode)
	}
	if in.NoMfaDevice != "" {
		p.NoDevice = factor.NoDevice(in.NoMfaDevice)
	}
	if in.PasswordRules != "" {
		p.Passwords = passwordRules(in.PasswordRules)
	}
	if len(in.MfaTypes) > 0 {
		p.Kinds = nil
		for _, k := range in.MfaTypes {
			if !slices.Contains(p.Kinds, factor.Kind(k)) {
				p.Kinds = append(p.Kinds, factor.Kind(k))
			}
		}
	}
	set(&p.OwnDevices, in.UsersManageMfaDevices)
	set(&p.StepUpKeys, in.StepUpForAccessKeys)
	if in.SessionMinutes != nil {
		p.Session = time.Duration(*in.SessionMinutes) * time.Minute
	}
	if in.IdleMinutes != nil {
		p.Idle = time.Duration(*in.IdleMinutes) * time.Minute
	}
	in.changeDeviceFlow(&p.Codes)
}

func (in *PutSignInPolicyInput) changeDeviceFlow(f *factor.DeviceFlow) {
	if in.DeviceFlow != nil {
		f.Off = !*in.DeviceFlow
	}
	if in.DeviceFlowAllowedGroupIds != nil {
		f.OnlyFor = in.DeviceFlowAllowedGroupIds
	}
	if in.DeviceFlowDeniedGroupIds != nil {
		f.NotFor = in.DeviceFlowDeniedGroupIds
	}
	if in.DeviceFlowProof != "" {
		f.Proof = deviceProof(in.DeviceFlowProof)
	}
	if in.DeviceFlowSessionMinutes != nil {
		f.Session = time.Duration(*in.DeviceFlowSessionMinutes) * time.Minute
	}
}

// never is what the API calls that no fresh proof comes before a device is let in.
const never = "NEVER"

func deviceProof(word string) factor.DeviceProof {
	if word == never {
		return factor.ProveNever
	}
	return factor.DeviceProof(word)
}

// nist is what the API calls the rules that a policy has unless others are chosen.
const nist = "NIST"

func passwordRules(word string) factor.Passwords {
	if word == nist {
		return factor.NIST
	}
	return factor.Passwords(word)
}

func set(to, asked *bool) {
	if asked != nil {
		*to = *asked
	}
}

func shown(p *factor.Policy) SignInPolicy {
	s := SignInPolicy{MfaMode: string(p.Prompt), NoMfaDevice: string(p.NoDevice), UsersManageMfaDevices: p.OwnDevices,
		SessionMinutes: int32(p.Session / time.Minute), IdleMinutes: int32(p.Idle / time.Minute), StepUpForAccessKeys: p.StepUpKeys,
		PasswordRules: cmp.Or(string(p.Passwords), nist),
		DeviceFlow:    !p.Codes.Off, DeviceFlowAllowedGroupIds: p.Codes.OnlyFor, DeviceFlowDeniedGroupIds: p.Codes.NotFor,
		DeviceFlowProof: cmp.Or(string(p.Codes.Proof), never), DeviceFlowSessionMinutes: int32(p.Codes.Session / time.Minute)}
	for _, k := range p.Kinds {
		s.MfaTypes = append(s.MfaTypes, string(k))
	}
	return s
}
