package factor_test

import (
	"bytes"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehouse-sso/gatehouse/internal/factor"
)

// TestSecretsAreLongEnough holds them to the 160 bits that RFC 4226 section 4 recommends.
func TestSecretsAreLongEnough(t *testing.T) {
	t.Parallel()
	if factor.SecretSize*8 < 160 {
		t.Errorf("secrets of apps have %d bits", factor.SecretSize*8)
	}
}

// TestCodesAreThoseOfTheRFC has the vectors of RFC 6238 appendix B, of which people's apps show the last six digits.
func TestCodesAreThoseOfTheRFC(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924",
		2000000000: "279037", 20000000000: "353130"} {
		if got := factor.CodeAt(secret, time.Unix(at, 0)); got != want {
			t.Errorf("at %d: got %s, want %s", at, got, want)
		}
	}
}

// TestCodesAreMatchedWithinTheirDriftAndOnce shows codes of many steps around now. See RFC 6238 section 5.2.
func TestCodesAreMatchedWithinTheirDriftAndOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.SliceOfN(rapid.Byte(), factor.SecretSize, factor.SecretSize).Draw(t, "secret")
		now := time.Unix(rapid.Int64Range(1e9, 4e9).Draw(t, "now"), 0)
		drift := rapid.Int64Range(0, 3).Draw(t, "drift")
		off := rapid.Int64Range(-5, 5).Draw(t, "off")
		code := factor.CodeAt(secret, now.Add(time.Duration(off)*30*time.Second))
		var near []string // what may be accepted, which another step may share
		for i := -drift; i <= drift; i++ {
			near = append(near, factor.CodeAt(secret, now.Add(time.Duration(i)*30*time.Second)))
		}
		step, ok := factor.MatchCode(secret, " "+code[:3]+" "+code[3:], now, drift, 0)
		if ok != slices.Contains(near, code) {
			t.Fatalf("off by %d steps, drift %d: accepted is %v", off, drift, ok)
		}
		if again, ok := factor.MatchCode(secret, code, now, drift, step); ok && again <= step {
			t.Fatal("a used step was accepted")
		}
		for _, bad := range []string{"", code[:5], code + "0", "x" + code[1:]} {
			if _, ok := factor.MatchCode(secret, bad, now, drift, 0); ok {
				t.Fatalf("%q was accepted", bad)
			}
		}
	})
}

func TestAppsReadTheirURI(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(factor.AppURI(bytes.Repeat([]byte{0xff}, 20), "Alder & Freight", "p:collins+x@y"))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Alder & Freight:p:collins+x@y" || q.Get("issuer") != "Alder & Freight" ||
		q.Get("secret") != strings.Repeat("7", 32) || q.Get("digits") != "6" || q.Get("period") != "30" || strings.Contains(u.RawQuery, "+") {
		t.Errorf("got %s", u)
	}
}

func TestRecoveryCodesAreReadAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.StringOfN(rapid.RuneFrom([]rune(factor.RecoveryAlphabet)), factor.RecoveryLength, factor.RecoveryLength, -1).Draw(t, "code")
		spelled := factor.SpellRecovery(code)
		for _, typed := range []string{spelled, strings.ToUpper(spelled), code, strings.ReplaceAll(spelled, "-", " "), strings.ReplaceAll(code, "1", "l"), strings.ReplaceAll(code, "0", "O")} {
			if got := factor.ReadRecovery(typed); got != code {
				t.Fatalf("%q is read as %q", typed, got)
			}
		}
	})
	for _, bad := range []string{"", "0000", strings.Repeat("0", 17), strings.Repeat("u", 16), "\x00" + strings.Repeat("0", 15)} {
		if factor.ReadRecovery(bad) != "" {
			t.Errorf("%q is a code", bad)
		}
	}
	if bits := factor.RecoveryLength * 5; len(factor.RecoveryAlphabet) != 32 || bits < 64 {
		t.Errorf("codes have %d bits", bits)
	}
}

var (
	app = &factor.Device{ID: "a", Kind: factor.App}
	key = &factor.Device{ID: "k", Kind: factor.Key}
)

