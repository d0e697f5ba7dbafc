// Package botocore reads AWS's service models out of a wheel of botocore, for the generators of tables. The server never
// does.
//
//	pip download --no-deps botocore==1.44.5
package botocore

import (
	"archive/zip"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Wheel is a wheel of botocore.
type Wheel struct {
	Version string // of botocore
	zip     *zip.ReadCloser
	newest  map[string]string // the files of models, by services
}

// Open opens a wheel.
func Open(file string) (*Wheel, error) {
	z, err := zip.OpenReader(file)
	if err != nil {
		return nil, fmt.Errorf("open the wheel of botocore: %w", err)
	}
	version, _, _ := strings.Cut(strings.TrimPrefix(path.Base(filepath.ToSlash(file)), "botocore-"), "-")
	w := &Wheel{Version: version, zip: z, newest: map[string]string{}}
	for _, f := range z.File {
		parts := strings.Split(f.Name, "/") // botocore/data/SERVICE/VERSION/service-2.json.gz
		if len(parts) == 5 && parts[1] == "data" && parts[4] == "service-2.json.gz" {
			w.newest[parts[2]] = max(w.newest[parts[2]], f.Name)
		}
	}
	return w, nil
}

// Close closes the wheel.
func (w *Wheel) Close() error { return w.zip.Close() }

// Services are the services that the wheel has models of, by botocore's names.
func (w *Wheel) Services() []string { return slices.Sorted(maps.Keys(w.newest)) }

// errNoModel is the answer for a service that botocore does not know.
var errNoModel = errors.New("no model in the wheel")

// Read reads the newest model of a service into a struct of what is wanted of it, and returns the version of its API.
func (w *Wheel) Read(service string, into any) (version string, err error) {
	name := w.newest[service]
	if name == "" {
		return "", fmt.Errorf("%s: %w", service, errNoModel)
	}
	f, err := w.zip.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := gzip.NewReader(f)
	if err != nil {
		return "", fmt.Errorf("%s: %w", service, err)
	}
	if err := json.NewDecoder(text).Decode(into); err != nil {
		return "", fmt.Errorf("%s: %w", service, err)
	}
	return path.Base(path.Dir(name)), nil
}
