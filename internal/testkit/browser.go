package testkit

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Browser is a tab of a headless Chromium, which has a profile of its own.
type Browser struct {
	t    testing.TB
	ctx  context.Context
	url  string // the server's origin
	seen *sightings
}

// NewBrowser starts a browser for the server at origin. It ends with the test.
func NewBrowser(t testing.TB, origin string) *Browser { return start(t, origin) }

// NewBrowserFor starts a server of pages and a browser that finds it at a host, as in "id.acme.example", by https.
func NewBrowserFor(t testing.TB, host string, pages http.Handler) *Browser {
	t.Helper()
	server := httptest.NewTLSServer(pages)
	t.Cleanup(server.Close)
	return start(t, "https://"+host, chromedp.Flag("ignore-certificate-errors", true),
		chromedp.Flag("host-resolver-rules", "MAP "+host+":443 "+server.Listener.Addr().String()))
}

func start(t testing.TB, origin string, more ...chromedp.ExecAllocatorOption) *Browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		Need(t, "Chromium", "apt-get install chromium")
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.WSURLReadTimeout(patience),
		chromedp.Env("HOME=" + t.TempDir()),
	}
	alloc, cancelAlloc := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	t.Cleanup(cancelAlloc)
	return open(t, origin, alloc)
}

// Tab opens a tab without cookies, which ends with the test t.
func (b *Browser) Tab(t testing.TB) *Browser {
	t.Helper()
	return open(t, b.url, b.ctx, chromedp.WithNewBrowserContext())
}

func open(t testing.TB, origin string, parent context.Context, options ...chromedp.ContextOption) *Browser {
	t.Helper()
	b := &Browser{t: t, url: origin, seen: &sightings{pages: map[string]bool{}}}
	ctx, cancel := chromedp.NewContext(parent, append(options, chromedp.WithListener(b.seen.add))...)
	t.Cleanup(cancel)
	b.ctx = ctx
	// The browser lives as long as the context of its first Run, which must
	// therefore not be one with a deadline.
	// A tab beside others shows its focus as if it were alone.
	_, err := chromedp.Run(ctx, func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return chromedp.Void{}, err
	})
	if err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return b
}

// SignIn signs a person in at the portal and expects to be let in.
func (b *Browser) SignIn(user, password string) {
	b.t.Helper()
	b.Open("/start")
	b.Fill(`input[autocomplete~="username"]`, user)
	b.Fill(`input[autocomplete~="current-password"]`, password)
	b.Press("Sign in")
	if path := b.Path(); !strings.HasPrefix(path, "/start") {
		b.t.Fatalf("signed in as %s, the browser is on %s and shows:\n%s", user, path, b.Text())
	}
}

// ApproveDevice opens the address that a device shows and allows the device.
func (b *Browser) ApproveDevice(url, code string) {
	b.t.Helper()
	b.Open(url)
	b.Shows("Is this your code?", code)
	b.Press("Allow")
	b.Shows("You can close this page", "It is signed in")
}

// ApproveAuthorize opens the address of an authorization request (RFC 6749,
// section 4.1.1) and allows it; the browser goes on to the client's callback.
func (b *Browser) ApproveAuthorize(url string) {
	b.t.Helper()
	b.WaitFor("If you allow it", func() { b.Open(url) })
	b.Press("Allow")
}

// Open goes to a URL, or to a path of the server, and waits for the page.
func (b *Browser) Open(url string) {
	b.t.Helper()
	if strings.HasPrefix(url, "/") {
		url = b.url + url
	}
	b.run("open "+url, chromedp.Navigate(url))
}

// Press presses the visible button or link with this text and waits for the
// page that follows.
func (b *Browser) Press(text string) {
	b.t.Helper()
	b.PressIn("body", text)
}

// PressIn is Press inside the first element that the CSS selector names.
func (b *Browser) PressIn(selector, text string) {
	b.t.Helper()
	// The text is that of the person who reads it, without hidden parts.
	found := evaluate[bool](b, fmt.Sprintf(`(() => {
		document.querySelectorAll("[data-testkit]").forEach(e => e.removeAttribute("data-testkit"));
		const shown = e => e.innerText.replace(/\s+/g, " ").trim();
		const all = [...document.querySelector(%q)?.querySelectorAll("button, a") ?? []].filter(e => e.checkVisibility());
		const hit = all.find(e => shown(e) === %[2]q) ?? all.find(e => shown(e).startsWith(%[2]q));
		hit?.setAttribute("data-testkit", "");
		return !!hit;
	})()`, selector, text))
	if !found {
		b.t.Fatalf("%s has no button %q in %s; it shows:\n%s", b.Path(), text, selector, b.Text())
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	resp, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS("[data-testkit]"), chromedp.NodeVisible))
	if err != nil {
		b.t.Fatalf("press %q: %v; the page shows:\n%s", text, err, b.Text())
	}
	if resp != nil && resp.Status >= http.StatusInternalServerError {
		b.t.Fatalf("press %q: the server answered %d", text, resp.Status)
	}
}

// Click clicks the first visible element that the CSS selector names, where
// no new page follows.
func (b *Browser) Click(selector string) {
	b.t.Helper()
	b.run("click "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// Fill types into the field that the CSS selector names, in place of what it
// holds.
func (b *Browser) Fill(selector, text string) {
	b.t.Helper()
	b.run("fill "+selector,
		chromedp.WaitVisible(chromedp.CSS(selector)),
		chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).value = ""`, selector)),
		chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Shows fails the test unless the page shows all texts.
func (b *Browser) Shows(texts ...string) {
	b.t.Helper()
	shown := b.Text()
	for _, text := range texts {
		if !strings.Contains(shown, text) {
			b.t.Fatalf("%s does not show %q but:\n%s", b.Path(), text, shown)
		}
	}
}

// WaitFor does something whose effect scripts bring, and waits until the page shows a text that it did not show before.
func (b *Browser) WaitFor(text string, do func()) {
	b.t.Helper()
	if b.showsAlready(text) {
		b.t.Fatalf("%s shows %q before anything is done, so waiting for it proves nothing:\n%s", b.Path(), text, b.Text())
	}
	do()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	shown := fmt.Sprintf("document.body?.innerText.includes(%q)", text)
	for {
		_, err := chromedp.Run(ctx, chromedp.Poll[bool](shown, chromedp.WithPollingTimeout(patience)))
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			b.t.Fatalf("%s never shows %q (%v) but:\n%s", b.Path(), text, err, b.Text())
		}
		// The page was left while it was looked at.
	}
}

func (b *Browser) showsAlready(text string) bool {
	b.t.Helper()
	return strings.Contains(b.Eval(`document.body?.innerText ?? ""`), text)
}

// DisableScripts switches the JavaScript of the pages off; that of the test
// goes on.
func (b *Browser) DisableScripts() {
	b.t.Helper()
	b.run("disable scripts", func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	})
}

// Text is what the page shows.
func (b *Browser) Text() string { return b.Eval("document.body.innerText") }

// Path is the path and query of the page.
func (b *Browser) Path() string { return b.Eval("location.pathname + location.search") }

// Eval evaluates a JavaScript expression whose value is a string.
func (b *Browser) Eval(expression string) string {
	b.t.Helper()
	return evaluate[string](b, expression)
}

func evaluate[T any](b *Browser, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return value
}

// run runs actions within the patience of a test.
func (b *Browser) run(what string, actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}
