package clients_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

// terraformPatience bounds one run of Terraform, which waits for statuses.
const terraformPatience = 5 * time.Minute

// terraform is a directory with a configuration, and the server for it.
type terraform struct {
	t   *testing.T
	dir string
	env []string
}

// newTerraform copies examples/terraform for a server. Terraform cannot be
// installed everywhere: this is the one test that may be skipped where nothing
// else may.
func newTerraform(t *testing.T, d *testkit.Dev) *terraform {
	t.Helper()
	mirror := os.Getenv("GATEHOUSE_TERRAFORM_MIRROR")
	if _, err := exec.LookPath("terraform"); err != nil || mirror == "" {
		t.Skip("terraform and a mirror of its AWS provider are needed: name its directory in GATEHOUSE_TERRAFORM_MIRROR (docs/clients/terraform.md)")
	}
	f := &terraform{t: t, dir: t.TempDir()}
	if err := os.CopyFS(f.dir, os.DirFS("../../examples/terraform")); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "terraformrc")
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f.env = d.Env("TF_CLI_CONFIG_FILE="+config, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0", "TF_VAR_endpoint="+d.URL)
	f.run("init", "-no-color")
	return f
}

// run runs Terraform and returns what it printed.
func (f *terraform) run(args ...string) string {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), terraformPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "terraform", args...)
	cmd.Dir, cmd.Env = f.dir, f.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		f.t.Fatalf("terraform %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (f *terraform) apply(want string) {
	f.t.Helper()
	if out := f.run("apply", "-auto-approve", "-no-color"); !strings.Contains(out, want) {
		f.t.Fatalf("terraform apply does not say %q:\n%s", want, out)
	}
}

// planIsEmpty fails unless what is there is what is described: with
// -detailed-exitcode, changes are an error.
func (f *terraform) planIsEmpty() {
	f.t.Helper()
	f.run("plan", "-detailed-exitcode", "-no-color")
}

// imports forgets everything that Terraform knows and describes how to find it
// again: each resource by the id that its documentation says.
func (f *terraform) imports() int {
	f.t.Helper()
	var state struct {
		Values struct {
			Root struct {
				Resources []struct {
					Address, Mode, Type string
					Values              map[string]any
				} `json:"resources"`
			} `json:"root_module"`
		} `json:"values"`
	}
	if err := json.Unmarshal([]byte(f.run("show", "-json")), &state); err != nil {
		f.t.Fatal(err)
	}
	var blocks strings.Builder
	n := 0
	for _, r := range state.Values.Root.Resources {
		if r.Mode != "managed" {
			continue
		}
		n++
		fmt.Fprintf(&blocks, "import {\n  to = %s\n  id = %q\n}\n", r.Address, importID(r.Type, r.Values))
	}
	if err := os.WriteFile(filepath.Join(f.dir, "imports.tf"), []byte(blocks.String()), 0o600); err != nil {
		f.t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(f.dir, "terraform.tfstate")); err != nil {
		f.t.Fatal(err)
	}
	return n
}

// importID is the id to import a resource by, which for some is not the one of
// the state. See "Import" on the resource's page of the provider's documentation.
func importID(kind string, values map[string]any) string {
	switch kind {
	case "aws_iam_role_policy_attachment":
		return fmt.Sprintf("%s/%s", values["role"], values["policy_arn"])
	case "aws_iam_group_policy_attachment":
		return fmt.Sprintf("%s/%s", values["group"], values["policy_arn"])
	case "aws_iam_user_group_membership":
		id := fmt.Sprint(values["user"])
		for _, group := range values["groups"].([]any) {
			id += "/" + fmt.Sprint(group)
		}
		return id
	}
	return fmt.Sprint(values["id"])
}

// control is a resource control policy beside the example, which does not enable the type: nothing but the organization as
// a resource could, and the example finds its organization.
const control = `
data "aws_iam_policy_document" "inside" {
  statement {
    effect    = "Deny"
    actions   = ["sts:AssumeRole"]
    resources = ["*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "StringNotEqualsIfExists"
      variable = "aws:PrincipalOrgID"
      values   = [data.aws_organizations_organization.this.id]
    }
  }
}

resource "aws_organizations_policy" "inside" {
  name    = "TerraformInside"
  type    = "RESOURCE_CONTROL_POLICY"
  content = data.aws_iam_policy_document.inside.json
}

resource "aws_organizations_policy_attachment" "inside" {
  policy_id = aws_organizations_policy.inside.id
  target_id = aws_organizations_organizational_unit.workloads.id
}
`

func TestTerraformMakesFindsAndRemovesAnOrganization(t *testing.T) {
	t.Parallel()
	d := testkit.StartDev(t)
	f := newTerraform(t, d)
	management(t, d).enableControls(t)
	if err := os.WriteFile(filepath.Join(f.dir, "control.tf"), []byte(control), 0o600); err != nil {
		t.Fatal(err)
	}
	f.apply("0 changed, 0 destroyed")
	f.planIsEmpty()
	n := f.imports()
	f.apply(fmt.Sprintf("Resources: %d imported, 0 added", n))
	f.planIsEmpty()
	if err := os.Remove(filepath.Join(f.dir, "imports.tf")); err != nil {
		t.Fatal(err)
	}
	if out := f.run("destroy", "-auto-approve", "-no-color"); !strings.Contains(out, fmt.Sprintf("%d destroyed", n)) {
		t.Errorf("terraform destroy says:\n%s", out)
	}
	// The account is closed, and not gone.
	res := d.Command(t, "account", "list", "--data", d.Dir)
	if !strings.Contains(res.Stdout, "aws+shop@example.com") || strings.Contains(line(res.Stdout, "aws+shop@example.com"), "ACTIVE") {
		t.Errorf("gatehouse account list: %s", res.Stdout)
	}
}

// line returns the line of a text that has a word.
func line(text, word string) string {
	for l := range strings.Lines(text) {
		if strings.Contains(l, word) {
			return l
		}
	}
	return ""
}
