// Package mailbox is the page of the mail that a development server would send: whoever can open it reads all of it. It
// exists on development servers only, which listen on their own machine.
package mailbox

import (
	"embed"
	"net/http"

	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

//go:embed templates
var files embed.FS

// Path is where the page is.
const Path = "/mailbox"

// Pages answers for the mailbox.
type Pages struct {
	*kit.Area
	box *mail.Box
}

// New reads the templates.
func New(site kit.Site, box *mail.Box) *Pages { return &Pages{kit.NewArea(site, files), box} }

// Routes adds the page to mux.
func (p *Pages) Routes(mux *http.ServeMux) { mux.Handle("GET "+Path, p.Handle(p.show)) }

type page struct {
	kit.Page
	Messages []*mail.Message
}

func (p *Pages) show(w http.ResponseWriter, _ *http.Request) error {
	return p.Render(w, http.StatusOK, "mailbox.html", page{p.Page("Mailbox", ""), p.box.Messages()})
}
