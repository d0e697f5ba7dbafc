package portal

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit/kittest"
)

// manyAccounts have names that hardly repeat, three roles each and descriptions.
func manyAccounts(n int) []self.OwnAccount {
	var all []self.OwnAccount
	for i := range n {
		word := fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, i)))
		all = append(all, self.OwnAccount{ID: fmt.Sprintf("%012d", 730000000000+int64(i)*7919), Name: "Team " + word[:10], Email: "aws+" + word[:10] + "@alder.example",
			Roles: []self.OwnRole{
				{Name: "AdministratorAccess", Description: "Everything. Ask the platform team first.", Lasts: time.Hour},
				{Name: "PowerUserAccess", Description: "Use all services. No users, groups or organization.", Lasts: 4 * time.Hour},
				{Name: "ViewOnlyAccess", Description: "See what is there. Change nothing.", Lasts: 8 * time.Hour}}})
	}
	return all
}

// maxWeight is what a page may weigh with all that it needs, compressed.
const maxWeight = 100 << 10

func TestTheLongestPageIsLight(t *testing.T) {
	t.Parallel()
	for name, is := range map[string]self.ListOwnAccountsOutput{
		"the longest that comes whole": {Total: 500, Matching: 500, Page: 1, Pages: 1, Accounts: manyAccounts(500)},
		"one of very many":             {Total: 5000, Matching: 5000, Page: 1, Pages: 50, Accounts: manyAccounts(100)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := browser(nil, listing(is))
			b.Handler = enter(b.Site)
			page := packed(t, b, "/start")
			weight := page.Body.Len()
			for _, asset := range regexp.MustCompile(`(?:href|src)="(/assets/[^"]+)"`).FindAllStringSubmatch(b.Get("/start").Body.String(), -1) {
				weight += packed(t, b, asset[1]).Body.Len()
			}
			t.Logf("%s: the page weighs %d bytes, with what it needs %d", name, page.Body.Len(), weight)
			if weight > maxWeight {
				t.Errorf("the page weighs %d bytes with what it needs, want at most %d", weight, maxWeight)
			}
		})
	}
}

// packed asks as a browser does, which reads gzip.
func packed(t testing.TB, b kittest.Browser, target string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, b.Site.Origin()+target, nil)
	r.Header.Set("Accept-Encoding", "gzip, deflate, br, zstd")
	w := b.Do(r)
	if w.Code != http.StatusOK || w.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("%s: status %d, encoded by %q", target, w.Code, w.Header().Get("Content-Encoding"))
	}
	return w
}

// TestACompressedPageIsThePage: its lists are compressed apart and remembered, also those that share an account.
func TestACompressedPageIsThePage(t *testing.T) {
	t.Parallel()
	all := manyAccounts(40)
	all[0].Favourite = true
	is := self.ListOwnAccountsOutput{Total: 40, Matching: 40, Page: 1, Pages: 1}
	b := browser(nil, answers{"ListOwnAccounts": func(any) (any, error) { return &is, nil }})
	for _, accounts := range [][]self.OwnAccount{all, all, all[1:], nil, all[:1], all} {
		is.Accounts = accounts
		z, err := gzip.NewReader(packed(t, b, "/start").Body)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(z)
		if want := b.Get("/start").Body.Bytes(); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d accounts: %d bytes came, want %d that are the same: %v", len(accounts), len(got), len(want), err)
		}
	}
}

func TestListsThatDifferHaveKeysThatDo(t *testing.T) {
	t.Parallel()
	role := func(name, description string) []self.OwnRole {
		return []self.OwnRole{{Name: name, Description: description}}
	}
	seen := map[[32]byte]int{}
	for i, g := range []group{
		{}, {Folded: true}, {Accounts: []self.OwnAccount{{}}}, {Accounts: []self.OwnAccount{{}, {}}},
		{Accounts: []self.OwnAccount{{ID: "1", Name: "23"}}}, {Accounts: []self.OwnAccount{{ID: "12", Name: "3"}}},
		{Accounts: []self.OwnAccount{{Email: "3"}}}, {Accounts: []self.OwnAccount{{Favourite: true}}},
		{Accounts: []self.OwnAccount{{Roles: role("a", "b")}}}, {Accounts: []self.OwnAccount{{Roles: role("ab", "")}}},
		{Accounts: []self.OwnAccount{{Roles: []self.OwnRole{{Lasts: time.Hour}}}}},
	} {
		if other, found := seen[g.key()]; found {
			t.Errorf("groups %d and %d have the same key", other, i)
		}
		seen[g.key()] = i
	}
}

func TestRememberedListsAreBounded(t *testing.T) {
	t.Parallel()
	l := lists{write: New(kittest.Site(kittest.Corridor{}, origin)).NewPart}
	all := manyAccounts(200)
	for i := range 100 {
		l.of(group{Accounts: all[i : i+100]})
	}
	held := 0
	for _, generation := range []map[[32]byte]*kit.Part{l.young, l.old} {
		for _, p := range generation {
			held += p.Size()
		}
	}
	if one := l.of(group{Accounts: all[:100]}).Size(); held > maxLists+2*one {
		t.Errorf("%d bytes are held", held)
	}
}

// TestKeysAreNotCompressed: the length of what is compressed tells of the secrets in it.
func TestKeysAreNotCompressed(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodGet, origin+"/start/keys?account_id=000000000001&role_name=R", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	if w := browser(accounts("Development"), nil).Do(r); w.Code != http.StatusOK || w.Header().Get("Content-Encoding") != "" {
		t.Errorf("status %d, encoded by %q", w.Code, w.Header().Get("Content-Encoding"))
	}
}

func BenchmarkPortal(b *testing.B) {
	for _, n := range []int{100, 500} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			is := self.ListOwnAccountsOutput{Total: n, Matching: n, Page: 1, Pages: 1, Accounts: manyAccounts(n)}
			browser := browser(nil, listing(is))
			for b.Loop() {
				packed(b, browser, "/start")
			}
		})
	}
}
