package admin_test

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/identitystore"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// postDesk is a desk whose server has a mailbox and whose person has an address.
type postDesk struct{ *desk }

func newPostDesk(t *testing.T) *postDesk {
	t.Helper()
	w := apitest.Empty(t, map[string]api.Table{admin.Name: admin.Table(), self.Name: self.Table(), "identitystore": identitystore.Table()})
	w.Mailbox = new(mail.Box)
	main := w.Account("111111111111", "Main")
	d := &postDesk{&desk{w, t, main, w.Person(w.Instance(w.Organization(main)), "pcollins", "correct horse battery staple")}}
	apitest.Change(w, store.Users, any(d.person.ID), func(u *directory.User) {
		u.Emails = []directory.Email{{Value: "paula@acme.example", Primary: true}}
	})
	return d
}

// move gives the person another address.
func (d *postDesk) move(to string) {
	d.t.Helper()
	apitest.CallAs[sdk.UpdateUserOutput](d.World, apitest.Root(d.main.ID), "identitystore", "UpdateUser", &sdk.UpdateUserInput{
		IdentityStoreId: &d.person.StoreID, UserId: &d.person.ID, Operations: []types.AttributeOperation{{AttributePath: aws.String("emails"),
			AttributeValue: document.NewLazyDocument([]any{map[string]any{"value": to, "type": "work", "primary": true}})}}})
}

// post takes the letters out of the outbox, by their kind.
func (d *postDesk) post() (letters []*mail.Letter) {
	d.t.Helper()
	letters = d.Letters()
	d.Update(func(tx *store.Tx) error {
		list, _, err := store.Outbox.List(tx, "all", nil, "", 0)
		for _, o := range list {
			err = errors.Join(err, store.Outbox.Delete(tx, o))
		}
		return err
	})
	slices.SortFunc(letters, func(a, b *mail.Letter) int { return cmp.Compare(a.Kind, b.Kind) })
	return letters
}

// secret is that of the link in a letter.
func (d *postDesk) secret(l *mail.Letter) string {
	d.t.Helper()
	u, err := url.Parse(l.Link)
	if err != nil || u.Query().Get("secret") == "" {
		d.t.Fatalf("the letter has the link %q", l.Link)
	}
	d.Secret(u.Query().Get("secret"))
	return u.Query().Get("secret")
}

// spend uses a link, with a password if it wants one.
func (d *postDesk) spend(secret, password string) error {
	d.t.Helper()
	out, err := d.Corridor.Invoke(d.t.Context(), api.Caller{}, self.Name, "SpendLink", &self.SpendLinkInput{Secret: secret, Password: password})
	if o, ok := out.(*self.SignInOutput); ok && err == nil && o.Secret != "" {
		d.Secret(o.Secret)
	}
	return err
}

func (d *postDesk) verified() bool {
	d.t.Helper()
	return apitest.CallAs[admin.DescribeUserEmailOutput](d.World, apitest.Root(d.main.ID), admin.Name, "DescribeUserEmail",
		&admin.DescribeUserEmailInput{UserName: "pcollins"}).Verified
}

