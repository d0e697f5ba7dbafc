package self

import (
	"context"
	"errors"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/password"
	"github.com/gatehouse-sso/gatehouse/internal/session"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// sessionLife is how long a sign-in lasts: the identity center's default.
const sessionLife = 8 * time.Hour

// wrong is the one answer to a wrong name, a wrong password, a person without one, and a person who is disabled.
func wrong() error {
	return fault.New(fault.Denied, "AccessDeniedException", "The user name or the password is not right.")
}

// signIn proves a person and begins a session. It takes as long for names that nobody has as for those that somebody has.
func signIn(ctx context.Context, c *api.Call, in *SignInInput) (*SignInOutput, error) {
	instance := c.Snapshot.InstanceAt(in.Portal)
	if instance == nil {
		return nil, fault.New(fault.NotFound, "ResourceNotFoundException", "There is no portal here with this name.")
	}
	name := directory.Fold(in.UserName)
	if wait := c.Throttle.Attempt(instance.IdentityStoreID+"\x00"+name, c.Address); wait > 0 {
		return nil, fault.New(fault.Throttled, "TooManyRequestsException", "There were too many tries. Wait %s and try again.", wait.Round(time.Second))
	}
	user, err := prove(ctx, c, instance.IdentityStoreID, name, in.Password)
	if err != nil {
		return nil, err
	}
	c.Throttle.Success(instance.IdentityStoreID+"\x00"+name, c.Address)
	secret := c.NewSecret()
	s := newSession(c, user)
	s.SecretHash = api.HashSecret(secret)
	err = c.Update(ctx, func(tx *store.Tx) error {
		now, err := store.Users.Get(tx, user.ID)
		if err != nil || now.Disabled || now.PasswordHash != user.PasswordHash {
			return wrong() // changed while the password was being compared
		}
		s.Generation = now.Generation
		c.Note("userId", now.ID)
		return store.Portals.Save(tx, s)
	})
	if err != nil {
		return nil, err
	}
	return &SignInOutput{Secret: secret, ExpiresAt: s.ExpiresAt}, nil
}

func newSession(c *api.Call, u *directory.User) *session.Portal {
	return &session.Portal{ID: c.IDs.UUID(), StoreID: u.StoreID, UserID: u.ID, Generation: u.Generation,
		Address: c.Address.String(), UserAgent: c.UserAgent, CreatedAt: c.Now, ExpiresAt: c.Now.Add(sessionLife)}
}

// recordedName is how a tried name is recorded: as it is when somebody has it, and else hidden, since people type their
// password into the field of the name. See "AWS Management Console sign-in events" in the CloudTrail User Guide.
func recordedName(u *directory.User) string {
	if u == nil {
		return "HIDDEN_DUE_TO_SECURITY_REASONS"
	}
	return u.UserName
}

// prove compares the password, or does the same work for nothing.
func prove(ctx context.Context, c *api.Call, storeID, name, secret string) (*directory.User, error) {
	user, err := api.Look(ctx, c, func(tx *store.Tx) (*directory.User, error) {
		return store.Users.By(tx, "name", storeID, name)
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	c.Note("userName", recordedName(user))
	if err != nil || user.PasswordHash == "" || user.Disabled {
		if err := c.Passwords.VerifyNobody(ctx, secret); err != nil && !errors.Is(err, password.ErrTooLong) {
			return nil, err
		}
		return nil, wrong()
	}
	ok, _, err := c.Passwords.Verify(ctx, user.PasswordHash, secret)
	if errors.Is(err, password.ErrTooLong) {
		return nil, wrong()
	}
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, wrong()
	}
	return user, nil
}
