package support

import (
	"fmt"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/server"
)

// Where the table of limits stands in docs/operations.md.
const (
	limitsBegin = "<!-- The limits. Written by go test ./test/support -update. Do not edit. -->\n"
	limitsEnd   = "<!-- End of the limits. -->\n"
)

// Operations returns the text of docs/operations.md with the table of limits as the server has it. It fails when the text
// has no place for it.
func Operations(text string) (string, error) {
	before, rest, begun := strings.Cut(text, limitsBegin)
	_, after, ended := strings.Cut(rest, limitsEnd)
	if !begun || !ended {
		return "", fmt.Errorf("no place for the limits: %q, and %q after it", limitsBegin, limitsEnd)
	}
	var b strings.Builder
	b.WriteString("\n| setting | default | may be | what AWS calls it | see |\n|---|---|---|---|---|\n")
	for _, l := range server.Limits() {
		fmt.Fprintf(&b, "| `%s` | %d | %d to %d | %s | %s |\n", l.Name, l.Default, l.Least, l.Most, l.Quota, l.Page)
	}
	b.WriteString("\n")
	return before + limitsBegin + b.String() + limitsEnd + after, nil
}
