package kittest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// CheckHTML returns what is wrong with a page: tags that do not match, ids used twice, labels and references
// that lead nowhere, fields without a label, buttons without a name, a title that is missing, another number of h1 than
// one, and anything that the policy forbids.
// It knows the HTML that our templates write, not all of HTML.
func CheckHTML(page string) []string {
	c := checker{ids: map[string]bool{}}
	if !strings.HasPrefix(page, "<!doctype html>") {
		c.wrong("page does not begin with <!doctype html>")
	}
	for _, m := range tagPattern.FindAllStringSubmatch(page, -1) {
		c.tag(m[1] == "/", m[2], m[3])
	}
	if !titlePattern.MatchString(page) {
		c.wrong("no title")
	}
	for _, m := range buttonPattern.FindAllStringSubmatch(page, -1) {
		if !strings.Contains(m[1], "aria-label") && strings.TrimSpace(tagPattern.ReplaceAllString(m[2], "")) == "" {
			c.wrong("<button%s> has no name", m[1])
		}
	}
	if len(c.open) > 0 {
		c.wrong("never closed: %v", c.open)
	}
	if c.headings != 1 {
		c.wrong("%d h1, want 1", c.headings)
	}
	for _, ref := range c.refs {
		if !c.ids[ref] {
			c.wrong("reference to missing id %q", ref)
		}
	}
	for _, id := range c.fields {
		if !slices.Contains(c.labelled, id) {
			c.wrong("field %q has no label", id)
		}
	}
	return c.mistakes
}

var (
	tagPattern    = regexp.MustCompile(`<(/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z-]+(?:="[^"]*")?)*)\s*/?>`)
	attrPattern   = regexp.MustCompile(`([a-zA-Z-]+)(?:="([^"]*)")?`)
	titlePattern  = regexp.MustCompile(`<title>\s*[^\s<]`)
	buttonPattern = regexp.MustCompile(`(?s)<button([^>]*)>(.*?)</button>`)
	voidTags      = []string{"meta", "link", "input", "br", "hr", "wbr", "path", "circle", "rect", "use"}
)

type checker struct {
	open, refs, fields, labelled []string
	headings                     int
	ids                          map[string]bool
	mistakes                     []string
}

func (c *checker) wrong(format string, args ...any) {
	c.mistakes = append(c.mistakes, "html: "+fmt.Sprintf(format, args...))
}

func (c *checker) tag(closes bool, name, rest string) {
	if closes {
		if n := len(c.open); n == 0 || c.open[n-1] != name {
			c.wrong("</%s> closes %v", name, c.open)
			return
		}
		c.open = c.open[:len(c.open)-1]
		return
	}
	attrs := map[string]string{}
	for _, m := range attrPattern.FindAllStringSubmatch(rest, -1) {
		attrs[m[1]] = m[2]
	}
	c.attributes(name, attrs)
	if !slices.Contains(voidTags, name) {
		c.open = append(c.open, name)
	}
}

func (c *checker) attributes(name string, attrs map[string]string) {
	for attr, value := range attrs {
		switch {
		case attr == "id":
			if c.ids[value] {
				c.wrong("id %q twice", value)
			}
			c.ids[value] = true
		case attr == "style" || strings.HasPrefix(attr, "on"):
			c.wrong("<%s> has %s, which the policy forbids", name, attr)
		case attr == "aria-describedby" || attr == "aria-labelledby":
			c.refs = append(c.refs, strings.Fields(value)...)
		case (attr == "href" || attr == "src") && value == "":
			c.wrong("<%s> has an empty %s", name, attr)
		case attr == "href" && strings.HasPrefix(value, "#"):
			c.refs = append(c.refs, value[1:])
		case attr == "for":
			c.refs, c.labelled = append(c.refs, value), append(c.labelled, value)
		}
	}
	switch name {
	case "h1":
		c.headings++
	case "script", "style":
		if attrs["src"] == "" {
			c.wrong("inline <%s>", name)
		}
	case "html":
		if attrs["lang"] == "" {
			c.wrong("no language")
		}
	case "input", "select", "textarea":
		if attrs["type"] != "hidden" && !slices.Contains(c.open, "label") {
			c.fields = append(c.fields, attrs["id"])
		}
	}
}
