package portal

import (
	"html"
	"html/template"
	"net/url"
	"strconv"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

// markup is text of a page that is written without a template. The list of accounts is: with hundreds of roles, a
// template would take ten times as long for it as for all the rest.
type markup struct{ strings.Builder }

// put writes our own markup and what others wrote in turns, beginning with ours. What others wrote becomes text, inside
// an element or between the quotes of an attribute.
func (m *markup) put(turns ...string) {
	for i, text := range turns {
		if i%2 == 1 {
			text = html.EscapeString(text)
		}
		m.WriteString(text)
	}
}

const (
	starGlyph = `<svg class="glyph" width="18" height="18" aria-hidden="true"><use href="#icon-star"/></svg>`
	turnGlyph = `<svg class="glyph" width="20" height="20" aria-hidden="true"><use href="#icon-turn"/></svg>`
	awayGlyph = `<svg class="glyph" width="16" height="16" aria-hidden="true"><use href="#icon-away"/></svg>`
	keyGlyph  = `<svg class="glyph" width="16" height="16" aria-hidden="true"><use href="#icon-key"/></svg>`
)

// List is the items of the group's list.
func (g group) List() template.HTML {
	var m markup
	m.Grow(len(g.Accounts) << 11) // about what it takes
	for _, a := range g.Accounts {
		m.account(a, g.Folded)
	}
	return template.HTML(m.String())
}

func (m *markup) account(a self.OwnAccount, folded bool) {
	act, opened, noun := "mark", " open", " roles"
	if a.Favourite {
		act = "unmark"
	}
	if folded {
		opened = ""
	}
	if len(a.Roles) == 1 {
		noun = " role"
	}
	m.put(`<li>
<button class="button quiet icon small star" form="marks" name="`, act, `" value="`, a.ID, `" aria-pressed="`, strconv.FormatBool(a.Favourite),
		`" aria-label="Favourite: `, a.Name, `">`+starGlyph+`</button>
<details class="account"`, opened, `>
<summary><span><strong>`, a.Name, `</strong><span class="id mono">`, a.ID, `</span></span><span class="where muted small-text">`, a.Email,
		`</span><span class="count muted small-text">`, strconv.Itoa(len(a.Roles))+noun, `</span><span class="turn">`+turnGlyph+`</span></summary>
<form method="post" action="/start/keys"><input type="hidden" name="account_id" value="`, a.ID, `">
<ul class="roles">
`)
	for _, r := range a.Roles {
		m.role(a, r)
	}
	m.put(`</ul>
<p class="small-text after"><a href="/start/shortcut?account_id=`, url.QueryEscape(a.ID), `">Create a shortcut<span class="hidden"> to `, a.Name, `</span></a></p>
</form>
</details>
</li>
`)
}

func (m *markup) role(a self.OwnAccount, r self.OwnRole) {
	m.put(`<li><div><strong>`, r.Name, `</strong> <span class="muted small-text num">`, kit.InWords(r.Lasts), `</span>`)
	if r.Description != "" {
		m.put(`<p class="muted small-text">`, r.Description, `</p>`)
	}
	m.put(`</div><div class="row"><a class="button small" href="/start/console?account_id=`, url.QueryEscape(a.ID), `&amp;role_name=`, url.QueryEscape(r.Name),
		`">Console `+awayGlyph+`<span class="hidden">, `, a.Name, `, `, r.Name,
		`</span></a><button class="button small" name="role_name" value="`, r.Name, `">`+keyGlyph+` Access keys<span class="hidden">, `, a.Name, `, `, r.Name, `</span></button></div></li>
`)
}
