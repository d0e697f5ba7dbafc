package connect

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// How long certificates are good for. A leaf is made anew in its second half, so that none runs out in use.
const (
	authorityLife = 10 * 365 * 24 * time.Hour
	leafLife      = 24 * time.Hour
	skew          = time.Hour // by how much a client's clock may be behind
)

// Authority issues certificates for the names of Names. It is safe for concurrent use.
type Authority struct {
	cert   *x509.Certificate
	key    crypto.Signer
	names  map[string]bool
	random io.Reader
	now    func() time.Time

	mu     sync.Mutex
	leaves map[string]*tls.Certificate // as many as there are names at most
}

// Sealer seals the authority's key.
type Sealer struct {
	Ring   *seal.Ring
	Random io.Reader
	Now    func() time.Time
}

// Stored returns the authority that the database has, or store.ErrNotFound: also for one that is over.
func (s Sealer) Stored(tx *store.Tx) (*Authority, error) {
	row, err := tx.Authority()
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(row.Certificate)
	if err != nil {
		return nil, fmt.Errorf("the certificate of the authority: %w", err)
	}
	if s.Now().After(cert.NotAfter) {
		return nil, store.ErrNotFound
	}
	pkcs8, err := s.Ring.OpenValue(row.SealedKey, binding(row.Certificate))
	if err != nil {
		return nil, fmt.Errorf("the key of the authority: %w", err)
	}
	key, err := x509.ParsePKCS8PrivateKey([]byte(pkcs8.Reveal()))
	if err != nil {
		return nil, fmt.Errorf("the key of the authority: %w", err)
	}
	signer, ok := key.(*ecdsa.PrivateKey)
	if !ok || !signer.PublicKey.Equal(cert.PublicKey) {
		return nil, errors.New("the key of the authority is not that of its certificate")
	}
	return s.authority(cert, signer), nil
}

// Ensure is Stored, and makes an authority where there is none.
func (s Sealer) Ensure(tx *store.Tx) (*Authority, error) {
	a, err := s.Stored(tx)
	if !errors.Is(err, store.ErrNotFound) {
		return a, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), s.Random)
	if err != nil {
		return nil, err
	}
	cert, err := s.mint(key)
	if err != nil {
		return nil, fmt.Errorf("make an authority: %w", err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	row := &store.Authority{Certificate: cert.Raw}
	if row.SealedKey, err = s.Ring.SealValue(seal.Secret(pkcs8), binding(cert.Raw), s.Random); err != nil {
		return nil, err
	}
	return s.authority(cert, key), tx.SetAuthority(row)
}

// binding ties a key to its certificate.
func binding(cert []byte) []byte {
	sum := sha256.Sum256(cert)
	return append([]byte("authority\x00"), sum[:]...)
}

func (s Sealer) authority(cert *x509.Certificate, key crypto.Signer) *Authority {
	a := &Authority{cert: cert, key: key, names: map[string]bool{}, random: s.Random, now: s.Now, leaves: map[string]*tls.Certificate{}}
	permitted := map[string]bool{} // by the certificate, which may be older than this program
	for _, name := range cert.PermittedDNSDomains {
		permitted[name] = true
	}
	for _, name := range Names() {
		a.names[name] = permitted[name]
	}
	return a
}

// mint makes the authority's certificate. DNS names are constrained to what is permitted, and IP addresses, which a
// constraint on names says nothing about, to none.
func (s Sealer) mint(key crypto.Signer) (*x509.Certificate, error) {
	now := s.Now()
	any4, any6 := &net.IPNet{IP: net.IPv4zero, Mask: net.CIDRMask(0, 32)}, &net.IPNet{IP: net.IPv6zero, Mask: net.CIDRMask(0, 128)}
	template := &x509.Certificate{
		Subject:                     pkix.Name{CommonName: "Gatehouse, for its own names of AWS only"},
		NotBefore:                   now.Add(-skew),
		NotAfter:                    now.Add(authorityLife),
		IsCA:                        true,
		BasicConstraintsValid:       true,
		MaxPathLenZero:              true,
		KeyUsage:                    x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage:                 []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         Names(),
		ExcludedIPRanges:            []*net.IPNet{any4, any6},
	}
	der, err := x509.CreateCertificate(s.Random, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// PEM returns the certificate that clients trust.
func (a *Authority) PEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}))
}

// Serves reports whether the authority issues certificates for a name.
func (a *Authority) Serves(name string) bool { return a.names[name] }

// Leaf returns a certificate for a name.
func (a *Authority) Leaf(name string) (*tls.Certificate, error) {
	if !a.Serves(name) {
		return nil, fmt.Errorf("%s is not served", name)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	if leaf := a.leaves[name]; leaf != nil && now.Add(leafLife/2).Before(leaf.Leaf.NotAfter) {
		return leaf, nil
	}
	leaf, err := a.issue(name, now)
	if err != nil {
		return nil, fmt.Errorf("a certificate for %s: %w", name, err)
	}
	a.leaves[name] = leaf
	return leaf, nil
}

func (a *Authority) issue(name string, now time.Time) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), a.random)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		DNSNames:              []string{name},
		NotBefore:             now.Add(-skew),
		NotAfter:              now.Add(leafLife),
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(a.random, template, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}
