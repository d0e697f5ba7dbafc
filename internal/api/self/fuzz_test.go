package self

import (
	"regexp"
	"testing"
)

// FuzzUserCode reads the codes of devices as people type them: what is read as one has its form, and stays as it is.
func FuzzUserCode(f *testing.F) {
	for _, typed := range []string{"BCDF-GHJK", "bcdf ghjk", "b c d f g h j k", "BCDFGHJ", "\x00", "ＢＣＤＦ-ＧＨＪＫ", "1BCDFGHJK"} {
		f.Add(typed)
	}
	form := regexp.MustCompile(`^[A-Z]{4}-[A-Z]{4}$`)
	f.Fuzz(func(t *testing.T, typed string) {
		code := userCode(typed)
		if code != typed && !form.MatchString(code) || userCode(code) != code {
			t.Errorf("%q is read as %q", typed, code)
		}
	})
}