func anyPolicy(t *rapid.T) *factor.Policy {
	p := factor.Initial("i")
	p.Prompt = rapid.SampledFrom([]factor.Prompt{factor.Never, factor.ContextAware, factor.Always}).Draw(t, "prompt")
	p.NoDevice = rapid.SampledFrom([]factor.NoDevice{factor.RegisterDevice, factor.EmailCode, factor.BlockSignIn, factor.AllowSignIn}).Draw(t, "no device")
	p.Kinds = rapid.SampledFrom([][]factor.Kind{{factor.App}, {factor.Key}, {factor.App, factor.Key}}).Draw(t, "kinds")
	return p
}

// TestNothingWeakerThanThePolicyEndsASignIn says in other words what Next says. See OWASP ASVS 5.0 section 6.3.3.
func TestNothingWeakerThanThePolicyEndsASignIn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := anyPolicy(t)
		devices := rapid.SampledFrom([][]*factor.Device{nil, {app}, {key}, {app, key}}).Draw(t, "devices")
		proof := rapid.SampledFrom([]factor.Kind{"", factor.App, factor.Key, factor.Recovery}).Draw(t, "proof")
		trusted := rapid.Bool().Draw(t, "trusted")
		next := p.Next(devices, proof, trusted)
		if p.Prompt == factor.Never {
			if next != factor.Done {
				t.Fatalf("nobody is to be asked: %s", next)
			}
			return
		}
		if next == factor.Done {
			switch {
			case proof == factor.Recovery:
				t.Fatal("a recovery code ended it")
			case proof == "" && len(devices) > 0 && (p.Prompt == factor.Always || !trusted || p.NoDevice == factor.BlockSignIn):
				t.Fatal("nobody asked for the device")
			case proof == "" && len(devices) == 0 && p.NoDevice != factor.AllowSignIn:
				t.Fatal("who has no device got in")
			}
		}
		if next == factor.Register && proof == "" && len(devices) > 0 {
			t.Fatal("a device may be registered before the one there is was proved")
		}
	})
}

func TestWhatIsAsked(t *testing.T) {
	t.Parallel()
	keys := factor.Initial("i")
	keys.Kinds = []factor.Kind{factor.Key}
	blocked := factor.Initial("i")
	blocked.NoDevice = factor.BlockSignIn
	for name, c := range map[string]struct {
		policy  *factor.Policy
		devices []*factor.Device
		proof   factor.Kind
		trusted bool
		want    factor.Step
	}{
		"the first sign-in registers a device":             {factor.Initial("i"), nil, "", false, factor.Register},
		"the next asks for it":                             {factor.Initial("i"), []*factor.Device{app}, "", false, factor.Prove},
		"and lets in by it":                                {factor.Initial("i"), []*factor.Device{app}, factor.App, false, factor.Done},
		"a trusted browser is not asked":                   {factor.Initial("i"), []*factor.Device{app}, "", true, factor.Done},
		"unless nothing takes the place of a device":       {blocked, []*factor.Device{app}, "", true, factor.Prove},
		"who has none is blocked there":                    {blocked, nil, "", false, factor.Blocked},
		"an app where only keys are allowed proves":        {keys, []*factor.Device{app}, "", false, factor.Prove},
		"but is not enough":                                {keys, []*factor.Device{app}, factor.App, false, factor.Register},
		"a password is enough where there was no policy":   {factor.Lenient("i"), nil, "", false, factor.Done},
		"trust without a device is not worth anything":     {factor.Initial("i"), nil, "", true, factor.Register},
		"a recovery code leads to a device in its place":   {factor.Initial("i"), []*factor.Device{app}, factor.Recovery, false, factor.Register},
		"a passkey alone is enough where keys are allowed": {keys, []*factor.Device{key}, factor.Key, false, factor.Done},
	} {
		if got := c.policy.Next(c.devices, c.proof, c.trusted); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestPoliciesAreChecked(t *testing.T) {
	t.Parallel()
	for _, p := range []*factor.Policy{factor.Initial("i"), factor.Lenient("i")} {
		if err := p.Check(false); err != nil {
			t.Error(err)
		}
	}
	for name, break_ := range map[string]func(*factor.Policy){
		"mode":           func(p *factor.Policy) { p.Prompt = "SOMETIMES" },
		"no device":      func(p *factor.Policy) { p.NoDevice = "" },
		"no kinds":       func(p *factor.Policy) { p.Kinds = nil },
		"unknown kind":   func(p *factor.Policy) { p.Kinds = []factor.Kind{factor.App, "SMS"} },
		"no mail":        func(p *factor.Policy) { p.NoDevice = factor.EmailCode },
		"short":          func(p *factor.Policy) { p.Session = 14 * time.Minute },
		"long":           func(p *factor.Policy) { p.Session = 91 * 24 * time.Hour },
		"idle for long":  func(p *factor.Policy) { p.Idle = p.Session + 1 },
		"idle for short": func(p *factor.Policy) { p.Idle = time.Second },
	} {
		p := factor.Initial("i")
		break_(p)
		if p.Check(false) == nil {
			t.Errorf("%s: nothing is wrong with %+v", name, p)
		}
	}
}

func TestTrustComesBackAsItWas(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		state := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "state")
		c := factor.ContextOf("Chrome/1 Windows", netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "address"))))
		want := &factor.Trust{UserID: "u", State: state, Context: c, Until: time.UnixMilli(1e12).UTC()}
		got, ok := factor.DecodeTrust(want.Encode())
		if !ok || !got.Holds("u", state, c, time.UnixMilli(1e12-1)) || got.Holds("v", state, c, time.UnixMilli(1)) || got.Holds("u", state, c, want.Until) {
			t.Fatalf("got %+v", got)
		}
	})
	for _, bad := range []string{"", "u\x00f\x00n\x001\x00s", "u\x00f\x00192.0.2.0/24\x00x\x00s"} {
		if _, ok := factor.DecodeTrust([]byte(bad)); ok {
			t.Errorf("%q was read", bad)
		}
	}
}

