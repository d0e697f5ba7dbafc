package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/audit"
	"github.com/gatehouse-sso/gatehouse/internal/mail"
	"github.com/gatehouse-sso/gatehouse/internal/mail/mailtest"
	"github.com/gatehouse-sso/gatehouse/internal/sample"
	"github.com/gatehouse-sso/gatehouse/internal/store"
	"github.com/gatehouse-sso/gatehouse/internal/wire"
)

// office is an open server with a clock of the test's and a mail server.
type office struct {
	*Server
	t      *testing.T
	passed atomic.Int64
	smtp   *mailtest.Server
}

func newOffice(t *testing.T, dir string) *office {
	t.Helper()
	o := &office{t: t, smtp: mailtest.New(t, mailtest.Options{NoTLS: true})}
	o.Server = o.open(dir)
	o.update(func(tx *store.Tx) error {
		return tx.SetMailSettings(&mail.Settings{Host: o.smtp.Host, Port: o.smtp.Port, Security: mail.Clear, From: "gatehouse@acme.example"})
	})
	return o
}

func (o *office) open(dir string) *Server {
	o.t.Helper()
	begin := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	c := config(dir)
	c.Clock = func() time.Time { return begin.Add(time.Duration(o.passed.Load())) }
	s, err := Open(o.t.Context(), c, false)
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

func (o *office) update(fn func(*store.Tx) error) {
	o.t.Helper()
	if err := o.services.Store.Update(o.t.Context(), fn); err != nil {
		o.t.Fatal(err)
	}
}

// queue queues a letter with a link.
func (o *office) queue(link string) {
	o.t.Helper()
	o.update(func(tx *store.Tx) error {
		return o.services.Queue(tx, "111111111111", "u-1", &mail.Letter{Kind: mail.Reset, To: "paula@acme.example", UserName: "paula", Link: link, At: tx.Now, Until: tx.Now})
	})
}

func (o *office) empty() {
	o.t.Helper()
	if err := o.emptyOutbox(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}

// waiting returns what is in the outbox.
func (o *office) waiting() (list []*mail.Outgoing) {
	o.t.Helper()
	err := o.services.Store.View(o.t.Context(), func(tx *store.Tx) (err error) {
		list, _, err = store.Outbox.List(tx, "all", nil, "", 0)
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return list
}

const link = "http://localhost:7070/password?link=FORTYTHREECHARACTERSOFASECRETTHATNOBODYKNOWS"

// TestALetterSurvivesARestart queues a letter while the mail server is away, starts the server anew, and finds the letter
// sent. Meanwhile nobody who reads the database finds the link.
func TestALetterSurvivesARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := newOffice(t, dir)
	o.smtp.Set(mailtest.Options{NoTLS: true, Refuse: "451 4.3.0 not now"})
	o.queue(link)
	o.empty()
	left := o.waiting()
	if len(left) != 1 || left[0].Tries != 1 || !strings.Contains(left[0].Error, "not now") {
		t.Fatalf("waiting: %+v", left)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"gatehouse.db", "gatehouse.db-wal"} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if bytes.Contains(raw, []byte("FORTYTHREECHARACTERS")) || bytes.Contains(raw, []byte("paula@acme")) {
			t.Errorf("%s shows the letter", name)
		}
	}
	o.Server = o.open(dir)
	closing(t, o.Server)
	o.smtp.Set(mailtest.Options{NoTLS: true})
	o.empty()
	if len(o.smtp.Mails()) != 0 {
		t.Error("it was tried again at once")
	}
	o.passed.Store(int64(time.Minute))
	o.empty()
	if got := o.smtp.Next().Read(t).Link(t); got != link || len(o.waiting()) != 0 {
		t.Errorf("got the link %q, waiting %v", got, o.waiting())
	}
}

// TestNoTwoNodesSendALetter has a second node look while the first one is at it, and after that one has died.
func TestNoTwoNodesSendALetter(t *testing.T) {
	t.Parallel()
	o := newOffice(t, t.TempDir())
	closing(t, o.Server)
	o.queue(link)
	first, err := o.takeLetter(t.Context())
	if first == nil || err != nil {
		t.Fatal(first, err)
	}
	if second, err := o.takeLetter(t.Context()); second != nil || err != nil {
		t.Errorf("a second node takes it too: %+v, %v", second, err)
	}
	o.passed.Store(int64(3 * time.Minute))
	again, err := o.takeLetter(t.Context())
	if again == nil || err != nil || again.Tries != 2 {
		t.Fatalf("after the first node died: %+v, %v", again, err)
	}
	if err := o.sendLetter(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if err := o.sendLetter(t.Context(), first); err != nil { // which was only slow
		t.Errorf("the slow node: %v", err)
	}
}

// TestALetterIsGivenUpOnTheRecord lets a day pass without a mail server, and has one that refuses the address.
func TestALetterIsGivenUpOnTheRecord(t *testing.T) {
	t.Parallel()
	o := newOffice(t, t.TempDir())
	closing(t, o.Server)
	given := func() (n int) {
		err := o.services.Store.View(t.Context(), func(tx *store.Tx) error {
			rows, err := tx.UnsealedAudit(1 << 20)
			for _, row := range rows {
				r := audit.Record{Seq: row.Seq, Time: row.At.UnixMilli(), Body: row.Body, MAC: row.MAC}
				events, failed := r.Open()
				err = errors.Join(err, failed)
				for _, e := range events {
					if e.Operation == "GiveUpMail" && e.Account == "111111111111" {
						n++
					}
					if strings.Contains(string(row.Body), "FORTYTHREE") {
						t.Error("the record shows the link")
					}
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	o.smtp.Set(mailtest.Options{NoTLS: true, Refuse: "451 4.3.0 not now"})
	o.queue(link)
	for hour := range 25 {
		if len(o.waiting()) == 0 {
			t.Fatalf("given up after %d hours", hour)
		}
		o.passed.Store(int64(time.Duration(hour) * time.Hour))
		o.empty()
	}
	if len(o.waiting()) != 0 || given() != 1 {
		t.Errorf("after a day %d wait, %d are given up", len(o.waiting()), given())
	}
	o.smtp.Set(mailtest.Options{NoTLS: true, Refuse: "550 5.1.1 no such mailbox"})
	o.queue(link)
	o.empty()
	if len(o.waiting()) != 0 || given() != 2 {
		t.Errorf("refused for good, %d wait, %d are given up", len(o.waiting()), given())
	}
}

// TestALinkLeadsHereWhateverTheRequestSays asks for links under a forged Host: for a person, for a root user, and as an
// administrator, who signs what is forged. See "Testing for Host Header Injection" (WSTG-INPV-17) of OWASP, and OWASP ASVS 5.0
// section 4.1.3.
func TestALinkLeadsHereWhateverTheRequestSays(t *testing.T) {
	t.Parallel()
	c := config(shortDir(t))
	c.Mailbox = true
	n, stop := start(t, c)
	n.administrator()
	s := &siege{node: n, storeID: n.services.State.Current().InstanceAt("").IdentityStoreID}
	s.must("SetRootPassword", &admin.SetRootPasswordInput{AccountId: string(sample.Management), Password: secret})
	s.update(func(tx *store.Tx) error { // who has no password yet is invited
		u, err := store.Users.By(tx, "name", s.storeID, carol)
		if err == nil {
			u.PasswordHash = ""
			err = store.Users.Save(tx, u)
		}
		return err
	})
	token, _ := n.signIn(paula)
	administrator, err := n.keys(token, sample.Role{Account: sample.Management, Set: "AdministratorAccess"}).Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	page := func(path, user string) *http.Request {
		return s.request(http.MethodPost, path, strings.NewReader(url.Values{"user": {user}}.Encode()))
	}
	invite := s.request(http.MethodPost, "/", strings.NewReader(`{"UserName":"`+carol+`"}`))
	invite.Header.Set("Content-Type", "application/x-amz-json-1.1")
	invite.Header.Set("X-Amz-Target", wire.ServiceNamed(admin.Name).TargetPrefix+"InviteUser")
	asked := []*http.Request{page("/signin/forgot", paula), page("/signin/root/forgot", "aws@acme.example"), invite}
	for _, r := range asked {
		if r.Host = "evil.example"; r != invite { // browsers come by the server's own name only
			w := httptest.NewRecorder()
			if n.Corridor.ServeHTTP(w, r.Clone(t.Context())); w.Code != http.StatusForbidden {
				t.Errorf("%s under another name: %d", r.URL.Path, w.Code)
			}
			r.Host = n.URL.Host
		}
		for _, name := range []string{"X-Forwarded-Host", "X-Forwarded-Server", "X-Original-Url", "X-Rewrite-Url"} {
			r.Header.Set(name, "evil.example")
		}
		r.Header.Set("Forwarded", "host=evil.example")
		if r == invite {
			sign(t, r, administrator)
		}
		w := httptest.NewRecorder()
		n.Corridor.ServeHTTP(w, r)
		if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "evil.example") {
			t.Fatalf("%s: %d %s", r.URL.Path, w.Code, w.Body)
		}
	}
	letters := func() (list []*mail.Message) {
		for _, m := range n.services.Mailbox.Messages() {
			if m.Link != "" {
				list = append(list, m)
			}
		}
		return list
	}
	for len(letters()) < len(asked) && t.Context().Err() == nil {
		time.Sleep(time.Millisecond) // the server is at it
	}
	stop()
	to := map[string]int{}
	for _, m := range letters() {
		if to[m.To]++; !strings.HasPrefix(m.Link, n.url+"/signin/link?secret=") || strings.Contains(m.Text+m.HTML, "evil") {
			t.Errorf("got %+v", m)
		}
	}
	if len(to) != len(asked) {
		t.Errorf("letters went to %v", to)
	}
}

// sign signs a request whose body is text.
func sign(t *testing.T, r *http.Request, k aws.Credentials) {
	t.Helper()
	body, err := r.GetBody()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	if err := v4.NewSigner().SignHTTP(t.Context(), k, r, hex.EncodeToString(sum[:]), admin.Name, "us-east-1", time.Now()); err != nil {
		t.Fatal(err)
	}
}
