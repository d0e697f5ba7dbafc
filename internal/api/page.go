package api

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

// pageLife is how long the token of a next page is good.
const pageLife = 24 * time.Hour

// Limit returns how many rows a page has: what was asked for, at most and by default def.
func (c *Call) Limit(asked *int32, def int) int {
	if asked == nil || *asked <= 0 || int(*asked) > def {
		return def
	}
	return int(*asked)
}

// NextToken seals where the next page begins, or returns nil when last is empty. The token is good for this caller's
// account, this operation and this filter, and for 24 hours.
func (c *Call) NextToken(filter any, last string) *string {
	if last == "" {
		return nil
	}
	contents := strconv.FormatInt(c.Now.Add(pageLife).Unix(), 10) + " " + last
	token, err := c.Seal.SealToken(seal.PageToken, []byte(contents), c.pageBinding(filter), c.Random)
	if err != nil {
		c.Log.Error("page token", "error", err)
		return nil
	}
	return &token
}

// After opens the token of a page and returns the last key of the page before, empty for the first page.
func (c *Call) After(filter any, token *string) (string, error) {
	if token == nil || *token == "" {
		return "", nil
	}
	raw, err := c.Seal.OpenToken(seal.PageToken, *token, c.pageBinding(filter))
	if err != nil {
		return "", c.badToken()
	}
	end, last, ok := strings.Cut(string(raw), " ")
	seconds, err := strconv.ParseInt(end, 10, 64)
	if !ok || err != nil || c.Now.Unix() > seconds {
		return "", c.badToken()
	}
	return last, nil
}

// PageOf cuts a page out of sorted names: at most limit of those that come after after. next is where the page after it
// begins, and empty at the end.
func PageOf(sorted []string, after string, limit int) (page []string, next string) {
	return PageBy(sorted, func(name string) string { return name }, after, limit)
}

// PageBy is PageOf for what is sorted by a key that no two have.
func PageBy[T any](sorted []T, key func(T) string, after string, limit int) (page []T, next string) {
	from, there := slices.BinarySearchFunc(sorted, after, func(t T, k string) int { return cmp.Compare(key(t), k) })
	if there {
		from++
	}
	page = sorted[from:]
	if len(page) <= limit {
		return page, ""
	}
	return page[:limit], key(page[limit-1])
}

func (c *Call) pageBinding(filter any) []byte {
	f, err := json.Marshal(filter)
	if err != nil {
		f = fmt.Appendf(nil, "%v", filter)
	}
	sum := sha256.Sum256(f)
	who := string(c.Principal.Account) + c.Principal.UserID
	return []byte(c.Service + "\x00" + c.Operation + "\x00" + who + "\x00" + string(sum[:]))
}

// badToken is the service's error for a page token that is not its own.
func (c *Call) badToken() error {
	const text = "The token of the next page is not valid for this request. Begin again without it."
	switch c.Service {
	case "organizations":
		return fault.New(fault.Invalid, "InvalidInputException", "You specified an invalid value for nextToken. You must get the value "+
			"from the response to a previous call to the API.").With("Reason", "INVALID_NEXT_TOKEN")
	case "sso", "sso-oidc":
		return fault.New(fault.Invalid, "InvalidRequestException", text)
	}
	if s := wire.ServiceNamed(c.Service); s != nil && s.Protocol == wire.AWSQuery {
		return fault.New(fault.Invalid, "ValidationError", text)
	}
	return fault.New(fault.Invalid, "ValidationException", text)
}
