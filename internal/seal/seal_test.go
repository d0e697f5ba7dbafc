package seal

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)

func newRoot(t testing.TB, fill byte) *Root {
	t.Helper()
	root, err := FromBytes(bytes.Repeat([]byte{fill}, keySize))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func newRing(t testing.TB) (*Ring, *Root, []WrappedKey) {
	t.Helper()
	root := newRoot(t, 7)
	wrapped, err := root.MintMissing(nil, rand.Reader, start)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := NewRing(root, wrapped, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !ring.Has(Purposes()...) {
		t.Fatal("the ring is not complete")
	}
	return ring, root, wrapped
}

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

func TestTokensAreBoundToPurposeAndData(t *testing.T) {
	t.Parallel()
	ring, _, _ := newRing(t)
	token, err := ring.SealToken(PageToken, []byte("last key"), []byte("operation"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ring.OpenToken(PageToken, token, []byte("operation")); err != nil || string(got) != "last key" {
		t.Fatalf("OpenToken = %q, %v", got, err)
	}
	for _, p := range Purposes() {
		if _, err := ring.OpenToken(p, token, []byte("operation")); p != PageToken && err != ErrInvalid {
			t.Errorf("opened for %s: %v", p, err)
		}
	}
	if _, err := ring.OpenToken(PageToken, token, []byte("operatiom")); err != ErrInvalid {
		t.Errorf("opened with other data: %v", err)
	}
	box, _ := tokenEncoding.DecodeString(token)
	for i := range len(box) * 8 {
		box[i/8] ^= 1 << (i % 8)
		if _, err := ring.OpenToken(PageToken, tokenEncoding.EncodeToString(box), []byte("operation")); err != ErrInvalid {
			t.Errorf("bit %d flipped: %v", i, err)
		}
		box[i/8] ^= 1 << (i % 8)
	}
}

func TestDeterministicTokensRepeat(t *testing.T) {
	t.Parallel()
	ring, _, _ := newRing(t)
	one, _ := ring.SealDeterministic(RefreshToken, []byte("family 1"), nil)
	again, _ := ring.SealDeterministic(RefreshToken, []byte("family 1"), nil)
	two, _ := ring.SealDeterministic(RefreshToken, []byte("family 2"), nil)
	bound, _ := ring.SealDeterministic(RefreshToken, []byte("family 1"), []byte("x"))
	if one != again || one == two || one == bound {
		t.Errorf("%s, %s, %s, %s", one, again, two, bound)
	}
	if got, err := ring.OpenToken(RefreshToken, one, nil); err != nil || string(got) != "family 1" {
		t.Errorf("OpenToken = %q, %v", got, err)
	}
}

func TestValuesStayInTheirPlace(t *testing.T) {
	t.Parallel()
	ring, _, _ := newRing(t)
	box, err := ring.SealValue("hunter2", []byte("user 1"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // opening must not use the box up
		if got, err := ring.OpenValue(box, []byte("user 1")); err != nil || got.Reveal() != "hunter2" {
			t.Fatalf("OpenValue: %v", err)
		}
	}
	if _, err := ring.OpenValue(box, []byte("user 2")); err != ErrInvalid {
		t.Errorf("moved to another user: %v", err)
	}
}

func TestMACs(t *testing.T) {
	t.Parallel()
	ring, _, _ := newRing(t)
	mac, err := ring.MAC(RowMAC, []byte("ab"), []byte("c"))
	if err != nil || len(mac) != MACSize {
		t.Fatal(err)
	}
	if err := ring.CheckMAC(RowMAC, mac, []byte("ab"), []byte("c")); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"moved byte":    ring.CheckMAC(RowMAC, mac, []byte("a"), []byte("bc")),
		"joined":        ring.CheckMAC(RowMAC, mac, []byte("abc")),
		"other purpose": ring.CheckMAC(AuditMAC, mac, []byte("ab"), []byte("c")),
		"cut":           ring.CheckMAC(RowMAC, mac[:MACSize-1], []byte("ab"), []byte("c")),
		"empty":         ring.CheckMAC(RowMAC, nil, []byte("ab"), []byte("c")),
	} {
		if err != ErrInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRotationKeepsOldTokens(t *testing.T) {
	t.Parallel()
	root := newRoot(t, 1)
	stored, _ := root.MintMissing(nil, rand.Reader, start)
	reloads := 0
	a, err := NewRing(root, stored, nil)
	if err != nil {
		t.Fatal(err)
	}
	var down error
	b, _ := NewRing(root, stored, func() ([]WrappedKey, error) { reloads++; return stored, down })
	old, _ := a.SealToken(PortalToken, []byte("old"), nil, rand.Reader)
	for i := range stored {
		stored[i].RetiredAt = start.UnixMilli()
	}
	fresh, _ := root.MintMissing(stored, rand.Reader, start.Add(time.Hour))
	stored = append(stored, fresh...)
	if err := a.Replace(stored); err != nil {
		t.Fatal(err)
	}
	token, _ := a.SealToken(PortalToken, []byte("new"), nil, rand.Reader)
	if token[2:7] == old[2:7] {
		t.Error("the retired key still seals")
	}
	down = errors.New("database is down")
	if _, err := b.OpenToken(PortalToken, token, nil); !errors.Is(err, down) {
		t.Errorf("store down: %v", err)
	}
	down = nil
	for _, tok := range []string{token, token, old} {
		if _, err := b.OpenToken(PortalToken, tok, nil); err != nil {
			t.Error(err)
		}
	}
	if reloads != 2 {
		t.Errorf("%d reloads, want one that failed and one that did not", reloads)
	}
	epoch := b.Epoch()
	box, _ := tokenEncoding.DecodeString(token)
	invented := func() { _, _ = b.OpenToken(PortalToken, tokenEncoding.EncodeToString(box), nil) }
	for i := range 256 {
		box[4] = byte(i) // names that the root key did not make
		invented()
	}
	if reloads > 4 {
		t.Errorf("%d reloads for invented names", reloads)
	}
	for free := uint32(0); ; free += 1 << nameCheckBits { // one that it could have made
		if name := free | root.nameCheck(free); b.keys.Load().byName[name] == nil {
			binary.BigEndian.PutUint32(box[1:], name)
			break
		}
	}
	before := reloads
	invented()
	if reloads != before+1 || b.Epoch() != epoch {
		t.Errorf("an invented name costs %d reloads, and takes the epoch from %d to %d", reloads-before, epoch, b.Epoch())
	}
}

func TestWrappedKeysAreBound(t *testing.T) {
	t.Parallel()
	root := newRoot(t, 1)
	k, _ := root.Mint(Session, rand.Reader, start)
	for name, change := range map[string]func(*WrappedKey){
		"purpose": func(k *WrappedKey) { k.Purpose = PageToken },
		"name":    func(k *WrappedKey) { k.Name++ },
		"created": func(k *WrappedKey) { k.CreatedAt++ },
		"bytes":   func(k *WrappedKey) { k.Wrapped = append([]byte{k.Wrapped[0] ^ 1}, k.Wrapped[1:]...) },
		"length":  func(k *WrappedKey) { k.Wrapped = k.Wrapped[1:] },
	} {
		bad := k
		change(&bad)
		if _, err := NewRing(root, []WrappedKey{bad}, nil); !errors.Is(err, ErrInvalid) {
			t.Errorf("changed %s: %v", name, err)
		}
	}
	if _, err := NewRing(newRoot(t, 2), []WrappedKey{k}, nil); !errors.Is(err, ErrInvalid) {
		t.Errorf("another root key: %v", err)
	}
	if _, err := NewRing(root, []WrappedKey{k, k}, nil); err == nil {
		t.Error("two keys of one name")
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

func TestRootFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "root.key")
	made, err := CreateRoot(path, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	k, _ := made.Mint(Session, rand.Reader, start)
	read, err := OpenRoot(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read.unwrap(k); err != nil {
		t.Error(err)
	}
	if _, err := CreateRoot(path, rand.Reader); !errors.Is(err, os.ErrExist) {
		t.Errorf("a second key: %v", err)
	}
	if left, _ := filepath.Glob(path + "*"); len(left) != 1 {
		t.Errorf("files left: %v", left)
	}
	for _, mode := range []os.FileMode{0o644, 0o640, 0o602} {
		_ = os.Chmod(path, mode)
		if _, err := OpenRoot(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	_ = os.Chmod(path, 0o600)
	_ = os.WriteFile(path, []byte("short\n"), 0o600)
	if _, err := OpenRoot(path); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("damaged: %v", err)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	s := Secret("hunter2")
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "a", s, "b", struct{ S Secret }{s})
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "a", s, "b", struct{ S Secret }{s})
	j, _ := json.Marshal(map[string]any{"s": s, "c": Credentials{SecretAccessKey: s}})
	out := log.String() + string(j) + fmt.Sprint(s, &s, []Secret{s}, struct{ S Secret }{s}) +
		fmt.Sprintf("%v %+v %#v %s %q %x %d %10.3s", s, s, s, s, s, s, s, s)
	if strings.Contains(out, "hunter2") || strings.Contains(out, fmt.Sprintf("%x", "hunter2")) {
		t.Error(out)
	}
	if !s.Equal("hunter2") || s.Equal("hunter3") {
		t.Error("Equal")
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

func BenchmarkMAC(b *testing.B) {
	ring, _, _ := newRing(b)
	row := make([]byte, 200)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.MAC(RowMAC, row); err != nil {
			b.Fatal(err)
		}
	}
}
