package kit

import (
	"net/url"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/permission"
)

// Home is where sign-in leads when nothing else was asked for.
const Home = "/start"

// LocalPath returns to when it is a path of this origin, and Home otherwise. Browsers read a backslash as a slash and
// drop tabs and line ends, so a path with either could turn into another host's address after the check.
func LocalPath(to string) string {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") {
		return Home
	}
	if strings.ContainsFunc(to, func(c rune) bool { return c <= ' ' || c == '\\' || c == 0x7f }) {
		return Home
	}
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.HasPrefix(u.Path, "//") {
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

// signInPath is the address of sign-in that leads on to the local path to.
func signInPath(to string) string {
	if to == "" || to == Home {
		return "/signin"
	}
	return "/signin?" + url.Values{"to": {to}}.Encode()
}
