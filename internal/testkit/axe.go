package testkit

import (
	"context"
	"os"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Axe checks the page by axe-core, with every rule of WCAG 2.2's levels A and AA and no node left out, in both colour
// schemes and with more contrast. See "API Reference" in axe-core's documentation.
func (b *Browser) Axe(what string) {
	b.t.Helper()
	for _, scheme := range []string{"light", "dark"} {
		for _, contrast := range []string{"no-preference", "more"} {
			b.prefer(scheme, contrast)
			if found := b.axe(); found != "" {
				b.t.Errorf("axe-core finds in %s (%s, contrast %s):\n%s", what, scheme, contrast, found)
			}
		}
	}
	b.prefer("light", "no-preference")
}

func (b *Browser) axe() string {
	b.t.Helper()
	if evaluate[bool](b, "!window.axe") {
		source, err := os.ReadFile(Tool(b.t, "node_modules/axe-core/axe.min.js"))
		if err != nil {
			b.t.Fatal(err)
		}
		b.Eval(string(source) + `; ""`)
	}
	b.Eval(`(window.axeFound = null, axe.run(document, {runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}, resultTypes: ["violations"]})
		.then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.target.join(" ") + ": " + n.failureSummary)).join("\n"), String)
		.then(found => { window.axeFound = found }), "")`)
	b.WaitUntil("window.axeFound !== null")
	return strings.TrimSpace(b.Eval("window.axeFound"))
}

// prefer gives the page a colour scheme and a wish for contrast, as the person's system would.
func (b *Browser) prefer(scheme, contrast string) {
	b.t.Helper()
	b.run("prefer", func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-contrast", Value: contrast}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		return chromedp.Void{}, err
	})
}

// WaitUntil waits until a JavaScript expression is true.
func (b *Browser) WaitUntil(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(patience))); err != nil {
		b.t.Fatalf("%s never comes true: %v; the page shows:\n%s", expression, err, b.Text())
	}
}
