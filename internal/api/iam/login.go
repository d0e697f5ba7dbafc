package iam

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/authz"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// holder is an IAM user with the password that they have or not, and what the account asks of it.
type holder struct {
	*iam.User
	login  *iam.Login // nil without
	policy *iam.PasswordPolicy
}

// lookHolder reads a holder outside of a change, because passwords are hashed outside of changes.
func lookHolder(ctx context.Context, c *api.Call, name *string) (*holder, error) {
	return api.Look(ctx, c, func(tx *store.Tx) (*holder, error) { return findHolder(tx, c, name) })
}

func findHolder(tx *store.Tx, c *api.Call, name *string) (*holder, error) {
	u, err := userOrCaller(tx, c, name)
	if err != nil {
		return nil, err
	}
	h := &holder{User: u}
	if h.policy, err = api.PasswordPolicy(tx, u.Account); err != nil {
		return nil, err
	}
	if h.login, err = store.Logins.Get(tx, u.ID); errors.Is(err, store.ErrNotFound) {
		h.login, err = nil, nil
	}
	return h, err
}

// loginOf is findHolder for one who has to have a password.
func loginOf(tx *store.Tx, c *api.Call, name *string) (*holder, error) {
	h, err := findHolder(tx, c, name)
	if err != nil {
		return nil, err
	}
	if h.login == nil {
		return nil, noSuchEntity("Login Profile for User %s cannot be found.", h.Name)
	}
	return h, nil
}

// createLogin gives a user a password.
func createLogin(ctx context.Context, c *api.Call, in *sdk.CreateLoginProfileInput) (*sdk.CreateLoginProfileOutput, error) {
	if in.Password == nil {
		return nil, validation("Must specify a password when calling with these credentials")
	}
	was, err := lookHolder(ctx, c, in.UserName)
	if err != nil {
		return nil, err
	}
	exists := entityExists("Login Profile for user %s already exists.", was.Name)
	if was.login != nil {
		return nil, exists
	}
	hash, err := c.HashIAMPassword(ctx, *in.Password, was.policy, nil, c.Words(was.User)...)
	if err != nil {
		return nil, err
	}
	l := &iam.Login{Owner: was.ID, Account: was.Account, ResetRequired: in.PasswordResetRequired}
	err = c.Update(ctx, func(tx *store.Tx) error {
		if _, err := store.IAMUsers.Get(tx, was.ID); err != nil {
			return store.Missing(err, noUser(was.Name))
		}
		_, err := store.Logins.Get(tx, was.ID)
		if err := free(err, exists); err != nil {
			return err
		}
		l.CreatedAt = tx.Now
		l.Hash, l.ChangedAt = hash, tx.Now
		return store.Logins.Save(tx, l)
	})
	if err != nil {
		return nil, err
	}
	return &sdk.CreateLoginProfileOutput{LoginProfile: describeLogin(was.Name, l)}, nil
}

func getLogin(ctx context.Context, c *api.Call, in *sdk.GetLoginProfileInput) (*sdk.GetLoginProfileOutput, error) {
	out := &sdk.GetLoginProfileOutput{}
	return out, c.View(ctx, func(tx *store.Tx) error {
		h, err := loginOf(tx, c, in.UserName)
		if err == nil {
			out.LoginProfile = describeLogin(h.Name, h.login)
		}
		return err
	})
}

// updateLogin sets another password for a user, or has the user set one at the next sign-in. It ends what was begun with
// the password before.
func updateLogin(ctx context.Context, c *api.Call, in *sdk.UpdateLoginProfileInput) (*sdk.UpdateLoginProfileOutput, error) {
	was, err := api.Look(ctx, c, func(tx *store.Tx) (*holder, error) { return loginOf(tx, c, in.UserName) })
	if err != nil {
		return nil, err
	}
	hash := ""
	if in.Password != nil {
		if hash, err = c.HashIAMPassword(ctx, *in.Password, was.policy, was.login, c.Words(was.User)...); err != nil {
			return nil, err
		}
	}
	return nil, c.Update(ctx, func(tx *store.Tx) error {
		h, err := loginOf(tx, c, in.UserName)
		if err != nil {
			return err
		}
		if in.PasswordResetRequired != nil {
			h.login.ResetRequired = *in.PasswordResetRequired
		}
		if hash != "" {
			h.login.Change(hash, tx.Now)
			if err := api.EndSessions(tx, h.ID, ""); err != nil {
				return err
			}
		}
		return store.Logins.Save(tx, h.login)
	})
}

func deleteLogin(ctx context.Context, c *api.Call, in *sdk.DeleteLoginProfileInput) (*sdk.DeleteLoginProfileOutput, error) {
	return nil, c.Update(ctx, func(tx *store.Tx) error {
		h, err := loginOf(tx, c, in.UserName)
		if err != nil {
			return err
		}
		if err := api.EndSessions(tx, h.ID, ""); err != nil {
			return err
		}
		return store.Logins.Delete(tx, h.login)
	})
}

