package main

import (
	"bytes"
	"context"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	command        = "github.com/gatehouse-sso/gatehouse/cmd/gatehouse"
	maxBinaryBytes = 40 << 20
)

// binary builds the command as it is released and looks at what came out.
func (b *bench) binary(ctx context.Context) ([]Figure, error) {
	b.path = filepath.Join(b.dir, "gatehouse")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", b.path, command)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, bytes.TrimSpace(out))
	}
	info, err := os.Stat(b.path)
	if err != nil {
		return nil, err
	}
	linked, err := linkage(b.path)
	if err != nil {
		return nil, err
	}
	return []Figure{{
		Goal: "G17", What: "released binary, statically linked", Want: "<= 40 MB, static",
		Got: fmt.Sprintf("%s, %s", megabytes(info.Size()), linked),
		Met: info.Size() <= maxBinaryBytes && linked == "static",
	}}, nil
}

// linkage tells whether an ELF file asks for a loader or for libraries.
func linkage(path string) (string, error) {
	f, err := elf.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return "needs a loader", nil
		}
	}
	libraries, err := f.ImportedLibraries()
	if err != nil {
		return "", err
	}
	if len(libraries) > 0 {
		return "needs " + strings.Join(libraries, ", "), nil
	}
	return "static", nil
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/(1<<20)) }
