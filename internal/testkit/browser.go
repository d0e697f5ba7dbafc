package testkit

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Browser is a headless Chromium with a profile of its own.
type Browser struct {
	t   testing.TB
	ctx context.Context
	url string // the server's origin
}

// NewBrowser starts a browser for the server at origin. It ends with the test.
func NewBrowser(t testing.TB, origin string) *Browser {
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
	alloc, cancelAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(func() {
		cancel()
		cancelAlloc()
	})
	b := &Browser{t: t, ctx: ctx, url: origin}
	// The browser lives as long as the context of its first Run, which must
	// therefore not be one with a deadline.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
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
	b.Open(url)
	b.WaitFor("If you allow it") // and not the callback of an authorization before
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

// WaitFor waits until the page shows a text, where scripts lead to it.
func (b *Browser) WaitFor(text string) {
	b.t.Helper()
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

// Location is the whole address of the page.
func (b *Browser) Location() string { return b.Eval("location.href") }

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

// Screenshot keeps a picture of the whole page, as wide as width and with the
// colour scheme "light" or "dark", in the directory GATEHOUSE_ARTEFACTS when
// there is one. It fails the test when the page is wider than the screen.
func (b *Browser) Screenshot(name string, width int64, scheme string) {
	b.t.Helper()
	b.look(width, scheme)
	if evaluate[bool](b, "document.documentElement.scrollWidth > document.documentElement.clientWidth") {
		b.t.Errorf("%s: the page is wider than %d pixels", name, width)
	}
	dir := os.Getenv("GATEHOUSE_ARTEFACTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatalf("screenshot %s: %v", name, err)
	}
	file := filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", name, width, scheme))
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// look gives the page a width and a colour scheme.
func (b *Browser) look(width int64, scheme string) {
	b.t.Helper()
	b.run("look", chromedp.EmulateViewport(width, 900), func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			// Without motion, or the picture shows colours on their way.
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
		})
		return chromedp.Void{}, err
	})
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
