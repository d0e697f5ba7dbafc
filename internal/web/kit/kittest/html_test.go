package kittest

import (
	"strings"
	"testing"
)

func TestCheckHTML(t *testing.T) {
	t.Parallel()
	const frame = `<!doctype html><html lang="en"><head><title>A</title></head><body><h1>A</h1>%</body></html>`
	for name, test := range map[string]struct{ body, want string }{
		"a sound page":           {`<p>Hello<br>you</p>`, ""},
		"crossed tags":           {`<p><b></p></b>`, "</p> closes"},
		"a tag left open":        {`<p>`, "</body> closes"},
		"an id twice":            {`<p id="a"></p><p id="a"></p>`, `id "a" twice`},
		"a reference to nothing": {`<a href="#a"></a>`, `missing id "a"`},
		"a field with no label":  {`<input id="a">`, `field "a" has no label`},
		"a field in its label":   {`<label><input type="checkbox"></label>`, ""},
		"an inline style":        {`<p style="color: red"></p>`, "style"},
		"an inline handler":      {`<p onclick="go()"></p>`, "onclick"},
		"an inline script":       {`<script></script>`, "inline <script>"},
		"a choice with no label": {`<select id="a"></select>`, `field "a" has no label`},
		"a link to nothing":      {`<a href="">B</a>`, "<a> has an empty href"},
		"a button of a picture":  {`<button class="star"><svg></svg></button>`, "has no name"},
		"a button with a name":   {`<button aria-label="Mark"><svg></svg></button><button><b>B</b></button>`, ""},
		"two headings":           {`<h1>B</h1>`, "2 h1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(CheckHTML(strings.Replace(frame, "%", test.body, 1)), "\n")
			if (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestAPageHasATitle(t *testing.T) {
	t.Parallel()
	if got := strings.Join(CheckHTML(`<!doctype html><html lang="en"><head><title> </title></head><body><h1>A</h1></body></html>`), "\n"); got != "html: no title" {
		t.Errorf("got %q", got)
	}
}
