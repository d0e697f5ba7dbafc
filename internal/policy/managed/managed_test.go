package managed

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/policy"
)

func TestEveryPolicyParses(t *testing.T) {
	t.Parallel()
	previous, n := "", 0
	for p := range List() {
		if n++; p.ARN <= previous {
			t.Errorf("%s does not follow %s", p.ARN, previous)
		}
		previous = p.ARN
		if p.ARN != Prefix+p.Path+p.Name || !strings.HasPrefix(p.DefaultVersionID, "v") || p.CreateDate.Year() < 2010 || p.UpdateDate.Before(p.CreateDate) {
			t.Errorf("%+v is not well formed", p)
		}
		d, err := policy.Parse([]byte(p.Document()), policy.Identity)
		if err != nil {
			t.Errorf("%s: %v", p.ARN, err)
		} else if d.String() != p.Document() {
			t.Errorf("%s is not printed as it was parsed", p.ARN)
		}
	}
	if n < 1400 {
		t.Errorf("List yields %d policies", n)
	}
}

func TestKnownPoliciesAreThere(t *testing.T) {
	t.Parallel()
	for _, arn := range []string{"/AdministratorAccess", "/PowerUserAccess", "/ReadOnlyAccess", "/SecurityAudit", "/IAMFullAccess",
		"/job-function/ViewOnlyAccess", "/job-function/Billing", "/AWSSSOReadOnly", "/AWSSSOMasterAccountAdministrator",
		"/AWSOrganizationsFullAccess", "/AWSOrganizationsReadOnlyAccess", "/aws-service-role/AWSSSOServiceRolePolicy"} {
		if p, ok := ByARN(Prefix + arn); !ok || p.Document() == "" {
			t.Errorf("%s is missing", arn)
		}
	}
	for _, arn := range []string{"", "arn:aws:iam::aws:policy/", "arn:aws:iam::aws:policy/ViewOnlyAccess", "arn:aws:iam::111111111111:policy/AdministratorAccess", "~"} {
		if p, ok := ByARN(arn); ok {
			t.Errorf("ByARN(%q) = %s", arn, p.ARN)
		}
	}
}

func TestAdministratorAccessIsAsAWSPublishesIt(t *testing.T) {
	t.Parallel()
	p, _ := ByARN(Prefix + "/AdministratorAccess")
	want := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	if got := p.Document(); got != want {
		t.Errorf("Document = %s", got)
	}
	if want := time.Date(2015, 2, 6, 18, 39, 46, 0, time.UTC); !p.CreateDate.Equal(want) || p.DefaultVersionID != "v1" {
		t.Errorf("made %s, %s", p.CreateDate, p.DefaultVersionID)
	}
}

func TestPoliciesOfServiceRolesCannotBeAttached(t *testing.T) {
	t.Parallel()
	for arn, want := range map[string]bool{"/AdministratorAccess": true, "/aws-service-role/AWSSSOServiceRolePolicy": false, "/service-role/AWSLambdaBasicExecutionRole": true} {
		if p, ok := ByARN(Prefix + arn); !ok || p.Attachable() != want {
			t.Errorf("%s: Attachable = %v, want %v", arn, p.Attachable(), want)
		}
	}
}

func TestTheDataSaysItsSource(t *testing.T) {
	t.Parallel()
	if s := Source(); !strings.Contains(s, "moto 5.2.1") || !strings.Contains(s, "Apache License 2.0") {
		t.Errorf("Source = %q", s)
	}
	if len(data) > 420_000 {
		t.Errorf("the data has %d bytes, more than the binary can spare", len(data))
	}
}

func BenchmarkDocument(b *testing.B) {
	p, _ := ByARN(Prefix + "/job-function/ViewOnlyAccess")
	b.ReportAllocs()
	for b.Loop() {
		_ = p.Document()
	}
}

func BenchmarkOpen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		open()
	}
}
