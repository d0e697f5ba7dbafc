package main

import (
	"os/exec"
	"runtime"
	"strings"
)

// browser returns the command that opens an address in this machine's browser, or nil where there is none to be seen.
// BROWSER wins, as it does for the AWS CLI.
func (a *app) browser() []string {
	if words := strings.Fields(a.env("BROWSER")); len(words) > 0 {
		return words
	}
	switch runtime.GOOS {
	case "darwin":
		return []string{"open"}
	case "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler"}
	}
	if a.env("DISPLAY") == "" && a.env("WAYLAND_DISPLAY") == "" {
		return nil // xdg-open would start a browser in this terminal
	}
	if path, err := exec.LookPath("xdg-open"); err == nil {
		return []string{path}
	}
	return nil
}

// open starts the browser and does not wait for it. An address takes the place of %s, or stands at the end.
func (a *app) open(browser []string, address string) error {
	words, placed := make([]string, len(browser)), false
	for i, w := range browser {
		words[i] = strings.ReplaceAll(w, "%s", address)
		placed = placed || words[i] != w
	}
	if !placed {
		words = append(words, address)
	}
	cmd := exec.Command(words[0], words[1:]...) // which outlives this program
	cmd.Env = a.environ
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { _ = cmd.Wait() }() // a browser may live as long as it likes
	return nil
}
