package seen

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestClientsAreToldByTheirUserAgents(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"aws-cli/2.9.19 Python/3.11.2 Linux/6.1 source/x86_64.debian.12 prompt/off command/sts.get-caller-identity":                                         CLI,
		"Boto3/1.40.1 md/Botocore#1.40.1 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.11.2 Botocore/1.40.1":                                             Boto3,
		"Botocore/1.34.162 ua/2.0 os/linux#6.1 md/arch#x86_64 lang/python#3.11.2":                                                                           Botocore,
		"aws-sdk-go-v2/1.41.0 ua/2.1 os/linux lang/go#1.25 md/GOOS#linux md/GOARCH#amd64 api/iam#1.53.1":                                                    Go,
		"aws-sdk-go-v2/1.41.0 ua/2.1 os/linux lang/go#1.25 md/GOOS#linux md/GOARCH#amd64 api/iam#1.53.1 app/altered":                                        "",
		"aws-sdk-js/3.900.0 ua/2.1 os/linux#6.1 lang/js md/nodejs#20.19.0 api/sts#3.900.0":                                                                  JavaScript,
		"APN/1.0 HashiCorp/1.0 Terraform/1.13.0 (+https://www.terraform.io) terraform-provider-aws/6.0.0 aws-sdk-go-v2/1.36.0 ua/2.1 os/linux lang/go#1.24": Terraform,
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36":                                     Browser,
		"gatehouse":          Command,
		"gatehouse dev":      "", // the sample organization, made inside
		"apitest":            "",
		"Go-http-client/1.1": "",
		"":                   "",
	} {
		if got := Client(agent); got != want {
			t.Errorf("%q is %q, want %q", agent, got, want)
		}
	}
}

func TestOnlyWhatSucceededForItsOwnClientsCounts(t *testing.T) {
	t.Parallel()
	c := Calls{}
	c.Add("iam", "CreateUser", "aws-cli/2.9.19", "")
	c.Add("iam", "CreateRole", "aws-cli/2.9.19", "AccessDenied")
	c.Add("iam", "ListUsers", "Mozilla/5.0", "")
	c.Add("iam", "ListUsers", "apitest", "")
	c.Add("gatehouse-self", "SignIn", "Mozilla/5.0", "")
	c.Add("gatehouse-self", "SignIn", "Boto3/1", "")
	c.Add("iam", "GetMFADevice", "Boto3/1", "ValidationError") // there is none, so this is the truth
	c.Add("iam", "DeleteLoginProfile", "Boto3/1", "AccessDenied")
	want := Calls{{"iam", "CreateUser", CLI}: true, {"iam", "GetMFADevice", Boto3}: true, {"gatehouse-self", "SignIn", Browser}: true}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
}

func TestWhatManySaveIsLoadedTogether(t *testing.T) {
	t.Parallel()
	dir, want := t.TempDir(), Calls{}
	if got, err := Load(dir); err != nil || len(got) != 0 {
		t.Fatalf("nothing was saved, and %v is loaded (%v)", got, err)
	}
	var wg sync.WaitGroup
	for _, kind := range Kinds() {
		c := Calls{{"sts", "GetCallerIdentity", kind}: true, {"sts", "Only" + kind, kind}: true}
		for call := range c {
			want[call] = true
		}
		wg.Go(func() {
			if err := c.Save(dir); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Kinds(), got.By("sts", "GetCallerIdentity")); diff != "" {
		t.Error(diff)
	}
}
