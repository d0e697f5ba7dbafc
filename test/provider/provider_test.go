package provider

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	accountsdk "github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/server"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

const management = string(apitest.Management)

// provider holds the clients of a server, with the credentials of one principal.
type provider struct {
	*apitest.World
	url  string
	home string // the account that the credentials are of

	organizations *organizations.Client
	ssoadmin      *ssoadmin.Client
	identitystore *identitystore.Client
	iam           *iam.Client
	account       *accountsdk.Client
	sts           *sts.Client

	instance, store *string // of the identity center, where there is one
}

// standalone starts a server with one account that is in no organization. The provider is its root user.
func standalone(t *testing.T) *provider {
	t.Helper()
	w := apitest.Empty(t, server.Tables())
	w.Time.Pass(time.Since(w.Time.Now())) // the SDK signs with the time that it is
	s := httptest.NewServer(w.Corridor)
	t.Cleanup(s.Close)
	a := &account.Account{ID: apitest.Management, Name: "Acme", Email: "root@acme.example", Status: account.Active, CreatedAt: w.Time.Now()}
	apitest.Save(w, store.Accounts, a)
	p := &provider{World: w, url: s.URL}
	return p.as(management, w.Root(a))
}

// as is the provider with other credentials, which are of an account.
func (p *provider) as(account string, k apitest.Keys) *provider {
	config := aws.Config{Region: "us-east-1", BaseEndpoint: &p.url, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(k.ID, k.Secret, k.Token)}
	return &provider{World: p.World, url: p.url, home: account, instance: p.instance, store: p.store,
		organizations: organizations.NewFromConfig(config), ssoadmin: ssoadmin.NewFromConfig(config),
		identitystore: identitystore.NewFromConfig(config), iam: iam.NewFromConfig(config),
		account: accountsdk.NewFromConfig(config), sts: sts.NewFromConfig(config)}
}

// organized starts a server with an organization and an identity center.
func organized(t *testing.T) *provider {
	t.Helper()
	p := standalone(t)
	made := apitest.Call[admin.EnableIdentityCenterOutput](p.World, admin.Name, "EnableIdentityCenter", &admin.EnableIdentityCenterInput{})
	p.instance, p.store = &made.InstanceArn, &made.IdentityStoreId
	return p
}
