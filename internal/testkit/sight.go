package testkit

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// sightings are what happens in a tab besides what its pages show.
type sightings struct {
	mu    sync.Mutex
	asked []string        // addresses
	pages map[string]bool // those of them that are pages
	said  []string        // errors of the console, among them what the policy of the page stopped
	bytes float64         // as they came over the network
}

// add takes an event of the Chrome DevTools Protocol.
func (s *sightings) add(event any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		s.asked = append(s.asked, e.Request.URL)
		s.pages[e.Request.URL] = e.Type == network.ResourceTypeDocument
	case *network.EventLoadingFinished:
		s.bytes += e.EncodedDataLength
	case *runtime.EventExceptionThrown:
		s.said = append(s.said, e.ExceptionDetails.Text+" "+e.ExceptionDetails.URL)
	case *runtime.EventConsoleAPICalled:
		s.said = append(s.said, fmt.Sprintf("console.%s", e.Type))
	case *log.EventEntryAdded:
		// A page that says no has a status that says so, which is no mistake.
		if e.Entry.Level == log.EntryLevelError && !(e.Entry.Source == log.EntrySourceNetwork && s.pages[e.Entry.URL]) {
			s.said = append(s.said, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

// Quiet fails the test when the tab asked anybody but the server for anything, or had something to complain about: an
// error in a script, or what the Content-Security-Policy stopped.
func (b *Browser) Quiet(what string) {
	b.t.Helper()
	for _, trouble := range b.trouble() {
		b.t.Errorf("%s: %s", what, trouble)
	}
}

func (b *Browser) trouble() []string {
	b.seen.mu.Lock()
	defer b.seen.mu.Unlock()
	all := slices.Clone(b.seen.said)
	for _, url := range b.seen.asked {
		if url != "about:blank" && !strings.HasPrefix(url, b.url+"/") {
			all = append(all, "the browser asked for "+url)
		}
	}
	return all
}

// Light fails the test when all that the tab was given so far weighs more than so many bytes.
func (b *Browser) Light(what string, most int) {
	b.t.Helper()
	b.seen.mu.Lock()
	defer b.seen.mu.Unlock()
	if int(b.seen.bytes) > most {
		b.t.Errorf("%s weighs %.0f bytes, want at most %d", what, b.seen.bytes, most)
	}
}

// Still fails the test when parts of the page moved without the person's doing since it was opened. See "Layout
// Instability API" of the W3C's Web Performance Working Group.
func (b *Browser) Still(what string) {
	b.t.Helper()
	if moved := b.moved(); moved != "" {
		b.t.Errorf("%s moves: %s", what, moved)
	}
}

// moved names what moved, and how far.
func (b *Browser) moved() string {
	b.t.Helper()
	b.Eval(`(window.moved = null, new PerformanceObserver((list, observer) => {
		observer.disconnect();
		window.moved = list.getEntries().filter(e => !e.hadRecentInput).flatMap(e => e.sources).map(s =>
			(s.node?.outerHTML ?? s.node?.textContent ?? "what is gone").slice(0, 80) + " from " + [s.previousRect.x, s.previousRect.y] + " to " + [s.currentRect.x, s.currentRect.y]).join("; ");
	}).observe({type: "layout-shift", buffered: true}), requestAnimationFrame(() => setTimeout(() => { window.moved ??= "" }, 0)), "")`)
	b.WaitUntil("window.moved !== null")
	return b.Eval("window.moved")
}
