// Package seen remembers which operations succeeded when which real client called them, across the processes of a whole
// test run: the evidence behind docs/api-support.md.
//
// The evidence is the audit trail, which has every call with its user agent and how it ended; the server knows nothing of
// it. When Variable names a directory, what runs a server in a test hands the trail over at the server's end, and the
// calls that count are appended to a file there. test/support reads it once all tests have run.
//
// A call counts when it succeeded and its client is one that users have: the AWS CLI, an SDK, Terraform or, for
// Gatehouse's own services, its command or a browser. Requests that tests write themselves do not count, nor what the
// server calls itself, nor an SDK that a test has altered, which says so by the application id Altered.
package seen

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Variable names the directory, in the environment of the tests.
const Variable = "GATEHOUSE_SEEN"

// Altered is the application id, as the AWS SDKs have it in their user agent, of a client that a test has altered.
const Altered = "altered"

// file is what all processes append to.
const file = "calls"

// Kinds of clients, as the page names them.
const (
	CLI        = "AWS CLI"
	Boto3      = "boto3"
	Botocore   = "botocore" // the helpers around the AWS CLI are built on it
	Go         = "Go SDK"
	JavaScript = "JavaScript SDK"
	Terraform  = "Terraform"
	Command    = "gatehouse"
	Browser    = "browser"
)

// Kinds returns the kinds in the order of the page.
func Kinds() []string {
	return []string{CLI, Boto3, Botocore, Go, JavaScript, Terraform, Command, Browser}
}

// agents tells kinds apart by what only their user agents have. The first that fits counts: the AWS CLI and boto3 stand
// on botocore, and Terraform on the Go SDK.
var agents = []struct{ mark, kind string }{
	{"Terraform/", Terraform},
	{"aws-cli/", CLI},
	{"Boto3/", Boto3},
	{"Botocore/", Botocore},
	{"aws-sdk-go-v2/", Go},
	{"aws-sdk-js/", JavaScript},
	{"Mozilla/", Browser},
}

// Client returns the kind of client that has a user agent, or "" when it is none that counts.
func Client(userAgent string) string {
	if strings.Contains(userAgent, "app/"+Altered) {
		return ""
	}
	if userAgent == "gatehouse" {
		return Command
	}
	for _, a := range agents {
		if strings.Contains(userAgent, a.mark) {
			return a.kind
		}
	}
	return ""
}

// refusals are the codes that count as success, of operations of which nothing else is true: no account of the
// partition aws has one of GovCloud's, and IAM's users have no security keys.
var refusals = map[string]string{
	"iam GetMFADevice":                      "ValidationError",
	"account GetGovCloudAccountInformation": "ResourceNotFoundException",
}

// Call is an operation that a client of a kind called.
type Call struct{ Service, Operation, Client string }

// Calls are the calls of a run.
type Calls map[Call]bool

// Add adds a call as the audit trail has it, if it counts. Gatehouse's own services are for its command and its pages;
// those count nowhere else: a page calls operations of AWS's services inside the server.
func (c Calls) Add(service, operation, userAgent, errorCode string) {
	kind := Client(userAgent)
	ours := kind == Command || kind == Browser
	done := errorCode == "" || errorCode == refusals[service+" "+operation]
	if done && kind != "" && ours == strings.HasPrefix(service, "gatehouse") {
		c[Call{service, operation, kind}] = true
	}
}

// AddEvent adds the call that an event tells of, by the event's details if these name it: those of a sign-in do.
func (c Calls) AddEvent(service, operation string, details json.RawMessage, userAgent, errorCode string) {
	var told struct{ Called string }
	if len(details) > 0 && json.Unmarshal(details, &told) == nil && told.Called != "" {
		service, operation, _ = strings.Cut(told.Called, " ")
	}
	c.Add(service, operation, userAgent, errorCode)
}

// By returns the kinds of clients that an operation was called by, in the order of Kinds.
func (c Calls) By(service, operation string) []string {
	return slices.DeleteFunc(Kinds(), func(kind string) bool { return !c[Call{service, operation, kind}] })
}

// Save appends the calls to the file in a directory.
func (c Calls) Save(dir string) error {
	if len(c) == 0 {
		return nil
	}
	lines := make([]string, 0, len(c))
	for call := range maps.Keys(c) {
		lines = append(lines, call.Service+"\t"+call.Operation+"\t"+call.Client+"\n")
	}
	slices.Sort(lines)
	f, err := os.OpenFile(filepath.Join(dir, file), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(strings.Join(lines, "")) // at once: other processes append too
	return errors.Join(err, f.Close())
}

// Load reads what all processes have saved in a directory.
func Load(dir string) (Calls, error) {
	f, err := os.Open(filepath.Join(dir, file))
	if errors.Is(err, fs.ErrNotExist) {
		return Calls{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	calls := Calls{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		parts := strings.Split(lines.Text(), "\t")
		if len(parts) != 3 {
			return nil, fmt.Errorf("%s: %q is not a call", f.Name(), lines.Text())
		}
		calls[Call{parts[0], parts[1], parts[2]}] = true
	}
	return calls, lines.Err()
}
