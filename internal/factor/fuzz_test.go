package factor

import (
	"net/netip"
	"strings"
	"testing"
	"time"
)

// FuzzDecodeTrust reads notes of trusted browsers: what is read is written the same way again.
func FuzzDecodeTrust(f *testing.F) {
	f.Add((&Trust{UserID: "u-1", State: []byte("s\x00\x00s"), Context: ContextOf("Firefox/1 Linux", netip.MustParseAddr("192.0.2.1")), Until: time.UnixMilli(1)}).Encode())
	f.Add([]byte("\x00\x00\x00\x00"))
	f.Add([]byte("u\x00b\x00192.0.2.0/24\x00-1\x00"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		read, ok := DecodeTrust(raw)
		if !ok {
			return
		}
		again, ok := DecodeTrust(read.Encode())
		if !ok || again.UserID != read.UserID || string(again.State) != string(read.State) || again.Context != read.Context || !again.Until.Equal(read.Until) {
			t.Errorf("%q is read as %+v and then as %+v", raw, read, again)
		}
	})
}

// FuzzReadRecovery reads recovery codes as people type them: what is read has the form of a code.
func FuzzReadRecovery(f *testing.F) {
	for _, typed := range []string{"abcd-efgh-jkmn-pqrs", "ABCD EFGH JKMN PQRS", "oooo-iiii-llll-0000", "", "\x00", "ééééééééé", "–––"} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code := ReadRecovery(typed)
		if code != "" && (len(code) != RecoveryLength || strings.Trim(code, RecoveryAlphabet) != "" || ReadRecovery(SpellRecovery(code)) != code) {
			t.Errorf("%q is read as %q", typed, code)
		}
	})
}

// FuzzCleanName takes names of devices: what is taken can be seen, and stays as it is.
func FuzzCleanName(f *testing.F) {
	for _, name := range []string{"Phone", " Phone ", "\u202egpj", "\x00", "<script>", "Z\u0301\u0301", "\xff"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		name, ok := CleanName(typed)
		if again, still := CleanName(name); ok && (!still || again != name || strings.ContainsAny(name, "\x00\r\n\u202e")) {
			t.Errorf("%q is taken as %q and then as %q", typed, name, again)
		}
	})
}
