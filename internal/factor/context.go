package factor

import (
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// TrustLife is how long a browser is trusted, and for how long a second factor may so not be asked for. See "Trusted
// devices" under "Prompt users for MFA" in the IAM Identity Center User Guide.
const TrustLife = 30 * 24 * time.Hour

// Context is where a sign-in comes from, as far as it is compared: the family of the browser and the network. Addresses
// change within a network every day.
type Context struct {
	Family  string
	Network netip.Prefix
}

// ContextOf reads the context of a request.
func ContextOf(userAgent string, address netip.Addr) Context {
	return Context{Family: Browser(userAgent), Network: network(address)}
}

// network is what a provider or a company has at one place, usually: an IPv4 /24, an IPv6 /48.
func network(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := 24
	if a.Is6() {
		bits = 48
	}
	p, _ := a.Prefix(bits) // zero for no address
	return p
}

// Browser names the browser and the system of a user agent, as in "Firefox on Linux". What it does not know is "Another
// browser".
func Browser(userAgent string) string {
	first := func(names ...[2]string) string {
		for _, n := range names {
			if strings.Contains(userAgent, n[0]) {
				return n[1]
			}
		}
		return ""
	}
	// In this order: each claims to be those after it.
	browser := first([2]string{"Edg", "Edge"}, [2]string{"OPR/", "Opera"}, [2]string{"Firefox/", "Firefox"}, [2]string{"FxiOS/", "Firefox"},
		[2]string{"CriOS/", "Chrome"}, [2]string{"Chrome/", "Chrome"}, [2]string{"Safari/", "Safari"})
	system := first([2]string{"Android", "Android"}, [2]string{"iPhone", "iPhone"}, [2]string{"iPad", "iPad"},
		[2]string{"Windows", "Windows"}, [2]string{"Mac OS X", "macOS"}, [2]string{"CrOS", "ChromeOS"}, [2]string{"Linux", "Linux"})
	switch {
	case browser == "":
		return "Another browser"
	case system == "":
		return browser
	}
	return browser + " on " + system
}

// Trust is what a trusted browser keeps, sealed: whose browser it is, the state of their credentials at that time, its
// context, and until when.
type Trust struct {
	UserID  string
	State   []byte
	Context Context
	Until   time.Time
}

// Holds reports whether a browser that has t is trusted for a person in this state and context.
func (t *Trust) Holds(userID string, state []byte, c Context, now time.Time) bool {
	return t.UserID == userID && slices.Equal(t.State, state) && t.Context == c && c.Network.IsValid() && now.Before(t.Until)
}

// Encode writes t; no part holds a NUL.
func (t *Trust) Encode() []byte {
	return []byte(strings.Join([]string{t.UserID, t.Context.Family, t.Context.Network.String(),
		strconv.FormatInt(t.Until.UnixMilli(), 10), string(t.State)}, "\x00"))
}

// DecodeTrust reads what Encode wrote.
func DecodeTrust(raw []byte) (*Trust, bool) {
	part := strings.SplitN(string(raw), "\x00", 5)
	if len(part) != 5 {
		return nil, false
	}
	network, err := netip.ParsePrefix(part[2])
	until, err2 := strconv.ParseInt(part[3], 10, 64)
	if err != nil || err2 != nil {
		return nil, false
	}
	return &Trust{UserID: part[0], State: []byte(part[4]), Context: Context{part[1], network}, Until: time.UnixMilli(until).UTC()}, true
}

// Fingerprint is the state of a person's credentials: it differs once their password or generation changed, or a device
// was added or removed. What was begun or trusted in one state does not go on in another.
func Fingerprint(passwordHash string, generation uint64, devices []*Device) []byte {
	ids := make([]string, len(devices))
	for i, d := range devices {
		ids[i] = d.ID
	}
	slices.Sort(ids)
	h := sha256.New()
	for _, part := range append([]string{passwordHash, strconv.FormatUint(generation, 10)}, ids...) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write([]byte(part))
	}
	return h.Sum(nil)
}
