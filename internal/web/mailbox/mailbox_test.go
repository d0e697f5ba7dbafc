package mailbox

import (
	"net/http"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit/kittest"
)

func TestTheMailboxShowsWhatWouldBeSent(t *testing.T) {
	t.Parallel()
	box := new(mail.Box)
	site := kittest.Site(kittest.Corridor{}, "http://localhost:7070")
	pages := New(site, box)
	mux := http.NewServeMux()
	pages.Routes(mux)
	b := kittest.Browser{Site: site, Handler: pages.Middleware(mux)}
	kittest.WantPage(t, b.Get(Path), http.StatusOK, "No mail yet")
	box.Put(&mail.Message{To: "a@b.example", Subject: `<script>x</script>`, Text: "Hello & good", Link: "http://localhost:7070/x?a=1&b=2", At: kittest.Now()})
	box.Put(&mail.Message{To: "c@d.example", Subject: "Second"})
	kittest.WantPage(t, b.Get(Path), http.StatusOK, "&lt;script&gt;", "To c@d.example", `href="http://localhost:7070/x?a=1&amp;b=2"`, "Hello &amp; good")
}

func TestTemplatesRenderZeroValues(t *testing.T) {
	t.Parallel()
	kittest.WantTemplates(t, New(kittest.Site(kittest.Corridor{}, "http://localhost:7070"), nil).Area, files, map[string][]any{
		"mailbox.html": {page{}, page{Messages: []*mail.Message{{}}}},
	})
}