// TestAnAddressIsVerifiedByALinkThatWentThere: by one for that, which lets nobody in, or by one to a password; not by one
// that somebody handed over, and not when it went to another address.
func TestAnAddressIsVerifiedByALinkThatWentThere(t *testing.T) {
	t.Parallel()
	d := newPostDesk(t)
	send := func() string {
		t.Helper()
		out := apitest.CallAs[admin.SendEmailVerificationOutput](d.World, apitest.Root(d.main.ID), admin.Name, "SendEmailVerification",
			&admin.SendEmailVerificationInput{UserName: "pcollins"})
		letters := d.post()
		if out.SentTo != "paula@acme.example" || len(letters) != 1 || letters[0].Kind != mail.Verification || letters[0].To != out.SentTo {
			t.Fatalf("sent to %q: %+v", out.SentTo, letters)
		}
		return d.secret(letters[0])
	}
	first, second := send(), send()
	if d.verified() || d.spend(first, "") == nil || d.verified() {
		t.Error("an address is verified by nothing, or by a link that another replaced")
	}
	if err := d.spend(second, "a password for a thief to set"); err != nil || !d.verified() {
		t.Error(err)
	}
	if _, err := d.Corridor.Invoke(t.Context(), api.Caller{}, self.Name, "SignIn", &self.SignInInput{UserName: "pcollins", Password: "a password for a thief to set"}); err == nil {
		t.Error("a link that verifies set a password")
	}
	if d.spend(second, "") == nil {
		t.Error("it works twice")
	}
	d.move("else@acme.example")
	if d.verified() {
		t.Error("the next address is verified by the first")
	}

	shown := apitest.CallAs[admin.ResetUserPasswordOutput](d.World, apitest.Root(d.main.ID), admin.Name, "ResetUserPassword",
		&admin.ResetUserPasswordInput{UserName: "pcollins", ShowLink: true})
	if err := d.spend(d.secret(&mail.Letter{Link: shown.Link}), "six otters paint the quay"); err != nil || d.verified() {
		t.Errorf("a link that was handed over verifies %v: %v", d.verified(), err)
	}
	d.post()
	d.do("ResetUserPassword", `{"UserName":"pcollins"}`, nil)
	if err := d.spend(d.secret(d.post()[0]), "seven otters paint the quay"); err != nil || !d.verified() {
		t.Errorf("a link that was mailed verifies %v: %v", d.verified(), err)
	}
	if leaks := d.Leaks(); leaks != nil {
		t.Error(leaks)
	}
}

// TestTheAddressBeforeIsTold, and the one after is asked; until it is confirmed, who forgot their password gets no link
// there. See "Change of email address" in OWASP's Authentication Cheat Sheet.
func TestTheAddressBeforeIsTold(t *testing.T) {
	t.Parallel()
	d := newPostDesk(t)
	reset := func() int {
		t.Helper()
		d.Time.Pass(time.Hour)
		n := 0
		d.Update(func(tx *store.Tx) error {
			u, err := d.Remind(tx, &mail.Letter{StoreID: d.person.StoreID, UserName: "pcollins"}, d.NewSecret())
			if n = 0; u != nil {
				n = 1
			}
			return err
		})
		d.post()
		return n
	}
	if reset() != 1 {
		t.Error("who never verified an address gets no link")
	}
	d.do("SendEmailVerification", `{"UserName":"pcollins"}`, nil)
	if err := d.spend(d.secret(d.post()[0]), ""); err != nil || reset() != 1 {
		t.Error("who verified their address gets no link", err)
	}
	d.move("typo@acme.example")
	letters := d.post()
	if len(letters) != 2 || letters[0].Kind != mail.AddressChanged || letters[0].To != "paula@acme.example" || letters[1].Kind != mail.Verification || letters[1].To != "typo@acme.example" {
		t.Fatalf("letters %+v", letters)
	}
	if reset() != 0 {
		t.Error("a link to the password goes to an address that nobody confirmed")
	}
	d.move("paula@acme.example") // back, and nothing to confirm
	if letters := d.post(); len(letters) != 1 || letters[0].To != "typo@acme.example" || reset() != 1 || !d.verified() {
		t.Errorf("letters %+v", letters)
	}
	d.move("paula@acme.example")
	if letters := d.post(); len(letters) != 0 {
		t.Errorf("no change is news: %+v", letters)
	}
	apitest.Change(d.World, store.Users, any(d.person.ID), func(u *directory.User) { u.PasswordHash = "" })
	d.move("invited@acme.example")
	if letters := d.post(); len(letters) != 1 {
		t.Errorf("who has no password is asked: %+v", letters)
	}
}

func TestWhereNoMailGoesNothingIsVerified(t *testing.T) {
	t.Parallel()
	d := newPostDesk(t)
	d.Mailbox = nil
	if a := d.call(d.Root(d.main), "SendEmailVerification", `{"UserName":"pcollins"}`); a.Code() != "ResourceNotFoundException" {
		t.Errorf("without mail: %d %s", a.Status, a.Body)
	}
	d.move("else@acme.example")
	d.Mailbox = new(mail.Box)
	apitest.Change(d.World, store.Users, any(d.person.ID), func(u *directory.User) { u.Emails = nil })
	if a := d.call(d.Root(d.main), "SendEmailVerification", `{"UserName":"pcollins"}`); a.Code() != "ConflictException" {
		t.Errorf("without an address: %d %s", a.Status, a.Body)
	}
}
