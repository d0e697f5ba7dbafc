package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/seal"
)

// A browser in which somebody signed in is known for knownLife: it keeps a sealed note, and tries that bring the note are
// counted apart from those of strangers. So nobody keeps a person out by guessing at them all day, and who has the note
// guesses no faster than strangers do. See "Slow Down Online Guessing Attacks with Device Cookies" of OWASP.
const knownLife = 90 * 24 * time.Hour

// knownBinding keeps these notes apart from all else that is sealed for browsers.
var knownBinding = []byte("known browser")

// KnownTries is whose tries in known browsers are counted, where name has the others.
func KnownTries(name string) string { return name + "\x00known" }

// TriesFrom is whose tries are counted of a browser that brings a note, or none.
func (c *Call) TriesFrom(note, name string) string {
	if note == "" {
		return name
	}
	raw, err := c.Seal.OpenToken(seal.BrowserSession, note, knownBinding)
	whose := sha256.Sum256([]byte(name))
	if err != nil || len(raw) != len(whose)+8 || !bytes.Equal(raw[:len(whose)], whose[:]) ||
		c.Now.UnixMilli() >= int64(binary.BigEndian.Uint64(raw[len(whose):])) {
		return name
	}
	return KnownTries(name)
}

// KnowBrowser returns the note of a browser in which somebody proved to be who has this name, and until when it is good.
func (c *Call) KnowBrowser(name string) (note string, until time.Time, err error) {
	until = c.Now.Add(knownLife)
	whose := sha256.Sum256([]byte(name))
	note, err = c.Seal.SealToken(seal.BrowserSession, binary.BigEndian.AppendUint64(whose[:], uint64(until.UnixMilli())), knownBinding, c.Random)
	return note, until, err
}
