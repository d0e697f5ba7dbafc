package mail

import (
	"fmt"
	html "html/template"
	"strings"
	"text/template"
	"time"
)

// Message is a letter in words.
type Message struct {
	To, Subject, Text, HTML string
	Link                    string // the one in it, if there is one
	At                      time.Time
}

// Paragraphs are those of the text.
func (m *Message) Paragraphs() []string { return strings.Split(strings.TrimSpace(m.Text), "\n\n") }

// view is a letter as its words see it: every name fit for a line.
type view struct {
	Letter
	When, Deadline string
}

func (l *Letter) view() view {
	v := view{Letter: *l, When: clock(l.At), Deadline: clock(l.Until)}
	for _, name := range []*string{&v.Name, &v.UserName, &v.Organization, &v.By, &v.Device, &v.Client, &v.Address} {
		*name = plain(*name)
	}
	if v.Name == "" {
		v.Name = v.UserName
	}
	return v
}

func clock(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04") + " UTC" }

// Write puts a letter into words.
func (l *Letter) Write() (*Message, error) {
	if err := CheckAddress(l.To); err != nil {
		return nil, fmt.Errorf("a letter to %q: %w", plain(l.To), err)
	}
	w, ok := words[l.Kind]
	if !ok {
		return nil, fmt.Errorf("there are no words for a letter of kind %q", l.Kind)
	}
	var s sheet
	var err error
	v := l.view()
	if s.Subject, err = fill(w.subject, v); err != nil {
		return nil, err
	}
	if s.Says, err = fillAll(w.says, v); err != nil {
		return nil, err
	}
	if s.Ends, err = fillAll(w.ends, v); err != nil {
		return nil, err
	}
	if s.Link = l.Link; s.Link != "" {
		s.Button = w.button
	}
	return s.message(l)
}

// sheet is what both forms of a message are made of.
type sheet struct {
	Subject      string
	Says, Ends   []string
	Link, Button string
}

const textForm = `{{range .Says}}{{.}}

{{end}}{{with .Link}}{{.}}

{{end}}{{range .Ends}}{{.}}

{{end}}`

// htmlForm asks for nothing from anywhere: no picture, no font, no style sheet.
const htmlForm = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>{{.Subject}}</title></head>
<body style="font-family:system-ui,sans-serif;font-size:16px;line-height:1.5;max-width:36em">
{{range .Says}}<p>{{.}}</p>
{{end}}{{if .Link}}<p><a href="{{.Link}}"><strong>{{.Button}}</strong></a></p>
<p style="overflow-wrap:anywhere">If the link does not open, copy this address:<br>{{.Link}}</p>
{{end}}{{range .Ends}}<p>{{.}}</p>
{{end}}</body></html>
`

func (s *sheet) message(l *Letter) (*Message, error) {
	m := &Message{To: l.To, Subject: s.Subject, Link: s.Link, At: l.At}
	text, err := fill(textForm, s)
	if err != nil {
		return nil, err
	}
	m.Text = strings.TrimSpace(text) + "\n"
	form, err := html.New("mail").Parse(htmlForm)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	if err := form.Execute(&b, s); err != nil {
		return nil, err
	}
	m.HTML = b.String()
	return m, nil
}

func fill(words string, data any) (string, error) {
	t, err := template.New("mail").Option("missingkey=error").Parse(words)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, data)
	return b.String(), err
}

func fillAll(words []string, data any) (filled []string, err error) {
	for _, w := range words {
		line, err := fill(w, data)
		if err != nil {
			return nil, err
		}
		filled = append(filled, line)
	}
	return filled, nil
}