// changedUser is the resource of ChangePassword: the IAM user who calls, who alone may.
func changedUser(_ context.Context, c *api.Call, _ *sdk.ChangePasswordInput) ([]api.Target, error) {
	if c.Principal.Kind != authz.IAMUser {
		return nil, fault.New(fault.Invalid, "InvalidUserType", "Only IAM Users can change their own password")
	}
	return subject{self: true}.targets(c), nil
}

// changePassword sets another password for who proves the one before. Tries count as those at the sign-in do, so that who
// finds an access key cannot guess at the password with it.
func changePassword(ctx context.Context, c *api.Call, in *sdk.ChangePasswordInput) (*sdk.ChangePasswordOutput, error) {
	was, err := api.Look(ctx, c, func(tx *store.Tx) (*holder, error) { return loginOf(tx, c, nil) })
	if err != nil {
		return nil, err
	}
	tries := api.IAMPasswordTries(was.Account, was.Name)
	if err := c.Slow(tries); err != nil {
		return nil, err
	}
	ok, _, err := c.Passwords.Verify(ctx, was.login.Hash, *in.OldPassword)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, denied("The old password was incorrect.")
	}
	c.Throttle.Success(tries, c.Address)
	hash, err := c.HashIAMPassword(ctx, *in.NewPassword, was.policy, was.login, c.Words(was.User)...)
	if err != nil {
		return nil, err
	}
	return nil, c.Update(ctx, func(tx *store.Tx) error {
		h, err := loginOf(tx, c, nil)
		if err != nil {
			return err
		}
		if h.login.Hash != was.login.Hash {
			return denied("The old password was incorrect.") // it was changed meanwhile
		}
		h.login.Change(hash, tx.Now)
		h.login.ResetRequired = false
		if err := api.EndSessions(tx, h.ID, c.Principal.SessionID); err != nil {
			return err
		}
		return store.Logins.Save(tx, h.login)
	})
}

func describeLogin(user string, l *iam.Login) *types.LoginProfile {
	return &types.LoginProfile{UserName: &user, CreateDate: &l.CreatedAt, PasswordResetRequired: l.ResetRequired}
}

// shortestByPolicy is the least length of passwords where a policy names none. See "UpdateAccountPasswordPolicy" in the IAM
// API Reference.
const shortestByPolicy = 6

// updatePasswordPolicy sets the policy whole: what is left out gets its default back.
func updatePasswordPolicy(ctx context.Context, c *api.Call, in *sdk.UpdateAccountPasswordPolicyInput) (*sdk.UpdateAccountPasswordPolicyOutput, error) {
	p := &iam.PasswordPolicy{Account: c.Principal.Account, MinLength: shortestByPolicy, Symbols: in.RequireSymbols, Numbers: in.RequireNumbers,
		Upper: in.RequireUppercaseCharacters, Lower: in.RequireLowercaseCharacters, UsersChange: in.AllowUsersToChangePassword,
		MaxAgeDays: int(aws.ToInt32(in.MaxPasswordAge)), Reuse: int(aws.ToInt32(in.PasswordReusePrevention)), HardExpiry: aws.ToBool(in.HardExpiry)}
	if in.MinimumPasswordLength != nil {
		p.MinLength = int(*in.MinimumPasswordLength)
	}
	return nil, c.Update(ctx, func(tx *store.Tx) error { return store.PasswordPolicies.Save(tx, p) })
}

func getPasswordPolicy(ctx context.Context, c *api.Call, _ *sdk.GetAccountPasswordPolicyInput) (*sdk.GetAccountPasswordPolicyOutput, error) {
	p, err := api.Look(ctx, c, func(tx *store.Tx) (*iam.PasswordPolicy, error) {
		return store.PasswordPolicies.Get(tx, c.Principal.Account)
	})
	if err != nil {
		return nil, store.Missing(err, noSuchEntity("The Password Policy with domain name %s cannot be found.", c.Principal.Account))
	}
	out := &types.PasswordPolicy{MinimumPasswordLength: aws.Int32(int32(p.MinLength)), RequireSymbols: p.Symbols, RequireNumbers: p.Numbers,
		RequireUppercaseCharacters: p.Upper, RequireLowercaseCharacters: p.Lower, AllowUsersToChangePassword: p.UsersChange,
		ExpirePasswords: p.MaxAgeDays > 0, HardExpiry: aws.Bool(p.HardExpiry)}
	if p.MaxAgeDays > 0 {
		out.MaxPasswordAge = aws.Int32(int32(p.MaxAgeDays))
	}
	if p.Reuse > 0 {
		out.PasswordReusePrevention = aws.Int32(int32(p.Reuse))
	}
	return &sdk.GetAccountPasswordPolicyOutput{PasswordPolicy: out}, nil
}

func deletePasswordPolicy(ctx context.Context, c *api.Call, _ *sdk.DeleteAccountPasswordPolicyInput) (*sdk.DeleteAccountPasswordPolicyOutput, error) {
	return nil, c.Update(ctx, func(tx *store.Tx) error {
		p, err := store.PasswordPolicies.Get(tx, c.Principal.Account)
		if err != nil {
			return store.Missing(err, noSuchEntity("The account policy with name PasswordPolicy cannot be found."))
		}
		return store.PasswordPolicies.Delete(tx, p)
	})
}
