package kit

import (
	"net/url"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/permission"
)

// Home is where sign-in leads when nothing else was asked for.
const Home = "/start"

// LocalPath returns to when it is a path of this origin, and Home otherwise. Browsers read a backslash as a slash, drop tabs
// and line ends, and leave out dots, so a path with any of these could turn into another host's address after the check.
func LocalPath(to string) string {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") {
		return Home
	}
	if strings.ContainsFunc(to, func(c rune) bool { return c <= ' ' || c == '\\' || c == 0x7f }) {
		return Home
	}
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.Contains(u.Path, "//") || strings.Contains(u.Path, `\`) {
		return Home
	}
	return to
}

// PortalOf returns the name of the portal that a local path belongs to: NAME of /start/NAME or of ?portal=NAME, or ""
// for the first one.
func PortalOf(to string) string {
	u, err := url.Parse(to)
	if err != nil {
		return ""
	}
	if name := u.Query().Get("portal"); name != "" {
		return name
	}
	name, ok := strings.CutPrefix(u.Path, Home+"/")
	if !ok || permission.ReservedPortal(name) || strings.Contains(name, "/") {
		return ""
	}
	return name
}

// Leading is a local path that goes on to another, such as a step of sign-in: path?to=…, with more parameters.
func Leading(path, to string, more ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	if to != "" && to != Home {
		q.Set("to", to)
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
