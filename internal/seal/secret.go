package seal

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// hidden stands in for a secret wherever one would be printed.
const hidden = "[secret]"

// Secret is a string that no formatter, logger or encoder prints. Reveal gives it back, and is easy to search for.
type Secret string

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// Equal compares in time that depends on the lengths only.
func (s Secret) Equal(t Secret) bool { return subtle.ConstantTimeCompare([]byte(s), []byte(t)) == 1 }

// String refuses.
func (Secret) String() string { return hidden }

// GoString refuses.
func (Secret) GoString() string { return hidden }

// Format refuses, whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue refuses.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText refuses.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalJSON refuses.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }
