package clients_test

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// person signs in and approves by posting the pages' forms, as a browser
// without JavaScript does. Tests of the pages themselves use a real one.
type person struct {
	t    *testing.T
	dev  *testkit.Dev
	http *http.Client
}

func signIn(t *testing.T, d *testkit.Dev, user string) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &person{t: t, dev: d, http: &http.Client{Jar: jar, Timeout: time.Minute}}
	p.post("/signin", url.Values{"user": {user}, "password": {d.Password(t, user)}, "to": {"/start"}})
	return p
}

func (p *person) post(path string, form url.Values) string {
	p.t.Helper()
	resp, err := p.http.PostForm(p.dev.URL+path, form)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		p.t.Fatalf("POST %s answers %s:\n%s", path, resp.Status, body)
	}
	return string(body)
}

// allow lets in the device that shows a code.
func (p *person) allow(userCode string) {
	p.t.Helper()
	p.post("/device/answer", url.Values{"user_code": {userCode}, "answer": {"allow"}})
}

// token is a file of ~/.aws/sso/cache, which the AWS CLI and the SDKs share.
type token struct {
	StartURL              string `json:"startUrl"`
	Region                string `json:"region"`
	AccessToken           string `json:"accessToken"`
	ExpiresAt             string `json:"expiresAt"`
	ClientID              string `json:"clientId"`
	ClientSecret          string `json:"clientSecret"`
	RegistrationExpiresAt string `json:"registrationExpiresAt"`
	RefreshToken          string `json:"refreshToken"`
}

// token gets a token by device code and puts it where clients with a profile
// of this session look for it.
func (p *person) token(session testkit.Profile) token {
	p.t.Helper()
	client := oidc(p.dev)
	reg, err := client.RegisterClient(p.t.Context(), &ssooidc.RegisterClientInput{
		ClientName: aws.String("botocore-client-test"),
		ClientType: aws.String("public"),
		Scopes:     []string{"sso:account:access"},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	device, err := client.StartDeviceAuthorization(p.t.Context(), &ssooidc.StartDeviceAuthorizationInput{
		ClientId: reg.ClientId, ClientSecret: reg.ClientSecret, StartUrl: aws.String(session.Keys["sso_start_url"]),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.allow(*device.UserCode)
	out, err := client.CreateToken(p.t.Context(), &ssooidc.CreateTokenInput{
		ClientId: reg.ClientId, ClientSecret: reg.ClientSecret, DeviceCode: device.DeviceCode,
		GrantType: aws.String("urn:ietf:params:oauth:grant-type:device_code"),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	tok := token{
		StartURL: session.Keys["sso_start_url"], Region: session.Keys["sso_region"],
		AccessToken: *out.AccessToken, ExpiresAt: stamp(time.Now().Add(time.Duration(out.ExpiresIn) * time.Second)),
		ClientID: *reg.ClientId, ClientSecret: *reg.ClientSecret,
		RegistrationExpiresAt: stamp(time.Unix(reg.ClientSecretExpiresAt, 0)),
		RefreshToken:          aws.ToString(out.RefreshToken),
	}
	writeToken(p.t, p.dev, session.Name, tok)
	return tok
}

func oidc(d *testkit.Dev) *ssooidc.Client {
	return ssooidc.New(ssooidc.Options{Region: "us-east-1", BaseEndpoint: aws.String(d.URL)})
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05Z") }

func tokenFile(d *testkit.Dev, session string) string {
	sum := sha1.Sum([]byte(session))
	return filepath.Join(d.Home, ".aws", "sso", "cache", hex.EncodeToString(sum[:])+".json")
}

func writeToken(t *testing.T, d *testkit.Dev, session string, tok token) {
	t.Helper()
	data, err := json.Marshal(tok)
	if err != nil {
		t.Fatal(err)
	}
	file := tokenFile(d, session)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func readToken(t *testing.T, d *testkit.Dev, session string) token {
	t.Helper()
	data, err := os.ReadFile(tokenFile(d, session))
	if err != nil {
		t.Fatal(err)
	}
	var tok token
	if err := json.Unmarshal(data, &tok); err != nil {
		t.Fatal(err)
	}
	return tok
}
