package kit

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
)

//go:embed assets templates
var files embed.FS

// Area is a group of pages with its templates and assets, over those of this package.
type Area struct {
	Site
	own    map[string]asset // served by Routes
	pages  *template.Template
	assets map[string]asset
}

// NewArea reads templates/*.html and assets/* of files. A nil files makes the area of this package alone, which serves
// the common assets and the error pages. It panics when a file is broken, since files are embedded.
func NewArea(site Site, own fs.FS) *Area {
	a := &Area{Site: site, own: map[string]asset{}, assets: map[string]asset{}}
	must(readAssets(a.assets, files))
	a.pages = template.New("").Funcs(template.FuncMap{
		"asset": a.address,
		"icon":  icon,
		"clock": clockTime,
		"stamp": stamp,
	})
	template.Must(a.pages.ParseFS(files, "templates/*.html"))
	if own == nil {
		a.own = a.assets
		return a
	}
	must(readAssets(a.own, own))
	for name, file := range a.own {
		a.assets[name] = file
	}
	template.Must(a.pages.ParseFS(own, "templates/*.html"))
	return a
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
	if icon, ok := a.own["favicon.svg"]; ok {
		mux.Handle("GET /favicon.ico", icon)
	}
}

// Page is what every page says about itself.
type Page struct {
	Title string
	Brand string // whose door this is
	Host  string
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
	var page bytes.Buffer
	if err := a.pages.ExecuteTemplate(&page, name, data); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // a reader who left is no error of ours
	return nil
}
