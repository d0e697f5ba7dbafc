package connect

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdkaccount "github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	transport "github.com/aws/smithy-go/endpoints"

	"github.com/gatehouse-sso/gatehouse/internal/account"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
	"github.com/gatehouse-sso/gatehouse/internal/store/storetest"
)

// sealer seals under a ring of its own.
func sealer(t *testing.T) Sealer {
	t.Helper()
	root, err := seal.FromBytes(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := root.MintMissing(nil, rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	ring, err := seal.NewRing(root, keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	return Sealer{Ring: ring, Random: rand.Reader, Now: time.Now}
}

// ensured is the authority of a database.
func ensured(t *testing.T, s Sealer, db *store.Store) *Authority {
	t.Helper()
	var a *Authority
	err := db.Update(t.Context(), func(tx *store.Tx) (err error) {
		a, err = s.Ensure(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func authority(t *testing.T) *Authority {
	t.Helper()
	return ensured(t, sealer(t), storetest.Open(t, time.Now))
}

// trusting is what a client has that trusts an authority.
func trusting(t *testing.T, a *Authority) *x509.CertPool {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(a.PEM())) {
		t.Fatal("no certificate can be read")
	}
	return pool
}

func TestEveryNodeHasTheSameAuthority(t *testing.T) {
	t.Parallel()
	s, db := sealer(t), storetest.Open(t, time.Now)
	first, second := ensured(t, s, db), ensured(t, s, db)
	if first.PEM() != second.PEM() {
		t.Error("there are two authorities")
	}
	leaf, err := second.Leaf("sts.amazonaws.com")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := leaf.Leaf.Verify(x509.VerifyOptions{Roots: trusting(t, first), DNSName: "sts.amazonaws.com"}); err != nil {
		t.Errorf("who trusts the first does not trust the second: %v", err)
	}
}

func TestTheKeyOfTheAuthorityIsSealedAndBoundToItsCertificate(t *testing.T) {
	t.Parallel()
	s, db := sealer(t), storetest.Open(t, time.Now)
	a, other := ensured(t, s, db), authority(t)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(t.Context(), func(tx *store.Tx) error {
		row, err := tx.Authority()
		if err != nil {
			return err
		}
		if slices.Contains([]string{string(pkcs8)}, string(row.SealedKey)) {
			t.Error("the key is stored as it is")
		}
		row.Certificate = other.cert.Raw
		return tx.SetAuthority(row)
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.View(t.Context(), func(tx *store.Tx) error { _, err := s.Stored(tx); return err })
	if !errors.Is(err, seal.ErrInvalid) {
		t.Errorf("beside another certificate the key opens: %v", err)
	}
}

func TestAnAuthorityThatIsOverIsMadeAnew(t *testing.T) {
	t.Parallel()
	s, db := sealer(t), storetest.Open(t, time.Now)
	old := ensured(t, s, db)
	s.Now = func() time.Time { return time.Now().Add(authorityLife + time.Hour) }
	if ensured(t, s, db).PEM() == old.PEM() {
		t.Error("an authority that is over is still used")
	}
}

func TestLeavesAreShortLivedAndMadeAnewInTime(t *testing.T) {
	t.Parallel()
	a, passed := authority(t), time.Duration(0)
	begin := time.Now()
	a.now = func() time.Time { return begin.Add(passed) }
	leaf := func() *x509.Certificate {
		c, err := a.Leaf("iam.amazonaws.com")
		if err != nil {
			t.Fatal(err)
		}
		return c.Leaf
	}
	first := leaf()
	if life := first.NotAfter.Sub(begin); life > 25*time.Hour {
		t.Errorf("a leaf lives for %v", life)
	}
	passed = leafLife/2 - time.Minute
	if leaf() != first {
		t.Error("a leaf is made anew too early")
	}
	passed = leafLife/2 + time.Minute
	if leaf() == first {
		t.Error("a leaf is not made anew in its second half")
	}
}

// What a thief of the key could make, no client takes.
func TestTheAuthorityCanVouchForNothingElse(t *testing.T) {
	t.Parallel()
	a := authority(t)
	server := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for name, c := range map[string]struct {
		template x509.Certificate
		ask      x509.VerifyOptions
		fine     bool
	}{
		"a name that is served":         {x509.Certificate{DNSNames: []string{"oidc.eu-west-1.amazonaws.com"}}, x509.VerifyOptions{DNSName: "oidc.eu-west-1.amazonaws.com"}, true},
		"another service of AWS":        {x509.Certificate{DNSNames: []string{"s3.amazonaws.com"}}, x509.VerifyOptions{DNSName: "s3.amazonaws.com"}, false},
		"AWS's own sign-in":             {x509.Certificate{DNSNames: []string{"signin.aws.amazon.com"}}, x509.VerifyOptions{DNSName: "signin.aws.amazon.com"}, false},
		"all of AWS":                    {x509.Certificate{DNSNames: []string{"*.amazonaws.com"}}, x509.VerifyOptions{DNSName: "ec2.amazonaws.com"}, false},
		"a bank beside a name":          {x509.Certificate{DNSNames: []string{"iam.amazonaws.com", "bank.example"}}, x509.VerifyOptions{DNSName: "bank.example"}, false},
		"a name that ends like one":     {x509.Certificate{DNSNames: []string{"eviliam.amazonaws.com"}}, x509.VerifyOptions{DNSName: "eviliam.amazonaws.com"}, false},
		"an address":                    {x509.Certificate{IPAddresses: []net.IP{net.IPv4(203, 0, 113, 1)}}, x509.VerifyOptions{DNSName: "203.0.113.1"}, false},
		"an address of version 6":       {x509.Certificate{IPAddresses: []net.IP{net.ParseIP("2001:db8::1")}}, x509.VerifyOptions{DNSName: "2001:db8::1"}, false},
		"a person":                      {x509.Certificate{EmailAddresses: []string{"a@example.com"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}}, x509.VerifyOptions{KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}}, false},
		"a program":                     {x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}}, x509.VerifyOptions{KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}}, false},
		"a client of a served name":     {x509.Certificate{DNSNames: []string{"iam.amazonaws.com"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, x509.VerifyOptions{KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, false},
		"a Region that does not exist":  {x509.Certificate{DNSNames: []string{"sts.us-north-9.amazonaws.com"}}, x509.VerifyOptions{DNSName: "sts.us-north-9.amazonaws.com"}, false},
		"the same in another partition": {x509.Certificate{DNSNames: []string{"sts.cn-north-1.amazonaws.com.cn"}}, x509.VerifyOptions{DNSName: "sts.cn-north-1.amazonaws.com.cn"}, false},
	} {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template := c.template
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Minute), time.Now().Add(time.Hour)
		if template.ExtKeyUsage == nil {
			template.ExtKeyUsage = server
		}
		der, err := x509.CreateCertificate(rand.Reader, &template, a.cert, key.Public(), a.key)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		c.ask.Roots = trusting(t, a)
		if _, err := leaf.Verify(c.ask); (err == nil) != c.fine {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheAuthorityCannotMakeAnother(t *testing.T) {
	t.Parallel()
	a := authority(t)
	sign := func(template, parent *x509.Certificate, by any) (*x509.Certificate, *ecdsa.PrivateKey) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Minute), time.Now().Add(time.Hour)
		der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return cert, key
	}
	middle, key := sign(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, a.cert, a.key)
	leaf, _ := sign(&x509.Certificate{DNSNames: []string{"iam.amazonaws.com"}}, middle, key)
	between := x509.NewCertPool()
	between.AddCert(middle)
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: trusting(t, a), Intermediates: between, DNSName: "iam.amazonaws.com"}); err == nil {
		t.Error("an authority under it is trusted")
	}
}

func TestTheCertificateIsOneBlockOfPEMWithoutTheKey(t *testing.T) {
	t.Parallel()
	block, rest := pem.Decode([]byte(authority(t).PEM()))
	if block == nil || block.Type != "CERTIFICATE" || len(rest) > 0 {
		t.Errorf("got %v and %d bytes more", block, len(rest))
	}
}

// What the SDK calls in any Region, for any service that runs here, is served.
func TestTheEndpointsOfTheSDKAreServed(t *testing.T) {
	t.Parallel()
	a, ctx := authority(t), context.Background()
	type resolved func(region string) (transport.Endpoint, error)
	for service, resolve := range map[string]resolved{
		"account": func(r string) (transport.Endpoint, error) {
			return sdkaccount.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, sdkaccount.EndpointParameters{Region: &r})
		},
		"iam": func(r string) (transport.Endpoint, error) {
			return iam.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, iam.EndpointParameters{Region: &r})
		},
		"identitystore": func(r string) (transport.Endpoint, error) {
			return identitystore.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, identitystore.EndpointParameters{Region: &r})
		},
		"organizations": func(r string) (transport.Endpoint, error) {
			return organizations.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, organizations.EndpointParameters{Region: &r})
		},
		"sso": func(r string) (transport.Endpoint, error) {
			return sso.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, sso.EndpointParameters{Region: &r})
		},
		"sso-admin": func(r string) (transport.Endpoint, error) {
			return ssoadmin.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, ssoadmin.EndpointParameters{Region: &r})
		},
		"sso-oidc": func(r string) (transport.Endpoint, error) {
			return ssooidc.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, ssooidc.EndpointParameters{Region: &r})
		},
		"sts": func(r string) (transport.Endpoint, error) {
			return sts.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, sts.EndpointParameters{Region: &r})
		},
		"sts, globally": func(r string) (transport.Endpoint, error) {
			return sts.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, sts.EndpointParameters{Region: &r, UseGlobalEndpoint: aws.Bool(true)})
		},
	} {
		for _, r := range account.Regions() {
			e, err := resolve(r.Name)
			if err != nil {
				t.Fatal(err)
			}
			if !a.Serves(e.URI.Hostname()) {
				t.Errorf("%s in %s is at %s, which is not served", service, r.Name, e.URI.Hostname())
			}
		}
	}
}
