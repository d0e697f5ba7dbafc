package portal

import (
	"net/http"
)

type consolePage struct {
	frame
	Target      target
	Destination string
	Foreign     bool   // the destination is no page of AWS's console
	Keys        string // address
}

// showConsole is where links to a console lead while there is none. The destination is shown and never followed.
func (p *Pages) showConsole(w http.ResponseWriter, r *http.Request) error {
	who, err := p.viewer(r, r.URL.RequestURI())
	if err != nil {
		return err
	}
	q := r.URL.Query()
	t, err := parseTarget(q)
	if err != nil {
		return err
	}
	if t, err = p.named(r, t); err != nil {
		return err
	}
	return p.Render(w, http.StatusOK, "console.html", consolePage{
		frame: p.frame("Console", who), Target: t, Destination: q.Get("destination"), Foreign: !isConsole(q.Get("destination")), Keys: t.keysPath(),
	})
}
