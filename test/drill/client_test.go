package drill_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/smithy-go"
)

// client is an administrator of the sample organization, by the AWS SDK.
type client struct {
	store  string // the id of the identity store
	reader *identitystore.Client
	writer *identitystore.Client // without a second attempt, which would hide what the first one did
	sso    *ssoadmin.Client
}

// config has credentials of an account's root user, which only who can read the data directory gets. They outlive the
// servers: they are sealed under keys that are stored.
func (s *site) config(t *testing.T, account string) aws.Config {
	t.Helper()
	var keys struct{ AccessKeyId, SecretAccessKey, SessionToken string }
	out := s.run(t, "break-glass", "--data", s.dir, "--account", account, "--format", "json")
	if err := json.Unmarshal(out, &keys); err != nil {
		t.Fatalf("break-glass: %v", err)
	}
	url := s.url()
	return aws.Config{Region: "us-east-1", BaseEndpoint: &url,
		Credentials: credentials.NewStaticCredentialsProvider(keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken)}
}

// client makes the clients of the management account.
func (s *site) client(t *testing.T) *client {
	t.Helper()
	config := s.config(t, management)
	server := s.serve(t)
	instances, err := ssoadmin.NewFromConfig(config).ListInstances(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(instances.Instances) != 1 {
		t.Fatalf("the sample has %d instances, want 1", len(instances.Instances))
	}
	server.stop(t)
	return &client{
		store:  *instances.Instances[0].IdentityStoreId,
		reader: identitystore.NewFromConfig(config),
		sso:    ssoadmin.NewFromConfig(config),
		writer: identitystore.NewFromConfig(config, func(o *identitystore.Options) { o.Retryer = aws.NopRetryer{} }),
	}
}

// createUser makes a user. answered tells whether the server said anything; only then is err its refusal.
func (c *client) createUser(ctx context.Context, name string) (id string, answered bool, err error) {
	out, err := c.writer.CreateUser(ctx, &identitystore.CreateUserInput{
		IdentityStoreId: &c.store, UserName: &name, DisplayName: &name,
		Name: &types.Name{GivenName: &name, FamilyName: aws.String("Drill")},
	})
	if err == nil {
		return *out.UserId, true, nil
	}
	var refusal smithy.APIError
	return "", errors.As(err, &refusal), err
}

// users lists every user's id by name.
func (c *client) users(t *testing.T) map[string]string {
	t.Helper()
	users := map[string]string{}
	pages := identitystore.NewListUsersPaginator(c.reader, &identitystore.ListUsersInput{IdentityStoreId: &c.store, MaxResults: aws.Int32(100)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatalf("list the users: %v", err)
		}
		for _, u := range page.Users {
			users[*u.UserName] = *u.UserId
		}
	}
	return users
}
