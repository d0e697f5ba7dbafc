package iam

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// reservedSession is what every reserved role allows; the permission set's version says how long sessions really last.
const reservedSession = 12 * time.Hour

// homeRegion is the one region whose roles do not carry it in their path.
const homeRegion = "us-east-1"

// Reserved is where the role of a permission set stands. Everything that names the role derives from it, so that there may
// be half a million of them without any of their names being kept.
type Reserved struct {
	Instance, Set string // ARNs
	SetName       string
	Account       ident.AccountID
	Region        string // of the instance
}

// Key is 64 bits that the role's name and its id both show.
func (r Reserved) Key() uint64 {
	sum := r.digest("role", r.Set)
	return binary.BigEndian.Uint64(sum[:])
}

// Name returns the role's name.
func (r Reserved) Name() string { return r.nameWith(r.Key()) }

func (r Reserved) nameWith(key uint64) string {
	var digits [8]byte
	binary.BigEndian.PutUint64(digits[:], key)
	return ReservedPrefix + r.SetName + "_" + hex.EncodeToString(digits[:])
}

// ID returns the role's unique id.
func (r Reserved) ID() string {
	sum := r.digest("role", r.Set)
	return ident.RolePrefix + base32.StdEncoding.EncodeToString(sum[:])[:17]
}

// Path returns the role's path.
func (r Reserved) Path() string {
	if r.Region == homeRegion || r.Region == "" {
		return reservedPath
	}
	return reservedPath + r.Region + "/"
}

// ARN returns the role's ARN.
func (r Reserved) ARN() string { return r.ARNWith(r.Key()) }

// ARNWith is ARN for who knows the Key already.
func (r Reserved) ARNWith(key uint64) string {
	return ident.IAM(r.Account, "role"+r.Path()+r.nameWith(key))
}

// Role returns what derives of the role: neither its version and description nor its generation and time.
func (r Reserved) Role() *Role {
	return &Role{ID: r.ID(), Account: r.Account, Name: r.Name(), Path: r.Path(), Trust: r.trust(), MaxSession: reservedSession, PermissionSet: r.Set}
}

// trust is the role's trust policy: it names the SAML provider that AWS makes for an instance in every account.
func (r Reserved) trust() string {
	sum := r.digest("provider")
	provider := ident.IAM(r.Account, "saml-provider/AWSSSO_"+hex.EncodeToString(sum[:8])+"_DO_NOT_DELETE")
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + provider +
		`"},"Action":["sts:AssumeRoleWithSAML","sts:TagSession"],"Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}]}`
}

// digest derives bytes for a purpose. What goes in are ARNs and digits, so that the zero byte separates the parts.
func (r Reserved) digest(purpose string, more ...string) [sha256.Size]byte {
	text := purpose + "\x00" + r.Instance + "\x00" + string(r.Account)
	for _, m := range more {
		text += "\x00" + m
	}
	return sha256.Sum256([]byte(text))
}

// ReservedKeyOfName returns the key in the name of a reserved role, letter case aside.
func ReservedKeyOfName(name string) (key uint64, ok bool) {
	const digits = 16
	if len(name) <= len(ReservedPrefix)+digits || !strings.EqualFold(name[:len(ReservedPrefix)], ReservedPrefix) {
		return 0, false
	}
	sum, err := hex.DecodeString(name[len(name)-digits:])
	if err != nil {
		return 0, false
	}
	return binary.BigEndian.Uint64(sum), true
}

// ReservedKeyOfID returns the key in the id of a role, if it is that of a reserved one.
func ReservedKeyOfID(id string) (key uint64, ok bool) {
	rest, ok := strings.CutPrefix(id, ident.RolePrefix)
	if !ok || len(rest) != 17 {
		return 0, false
	}
	sum, err := base32.StdEncoding.DecodeString(rest[:16]) // 80 bits
	if err != nil {
		return 0, false
	}
	return binary.BigEndian.Uint64(sum), true
}
