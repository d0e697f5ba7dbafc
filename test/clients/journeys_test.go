package clients_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gatehouse-sso/gatehouse/internal/client"
	"github.com/gatehouse-sso/gatehouse/internal/server"
	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// The journeys of people who set an organization up, as they would type them:
// the AWS CLI, and gatehouse where AWS has only its console. A script has a
// port of its own for its server, and these commands besides the usual ones:
//
//	up DIR                        wait until a server answers on the directory
//	keep NAME [REGEXP]            put the last output, or its first group, into a variable
//	sso-login PROFILE USER PASSWORD [enrol]   run aws sso login, sign in with a browser, which may have to add a second step,
//	                              and press Allow
//	root-step EMAIL PASSWORD      sign a root user in with a browser, add a second step, and sign in by it
func TestJourneys(t *testing.T) {
	t.Parallel()
	aws, gatehouse := testkit.AWSPath(t), testkit.Binary(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Values["t"] = e.T()
			return journeyHome(e, testkit.FreePort(t), map[string]string{"aws": aws, "gatehouse": gatehouse})
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"up": awaitServer, "keep": keep, "sso-login": ssoLogin, "root-step": rootStep},
	})
}

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
	t := ts.Value("t").(testing.TB)
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

func ssoLogin(ts *testscript.TestScript, neg bool, args []string) {
	enrols := len(args) == 4 && args[3] == "enrol"
	if neg || len(args) != 3 && !enrols {
		ts.Fatalf("usage: sso-login PROFILE USER PASSWORD [enrol]")
	}
	t := ts.Value("t").(testing.TB)
	var env []string
	for _, name := range []string{"PATH", "HOME", "LANG", "TZ", "AWS_DATA_PATH", "AWS_ENDPOINT_URL", "AWS_EC2_METADATA_DISABLED", "AWS_PAGER", "PYTHONUNBUFFERED"} {
		env = append(env, name+"="+ts.Getenv(name))
	}
	b := testkit.NewBrowser(t, ts.Getenv("URL"))
	if enrols {
		passwordOf(b, args[1], args[2])
		enrol(t, b, "Phone")
	} else {
		b.SignIn(args[1], args[2])
	}
	cli := testkit.Start(t, env, filepath.Join(ts.Getenv("WORK"), "bin", "aws"), "sso", "login", "--no-browser", "--profile", args[0])
	code := cli.Find(`(?m)^([A-Z0-9]{4}-[A-Z0-9]{4})$`)[1]
	link := cli.Find(`(?m)^(http\S+user_code=\S+)$`)[1]
	b.ApproveDevice(link, code)
	if res := cli.Wait(); res.Exit != 0 || !strings.Contains(res.Stdout, "Successfully logged into") {
		ts.Fatalf("aws sso login: %+v", res)
	}
}

func rootStep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: root-step EMAIL PASSWORD")
	}
	t := ts.Value("t").(testing.TB)
	b := testkit.NewBrowser(t, ts.Getenv("URL"))
	atDoor(b, "/signin/root", "", args[0], args[1])
	b.Shows("My security", "What is left of the set-up")
	code := connect(t, b, "phone")
	other := testkit.NewBrowser(t, ts.Getenv("URL"))
	atDoor(other, "/signin/root", "", args[0], args[1])
	other.Shows("Enter your code")
	other.Fill("#code", code.next())
	other.Press("Continue")
	other.Shows("My security", "Root user of Personal")
}
