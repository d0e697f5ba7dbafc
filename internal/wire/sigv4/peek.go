package sigv4

import (
	"net/http"
	"net/url"
	"strings"
)

// Service returns the service in the scope that a request says its signature has, or "". Nothing about it is proven: it is
// for choosing who reads the request.
func Service(r *http.Request) string {
	credential := ""
	if auth := r.Header["Authorization"]; len(auth) > 0 {
		if !strings.HasPrefix(auth[0], algorithm+" ") {
			return ""
		}
		_, credential, _ = strings.Cut(auth[0], "Credential=")
		credential, _, _ = strings.Cut(credential, ",")
		credential, _, _ = strings.Cut(credential, " ")
	} else if before, rest, ok := strings.Cut(r.URL.RawQuery, "X-Amz-Credential="); ok && (before == "" || before[len(before)-1] == '&') {
		rest, _, _ = strings.Cut(rest, "&")
		credential, _ = url.QueryUnescape(rest)
	}
	for range 3 { // the access key, the day and the Region
		_, credential, _ = strings.Cut(credential, "/")
	}
	service, end, _ := strings.Cut(credential, "/")
	if end != terminator || !word(service, 64) {
		return ""
	}
	return service
}
