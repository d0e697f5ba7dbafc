package policy

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// corpus is where recorded decisions of AWS lie beside the checkout, for those who have them.
const corpus = "../../../shared/captures/"

// lines calls fn with each line of a file of the corpus.
func lines(t *testing.T, name string, fn func(line []byte)) {
	t.Helper()
	f, err := os.Open(corpus + name)
	if err != nil {
		t.Skipf("no recorded corpus beside the checkout: %v", err)
	}
	defer f.Close()
	scan := bufio.NewScanner(f)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		fn(scan.Bytes())
	}
	if err := scan.Err(); err != nil {
		t.Fatal(err)
	}
}

func TestDocumentsAreAcceptedAsRecordedOnAWS(t *testing.T) {
	t.Parallel()
	kinds := map[string]Kind{"trust": Trust, "session": Session, "rcp": RCP, "identity": Identity}
	lines(t, "documents.jsonl", func(line []byte) {
		var c struct {
			ID, Type, Message string
			Document          json.RawMessage
			Accepted          bool
		}
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		kind, known := kinds[c.Type]
		if !known {
			return
		}
		t.Run(c.ID, func(t *testing.T) {
			_, err := Parse(c.Document, kind)
			if (err == nil) != c.Accepted {
				t.Fatalf("Parse(%s) = %v, want accepted %v", c.Document, err, c.Accepted)
			}
			if f := fault.As(err); err != nil && c.Message != "" && f.Message != c.Message {
				t.Errorf("message\n got %s\nwant %s", f.Message, c.Message)
			}
		})
	})
}
