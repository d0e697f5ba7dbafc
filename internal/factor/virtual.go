package factor

import (
	"crypto/subtle"
	"net/url"
	"slices"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

// Virtual is a virtual MFA device of the IAM API: an authenticator app of an IAM user or a root user, or one that nobody
// has yet. See "Assign a virtual MFA device" in the IAM User Guide.
type Virtual struct {
	Serial     string // its ARN
	Account    ident.AccountID
	Owner      string // AIDA…, or the account's id for its root user; empty until it is enabled
	Tags       map[string]string
	SealedSeed []byte // bound to Serial

	Ahead int64   // by how many steps its clock is ahead of the server's, as it was last synchronised
	Used  []int64 // steps whose codes were used lately; they and all before them are used up

	CreatedAt time.Time
	EnabledAt time.Time
}

// VirtualSerial is the serial number of a virtual device.
func VirtualSerial(account ident.AccountID, path, name string) string {
	return ident.IAM(account, "mfa"+path+name)
}

// KeySerial is the serial number of a security key or passkey of an IAM user, or of the root user without a name. unique keeps
// two of one name apart: IAM appends as many letters. See "IAM identifiers" in the IAM User Guide.
func KeySerial(account ident.AccountID, userName, name, unique string) string {
	owner := "root/"
	if userName != "" {
		owner = "user/" + userName + "/"
	}
	return ident.IAM(account, "u2f/"+owner+name+"-"+unique)
}

// What the end of a KeySerial is made of.
const (
	KeySuffix         = 26
	KeySuffixAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
)

// MaxVirtual is how many devices an IAM user or root user may have, keys among them. See "AWS multi-factor authentication in
// IAM" in the IAM User Guide.
const MaxVirtual = 8

// window is how many steps there are from the first to the last whose codes are taken at one time.
const window = 2 * IAMDrift

// SyncReach is how many steps a clock may be off to be synchronised again.
const SyncReach = 100

// Accept uses up a code that the device shows now, give or take IAMDrift, and that was not used before. Codes may come out
// of their order, as on AWS.
func (v *Virtual) Accept(seed []byte, code string, now time.Time) bool {
	middle, at, found := step(now)+v.Ahead, int64(0), false
	for s := middle - IAMDrift; s <= middle+IAMDrift; s++ {
		if sameCode(seed, s, code) && !v.spent(s) {
			at, found = s, true
		}
	}
	if found {
		v.spend(at)
	}
	return found
}

// Sync takes two codes in a row, both newer than any that was used, as proof of where the clock of the device stands: at
// most reach steps off.
func (v *Virtual) Sync(seed []byte, first, second string, now time.Time, reach int64) bool {
	for off := -reach; off <= reach; off++ {
		s := step(now) + off
		if s-1 <= v.newest() || !sameCode(seed, s-1, first) || !sameCode(seed, s, second) {
			continue
		}
		v.Ahead = 0
		if off < -IAMDrift || off > IAMDrift {
			v.Ahead = off
		}
		v.spend(s - 1)
		v.spend(s)
		return true
	}
	return false
}

func sameCode(seed []byte, step int64, code string) bool {
	return subtle.ConstantTimeCompare([]byte(Code(seed, step)), []byte(code)) == 1
}

// newest is the newest step that was used; before the first use, one before all others.
func (v *Virtual) newest() int64 {
	if len(v.Used) == 0 {
		return -1
	}
	return v.Used[len(v.Used)-1]
}

// spent reports whether the code of a step is used up. So are those that are too old for the window in which the newest one
// was used, because nobody remembers them.
func (v *Virtual) spent(step int64) bool {
	return step < v.newest()-window || slices.Contains(v.Used, step)
}

// spend notes a step as used, and forgets those that are too old to matter.
func (v *Virtual) spend(step int64) {
	at, there := slices.BinarySearch(v.Used, step)
	if !there {
		v.Used = slices.Insert(v.Used, at, step)
	}
	oldest := v.newest() - window
	v.Used = slices.DeleteFunc(v.Used, func(s int64) bool { return s < oldest })
}

// VirtualURI is what the QR code of a virtual device says; seed is as it is typed. See "VirtualMFADevice" in the IAM API
// Reference.
func VirtualURI(seed, issuer, name, account string) string {
	q := url.Values{"secret": {seed}, "issuer": {issuer}}
	return "otpauth://totp/" + url.PathEscape(name+"@"+account) + "?" + spaced(q)
}
