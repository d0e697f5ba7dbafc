package kit

import (
	"bytes"
	"compress/flate"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"strconv"
	"sync"
)

//go:embed assets templates
var files embed.FS

// Area is a group of pages with its templates and assets, over those of this package.
type Area struct {
	Site
	pages   func() *template.Template
	assets  map[string]asset // by plain name
	common  map[string]asset // of this package
	own     map[string]asset
	packers sync.Pool // of *flate.Writer
}

// NewArea reads templates/*.html and assets/* of own, which may be nil. It panics when an asset is broken, and the first
// page when a template is, since files are embedded: a test renders every template.
func NewArea(site Site, own fs.FS) *Area {
	a := &Area{Site: site, common: map[string]asset{}, own: map[string]asset{}, packers: newPackers()}
	must(readAssets(a.common, files))
	a.assets = maps.Clone(a.common)
	if own != nil {
		must(readAssets(a.own, own))
		maps.Copy(a.assets, a.own)
	}
	a.pages = sync.OnceValue(func() *template.Template { return a.parse(own) })
	return a
}

// parse reads the templates. A server that nobody looks at does without.
func (a *Area) parse(own fs.FS) *template.Template {
	pages := template.New("").Funcs(template.FuncMap{
		"asset":   a.address,
		"icon":    icon,
		"symbols": symbols,
		"use":     use,
		"clock":   clockTime,
		"stamp":   stamp,
		"exact":   exact,
		"breaks":  breaks,
	})
	template.Must(pages.ParseFS(files, "templates/*.html"))
	if own != nil {
		template.Must(pages.ParseFS(own, "templates/*.html"))
	}
	return pages
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func (a *Area) address(name string) (string, error) {
	file, ok := a.assets[name]
	if !ok {
		return "", fmt.Errorf("no asset %q", name)
	}
	return file.address, nil
}

// Routes serves the area's own assets.
func (a *Area) Routes(mux *http.ServeMux) {
	for _, file := range a.own {
		mux.Handle("GET "+file.address, file)
	}
}

// CommonRoutes serves what all areas share: the assets of this package, and a page for addresses that lead nowhere.
func (a *Area) CommonRoutes(mux *http.ServeMux) {
	for _, file := range a.common {
		mux.Handle("GET "+file.address, file)
	}
	mux.Handle("GET /favicon.ico", http.RedirectHandler(a.common["favicon.svg"].address, http.StatusFound))
	mux.HandleFunc("/", a.NotFound)
}

// Page is what every page says about itself.
type Page struct {
	Title string
	Brand string // whose door this is
	Host  string

	Portal string // what the portal is called by its owner; see PageAt
	Logo   *Logo  // nil for the mark of the server
}

// Page begins a page; brand may be empty when nobody is known yet.
func (a *Area) Page(title, brand string) Page {
	if brand == "" {
		brand = "Gatehouse"
	}
	return Page{Title: title, Brand: brand, Host: a.Host()}
}

// Render answers with the page that the template name makes of data.
func (a *Area) Render(w http.ResponseWriter, status int, name string, data any) error {
	page, err := a.page(name, data)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // a reader who left is no error of ours
	return nil
}

// RenderPacked answers with the page that the template name makes of data, which may put parts on the sheet. It may be
// long: it is compressed for who can read that. The page must not hold secrets: the length of what is compressed tells of
// them to who can have other text put beside them.
func (a *Area) RenderPacked(w http.ResponseWriter, r *http.Request, name string, data any, sheet *Sheet) error {
	if err := a.pages().ExecuteTemplate(&sheet.text, name, data); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Vary", "Accept-Encoding")
	if !readsGzip(r) {
		_, _ = sheet.plain().WriteTo(w) // a reader who left is no error of ours
		return nil
	}
	z := a.packers.Get().(*flate.Writer)
	packed := sheet.pack(z)
	a.packers.Put(z)
	w.Header().Set("Content-Encoding", "gzip")
	w.Header().Set("Content-Length", strconv.Itoa(packed.Len()))
	_, _ = packed.WriteTo(w)
	return nil
}

// usualPage is what most pages weigh at most, in bytes. A buffer that grows as a page is written leaves as much garbage.
const usualPage = 8 << 10

func (a *Area) page(name string, data any) (*bytes.Buffer, error) {
	page := bytes.NewBuffer(make([]byte, 0, usualPage))
	if err := a.pages().ExecuteTemplate(page, name, data); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	return page, nil
}
