package sts

import (
	"context"
	"errors"

	sdk "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
)

// decodeAuthorizationMessage opens the message of a denial. It is bound to the account whose caller was denied: any other's
// is as wrong as one that somebody made up.
func decodeAuthorizationMessage(_ context.Context, c *api.Call, in *sdk.DecodeAuthorizationMessageInput) (*sdk.DecodeAuthorizationMessageOutput, error) {
	text, err := c.Seal.OpenDenial(*in.EncodedMessage, string(c.Principal.Account))
	if errors.Is(err, seal.ErrInvalid) {
		return nil, fault.New(fault.Invalid, "InvalidAuthorizationMessageException", "Message is not valid")
	}
	if err != nil {
		return nil, err
	}
	return &sdk.DecodeAuthorizationMessageOutput{DecodedMessage: &text}, nil
}
