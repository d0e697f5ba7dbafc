package ssooidc

import (
	"context"
	"errors"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// Device codes: how long one waits for a person, and how often a client may ask, in seconds.
const (
	deviceLife     = 10 * time.Minute
	deviceInterval = 5
	// userCodeAlphabet has no vowels, so that codes spell nothing, and no digits, so that none is taken for a letter. See
	// RFC 8628 section 6.1.
	userCodeAlphabet = "BCDFGHJKLMNPQRSTVWXZ"
)

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
	code := c.NewSecret()
	d := session.Device{CodeHash: api.HashSecret(code), InstanceARN: instance.ARN, ClientID: k.ID, ClientName: k.Name,
		Scopes: k.Scopes, Refreshable: len(k.Scopes) > 0, Address: c.Address.String(), UserAgent: c.UserAgent,
		State: session.Pending, CreatedAt: c.Now, ExpiresAt: c.Now.Add(deviceLife)}
	err = c.Update(ctx, func(tx *store.Tx) error {
		if _, err := store.Devices.DeleteExpired(tx, 100); err != nil {
			return err
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
