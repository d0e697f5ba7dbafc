package kit

import (
	"fmt"
	"html/template"
	"strings"

	"rsc.io/qr"
)

// quiet is how many modules around a QR code are left free. See ISO/IEC 18004 section 9.1.
const quiet = 4

// QRCode draws a text as a QR code: an SVG in the page, since it is a secret that no address should lead to.
func QRCode(text, name string) (template.HTML, error) {
	if text == "" {
		return "", nil
	}
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", fmt.Errorf("QR code: %w", err)
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %d.5h%d", from+quiet, y+quiet, x-from)
			}
		}
	}
	side := code.Size + 2*quiet
	return template.HTML(fmt.Sprintf(`<svg viewBox="0 0 %d %d" role="img" aria-label="%s" stroke="currentColor" shape-rendering="crispEdges"><path d="%s"/></svg>`,
		side, side, template.HTMLEscapeString(name), path.String())), nil
}

// Groups writes a secret so that it can be read and typed.
func Groups(secret string) string {
	var out strings.Builder
	for i, c := range secret {
		switch {
		case i > 0 && i%16 == 0:
			out.WriteByte('\n')
		case i > 0 && i%4 == 0:
			out.WriteByte(' ')
		}
		out.WriteRune(c)
	}
	return out.String()
}
