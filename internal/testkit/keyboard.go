package testkit

import (
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Key presses keys one after the other, such as kb.Tab and kb.Escape.
func (b *Browser) Key(keys string) {
	b.t.Helper()
	b.run("press keys", chromedp.KeyEvent(keys))
}

// Reach goes through the page by the Tab key. It fails the test when something that can be used is never reached, or does
// not show that it is. See success criteria 2.1.1 and 2.4.7 of WCAG 2.2.
func (b *Browser) Reach(what string) {
	b.t.Helper()
	if missed := b.missed(); missed != "" {
		b.t.Errorf("%s by keyboard: %s", what, missed)
	}
}

func (b *Browser) missed() string {
	b.t.Helper()
	count := evaluate[int](b, `(() => {
		const room = document.querySelector("dialog[open]") ?? document;
		const first = e => e.type !== "radio" || e.checked || !room.querySelector("input[name=" + e.name + "]:checked");
		window.toReach = new Set([...room.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
			.filter(e => e.tabIndex >= 0 && !e.disabled && e.checkVisibility() && first(e)));
		window.notSeen = [];
		document.addEventListener("focusin", event => {
			const style = getComputedStyle(event.target);
			if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) window.notSeen.push(event.target);
			window.toReach.delete(event.target);
		});
		document.activeElement?.blur();
		return window.toReach.size;
	})()`)
	b.Key(strings.Repeat(kb.Tab, count+3))
	return b.Eval(`[...[...window.toReach].map(e => "never reached: " + e.outerHTML.slice(0, 120)), ...window.notSeen.map(e => "focus not seen: " + e.outerHTML.slice(0, 120))].join("; ")`)
}
