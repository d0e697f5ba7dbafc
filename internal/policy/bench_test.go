package policy_test

import (
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/policy"
	"github.com/gatehouse-sso/gatehouse/internal/policy/managed"
	"github.com/gatehouse-sso/gatehouse/internal/testkit/workload"
)

func BenchmarkDecide(b *testing.B) {
	for _, s := range workload.Scenarios() {
		b.Run(s.Name, func(b *testing.B) {
			requests := s.Requests()
			workload.Turns(b, func(i int) {
				if policy.Decide(requests[i%256], s.Layers).Allowed != s.Allowed {
					b.Fatal("wrong decision")
				}
			})
		})
	}
}

func BenchmarkExplain(b *testing.B) {
	for _, s := range workload.Scenarios() {
		b.Run(s.Name, func(b *testing.B) {
			requests := s.Requests()
			workload.Turns(b, func(i int) {
				if policy.Explain(requests[i%256], s.Layers).Decision.Allowed != s.Allowed {
					b.Fatal("wrong decision")
				}
			})
		})
	}
}

func BenchmarkParse(b *testing.B) {
	p, _ := managed.ByARN(managed.Prefix + "/ReadOnlyAccess")
	for name, document := range map[string]string{"twenty_statements": workload.Twenty, "ReadOnlyAccess": p.Document()} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(document)))
			for b.Loop() {
				if _, err := policy.Parse([]byte(document), policy.Identity); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestADecisionAllocatesNothing holds for the scenarios of the benchmarks.
func TestADecisionAllocatesNothing(t *testing.T) {
	for _, s := range workload.Scenarios() {
		requests, i := s.Requests(), 0
		if n := testing.AllocsPerRun(256, func() {
			if d := policy.Decide(requests[i%256], s.Layers); d.Allowed != s.Allowed {
				t.Errorf("%s: decided %+v", s.Name, d)
			}
			i++
		}); n != 0 {
			t.Errorf("%s: %v allocations a decision", s.Name, n)
		}
	}
}
