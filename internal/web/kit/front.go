package kit

import "net/http"

// Front is what strangers see of a portal.
type Front struct {
	Name  string // under which it stands
	Moved bool   // it stood before where it was looked for
	Title string // what its owner calls it; empty for who has not said
	Logo  *Logo  // nil for the mark of the server
}

// Logo is a picture of a portal.
type Logo struct {
	Address       string
	Width, Height int // in pixels, so that nothing moves when it comes
}

// LogoPath is where pictures stand: under the id of the instance, by their hash.
const LogoPath = "/brand/"

// FrontOf returns what strangers see of a portal.
func (s Site) FrontOf(portal string) Front {
	if s.Front == nil {
		return Front{}
	}
	return s.Front(portal)
}

// PageAt begins a page of a portal, which bears its name and its picture. Without a name of its own, it has the other one.
func (a *Area) PageAt(portal, title, brand string) Page {
	front := a.FrontOf(portal)
	if front.Title != "" {
		brand = front.Title
	}
	page := a.Page(title, brand)
	page.Portal, page.Logo = front.Title, front.Logo
	return page
}

// logoPolicy keeps a picture from being anything else, should a browser ever take it for a document.
const logoPolicy = "default-src 'none'; sandbox"

// ServeLogo answers with a picture, which stands under the same address for good.
func ServeLogo(w http.ResponseWriter, png []byte) {
	h := w.Header()
	h.Set("Content-Security-Policy", logoPolicy)
	h.Set("Content-Type", "image/png")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(png) // a reader who left is no error of ours
}
