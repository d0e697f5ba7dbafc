package session

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// TestSessionsEnd looks at both limits of a session, and at clocks that were wrong. See NIST SP 800-63B-4 section 2.2.3 and
// OWASP ASVS 5.0 sections 7.3.1 and 7.3.2.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	s := Portal{CreatedAt: noon, SeenAt: noon, Idle: time.Hour, ExpiresAt: noon.Add(8 * time.Hour)}
	for name, test := range map[string]struct {
		change func(*Portal)
		at     time.Duration
		want   bool
	}{
		"new":                          {func(*Portal) {}, 0, true},
		"nearly idle":                  {func(*Portal) {}, time.Hour - 1, true},
		"idle":                         {func(*Portal) {}, time.Hour, false},
		"used to its end":              {func(p *Portal) { p.SeenAt = noon.Add(8*time.Hour - 1) }, 8*time.Hour - 1, true},
		"over":                         {func(p *Portal) { p.SeenAt = noon.Add(8 * time.Hour) }, 8 * time.Hour, false},
		"without a limit on idleness":  {func(p *Portal) { p.Idle = 0 }, 8*time.Hour - 1, true},
		"ended":                        {func(p *Portal) { p.EndedAt = noon }, 0, false},
		"begun by a clock a bit ahead": {func(*Portal) {}, -time.Minute, true},
		"begun by a clock astray":      {func(*Portal) {}, -time.Hour, false},
	} {
		p := s
		test.change(&p)
		if got := p.Live(noon.Add(test.at)); got != test.want {
			t.Errorf("%s: live is %v", name, got)
		}
	}
}

// TestAProofIsFreshForTenMinutes lets the clock go on and back. See OWASP ASVS 5.0 section 7.5.1.
func TestAProofIsFreshForTenMinutes(t *testing.T) {
	t.Parallel()
	p := Portal{ProvedAt: noon}
	for after, want := range map[time.Duration]bool{0: true, Fresh - 1: true, Fresh: false, -time.Minute: true, -Fresh: false, -24 * time.Hour: false} {
		if got := p.IsFresh(noon.Add(after)); got != want {
			t.Errorf("%v after the proof: fresh is %v", after, got)
		}
	}
}
