package testkit

import (
	"bufio"
	"os"
	"strings"
	"testing"
)

// Profile is a section of an AWS configuration file.
type Profile struct {
	Name string // without "profile "
	Keys map[string]string
}

// Profile returns the profile of the configuration in which key has value.
func (d *Dev) Profile(t testing.TB, key, value string) Profile {
	t.Helper()
	for _, p := range d.Profiles(t) {
		if p.Keys[key] == value {
			return p
		}
	}
	t.Fatalf("%s has no profile with %s = %s", d.Config(), key, value)
	return Profile{}
}

// Profiles reads the profiles of the configuration that dev has written.
func (d *Dev) Profiles(t testing.TB) []Profile {
	t.Helper()
	var profiles []Profile
	for _, s := range readSections(t, d.Config()) {
		if name, ok := strings.CutPrefix(s.Name, "profile "); ok {
			profiles = append(profiles, Profile{Name: name, Keys: s.Keys})
		}
	}
	return profiles
}

// Session returns the sso-session that a profile names.
func (d *Dev) Session(t testing.TB, p Profile) Profile {
	t.Helper()
	for _, s := range readSections(t, d.Config()) {
		if s.Name == "sso-session "+p.Keys["sso_session"] {
			return Profile{Name: p.Keys["sso_session"], Keys: s.Keys}
		}
	}
	t.Fatalf("%s has no sso-session %q", d.Config(), p.Keys["sso_session"])
	return Profile{}
}

// AddProfile appends a profile to the configuration, as a user would.
func (d *Dev) AddProfile(t testing.TB, name string, lines ...string) {
	t.Helper()
	f, err := os.OpenFile(d.Config(), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("\n[profile " + name + "]\n" + strings.Join(lines, "\n") + "\n"); err != nil {
		t.Fatal(err)
	}
}

// readSections reads the part of the format that tests need: sections and
// their own keys, without the nested ones, which are indented.
func readSections(t testing.TB, path string) []Profile {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var sections []Profile
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if name, ok := strings.CutPrefix(line, "["); ok {
			sections = append(sections, Profile{Name: strings.TrimSuffix(strings.TrimSpace(name), "]"), Keys: map[string]string{}})
			continue
		}
		key, value, found := strings.Cut(line, "=")
		if !found || len(sections) == 0 || strings.HasPrefix(line, " ") || strings.HasPrefix(line, "#") {
			continue
		}
		sections[len(sections)-1].Keys[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	return sections
}
