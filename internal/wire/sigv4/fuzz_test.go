package sigv4_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/wire/sigv4"
)

// FuzzParse: no request makes the parser fail otherwise than by an error, and none verifies without the secret.
func FuzzParse(f *testing.F) {
	for _, v := range vectors {
		r, _ := v.request(f)
		f.Add(v.line[4:], r.Header.Get("Authorization"), "20150830T123600Z", r.Header.Get("My-Header1"))
	}
	r, _ := clients[5].presigned(f, then, "60")
	f.Add(r.URL.RequestURI(), "", "", "")
	f.Fuzz(func(t *testing.T, uri, auth, date, header string) {
		raw := "GET " + uri + " HTTP/1.1\r\nHost: h\r\nAuthorization: " + auth + "\r\nX-Amz-Date: " + date + "\r\nMy-Header1: " + header + "\r\n\r\n"
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
		if err != nil {
			return
		}
		body, _ := io.ReadAll(r.Body)
		s, err := sigv4.Parse(r)
		if err != nil {
			if sigv4.Fault(err, true) == nil {
				t.Errorf("not a refusal: %v", err)
			}
			return
		}
		if s.AccessKeyID == "" || s.Region == "" || s.Service == "" || len(s.Date) != 8 {
			t.Errorf("incomplete: %+v", s)
		}
		if s.Verify(r, body, s.Key("a secret no seed was signed with"), s.Time) == nil {
			t.Error("verified without the secret")
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	for _, c := range clients[:4] {
		r, body := c.wire(b, then)
		b.Run("cached/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			cache := sigv4.NewKeyCache[string](100)
			for b.Loop() {
				s, err := sigv4.Parse(r)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := cache.Verify(s, r, body, then, 0, whose("me", nil)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("new/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			cache, epoch := sigv4.NewKeyCache[string](8192), uint64(0)
			for b.Loop() {
				s, err := sigv4.Parse(r)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := cache.Verify(s, r, body, then, epoch, whose("me", nil)); err != nil {
					b.Fatal(err)
				}
				epoch++ // as if the server had never met the key
			}
		})
		b.Run("derived/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := verify(r, body, secret, then); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
