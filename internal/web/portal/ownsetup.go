package portal

import (
	"net/http"
	"slices"

	"github.com/gatehouse-sso/gatehouse/internal/api/door"
	"github.com/gatehouse-sso/gatehouse/internal/web/kit"
)

// left is what a root user sees of the set-up of the account: all of it until all is done, and then nothing.
func (p *Pages) left(r *http.Request, frame ownFrame) ([]door.SetupTask, error) {
	if frame.Is.Door != door.Root {
		return nil, nil
	}
	out, err := kit.Ask[door.ListSetupTasksOutput](p.Site, r, door.Name, "ListSetupTasks", &door.ListSetupTasksInput{})
	if err != nil || !slices.ContainsFunc(out.Tasks, func(t door.SetupTask) bool { return !t.Done }) {
		return nil, err
	}
	return out.Tasks, nil
}
