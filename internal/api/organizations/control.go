package organizations

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/organization"
	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

// control is a resource control policy in the form in which it is kept.
type control struct {
	Version   string
	ID        string          `json:"Id,omitempty"`
	Statement json.RawMessage // a list
}

// settleControl is settle for the document of a resource control policy. It is kept as recorded on AWS: without white
// space, with its version, and with its statements in a list.
func settleControl(p *organization.Policy) error {
	doc, err := policy.Parse([]byte(p.Content), policy.RCP)
	if err != nil || doc.Allows() {
		return unfit()
	}
	var d control
	if err := json.Unmarshal([]byte(p.Content), &d); err != nil {
		return unfit()
	}
	d.Version = cmp.Or(d.Version, "2008-10-17")
	if d.Statement[0] == '{' {
		d.Statement = slices.Concat([]byte("["), d.Statement, []byte("]"))
	}
	p.Content, err = compact(d)
	return err
}

// compact returns JSON without white space.
func compact(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSpace(b.String()), err
}
