package client

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	server = "gatehouse-1a2b3c4d"
	text   = "# The portal is at http://localhost:7070\n\n[profile dev]\nregion = us-east-1\n\n[services gatehouse-1a2b3c4d]\niam =\n  endpoint_url = http://localhost:7070\n"
	newer  = "[profile dev]\nregion = eu-west-1\n\n[profile prod]\nregion = eu-west-1\n"
)

func TestABlockIsMergedIntoAFile(t *testing.T) {
	t.Parallel()
	block, crlf := marked(server, text), strings.ReplaceAll(marked(server, text), "\n", "\r\n")
	mine := "# mine\n[default]\nregion = us-west-2 # home\n\n; odd\n[profile x]\ns3 =\n  max = 1\n"
	edited := strings.Replace(block, "us-east-1", "us-east-2", 1)
	other := strings.ReplaceAll(strings.ReplaceAll(block, server, "gatehouse-other"), "profile dev", "profile there")
	for name, c := range map[string]struct {
		file, text string
		overwrite  bool
		want       string
	}{
		"an empty file":                   {"", text, false, block},
		"a file with sections":            {mine, text, false, mine + "\n" + block},
		"the same block":                  {mine + "\n" + block, text, false, mine + "\n" + block},
		"a new block in place":            {mine + block + "\n[profile y]\n", newer, false, mine + marked(server, newer) + "\n[profile y]\n"},
		"no newline at the end":           {"[default]\nregion = a", text, false, "[default]\nregion = a\n\n" + block},
		"an empty line at the end":        {"[default]\n\n", text, false, "[default]\n\n" + block},
		"line ends of Windows":            {"[default]\r\nregion = a\r\n", text, false, "[default]\r\nregion = a\r\n\r\n" + crlf},
		"the same without the last":       {"[default]\r\nregion = a", text, false, "[default]\r\nregion = a\r\n\r\n" + crlf},
		"a block of Windows":              {"[default]\r\n\r\n" + crlf, text, false, "[default]\r\n\r\n" + crlf},
		"a block whose line ends changed": {"[default]\n\n" + crlf, text, false, "[default]\n\n" + block},
		"a block cut off at its end":      {strings.TrimSuffix(block, "\n"), text, false, block},
		"a byte order mark":               {"\ufeff[default]\n", text, false, "\ufeff[default]\n\n" + block},
		"another server's block":          {other, text, false, other + "\n" + block},
		"an edited block, by force":       {mine + edited, text, true, mine + block},
		"a name taken before, by force": {"[default]\na = b\n[profile dev]\nrole = x\n# of dev\ns3 =\n  c = d\n\n# on y\n[profile y]\ne = f\n", text, true,
			"[default]\na = b\n\n# on y\n[profile y]\ne = f\n\n" + block},
		"a name taken behind, by force": {block + "[profile y]\n[profile dev]\nrole = x\n", text, true, block + "[profile y]\n"},
	} {
		got, err := Merge([]byte(c.file), server, c.text, c.overwrite)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		again, err := Merge(got, server, c.text, false)
		if err != nil || !bytes.Equal(again, got) {
			t.Errorf("%s, a second time: %v\n%s", name, err, cmp.Diff(string(got), string(again)))
		}
	}
}

func TestWhatAMergeRefuses(t *testing.T) {
	t.Parallel()
	block := marked(server, text)
	first, last, _ := strings.Cut(block, "\n")
	for name, c := range map[string]struct{ file, want string }{
		"a profile of this name":        {"[default]\n[profile dev]\nregion = a\n", "line 2: sections with these names are there already: [profile dev]"},
		"the same in quotes and spaces": {"[ profile   \"dev\" ] ; mine\n", "line 1:"},
		"the same indented":             {"[default]\n  [profile dev]\n", "line 2:"},
		"a services section":            {block + "[services gatehouse-1a2b3c4d]\n", "[services gatehouse-1a2b3c4d]"},
		"a block that was edited":       {strings.Replace(block, "us-east-1", "us-east-2", 1), "lines 1 to 10: what stands between the marks was changed by hand"},
		"a profile added to a block":    {strings.Replace(block, "# <<<", "[profile mine]\n# <<<", 1), "changed by hand"},
		"a sum that is gone":            {strings.Replace(block, " <<< sum ", " <<< ", 1), "changed by hand"},
		"a block without an end":        {first + "\n[profile mine]\n", "line 1: the block of gatehouse-1a2b3c4d begins and does not end"},
		"a block without a beginning":   {last, "line 9: the block of gatehouse-1a2b3c4d ends where it has not begun"},
		"two blocks":                    {block + block, "line 11: the block of gatehouse-1a2b3c4d begins a second time; it began in line 1"},
		"a file that is not text":       {"[\x00d\x00e\x00f\x00", "this is not text in UTF-8"},
	} {
		if got, err := Merge([]byte(c.file), server, text, false); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s\n%s", name, err, c.want, got)
		}
	}
}

// What stands outside the block, and is not a section of the block's, is never touched.
func FuzzMergeKeepsWhatIsOthers(f *testing.F) {
	f.Add("[default]\nregion = a\n", "tail")
	f.Add("[profile dev]\n", "# <<< gatehouse-1a2b3c4d <<<")
	f.Add("a\r\nb", "\r\n[x]")
	f.Fuzz(func(t *testing.T, before, after string) {
		file := before + "\n" + marked(server, newer) + after
		got, err := Merge([]byte(file), server, text, false)
		if err != nil {
			return
		}
		if !strings.HasPrefix(string(got), before+"\n") || !strings.HasSuffix(string(got), after) {
			t.Errorf("%q became %q", file, got)
		}
	})
}

func update(path string) (bool, error) {
	return UpdateFile(path, func(old []byte) ([]byte, error) { return Merge(old, server, text, false) })
}

func TestAFileKeepsItsModeAndItsLink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	real, link := filepath.Join(dir, "dotfiles"), filepath.Join(dir, "config")
	if err := errors.Join(os.WriteFile(real, []byte("[default]\n"), 0o644), os.Chmod(real, 0o640), os.Symlink("dotfiles", link)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{true, false} {
		if changed, err := update(link); changed != want || err != nil {
			t.Errorf("changed: %v, %v", changed, err)
		}
	}
	if to, err := os.Readlink(link); to != "dotfiles" {
		t.Errorf("the link is gone: %s, %v", to, err)
	}
	info, err := os.Stat(real)
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
	if got, err := os.ReadFile(real); err != nil || string(got) != "[default]\n\n"+marked(server, text) {
		t.Errorf("got %q, %v", got, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestANewFileIsItsOwnersOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), ".aws", "config")
	if changed, err := update(path); !changed || err != nil {
		t.Fatal(changed, err)
	}
	for path, want := range map[string]fs.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

func TestFilesThatAreLeftAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	err := errors.Join(os.WriteFile(at("read-only"), []byte("[default]\n"), 0o400), os.Symlink("nowhere", at("dangling")), os.Mkdir(at("directory"), 0o700),
		os.WriteFile(at("taken"), []byte("[profile dev]\n"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"read-only", "dangling", "directory", "taken"} {
		if changed, err := update(at(name)); changed || err == nil {
			t.Errorf("%s: %v, %v", name, changed, err)
		}
	}
	changed, err := UpdateFile(at("taken"), func([]byte) ([]byte, error) { // an editor is quicker
		return []byte("ours"), os.WriteFile(at("taken"), []byte("theirs"), 0o600)
	})
	if got, _ := os.ReadFile(at("taken")); changed || err == nil || string(got) != "theirs" {
		t.Errorf("a change in the meantime: %q, %v, %v", got, changed, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 4 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
