package portal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"html"
	"net/url"
	"strconv"
	"sync"

	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

// markup is text of a page that is written without a template. The list of accounts is: with hundreds of roles, a
// template would take ten times as long for it as for all the rest.
type markup struct{ bytes.Buffer }

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

// list writes the items of the group's list.
func (g group) list() []byte {
	var m markup
	m.Grow(len(g.Accounts) << 11) // about what it takes
	for _, a := range g.Accounts {
		m.account(a, g.Folded)
	}
	return m.Bytes()
}

// key is a hash of all that the list is made of.
func (g group) key() [sha256.Size]byte {
	var all []byte
	text := func(s string) { all = append(binary.AppendUvarint(all, uint64(len(s))), s...) }
	number := func(n int) { all = binary.AppendVarint(all, int64(n)) }
	text(strconv.FormatBool(g.Folded))
	for _, a := range g.Accounts {
		text(a.ID)
		text(a.Name)
		text(a.Email)
		text(strconv.FormatBool(a.Favourite))
		number(len(a.Roles))
		for _, r := range a.Roles {
			text(r.Name)
			text(r.Description)
			number(int(r.Lasts))
		}
	}
	return sha256.Sum256(all)
}

// maxLists is how many bytes of lists are remembered before the older half is forgotten.
const maxLists = 4 << 20

// lists remembers lists as they were written for the last pages: many a page is the last one of the same person again, or
// that of a colleague who has been given the same. It is bounded, and safe for concurrent use.
type lists struct {
	write func([]byte) *kit.Part

	mu         sync.Mutex
	young, old map[[sha256.Size]byte]*kit.Part
	size       int // of the young ones
}

// of returns the list of a group.
func (l *lists) of(g group) *kit.Part {
	key := g.key()
	if p := l.find(key); p != nil {
		return p
	}
	p := l.write(g.list())
	l.keep(key, p)
	return p
}

func (l *lists) find(key [sha256.Size]byte) *kit.Part {
	l.mu.Lock()
	p, old := l.young[key], l.old[key]
	l.mu.Unlock()
	if p == nil && old != nil {
		l.keep(key, old)
		return old
	}
	return p
}

func (l *lists) keep(key [sha256.Size]byte, p *kit.Part) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.young == nil || l.size >= maxLists/2 {
		l.old, l.young, l.size = l.young, map[[sha256.Size]byte]*kit.Part{}, 0
	}
	l.young[key] = p
	l.size += p.Size()
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
