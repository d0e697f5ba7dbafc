package kit

import (
	"html/template"
	"strings"
)

// breaks writes a long address so that a narrow screen breaks it where a reader would.
func breaks(address string) template.HTML {
	return template.HTML(strings.NewReplacer("@", "@<wbr>", "/", "/<wbr>", "?", "<wbr>?").Replace(template.HTMLEscapeString(address)))
}
