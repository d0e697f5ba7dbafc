package factor

import "strings"

// Recovery codes are look-up secrets (NIST SP 800-63B-4 section 3.1.2): each is good once. They have 80 random bits, and are
// kept as MACs under a key of the server, since they have fewer bits than a plain hash asks for.
const (
	// RecoveryCodes is how many are made at a time.
	RecoveryCodes = 10
	// RecoveryLength is how many characters of RecoveryAlphabet a code has.
	RecoveryLength = 16
	// RecoveryAlphabet has no two characters that look alike.
	RecoveryAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"
)

// SpellRecovery writes a code as people read it, in groups of four.
func SpellRecovery(code string) string {
	var groups []string
	for ; len(code) > 4; code = code[4:] {
		groups = append(groups, code[:4])
	}
	return strings.Join(append(groups, code), "-")
}

// ReadRecovery returns the code that a person typed: without what parts the groups, and with what looks like another
// character read as that. It returns "" for what cannot be a code.
func ReadRecovery(typed string) string {
	code := strings.Map(func(r rune) rune {
		switch r {
		case '-', ' ', '\t', '–':
			return -1
		case 'o':
			return '0'
		case 'i', 'l':
			return '1'
		}
		return r
	}, strings.ToLower(typed))
	if len(code) != RecoveryLength || strings.Trim(code, RecoveryAlphabet) != "" {
		return ""
	}
	return code
}
