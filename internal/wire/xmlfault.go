package wire

import (
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
)

// EscapeXML returns text as it stands between tags.
func EscapeXML(text string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(text)) //nolint:errcheck // a Builder takes all
	return b.String()
}

// Answer writes an error: its head and, unless only the head was asked for, its body.
func Answer(w http.ResponseWriter, r *http.Request, status int, contentType, body string) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	if r.Method == http.MethodHead {
		w.WriteHeader(status)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write([]byte(body)) //nolint:errcheck // the client has gone, and there is nobody to tell
}
