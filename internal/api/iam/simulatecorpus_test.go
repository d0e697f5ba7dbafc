package iam

import (
	"encoding/json"
	"os"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
)

// recorded are simulations that were made on AWS. They lie beside the checkout, for those who have them.
type recorded struct {
	Name   string
	Input  sdk.SimulateCustomPolicyInput
	Output sdk.SimulateCustomPolicyOutput
}

func recordings(t *testing.T, name string) []recorded {
	t.Helper()
	data, err := os.ReadFile("../../../../shared/captures/iam/" + name)
	if err != nil {
		t.Skipf("no recorded corpus beside the checkout: %v", err)
	}
	var file struct{ Cases, Simulation []recorded }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	return append(file.Cases, file.Simulation...)
}

func TestSimulationsAnswerAsRecordedOnAWS(t *testing.T) {
	w := world(t)
	for _, name := range []string{"conditions.json", "condition_strings.json", "condition_values.json"} {
		for _, r := range recordings(t, name) {
			if len(r.Output.EvaluationResults) == 0 {
				continue
			}
			got := apitest.Call[sdk.SimulateCustomPolicyOutput](w, service, "SimulateCustomPolicy", &r.Input)
			// The simulator of AWS denies a number that is none, which the evaluator of AWS does not.
			if name == "condition_values.json" && got.EvaluationResults[0].EvalDecision != r.Output.EvaluationResults[0].EvalDecision {
				if c := r.Input.ContextEntries[0]; c.ContextKeyValues[0] == "no-number" {
					continue
				}
			}
			opts := cmp.Options{cmpopts.IgnoreUnexported(types.EvaluationResult{}, types.Statement{}, types.Position{}, types.ResourceSpecificResult{}),
				cmpopts.SortSlices(func(a, b types.Statement) bool { return a.StartPosition.Column < b.StartPosition.Column })}
			if diff := cmp.Diff(r.Output.EvaluationResults, got.EvaluationResults, opts); diff != "" {
				t.Errorf("%s %v (-AWS +here):\n%s", name, r.Input.PolicyInputList, diff)
			}
		}
	}
}
