package account

import (
	"testing"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

func TestAnAccountsTimes(t *testing.T) {
	t.Parallel()
	made := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	a := &Account{Status: Active, CreatedAt: made}
	if err := a.Join("o-example123", "r-root", Created, made); err != nil {
		t.Fatal(err)
	}
	if err := a.Join("o-other12345", "r-root", Invited, made); !fault.Is(err, "AlreadyInOrganizationException") {
		t.Errorf("got %v", err)
	}
	if !a.Waits(made.Add(WaitBeforeLeaving-1)) || a.Waits(made.Add(WaitBeforeLeaving)) {
		t.Error("a created account does not wait for four days")
	}
	if a.JoinedMethod = Invited; a.Waits(made) {
		t.Error("an invited account waits")
	}
	if err := a.Close(made); err != nil || a.Status != Suspended || a.RootGeneration != 1 {
		t.Errorf("got %v, %+v", err, a)
	}
	if err := a.Close(made); !fault.Is(err, "AccountAlreadyClosedException") {
		t.Errorf("got %v", err)
	}
	if a.Gone(made.Add(PostClosure-1)) || !a.Gone(made.Add(PostClosure)) {
		t.Error("a closed account is not shown for ninety days")
	}
	if a.Leave(); a.OrganizationID != "" || a.ParentID != "" || a.Tags != nil {
		t.Errorf("got %+v", a)
	}
}
