package main

import "testing"

// FuzzConfigFile reads configuration files: none ends the program but by an error that says what is wrong.
func FuzzConfigFile(f *testing.F) {
	for _, text := range []string{"listen: localhost:7070\n", "tls:\n  cert: a\n  key: b\n", "listen: [", "a: &a [*a]\n", "listen: 1\nlisten: 2\n", "--- {}\n--- {}\n", "trusted-proxies: [10.0.0.0/8]\n", "\x00", "? {}: x", "<<: *x"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var c configFile
		if err := c.parse(text); err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
	})
}
