package testkit

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// look is what a person's system asks pages to look like. See "User Preference Media Features" in Media Queries Level 5.
type look struct{ scheme, contrast, forced string }

func (l look) String() string {
	return fmt.Sprintf("%s, contrast: %s, forced colours: %s", l.scheme, l.contrast, l.forced)
}

func looks() []look {
	return []look{
		{"light", "no-preference", "none"},
		{"dark", "no-preference", "none"},
		{"light", "more", "none"},
		{"dark", "more", "none"},
		{"dark", "more", "active"},
	}
}

// prefer gives the page a look, and takes the motion out of it, or what is looked at would be colours on their way.
func (b *Browser) prefer(l look) {
	b.t.Helper()
	b.run("prefer", func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: l.scheme}, {Name: "prefers-contrast", Value: l.contrast},
			{Name: "forced-colors", Value: l.forced}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		return chromedp.Void{}, err
	})
}

// Resize makes the page as wide as a screen of width pixels.
func (b *Browser) Resize(width int64) {
	b.t.Helper()
	b.run("resize", chromedp.EmulateViewport(width, 900))
}

// Fits fails the test when the page is wider than a screen of width pixels.
func (b *Browser) Fits(what string, width int64) {
	b.t.Helper()
	b.Resize(width)
	if evaluate[bool](b, "document.documentElement.scrollWidth > document.documentElement.clientWidth") {
		b.t.Errorf("%s is wider than %d pixels", what, width)
	}
}

// Calm fails the test when something on the page moves, or turns slowly into something else, before a person who asked
// their system for less motion. See "prefers-reduced-motion" in Media Queries Level 5.
func (b *Browser) Calm(what string) {
	b.t.Helper()
	b.prefer(looks()[0])
	if lively := b.lively(); lively != "" {
		b.t.Errorf("%s has motion: %s", what, lively)
	}
}

func (b *Browser) lively() string {
	b.t.Helper()
	return b.Eval(`[...document.querySelectorAll("*")].filter(e => {
		const style = getComputedStyle(e);
		return [style.transitionDuration, style.animationDuration].some(all => all.split(",").some(one => parseFloat(one) > 0));
	}).map(e => e.outerHTML.slice(0, 80)).join("; ")`)
}

// Pictures keeps pictures of the whole page, for a phone and for a desk, light and dark, in the directory
// GATEHOUSE_ARTEFACTS when there is one.
func (b *Browser) Pictures(name string) {
	b.t.Helper()
	for _, width := range []int64{390, 1280} {
		b.Fits(name, width)
		for _, l := range looks()[:2] {
			b.picture(fmt.Sprintf("%s-%d-%s.png", name, width, l.scheme), l)
		}
	}
}

func (b *Browser) picture(file string, l look) {
	b.t.Helper()
	dir := os.Getenv("GATEHOUSE_ARTEFACTS")
	if dir == "" {
		return
	}
	b.prefer(l)
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatalf("picture %s: %v", file, err)
	}
	if err := os.WriteFile(filepath.Join(dir, file), picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
