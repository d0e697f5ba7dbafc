package testkit

import (
	"context"
	"os"
	"strings"

	"github.com/chromedp/chromedp"
)

// AxeCore is the tool that Axe needs.
const AxeCore = "node_modules/axe-core/axe.min.js"

// Axe checks the page by axe-core, with every rule of WCAG 2.2's levels A and AA and no node left out, in both colour
// schemes, with more contrast and with the colours of the person's own. See "API Reference" in axe-core's documentation.
func (b *Browser) Axe(what string) {
	b.t.Helper()
	for _, look := range looks() {
		b.prefer(look)
		if found := b.axe(); found != "" {
			b.t.Errorf("axe-core finds in %s (%s):\n%s", what, look, found)
		}
	}
	b.prefer(looks()[0])
}

func (b *Browser) axe() string {
	b.t.Helper()
	if evaluate[bool](b, "!window.axe") {
		source, err := os.ReadFile(Tool(b.t, AxeCore))
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

// WaitUntil waits until a JavaScript expression is true.
func (b *Browser) WaitUntil(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(patience))); err != nil {
		b.t.Fatalf("%s never comes true: %v; the page shows:\n%s", expression, err, b.Text())
	}
}
