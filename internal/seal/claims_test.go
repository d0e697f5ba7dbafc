package seal

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

func plainClaims() *Claims {
	return &Claims{
		Kind: AssumedRole, Account: "012345678901", RoleID: "AROAEXAMPLE1234567890", RoleName: "AWSReservedSSO_Admin_0123456789abcdef",
		RolePath: "/aws-reserved/sso.amazonaws.com/", SessionName: "pcollins", UserID: "90676f9b-1c2d-4e5f-8a9b-0c1d2e3f4a5b",
		IssuedAt: start, ExpiresAt: start.Add(time.Hour), MFAAt: start.Add(-time.Minute),
		UserGeneration: 3, RoleGeneration: 1 << 40, SessionID: "s-1234567890abcdef", SourceIdentity: "pcollins",
	}
}

func fullClaims() *Claims {
	c := plainClaims()
	c.SessionPolicies = [][]byte{[]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:List*","Resource":"*"}]}`)}
	c.SessionPolicyARNs = []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}
	c.Tags = []Tag{{"team", "core"}, {"cost", ""}}
	c.TransitiveTagKeys = []string{"team"}
	return c
}

func TestCredentialsOpenToTheirClaims(t *testing.T) {
	t.Parallel()
	ring, _, _ := newRing(t)
	for _, want := range []*Claims{plainClaims(), fullClaims()} {
		got, err := ring.Issue(rand.Reader, want)
		if err != nil {
			t.Fatal(err)
		}
		claims, secret, err := ring.Open(got.AccessKeyID, got.SessionToken, start)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, claims); diff != "" {
			t.Errorf("claims (-want +got):\n%s", diff)
		}
		if secret != got.SecretAccessKey || len(secret) != 40 {
			t.Error("the secrets differ, or have not 40 characters")
		}
		if a, err := ident.AccountOfKey(got.AccessKeyID); err != nil || a != want.Account {
			t.Errorf("key id names account %s, %v", a, err)
		}
		if !got.Expiration.Equal(want.ExpiresAt) {
			t.Errorf("expiration %v, want %v", got.Expiration, want.ExpiresAt)
		}
	}
}

func TestCredentialsExpire(t *testing.T) {
	t.Parallel()
	ring, _, _ := newRing(t)
	c, err := ring.Issue(rand.Reader, plainClaims())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := ring.Open(c.AccessKeyID, c.SessionToken, start.Add(time.Hour-time.Millisecond)); err != nil {
		t.Errorf("in the last millisecond: %v", err)
	}
	if _, _, err := ring.Open(c.AccessKeyID, c.SessionToken, start.Add(time.Hour)); !errors.Is(err, ErrExpired) {
		t.Errorf("at expiry: %v, want ErrExpired", err)
	}
}

func TestClaimsThatCouldNotOpenAreNotIssued(t *testing.T) {
	t.Parallel()
	ring, _, _ := newRing(t)
	for name, change := range map[string]func(*Claims){
		"no kind":     func(c *Claims) { c.Kind = 0 },
		"no account":  func(c *Claims) { c.Account = "" },
		"no lifetime": func(c *Claims) { c.ExpiresAt = c.IssuedAt },
		"too long":    func(c *Claims) { c.RolePath = strings.Repeat("x", maxBox) },
	} {
		c := plainClaims()
		change(c)
		if got, err := ring.Issue(rand.Reader, c); err == nil || got.SessionToken != "" {
			t.Errorf("%s: issued", name)
		}
	}
}

func TestNothingButTheExactTokenOpens(t *testing.T) {
	t.Parallel()
	ring, root, _ := newRing(t)
	c, _ := ring.Issue(rand.Reader, fullClaims())
	other, _ := ring.Issue(rand.Reader, fullClaims())
	refused := func(what, id, token string) {
		t.Helper()
		if claims, secret, err := ring.Open(id, token, start); err != ErrInvalid || claims != nil || secret != "" {
			t.Errorf("%s: %v, want ErrInvalid", what, err)
		}
	}
	box, _ := base64.StdEncoding.DecodeString(c.SessionToken)
	for i := range len(box) * 8 {
		box[i/8] ^= 1 << (i % 8)
		refused(fmt.Sprintf("bit %d flipped", i), c.AccessKeyID, base64.StdEncoding.EncodeToString(box))
		box[i/8] ^= 1 << (i % 8)
	}
	for i := range len(c.SessionToken) {
		refused(fmt.Sprintf("cut to %d", i), c.AccessKeyID, c.SessionToken[:i])
	}
	refused("extended", c.AccessKeyID, c.SessionToken+"AAAA")
	refused("extended inside", c.AccessKeyID, base64.StdEncoding.EncodeToString(append(box, 0)))
	refused("with a line break", c.AccessKeyID, c.SessionToken[:8]+"\n"+c.SessionToken[8:])
	refused("very long", c.AccessKeyID, strings.Repeat("A", 1<<20))
	refused("swapped key id", other.AccessKeyID, c.SessionToken)
	refused("swapped token", c.AccessKeyID, other.SessionToken)
	refused("lower-case key id", strings.ToLower(c.AccessKeyID), c.SessionToken)
	refused("no key id", "", c.SessionToken)

	wrapped, _ := root.MintMissing(nil, rand.Reader, start)
	stranger, _ := NewRing(root, wrapped, nil)
	if _, _, err := stranger.Open(c.AccessKeyID, c.SessionToken, start); err != ErrInvalid {
		t.Errorf("another ring: %v", err)
	}
}

