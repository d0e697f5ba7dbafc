package kit

import (
	"fmt"
	"html/template"
	"strings"
)

// icon draws a line icon of 20 by 20 units at size pixels. A word stands beside every icon, so none has a name.
func icon(name string, size int) (template.HTML, error) {
	lines, ok := iconLines(name)
	if !ok {
		return "", fmt.Errorf("no icon %q", name)
	}
	return template.HTML(fmt.Sprintf(`<svg width="%d" height="%d" viewBox="0 0 20 20" fill="none" stroke="currentColor" `+
		`stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">%s</svg>`, size, size, lines)), nil
}

// symbols defines icons once for a page that shows them many times; see use.
func symbols(names ...string) (template.HTML, error) {
	var b strings.Builder
	for _, name := range names {
		lines, ok := iconLines(name)
		if !ok {
			return "", fmt.Errorf("no icon %q", name)
		}
		fmt.Fprintf(&b, `<symbol id="icon-%s" viewBox="0 0 20 20">%s</symbol>`, name, lines)
	}
	return template.HTML(`<svg hidden aria-hidden="true">` + b.String() + `</svg>`), nil
}

// use draws an icon that symbols has defined.
func use(name string, size int) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg class="glyph" width="%d" height="%d" aria-hidden="true"><use href="#icon-%s"/></svg>`, size, size, name))
}

func iconLines(name string) (string, bool) {
	switch name {
	case "warning":
		return `<path d="M10 3.2 17.5 16.3h-15z"/><path d="M10 8.5v3.3M10 14v.1"/>`, true
	case "clock":
		return `<circle cx="10" cy="10" r="7"/><path d="M10 6v4.3l2.7 1.7"/>`, true
	case "check":
		return `<path d="m4.5 10.5 3.5 3.5 7.5-8"/>`, true
	case "cross":
		return `<path d="m5.5 5.5 9 9m0-9-9 9"/>`, true
	case "copy":
		return `<rect x="7" y="7" width="9.5" height="9.5" rx="2"/><path d="M13 7V5.5a2 2 0 0 0-2-2H5.5a2 2 0 0 0-2 2V11a2 2 0 0 0 2 2H7"/>`, true
	case "key":
		return `<circle cx="6.5" cy="13.5" r="3.5"/><path d="m9 11 7.5-7.5M13 7l2.5 2.5"/>`, true
	case "away":
		return `<path d="M7.5 5H15v7.5M15 5 5 15"/>`, true
	case "turn":
		return `<path d="m7.5 5 5 5-5 5"/>`, true
	case "find":
		return `<circle cx="9" cy="9" r="5.5"/><path d="m13.2 13.2 3.8 3.8"/>`, true
	case "leave":
		return `<path d="M8 3.5H5a1.5 1.5 0 0 0-1.5 1.5v10A1.5 1.5 0 0 0 5 16.5h3M9 10h8m-3-3 3 3-3 3"/>`, true
	case "device":
		return `<rect x="6" y="2.5" width="8" height="15" rx="2"/><path d="M9 15h2"/>`, true
	case "stick":
		return `<rect x="6" y="7" width="8" height="10.5" rx="2"/><path d="M7.5 7V2.5h5V7"/><circle cx="10" cy="12" r="1.3"/>`, true
	case "passkey":
		return `<circle cx="8" cy="6" r="3"/><path d="M2.5 16.5c0-3 2.3-5 5.5-5 .9 0 1.7.1 2.4.4"/><circle cx="14.7" cy="10.7" r="2.2"/><path d="M14.7 12.9v4.6m0-2h1.8"/>`, true
	case "paper":
		return `<path d="M5 2.5h6.5L15 6v11.5H5z"/><path d="M11.5 2.5V6H15M7.5 10h5m-5 3.5h5"/>`, true
	case "screen":
		return `<rect x="4" y="4" width="12" height="8.5" rx="1.5"/><path d="M2 15.5h16"/>`, true
	case "program":
		return `<rect x="2.5" y="3.5" width="15" height="13" rx="2"/><path d="m6 8 2.5 2L6 12m5 .5h3"/>`, true
	case "plus":
		return `<path d="M10 4.5v11M4.5 10h11"/>`, true
	case "star":
		return `<path d="m10 2.8 2.2 4.6 5 .7-3.6 3.5.9 5-4.5-2.4-4.5 2.4.9-5L2.8 8.1l5-.7z"/>`, true
	case "link":
		return `<path d="M8.5 11.5a3 3 0 0 0 4.3 0l2.8-2.8a3 3 0 0 0-4.3-4.3l-.9.9"/><path d="M11.5 8.5a3 3 0 0 0-4.3 0l-2.8 2.8a3 3 0 0 0 4.3 4.3l.9-.9"/>`, true
	case "arch":
		return `<path d="M3.5 17V9.5a6.5 6.5 0 0 1 13 0V17"/><path d="M7 17V9.7a3 3 0 0 1 6 0V17"/>`, true
	}
	return "", false
}
