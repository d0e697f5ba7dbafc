package botocore

import (
	"archive/zip"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// wheel writes a wheel with models.
func wheel(t *testing.T, files ...string) *Wheel {
	t.Helper()
	name := filepath.Join(t.TempDir(), "botocore-1.2.3-py3-none-any.whl")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for _, file := range files {
		w, err := z.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		g := gzip.NewWriter(w)
		fmt.Fprintf(g, `{"metadata":{"protocol":%q}}`, file)
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	w, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func TestTheNewestModelIsRead(t *testing.T) {
	t.Parallel()
	w := wheel(t, "botocore/data/iam/2010-05-08/service-2.json.gz", "botocore/data/sts/2011-06-15/service-2.json.gz",
		"botocore/data/iam/2009-01-01/service-2.json.gz", "botocore/data/iam/2010-05-08/paginators-1.json.gz", "botocore/data/endpoints.json")
	if got := w.Services(); w.Version != "1.2.3" || !slices.Equal(got, []string{"iam", "sts"}) {
		t.Errorf("version %q, services %q", w.Version, got)
	}
	var m struct{ Metadata struct{ Protocol string } }
	version, err := w.Read("iam", &m)
	if err != nil || version != "2010-05-08" || m.Metadata.Protocol != "botocore/data/iam/2010-05-08/service-2.json.gz" {
		t.Errorf("got %q, %+v, %v", version, m, err)
	}
	if _, err := w.Read("ec2", &m); !errors.Is(err, errNoModel) {
		t.Errorf("of a service that is not there: %v", err)
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none.whl")); err == nil {
		t.Error("a wheel that is not there was opened")
	}
}
