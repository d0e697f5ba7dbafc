package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLogLinesWaitUnlessTheyTellOfTrouble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		b := &logBuffer{out: &out}
		log := slog.New(slog.NewTextHandler(b, nil))
		log.Info("one")
		if out.Len() != 0 {
			t.Error("a line was written at once")
		}
		log.Error("two")
		if got := out.String(); strings.Count(got, "\n") != 2 || strings.Index(got, "one") > strings.Index(got, "two") {
			t.Errorf("trouble did not bring what came before it: %q", got)
		}
		log.Info("three")
		time.Sleep(logWait)
		synctest.Wait()
		if !strings.Contains(out.String(), "three") {
			t.Error("a line waits for ever")
		}
		log.Info("four")
		if err := b.Flush(); err != nil || !strings.Contains(out.String(), "four") {
			t.Errorf("Flush left a line: %v", err)
		}
		for range logSize / 40 {
			log.Info("many")
		}
		if len(b.waiting) >= logSize {
			t.Errorf("%d bytes wait", len(b.waiting))
		}
		if err := b.Flush(); err != nil {
			t.Error(err)
		}
	})
}
