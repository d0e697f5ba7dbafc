package ssooidc

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/oidc"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// userCodeAlphabet has no vowels, so that codes spell nothing, and no digits, so that none is taken for a letter. See
// RFC 8628 section 6.1.
const userCodeAlphabet = "BCDFGHJKLMNPQRSTVWXZ"

func startDeviceAuthorization(ctx context.Context, c *api.Call, in *sdk.StartDeviceAuthorizationInput) (*sdk.StartDeviceAuthorizationOutput, error) {
	k, err := client(c, in.ClientId, in.ClientSecret)
	if err != nil {
		return nil, err
	}
	if in.StartUrl == nil {
		return nil, failure("InvalidRequestException", "startUrl is missing.")
	}
	instance := c.InstanceFor(*in.StartUrl)
	if instance == nil {
		return nil, failure("InvalidRequestException", "No identity center of this server has the start URL %q. The portal is at %s/start.", *in.StartUrl, c.ExternalURL)
	}
	if k.Issuer != "" && c.InstanceFor(k.Issuer) != instance {
		return nil, failure("InvalidRequestException", "startUrl: the client is registered for the issuer %q. Register another one for this portal.", k.Issuer)
	}
	code := c.NewSecret()
	d := session.Device{CodeHash: api.HashSecret(code), InstanceARN: instance.ARN, ClientID: k.ID, ClientName: k.Name,
		Scopes: k.Scopes, Refreshable: len(k.Scopes) > 0, Address: c.Address.String(), UserAgent: c.UserAgent,
		State: session.Pending, CreatedAt: c.Now, ExpiresAt: c.Now.Add(deviceLife)}
	err = c.Update(ctx, func(tx *store.Tx) error {
		if p, err := api.SignInPolicy(tx, instance.ARN); err != nil || p.Codes.Off {
			return cmp.Or(err, failure("UnauthorizedClientException", "The administrator has switched off signing in by a code. "+api.OtherThanCodes))
		}
		return saveDevice(tx, c, &d)
	})
	if err != nil {
		return nil, err
	}
	page := c.ExternalURL + "/device"
	complete := page + "?user_code=" + d.UserCode
	return &sdk.StartDeviceAuthorizationOutput{DeviceCode: &code, UserCode: &d.UserCode, VerificationUri: &page,
		VerificationUriComplete: &complete, ExpiresIn: int32(deviceLife / time.Second), Interval: deviceInterval}, nil
}

// saveDevice finds a user code that nobody else has.
func saveDevice(tx *store.Tx, c *api.Call, d *session.Device) error {
	for {
		d.UserCode = c.IDs.Text(4, userCodeAlphabet) + "-" + c.IDs.Text(4, userCodeAlphabet)
		_, err := store.Devices.By(tx, "user_code", d.UserCode)
		if errors.Is(err, store.ErrNotFound) {
			return store.Devices.Save(tx, d)
		}
		if err != nil {
			return err
		}
	}
}

// devices paces those that wait to be let in.
type devices struct{ pace *oidc.Pace }

// redeem gives a device its tokens once a person has let it in.
func (ds devices) redeem(ctx context.Context, c *api.Call, k *oidc.Client, in *sdk.CreateTokenInput) (tokens, error) {
	var t tokens
	hash := api.HashSecret(aws.ToString(in.DeviceCode))
	err := c.View(ctx, func(tx *store.Tx) error {
		_, err := readyDevice(tx, hash, k)
		return err
	})
	if fault.Is(err, "AuthorizationPendingException") { // most polls end here, without a write
		c.Unrecorded()
		if ds.pace.TooFast(hash, deviceInterval*time.Second, deviceLife, c.Now) {
			err = slowDown("The device asks more often than it was told to. Wait longer between two requests.")
		}
	}
	if err != nil {
		return t, err
	}
	err = c.Update(ctx, func(tx *store.Tx) error {
		d, err := readyDevice(tx, hash, k)
		if err != nil {
			return err
		}
		if t.session, err = live(tx, c, d.SessionID); err != nil {
			return err
		}
		if t.family = nil; d.Refreshable {
			if t.family, err = begin(tx, c, t.session, k, d.Scopes); err != nil {
				return err
			}
		}
		d.State = session.Redeemed
		return store.Devices.Save(tx, d)
	})
	return t, err
}

// readyDevice returns the device authorization that the client may redeem now, or why it may not.
func readyDevice(tx *store.Tx, hash []byte, k *oidc.Client) (*session.Device, error) {
	d, err := store.Devices.Get(tx, hash)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, invalidGrant()
	case err != nil:
		return nil, err
	case d.ClientID != k.ID || d.State == session.Redeemed:
		return nil, invalidGrant()
	case d.State == session.Refused:
		return nil, failure("AccessDeniedException", "The person at the browser refused.")
	case d.State == session.Forbidden:
		return nil, codesOff()
	case !tx.Now.Before(d.ExpiresAt):
		return nil, failure("ExpiredTokenException", "The code has ended. Begin again.")
	}
	if err := stillPermitted(tx, d); err != nil {
		return nil, err
	}
	if d.State == session.Pending {
		return nil, failure("AuthorizationPendingException", "Nobody has answered at the browser yet.")
	}
	return d, nil
}

// stillPermitted refuses a device that the policy of today lets nobody let in, or not the person who did.
func stillPermitted(tx *store.Tx, d *session.Device) error {
	p, err := api.SignInPolicy(tx, d.InstanceARN)
	if err != nil {
		return err
	}
	permitted := !p.Codes.Off
	if permitted && d.State == session.Approved {
		s, err := store.Portals.Get(tx, d.SessionID)
		if err != nil {
			return store.Missing(err, invalidGrant())
		}
		if permitted, err = api.LetsDevicesIn(tx, &p.Codes, s.UserID); err != nil {
			return err
		}
	}
	if !permitted {
		return codesOff()
	}
	return nil
}
