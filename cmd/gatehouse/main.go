// Command gatehouse is the server and everything that an operator does beside it.
//
// A command is a struct with its flags and a method Run, in a file of its own. What it needs of the world comes in an
// app: nothing here reads the environment, a clock or a standard stream behind its back, and os.Exit is called once.
//
// Results go to standard output, everything else to standard error. The exit code is 0 when a command did what it was
// asked, 1 when it failed, and 2 when it was called wrongly. Every misuse has a sentence of its own and a hint:
//
//	gatehouse: no data directory is named
//	hint: name one with --data DIR, or set GATEHOUSE_DATA
//
// Flags win over the environment.
package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	os.Exit(program())
}

// program runs with the world of this process until it is done or told to stop, and returns the exit code.
func program() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Environ(), stdio{os.Stdin, os.Stdout, os.Stderr})
	return report(os.Stderr, err)
}

// stdio are the three standard streams.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// app is what a command needs of the world.
type app struct {
	ctx            context.Context
	args           []string
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer
	log            *slog.Logger
}

// env returns a variable of the environment, or the empty string.
func (a *app) env(name string) string {
	value, _ := a.lookup(name)
	return value
}

// lookup finds a variable of the environment; of several the last counts, as for os/exec.
func (a *app) lookup(name string) (value string, found bool) {
	for _, v := range a.environ {
		if rest, ok := strings.CutPrefix(v, name+"="); ok {
			value, found = rest, true
		}
	}
	return value, found
}

// commands are all that gatehouse can do.
type commands struct {
	Help helpFlag `short:"h" help:"Say what a command does."`

	Dev            devCmd            `cmd:"" help:"Serve a ready sample organization on this machine."`
	Serve          serveCmd          `cmd:"" help:"Serve a data directory."`
	Init           initCmd           `cmd:"" help:"Set up a new server without a browser, or print a link to do it in one."`
	Account        accountCmds       `cmd:"" help:"Accounts, and how their root users and IAM users sign in."`
	IdentityCenter identityCenterCmd `cmd:"" help:"The identity center and its portal."`
	User           userCmds          `cmd:"" help:"People: who there is, and how they sign in."`
	SignInPolicy   signInPolicyCmds  `cmd:"" help:"What is asked of who signs in."`
	Group          groupCmds         `cmd:"" help:"Groups of people and who is in them."`
	PermissionSet  permissionSetCmds `cmd:"" help:"Permission sets: what a role may do."`
	Assignment     assignmentCmds    `cmd:"" help:"Assignments: who has which permission set in which account."`
	Can            canCmd            `cmd:"" help:"Say whether somebody may do something, and on what it depends."`
	WhoCan         whoCanCmd         `cmd:"" help:"Say who may do something, in every account."`
	WhatCan        whatCanCmd        `cmd:"" help:"Sum up what somebody may do, role by role and service by service."`
	Policy         policyCmds        `cmd:"" help:"Policies in files, without a server."`
	WhatIf         whatIfCmd         `cmd:"" name:"what-if" help:"Say who would lose and gain what if policies changed, by the calls of the last days."`
	Why            whyCmd            `cmd:"" help:"Say why a request was allowed or denied."`
	Import         importCmd         `cmd:"" help:"Bring a described organization into being, from a file of JSON Lines."`
	BreakGlass     breakGlassCmd     `cmd:"" help:"Get credentials for any account, as whoever can read the data directory may."`
	Audit          auditCmds         `cmd:"" help:"Read and verify the audit trail."`
	Setting        settingCmds       `cmd:"" help:"Settings of the server."`
	Mail           mailCmds          `cmd:"" help:"How the server sends mail."`
	CA             caCmds            `cmd:"" name:"ca" help:"The certificate authority of the proxy that --connect-listen starts."`
	AWSConfig      awsConfigCmd      `cmd:"" name:"aws-config" help:"Sign in and print the profiles of your roles for the AWS CLI and SDKs."`
	Version        versionCmd        `cmd:"" help:"Print the version."`
}

// run is the whole program but for its exit.
func run(ctx context.Context, args, environ []string, std stdio) error {
	lines := &logBuffer{out: std.err}
	defer func() { _ = lines.Flush() }() // there is nowhere to say that the log cannot be written
	a := &app{ctx: ctx, args: args, environ: environ, stdin: std.in, stdout: std.out, stderr: std.err,
		log: slog.New(slog.NewTextHandler(lines, nil))}
	parser, err := kong.New(&commands{}, kong.Name("gatehouse"),
		kong.Description("Gatehouse: sign in once, and use AWS's own tools with an identity center of your own."),
		kong.Writers(std.out, std.err), kong.NoDefaultHelp(), kong.Resolvers(fromEnvironment(a)),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}))
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if errors.Is(err, errHelped) {
		return nil
	}
	if err != nil {
		return misparsed(err)
	}
	// Only the command itself is kept while it runs: what kong knows of all of them is a megabyte, for as long as a server runs.
	return command.Selected().Target.Addr().Interface().(runner).Run(a)
}

// runner is every command.
type runner interface{ Run(a *app) error }

// fromEnvironment gives the flags with a tag "from" the value of that variable, unless they are on the command line.
func fromEnvironment(a *app) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		name := flag.Tag.Get("from")
		if name == "" {
			return nil, nil
		}
		if value, found := a.lookup(name); found && value != "" {
			return value, nil
		}
		return nil, nil
	})
}

// errHelped ends the parsing of a command line that asks for help.
var errHelped = errors.New("helped")

// helpFlag prints the help of the command that it stands after.
type helpFlag bool

// BeforeReset is called by kong before anything is validated.
func (helpFlag) BeforeReset(c *kong.Context) error {
	if err := c.PrintUsage(false); err != nil {
		return err
	}
	return errHelped
}
