package organization

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
)

func TestAHandshakeEndsOnce(t *testing.T) {
	t.Parallel()
	const same, other = "HandshakeAlreadyInStateException", "InvalidHandshakeTransitionException"
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		from, to string
		after    time.Duration
		want     string
	}{
		{Open, Accepted, 0, ""}, {Open, Declined, 0, ""}, {Open, Canceled, 0, ""},
		{Requested, Canceled, 0, ""}, {Requested, Accepted, 0, other}, {Requested, Declined, 0, other},
		{Accepted, Accepted, 0, same}, {Accepted, Canceled, 0, other}, {Declined, Declined, 0, same}, {Canceled, Accepted, 0, other},
		{Open, Accepted, invitationLife - 1, ""}, {Open, Accepted, invitationLife, other}, {Open, Canceled, invitationLife, other},
	} {
		o := &Organization{ID: "o-example123", Management: "111111111111"}
		h := o.NewHandshake(ident.NewSource(rand.Reader), Invite, EmailParty, "pat@acme.example", now)
		h.State = c.from
		err := h.End(c.to, now.Add(c.after))
		if (err == nil) != (c.want == "") || err != nil && !fault.Is(err, c.want) {
			t.Errorf("from %s to %s after %v: got %v, want %q", c.from, c.to, c.after, err, c.want)
		}
		if err == nil && (h.State != c.to || !h.KeptUntil().Equal(now.Add(c.after+afterlife))) {
			t.Errorf("from %s to %s: got %s, kept until %s", c.from, c.to, h.State, h.KeptUntil())
		}
	}
}

func TestAHandshakeIsFoundByWhoIsAsked(t *testing.T) {
	t.Parallel()
	ids, now := ident.NewSource(rand.Reader), time.Time{}
	o := &Organization{ID: "o-example123", Management: "111111111111"}
	byID := o.NewHandshake(ids, Invite, AccountParty, "222222222222", now)
	byMail := o.NewHandshake(ids, Invite, EmailParty, "pat@acme.example", now)
	if byID.Recipient() != "222222222222" || byMail.Recipient() != "pat@acme.example" {
		t.Errorf("got %s and %s", byID.Recipient(), byMail.Recipient())
	}
	byMail.Account = "333333333333"
	if byMail.Recipient() != "333333333333" {
		t.Errorf("got %s once it is answered", byMail.Recipient())
	}
	if want := "arn:aws:organizations::111111111111:handshake/o-example123/invite/" + byID.ID; byID.ARN() != want {
		t.Errorf("got %s, want %s", byID.ARN(), want)
	}
}
