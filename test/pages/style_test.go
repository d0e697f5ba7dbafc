package pages

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// sources are the files of the pages with one of the endings, without comments of CSS.
func sources(t *testing.T, endings ...string) string {
	t.Helper()
	var all strings.Builder
	for _, pattern := range []string{"*/*", "*/assets/*", "*/templates/*"} {
		files, err := filepath.Glob("../../internal/web/" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			for _, ending := range endings {
				if strings.HasSuffix(file, ending) && !strings.HasSuffix(file, "_test.go") {
					text, err := os.ReadFile(file)
					if err != nil {
						t.Fatal(err)
					}
					all.Write(text)
				}
			}
		}
	}
	return regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(all.String(), "")
}

func words(pattern, text string) map[string]bool {
	found := map[string]bool{}
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		for _, word := range strings.Fields(m[1]) {
			found[word] = true
		}
	}
	return found
}

// TestEveryStyleIsUsed: a class that is styled stands on some page, a class that stands on a page is styled, and a value
// that has a name is used.
func TestEveryStyleIsUsed(t *testing.T) {
	t.Parallel()
	styles := sources(t, ".css")
	marks := regexp.MustCompile(`\{\{.*?\}\}`).ReplaceAllString(sources(t, ".html", ".go"), " ")
	styled, used := words(`\.([a-z][a-z-]*)`, styles), words(`class="([^"]*)"`, marks)
	said := words(`'([a-z -]+)'`, sources(t, ".js"))
	for class := range styled {
		if !used[class] && !said[class] {
			t.Errorf("no page uses the class %q", class)
		}
	}
	for class := range used {
		if !styled[class] {
			t.Errorf("the class %q has no style", class)
		}
	}
	values := words(`var\(--([a-z0-9-]+)`, styles)
	step := regexp.MustCompile(`^[st]\d$`) // of a scale, which stands whole
	for name := range words(`--([a-z0-9-]+):`, styles) {
		if !values[name] && !step.MatchString(name) {
			t.Errorf("nothing uses the value --%s", name)
		}
	}
}