func TestPackedPartIsLimited(t *testing.T) {
	t.Parallel()
	ring, _, _ := newRing(t)
	noise := make([]byte, 1500)
	_, _ = rand.Read(noise)
	c := plainClaims()
	c.SessionPolicies = [][]byte{noise}
	got, err := ring.Issue(rand.Reader, c)
	if err != nil || got.PackedSize < 70 || got.PackedSize > 80 {
		t.Fatalf("%d%%, %v", got.PackedSize, err)
	}
	c.SessionPolicies = [][]byte{noise, []byte(base64.StdEncoding.EncodeToString(noise))}
	if _, err := ring.Issue(rand.Reader, c); !fault.Is(err, "PackedPolicyTooLarge") {
		t.Errorf("too large: %v", err)
	}
	c.SessionPolicies = [][]byte{make([]byte, maxUnpacked)}
	if _, err := ring.Issue(rand.Reader, c); !fault.Is(err, "PackedPolicyTooLarge") {
		t.Errorf("a bomb: %v", err)
	}
}

func TestAnyClaimsRoundTrip(t *testing.T) {
	t.Parallel()
	ring, _, _ := newRing(t)
	text := rapid.StringN(0, 40, 120)
	rapid.Check(t, func(t *rapid.T) {
		c := &Claims{
			Kind: Kind(rapid.IntRange(1, 4).Draw(t, "kind")), Account: ident.AccountID(rapid.StringMatching(`[0-9]{12}`).Draw(t, "account")),
			RoleID: text.Draw(t, "id"), RoleName: text.Draw(t, "name"), SessionName: text.Draw(t, "session"), UserID: text.Draw(t, "user"),
			IssuedAt: start, ExpiresAt: start.Add(time.Duration(rapid.IntRange(1, 1e6).Draw(t, "ms")) * time.Millisecond),
			UserGeneration: rapid.Uint64().Draw(t, "ug"), RoleGeneration: rapid.Uint64().Draw(t, "rg"),
		}
		for _, k := range rapid.SliceOfN(text, 0, 5).Draw(t, "tags") {
			c.Tags = append(c.Tags, Tag{k, k})
		}
		creds, err := ring.Issue(rand.Reader, c)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := ring.Open(creds.AccessKeyID, creds.SessionToken, start)
		if err != nil || !cmp.Equal(c, got) {
			t.Fatalf("%v %s", err, cmp.Diff(c, got))
		}
	})
}

func FuzzClaims(f *testing.F) {
	f.Add(plainClaims().encode(nil, nil))
	p := fullClaims().Packed
	f.Add(fullClaims().encode(nil, p.encode(nil)))
	f.Fuzz(func(t *testing.T, b []byte) {
		var c Claims
		packed, ok := c.decode(b)
		if !ok {
			return
		}
		if again := c.encode(nil, []byte(packed)); !bytes.Equal(again, b) {
			t.Fatalf("another spelling of the same claims:\n%x\n%x", b, again)
		}
		var p Packed
		if p.decode(packed) && !bytes.Equal(p.encode(nil), []byte(packed)) {
			t.Fatalf("another spelling of the same packed part: %x", packed)
		}
	})
}

func FuzzOpen(f *testing.F) {
	ring, _, _ := newRing(f)
	c, _ := ring.Issue(rand.Reader, fullClaims())
	token, _ := ring.SealToken(PageToken, []byte("x"), nil, rand.Reader)
	f.Add(c.AccessKeyID, c.SessionToken)
	f.Add("", token)
	f.Fuzz(func(t *testing.T, id, tok string) {
		if _, _, err := ring.Open(id, tok, start); err == nil && (id != c.AccessKeyID || tok != c.SessionToken) {
			t.Fatal("forged")
		}
		if _, err := ring.OpenToken(PageToken, tok, nil); err == nil && tok != token {
			t.Fatal("forged")
		}
	})
}

func BenchmarkIssue(b *testing.B) {
	ring, _, _ := newRing(b)
	c := plainClaims()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.Issue(rand.Reader, c); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	ring, _, _ := newRing(b)
	for name, claims := range map[string]*Claims{"plain": plainClaims(), "packed": fullClaims()} {
		c, _ := ring.Issue(rand.Reader, claims)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := ring.Open(c.AccessKeyID, c.SessionToken, start); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
