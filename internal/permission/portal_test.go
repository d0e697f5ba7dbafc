package permission

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// picture is a PNG of one colour, or of noise.
func picture(t *testing.T, width, height int, noise bool) []byte {
	t.Helper()
	img, random := image.NewNRGBA(image.Rect(0, 0, width, height)), rand.New(rand.NewPCG(1, 2))
	for i := range width * height {
		c := color.NRGBA{R: 30, G: 100, B: 90, A: 255}
		if noise {
			c = color.NRGBA{R: uint8(random.Uint32()), G: uint8(random.Uint32()), B: uint8(random.Uint32()), A: 255}
		}
		img.SetNRGBA(i%width, i/width, c)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// chunk is a chunk of a PNG. See "Chunk layout" in the PNG Specification.
func chunk(kind, data string) []byte {
	body := append([]byte(kind), data...)
	c := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	return binary.BigEndian.AppendUint32(append(c, body...), crc32.ChecksumIEEE(body))
}

const hostile = "<svg onload=alert(1)><script>alert(1)</script>"

// TestALogoIsPixelsOnly has scripts in a text chunk and behind the end of a picture: neither is kept.
func TestALogoIsPixelsOnly(t *testing.T) {
	t.Parallel()
	plain := picture(t, 40, 20, false)
	header := 8 + 25 // the signature, and IHDR
	sent := slices.Concat(plain[:header], chunk("tEXt", "Comment\x00"+hostile), plain[header:], []byte(hostile))
	logo, kept, err := NewLogo(sent)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(kept, []byte("script")) || bytes.Contains(kept, []byte("tEXt")) || !bytes.HasPrefix(kept, []byte("\x89PNG\r\n\x1a\n")) {
		t.Errorf("kept is %q", kept)
	}
	if logo.Width != 40 || logo.Height != 20 || len(logo.Hash) != 32 {
		t.Errorf("got %+v", logo)
	}
}

func TestWhatIsNoLogo(t *testing.T) {
	t.Parallel()
	plain := picture(t, 8, 8, false)
	bomb := slices.Concat(plain[:16], []byte{0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff}, plain[24:]) // says it has 2^62 pixels
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	for name, sent := range map[string][]byte{
		"nothing": nil, "SVG": []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "HTML": []byte("<!doctype html>" + hostile),
		"a GIF that is a script": []byte("GIF89a/*" + hostile + "*/=1;"), "HTML before a PNG": append([]byte(hostile), plain...), "half a PNG": plain[:len(plain)/2],
		"a signature": plain[:8], "too wide": picture(t, 513, 1, false), "too high": picture(t, 1, 513, false), "too large": picture(t, 200, 200, true), "a bomb": bomb,
	} {
		if _, _, err := NewLogo(sent); err == nil {
			t.Errorf("%s is a logo", name)
		}
	}
}

func TestTitlesAreSeen(t *testing.T) {
	t.Parallel()
	for title, good := range map[string]bool{"": true, "Alder Freight": true, "Ålder & <Söhne>": true, strings.Repeat("é", 64): true,
		strings.Repeat("a", 65): false, "a\x00b": false, "a\nb": false, "abc\u202egnp": false, "a\u200bb": false, "\xff": false, "\u2066x": false} {
		if err := CheckTitle(title); (err == nil) != good {
			t.Errorf("%q: %v", title, err)
		}
	}
}

func TestAddressesStayWithWhoHadThem(t *testing.T) {
	t.Parallel()
	i := &Instance{Portal: "d-1111111111", IdentityStoreID: "d-1111111111"}
	for _, address := range []string{"alder", "alder-freight", "alder", ""} {
		if err := i.PutAddress(address); err != nil {
			t.Fatal(err)
		}
		if want := address; want != "" && i.PortalName() != want || want == "" && i.PortalName() != "d-1111111111" {
			t.Errorf("after %q it is at %q", address, i.PortalName())
		}
	}
	if got := i.PortalNames(); !slices.Equal(got, []string{"alder", "alder-freight", "d-1111111111"}) {
		t.Errorf("got %q", got)
	}
	for _, address := range []string{"A", "-a", "a-", "a_b", "a/b", "a b", "..", "keys", "shortcut", "d-2222222222", "ssoins-1", strings.Repeat("a", 63), "ä", "a\x00"} {
		if err := i.PutAddress(address); err == nil {
			t.Errorf("a portal is at %q", address)
		}
	}
	var err error
	for n := 0; err == nil && n < 100; n++ {
		err = i.PutAddress("a" + strconv.Itoa(n))
	}
	if err == nil || len(i.Former) > mostFormer+1 {
		t.Errorf("a portal had %d addresses: %v", len(i.Former), err)
	}
}
