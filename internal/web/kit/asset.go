package kit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// asset is a file that a browser may keep for ever, because its address changes with its content.
type asset struct {
	address string
	kind    string
	body    []byte
	packed  func() []byte
}

// readAssets adds every file of assets/ in files to all, by its plain name.
func readAssets(all map[string]asset, files fs.FS) error {
	names, err := fs.Glob(files, "assets/*")
	if err != nil {
		return err
	}
	for _, name := range names {
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		kind, ok := assetKind(path.Ext(name))
		if !ok {
			return fmt.Errorf("asset %s: unknown type", name)
		}
		base := path.Base(name)
		all[base] = asset{address: hashedName(base, body), kind: kind, body: body, packed: sync.OnceValue(func() []byte { return pack(body) })}
	}
	return nil
}

func assetKind(ext string) (string, bool) {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8", true
	case ".js":
		return "text/javascript; charset=utf-8", true
	case ".svg":
		return "image/svg+xml", true
	}
	return "", false
}

func hashedName(base string, body []byte) string {
	sum := sha256.Sum256(body)
	ext := path.Ext(base)
	return "/assets/" + strings.TrimSuffix(base, ext) + "." + hex.EncodeToString(sum[:6]) + ext
}

func (a asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("Vary", "Accept-Encoding")
	body := a.body
	if readsGzip(r) {
		w.Header().Set("Content-Encoding", "gzip")
		body = a.packed()
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
