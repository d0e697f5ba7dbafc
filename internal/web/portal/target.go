package portal

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

// target is a role in an account, as the address or a form names it.
type target struct{ AccountID, Role, AccountName string }

var errNoRole = fault.New(fault.Invalid, "ValidationException", "The address names no account or no role.")

// parseTarget reads account_id and role_name. Both end up in files that people are asked to copy, so neither may hold
// what could begin a line there.
func parseTarget(q url.Values) (target, error) {
	id, err := ident.ParseAccountID(q.Get("account_id"))
	if err != nil {
		return target{}, errNoRole.Because(err)
	}
	role := q.Get("role_name")
	if role == "" || strings.ContainsFunc(role, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
		return target{}, errNoRole
	}
	return target{AccountID: string(id), Role: role}, nil
}

// parseWanted is parseTarget where each may be left out.
func parseWanted(q url.Values) (target, error) {
	full := url.Values{"account_id": {cmp.Or(q.Get("account_id"), "000000000000")}, "role_name": {cmp.Or(q.Get("role_name"), "any")}}
	if _, err := parseTarget(full); err != nil {
		return target{}, err
	}
	return target{AccountID: q.Get("account_id"), Role: q.Get("role_name")}, nil
}

// named fills in the account's name where the account is open to the person.
func (p *Pages) named(r *http.Request, t target) (target, error) {
	a, err := p.account(r, t.AccountID)
	if err == nil && a != nil {
		t.AccountName = a.Name
	}
	return t, err
}

// keysPath is the address that offers keys for t.
func (t target) keysPath() string {
	return kit.Home + "/keys?" + t.query().Encode()
}
