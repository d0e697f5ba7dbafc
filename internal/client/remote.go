package client

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

// Remote calls operations of a server with AWS credentials, in the protocol AWS JSON 1.1, which Gatehouse's own service
// and all that administrators need of AWS's speak. It knows no operation by itself: their inputs and outputs are the
// SDK's types, or Gatehouse's.
type Remote struct {
	Region      string
	Credentials aws.CredentialsProvider
	HTTP        *http.Client
	// Endpoint answers where a service is, by the name that the AWS CLI has for it.
	Endpoint func(ctx context.Context, service string) (string, error)
	Now      func() time.Time
}

// ErrNoEndpoint says that nothing names the server: what is not named must not become AWS itself.
var ErrNoEndpoint = errors.New("neither the command line nor the AWS configuration names the address of a gatehouse")

// ErrNoCredentials says that the AWS configuration yields no credentials.
var ErrNoCredentials = errors.New("there are no AWS credentials")

// ErrConfiguration says that the AWS configuration cannot be read.
var ErrConfiguration = errors.New("the AWS configuration cannot be read")

// remoteTimeout is how long one call may take.
const remoteTimeout = 2 * time.Minute

// sdkNames are the services as the section [services] of a configuration has them.
var sdkNames = map[string]string{
	"organizations": "Organizations", "identitystore": "identitystore", "sso-admin": "SSO Admin", "gatehouse": "SSO Admin",
}

// NewRemote reads credentials, region and endpoints as the AWS CLI does: from the environment and from the files of a
// profile. An endpoint that is given wins.
func NewRemote(ctx context.Context, endpoint, profile, region string) (*Remote, error) {
	options := []func(*config.LoadOptions) error{config.WithDefaultRegion("us-east-1")}
	if profile != "" {
		options = append(options, config.WithSharedConfigProfile(profile))
	}
	if region != "" {
		options = append(options, config.WithRegion(region))
	}
	c, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfiguration, err)
	}
	web := &http.Client{Timeout: remoteTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Remote{Region: c.Region, Credentials: c.Credentials, HTTP: web, Now: time.Now, Endpoint: func(ctx context.Context, service string) (string, error) {
		if endpoint != "" {
			return endpoint, nil
		}
		return configured(ctx, c, service)
	}}, nil
}

// configured finds the endpoint of a service in a configuration. See "Service-specific endpoints" in the AWS SDKs and
// Tools Reference Guide.
func configured(ctx context.Context, c aws.Config, service string) (string, error) {
	for _, source := range c.ConfigSources {
		s, ok := source.(interface {
			GetServiceBaseEndpoint(context.Context, string) (string, bool, error)
		})
		if !ok {
			continue
		}
		if url, found, err := s.GetServiceBaseEndpoint(ctx, sdkNames[service]); err != nil || found {
			return url, err
		}
	}
	if c.BaseEndpoint != nil {
		return *c.BaseEndpoint, nil
	}
	return "", ErrNoEndpoint
}

// Call calls an operation. What the server refuses comes back as a fault.
func (r *Remote) Call(ctx context.Context, service, operation string, in, out any) error {
	body, err := wire.AppendInput(nil, in)
	if err != nil {
		return err
	}
	request, err := r.signed(ctx, service, operation, body)
	if err != nil {
		return err
	}
	answer, err := r.HTTP.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	if answer.StatusCode == http.StatusOK {
		return wire.DecodeJSON(text, out)
	}
	return refused(operation, answer, text)
}

func (r *Remote) signed(ctx context.Context, service, operation string, body []byte) (*http.Request, error) {
	s := wire.ServiceNamed(service)
	if s == nil || s.Protocol != wire.AWSJSON {
		return nil, fmt.Errorf("the service %q does not speak %s", service, wire.AWSJSON)
	}
	to, err := r.Endpoint(ctx, service)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(to, "/")+"/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set("X-Amz-Target", s.TargetPrefix+operation)
	request.Header.Set("User-Agent", "gatehouse")
	keys, err := r.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoCredentials, err)
	}
	sum := sha256.Sum256(body)
	return request, v4.NewSigner().SignHTTP(ctx, keys, request, hex.EncodeToString(sum[:]), s.SigningName, r.Region, r.Now())
}

// refused reads the error of an answer. See "Operation error serialization" of the AWS JSON 1.1 protocol (smithy.io).
func refused(operation string, answer *http.Response, text []byte) error {
	code, _, _ := strings.Cut(answer.Header.Get("X-Amzn-Errortype"), ":")
	var said struct {
		Type    string `json:"__type"`
		Message string `json:"message"` // or Message: encoding/json takes both
	}
	if err := json.Unmarshal(text, &said); err != nil || code == "" && said.Type == "" {
		return fmt.Errorf("%s: the server answered %s", operation, answer.Status)
	}
	if code == "" {
		code = said.Type[strings.LastIndexByte(said.Type, '#')+1:]
	}
	kind := fault.Invalid
	if answer.StatusCode == http.StatusForbidden || strings.HasPrefix(code, "AccessDenied") {
		kind = fault.Denied
	}
	return &fault.Fault{Kind: kind, Code: code, Message: said.Message}
}
