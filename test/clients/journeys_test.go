package clients_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gatehouse-sso/gatehouse/internal/client"
	"github.com/gatehouse-sso/gatehouse/internal/mail/mailtest"
	"github.com/gatehouse-sso/gatehouse/internal/server"
	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// The journeys of people who set an organization up, as they would type them:
// the AWS CLI, and gatehouse where AWS has only its console. A script has a
// port of its own for its server, and these commands besides the usual ones:
//
//	up DIR                        wait until a server answers on the directory
//	keep NAME [REGEXP]            put the last output, or its first group, into a variable
//	root-step EMAIL PASSWORD      sign a root user in with a browser, add a security key, and sign in by it
//	sign-in USER PASSWORD [passkey]   sign in with a browser, which may have to add its passkey, and come back by it
//	accept PASSWORD               follow the link of the next mail with a browser, set a password, add a security key, and come
//	                              back by it
//	sso-login PROFILE             run aws sso login, and press Allow in the browser of the last sign-in
//
// Mail goes to a server at the port POST.
func TestJourneys(t *testing.T) {
	t.Parallel()
	aws, gatehouse := testkit.AWSPath(t), testkit.Binary(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			w := &walk{t: e.T().(testing.TB)}
			w.post = mailtest.New(w.t, mailtest.Options{NoTLS: true})
			e.Values[walkKey{}] = w
			e.Setenv("POST", strconv.Itoa(w.post.Port))
			return journeyHome(e, testkit.FreePort(t), map[string]string{"aws": aws, "gatehouse": gatehouse})
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"up": awaitServer, "keep": keep, "root-step": rootStep, "sign-in": signsIn, "accept": accept,
			"sso-login": ssoLogin},
	})
}

// walk is what the commands of a script share.
type walk struct {
	t       testing.TB
	post    *mailtest.Server
	browser *testkit.Browser // somebody is signed in with
}

type walkKey struct{}

func walkOf(ts *testscript.TestScript) *walk { return ts.Value(walkKey{}).(*walk) }

// journeyHome gives a script its programs, and clients that find its server.
func journeyHome(e *testscript.Env, port int, programs map[string]string) error {
	bin, origin := filepath.Join(e.WorkDir, "bin"), fmt.Sprintf("http://localhost:%d", port)
	if err := os.MkdirAll(bin, 0o700); err != nil {
		return err
	}
	for name, path := range programs {
		if err := os.Symlink(path, filepath.Join(bin, name)); err != nil {
			return err
		}
	}
	for name, value := range map[string]string{
		"PATH": bin + ":" + os.Getenv("PATH"), "HOME": e.WorkDir, "LANG": "C.UTF-8", "TZ": "UTC", "PORT": fmt.Sprint(port), "URL": origin,
		"AWS_DATA_PATH": filepath.Join(e.WorkDir, "models"), "AWS_ENDPOINT_URL": origin, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_DEFAULT_REGION": "us-east-1", "AWS_PAGER": "", "PYTHONUNBUFFERED": "1",
	} {
		e.Setenv(name, value)
	}
	return client.Models(filepath.Join(e.WorkDir, "models"), origin)
}

func awaitServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: up DIR")
	}
	t := walkOf(ts).t
	dir, tick := ts.MkAbs(args[0]), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for timeout := time.After(time.Minute); !server.Running(t.Context(), dir); {
		select {
		case <-tick.C:
		case <-timeout:
			ts.Fatalf("no server is up on %s", args[0])
		}
	}
	ts.Defer(func() {
		testkit.End(ts.BackgroundCmds())
		testkit.Remember(t, filepath.Join(ts.Getenv("WORK"), "bin", "gatehouse"), dir)
	})
}

func keep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: keep NAME [REGEXP]")
	}
	text := strings.TrimSpace(ts.ReadFile("stdout"))
	if len(args) > 1 {
		found := regexp.MustCompile(args[1]).FindStringSubmatch(text)
		if len(found) < 2 {
			ts.Fatalf("%q is not in\n%s", args[1], text)
		}
		text = found[1]
	}
	if text == "" || text == "None" {
		ts.Fatalf("there is nothing to keep as %s", args[0])
	}
	ts.Setenv(args[0], text)
}

func rootStep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: root-step EMAIL PASSWORD")
	}
	b := testkit.NewBrowser(walkOf(ts).t, ts.Getenv("URL"))
	b.AddAuthenticator(false)
	atDoor(b, "/signin/root", "", args[0], args[1])
	b.Shows("My security", "What is left of the set-up")
	addKey(b, "blue")
	leaveDoor(b)
	b.WaitFor("Root user of Personal", func() { atDoor(b, "/signin/root", "", args[0], args[1]) })
}

func signsIn(ts *testscript.TestScript, neg bool, args []string) {
	passkey := len(args) == 3 && args[2] == "passkey"
	if neg || len(args) != 2 && !passkey {
		ts.Fatalf("usage: sign-in USER PASSWORD [passkey]")
	}
	w := walkOf(ts)
	w.browser = testkit.NewBrowser(w.t, ts.Getenv("URL"))
	if !passkey {
		w.browser.SignIn(args[0], args[1])
		return
	}
	w.browser.AddAuthenticator(true)
	passwordOf(w.browser, args[0], args[1])
	enrolKey(w.browser, "Laptop")
	returnByKey(w.browser, true)
}

func accept(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: accept PASSWORD")
	}
	w := walkOf(ts)
	w.browser = testkit.NewBrowser(w.t, ts.Getenv("URL"))
	w.browser.AddAuthenticator(false)
	w.browser.Open(w.post.Next().Read(w.t).Link(w.t))
	w.browser.Fill("#password", args[0])
	w.browser.Press("Set the password")
	enrolKey(w.browser, "Blue key")
	returnByKey(w.browser, false)
}

func ssoLogin(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: sso-login PROFILE")
	}
	var env []string
	for _, name := range []string{"PATH", "HOME", "LANG", "TZ", "AWS_DATA_PATH", "AWS_ENDPOINT_URL", "AWS_EC2_METADATA_DISABLED", "AWS_PAGER", "PYTHONUNBUFFERED"} {
		env = append(env, name+"="+ts.Getenv(name))
	}
	w := walkOf(ts)
	cli := testkit.Start(w.t, env, filepath.Join(ts.Getenv("WORK"), "bin", "aws"), "sso", "login", "--no-browser", "--profile", args[0])
	code := cli.Find(`(?m)^([A-Z0-9]{4}-[A-Z0-9]{4})$`)[1]
	link := cli.Find(`(?m)^(http\S+user_code=\S+)$`)[1]
	w.browser.ApproveDevice(link, code)
	if res := cli.Wait(); res.Exit != 0 || !strings.Contains(res.Stdout, "Successfully logged into") {
		ts.Fatalf("aws sso login: %+v", res)
	}
}
