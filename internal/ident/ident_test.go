package ident

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"
)

func TestAccessKeyIDsNameTheirAccount(t *testing.T) {
	t.Parallel()
	ids := NewSource(rand.Reader)
	for _, account := range []AccountID{"000000000000", "111111111111", "999999999999", ids.AccountID()} {
		id := ids.AccessKeyID(TemporaryPrefix, account)
		if len(id) != 20 {
			t.Fatalf("%s has %d characters, want 20", id, len(id))
		}
		if got, err := AccountOfKey(id); err != nil || got != account {
			t.Errorf("AccountOfKey(%s) = %s, %v, want %s", id, got, err, account)
		}
	}
}

func TestAccountOfKeyMatchesAWS(t *testing.T) {
	t.Parallel()
	// The example key id of AWS's documentation decodes to the account of the public write-ups of the format.
	if got, err := AccountOfKey("ASIAQNZGKIQY56JQ7WML"); err != nil || got != "029608264753" {
		t.Errorf("AccountOfKey = %s, %v", got, err)
	}
	for _, bad := range []string{"", "AKIA", "ASIA1111111111111111", "ASIA!NZGKIQY56JQ7WML"} {
		if got, err := AccountOfKey(bad); err == nil {
			t.Errorf("AccountOfKey(%q) = %s, want an error", bad, got)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "11111111111", "1111111111111", "11111111111a", "１１１１"} {
		if _, err := ParseAccountID(bad); err == nil {
			t.Errorf("ParseAccountID(%q) succeeded", bad)
		}
	}
	for _, good := range []string{"arn:aws:iam::111111111111:role/a/b", "arn:aws:sso:::instance/ssoins-1", "arn:aws:iam::aws:policy/X:Y"} {
		a, err := ParseARN(good)
		if err != nil || a.String() != good {
			t.Errorf("ParseARN(%q) = %v, %v", good, a, err)
		}
	}
	for _, bad := range []string{"", "arn:aws:iam::1:role/a", "arn:aws:iam", "urn:aws:iam::111111111111:x", "arn:aws:iam::111111111111:"} {
		if _, err := ParseARN(bad); err == nil {
			t.Errorf("ParseARN(%q) succeeded", bad)
		}
	}
}

func TestRequestIDsTellTheirTime(t *testing.T) {
	t.Parallel()
	s := NewSource(rand.Reader)
	now := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	id := s.RequestID(now)
	if at, ok := RequestTime(id); !ok || !at.Equal(now) || s.RequestID(now) == id {
		t.Errorf("%s tells %v, %v", id, at, ok)
	}
	for _, bad := range []string{"", "x", s.UUID(), strings.ToUpper(id), id[1:], strings.ReplaceAll(id, "-", ""), "-" + id[1:], id + "0"} {
		if _, ok := RequestTime(bad); ok {
			t.Errorf("%q tells a time", bad)
		}
	}
}
