package door

import (
	"context"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
)

// RequestRootPasswordResetInput asks for a link by mail, by the address of an account.
type RequestRootPasswordResetInput struct{ Email string }

// RequestRootPasswordResetOutput is empty, whatever address was named.
type RequestRootPasswordResetOutput struct{}

// requestRootPasswordReset takes down that a root user wants a link.
func requestRootPasswordReset(ctx context.Context, c *api.Call, in *RequestRootPasswordResetInput) (*RequestRootPasswordResetOutput, error) {
	c.Event(api.SignInSource, "PasswordRecoveryRequested")
	email := directory.Fold(in.Email)
	if mail.CheckAddress(email) != nil {
		return nil, invalid("Type the e-mail address of the account.")
	}
	if err := c.Slow(api.RootResetTries(email)); err != nil {
		return nil, err
	}
	var chief ident.AccountID // in whose record it is told if nothing comes of it
	if a := c.Snapshot.ChiefAccount(); a != nil {
		chief = a.ID
	}
	return &RequestRootPasswordResetOutput{}, c.Forgot(ctx, chief, "", email)
}
