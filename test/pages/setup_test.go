package pages

import (
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin/setup"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	domain "github.com/gatehouse-sso/gatehouse/internal/setup"
	"github.com/gatehouse-sso/gatehouse/internal/testkit"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit/kittest"
)

// waits is a set-up that waits for a step.
func waits(stage domain.Stage, more answers) answers {
	a := answers{"DescribeSetup": always(&setup.DescribeSetupOutput{Stage: string(stage), AccountId: "211125709968", AccountName: "Alder Freight", Email: "aws@alderfreight.example",
		PortalUrl: origin + "/start", MinLength: 15, ExpiresAt: in(4 * time.Hour)})}
	for name, answer := range more {
		a[name] = answer
	}
	return a
}

func setupScenes() []scene {
	link := func(answer func(any) (any, error)) answers { return answers{"DescribeSetupLink": answer} }
	objects := kittest.Never(fault.New(fault.Invalid, api.PasswordRefused, "no").With("Objections", []string{"It has 9 characters, and needs 15."}))
	taken := kittest.Never(fault.New(fault.Conflict, "ConflictException", "Somebody has this user name already."))
	made := func(out setup.CreateFirstAdministratorOutput) answers {
		out.PortalUrl, out.ExpiresAt = origin+"/start", in(7*24*time.Hour)
		return answers{"CreateFirstAdministrator": always(&out)}
	}
	person := typed("Add the first person", "#given", "Paula", "#family", "Collins", "#email", "paula.collins@alderfreight.example", "#user", "pcollins", "#password", "a lantern by the north gate")
	byLink := func(b *testkit.Browser) {
		b.Click(`[value="link"]`)
		typed("Add the first person", "#given", "Paula", "#family", "Collins", "#email", "paula.collins@alderfreight.example", "#user", "pcollins")(b)
	}
	const at = "/setup"
	return []scene{
		{name: "setup", page: "begin.html", path: at + "?secret=x", out: true, answers: link(always(&setup.DescribeSetupLinkOutput{ExpiresAt: in(time.Hour)})), shows: []string{"Whoever goes on owns this server."}},
		{name: "setup-dead", page: "dead.html", path: at, out: true, answers: answers{"DescribeSetup": no(fault.NotFound, setup.LinkOver, "no")}, shows: []string{"This does not open the set-up"}},
		{name: "setup-account", page: "account.html", path: at, out: true, answers: waits(domain.Account, nil), shows: []string{"Let us open the gate"}},
		{name: "setup-account-refused", page: "account.html", path: at, out: true, answers: waits(domain.Account, answers{"CreateFirstAccount": objects}),
			do: typed("Create the account", "#email", "aws@alderfreight.example", "#password", "alder freight owns it"), shows: []string{"Choose another password."}},
		{name: "setup-organization", page: "organization.html", path: at, out: true, answers: waits(domain.Organization, nil), shows: []string{"An organization?"}},
		{name: "setup-moved", page: "organization.html", path: at + "?moved=1&busy=1", out: true, answers: waits(domain.Organization, nil), shows: []string{"This was done in another window."}},
		{name: "setup-alone", page: "over.html", path: at, out: true, answers: waits(domain.Organization, answers{"CreateFirstOrganization": always(&setup.CreateFirstOrganizationOutput{})}),
			do: func(b *testkit.Browser) {
				b.Click(`[value="alone"]`)
				b.Press("Continue")
			}, shows: []string{"The set-up is over"}},
		{name: "setup-portal", page: "portal.html", path: at, out: true, answers: waits(domain.Portal, nil), shows: []string{"Address of the portal"}},
		{name: "setup-person", page: "person.html", path: at, out: true, answers: waits(domain.Administrator, nil), shows: []string{"The first person"}},
		{name: "setup-person-refused", page: "person.html", path: at, out: true, answers: waits(domain.Administrator, answers{"CreateFirstAdministrator": taken}), do: person, shows: []string{"Somebody has this user name already."}},
		{name: "setup-done", page: "done.html", path: at, out: true, answers: waits(domain.Administrator, made(setup.CreateFirstAdministratorOutput{})), do: person, shows: []string{"The gate is open"}},
		{name: "setup-done-link", page: "done.html", path: at, out: true, answers: waits(domain.Administrator, made(setup.CreateFirstAdministratorOutput{Link: origin + "/signin/link?secret=6GxPq2M0rT9wVb4nKc8sYd1fHj5zLa7e"})), do: byLink,
			shows: []string{"Pass this link on to Paula"}},
		{name: "setup-done-mail", page: "done.html", path: at, out: true, answers: waits(domain.Administrator, made(setup.CreateFirstAdministratorOutput{SentTo: "paula.collins@alderfreight.example"})), do: byLink,
			shows: []string{"A mail with a link is on its way"}},
	}
}
