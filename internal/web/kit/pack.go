package kit

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// newPackers returns a pool of compressors for pages. They favour speed: a list of accounts repeats itself so much that
// more effort saves little.
func newPackers() sync.Pool {
	return sync.Pool{New: func() any {
		z, err := flate.NewWriter(nil, flate.BestSpeed)
		must(err)
		return z
	}}
}

// pack compresses what is compressed once.
func pack(body []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	must(err)
	_, err = z.Write(body)
	must(err)
	must(z.Close())
	return b.Bytes()
}

// readsGzip reports whether a client accepts gzip (RFC 9110 section 12.5.3).
func readsGzip(r *http.Request) bool {
	for coding := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(coding, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
		return err != nil || q > 0
	}
	return false
}