// TestContextsAreComparedByFamilyAndNetwork compares browsers and where they are. See OWASP ASVS 5.0 section 6.3.3.
func TestContextsAreComparedByFamilyAndNetwork(t *testing.T) {
	t.Parallel()
	const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	at := func(agent, address string) factor.Context {
		return factor.ContextOf(agent, netip.MustParseAddr(address))
	}
	if at(firefox, "192.0.2.1") != at(strings.ReplaceAll(firefox, "140", "141"), "::ffff:192.0.2.9") {
		t.Error("an update or a new address of the same network is another context")
	}
	if at(firefox, "192.0.2.1") == at(firefox, "192.0.3.1") || at(firefox, "2001:db8::1") == at(firefox, "2001:db8:1::1") {
		t.Error("another network is the same context")
	}
	for agent, want := range map[string]string{
		firefox: "Firefox on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0": "Edge on Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/604.1": "Safari on iPhone",
		"curl/8": "Another browser",
	} {
		if got := factor.Browser(agent); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestTheFingerprintFollowsWhatProves(t *testing.T) {
	t.Parallel()
	same := factor.Fingerprint("h", 1, []*factor.Device{app, key})
	if !bytes.Equal(same, factor.Fingerprint("h", 1, []*factor.Device{key, app})) {
		t.Error("the order counts")
	}
	for _, other := range [][]byte{factor.Fingerprint("g", 1, []*factor.Device{app, key}), factor.Fingerprint("h", 2, []*factor.Device{app, key}),
		factor.Fingerprint("h", 1, []*factor.Device{app}), factor.Fingerprint("h", 1, nil)} {
		if bytes.Equal(same, other) {
			t.Error("a change does not show")
		}
	}
}

func TestNamesOfDevicesCanBeRead(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", " ", "a\x00b", "a\nb", "\u202eenohp", strings.Repeat("x", 65), "\xff", "a\u2066b"} {
		if _, ok := factor.CleanName(bad); ok {
			t.Errorf("%q is a name", bad)
		}
	}
	if got, ok := factor.CleanName(" Paula’s phone "); !ok || got != "Paula’s phone" {
		t.Errorf("got %q", got)
	}
}
