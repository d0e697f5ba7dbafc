package client

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// UpdateFile replaces a file by what change makes of it, in one step and with the mode and owner that it had, and reports
// whether anything changed. A link stays a link: what it leads to is replaced. A file that its owner made read-only is
// left alone, although the directory would let it be replaced. Where there is none, it is made, for its owner only.
func UpdateFile(path string, change func([]byte) ([]byte, error)) (changed bool, err error) {
	path, old, info, err := readForUpdate(path)
	if err != nil {
		return false, err
	}
	next, err := change(bytes.Clone(old))
	if err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	if info != nil && bytes.Equal(old, next) {
		return false, nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".gatehouse-*") // mode 0600
	if err != nil {
		return false, err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already when all went well
	_, err = f.Write(next)
	if info != nil {
		err = errors.Join(err, f.Chmod(info.Mode().Perm()), sameOwner(f, info))
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return false, err
	}
	if now, err := os.ReadFile(path); !bytes.Equal(now, old) || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, errors.Join(fmt.Errorf("%s changed in the meantime; nothing was written", path), err)
	}
	return true, os.Rename(f.Name(), path)
}

// readForUpdate reads a file and finds where it really is. The info of one that is not there is nil.
func readForUpdate(path string) (real string, text []byte, info fs.FileInfo, err error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return path, nil, nil, os.MkdirAll(filepath.Dir(path), 0o700)
	}
	real, err = filepath.EvalSymlinks(path)
	if err != nil {
		return "", nil, nil, err
	}
	if info, err = os.Stat(real); err != nil {
		return "", nil, nil, err
	}
	switch {
	case !info.Mode().IsRegular():
		return "", nil, nil, fmt.Errorf("%s is not a regular file", real)
	case info.Mode().Perm()&0o200 == 0:
		return "", nil, nil, fmt.Errorf("%s is read-only: %w", real, fs.ErrPermission)
	}
	text, err = os.ReadFile(real)
	return real, text, info, err
}
