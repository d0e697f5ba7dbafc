package pages

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// play opens one scene in a browser of its own.
func play(t *testing.T, name string) *testkit.Browser {
	t.Helper()
	i := slices.IndexFunc(scenes(), func(c scene) bool { return c.name == name })
	return scenes()[i].enter(t, testkit.NewBrowserFor(t, host, newStage()))
}

// TestTheKeyboardIsEnough skips the bar, opens the dialog of keys, stays in it, and comes back from it to where it was.
func TestTheKeyboardIsEnough(t *testing.T) {
	t.Parallel()
	b := play(t, "portal-one")
	const focused = `document.activeElement.innerText?.trim() ?? ""`
	b.Key(kb.Tab)
	if got := b.Eval(focused); got != "Skip to the content" || b.Eval(`String(document.activeElement.getBoundingClientRect().top >= 0)`) != "true" {
		t.Errorf("the first stop is %q", got)
	}
	b.Key(kb.Enter + kb.Tab)
	if b.Eval(`String(document.querySelector("main").contains(document.activeElement))`) != "true" {
		t.Errorf("after the bar is skipped, the focus is on %q", b.Eval(focused))
	}
	b.Eval(`(document.querySelector(".roles button").focus(), "")`)
	before := b.Eval(focused)
	b.WaitFor("Keys end at", func() { b.Key(kb.Enter) })
	for range 12 {
		b.Key(strings.Repeat(kb.Tab, 3))
		if b.Eval(`String(document.activeElement === document.body || document.querySelector("dialog").contains(document.activeElement))`) != "true" {
			t.Fatalf("the focus left the dialog for %q", b.Eval(focused))
		}
	}
	b.Key(kb.Escape)
	b.WaitUntil(`!document.querySelector("dialog").open && !document.documentElement.outerHTML.includes("wJalrXUtnFEMI")`)
	if got := b.Eval(focused); got != before {
		t.Errorf("after the dialog, the focus is on %q, not on %q", got, before)
	}
}
