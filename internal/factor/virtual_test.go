package factor

import (
	"testing"
	"time"
)

// What AWS answered to codes at offsets from the present step, in this order, on one device.
func TestVirtualDevicesTakeWhatAWSTakes(t *testing.T) {
	t.Parallel()
	seed, now := []byte("12345678901234567890"), time.Unix(1_800_000_000, 0)
	at := func(offset int64) string { return Code(seed, step(now)+offset) }
	v := &Virtual{}
	if v.Sync(seed, at(0), at(0), now, IAMDrift) || v.Sync(seed, at(0), at(-1), now, IAMDrift) {
		t.Fatal("the same code twice, or two the wrong way round, are no two in a row")
	}
	if !v.Sync(seed, at(-1), at(0), now, IAMDrift) {
		t.Fatal("two in a row are refused")
	}
	for _, c := range []struct {
		offset int64
		ok     bool
	}{{0, false}, {1, true}, {-2, true}, {2, true}, {2, false}, {1, false}, {-10, false}, {10, false}} {
		if got := v.Accept(seed, at(c.offset), now); got != c.ok {
			t.Errorf("%+d: %v, want %v", c.offset, got, c.ok)
		}
	}
	for _, c := range []struct {
		second int64
		ok     bool
	}{{10, true}, {0, false}, {20, true}, {21, false}, {0, false}, {SyncReach + 1, false}} {
		if got := v.Sync(seed, at(c.second-1), at(c.second), now, SyncReach); got != c.ok {
			t.Errorf("synchronise at %+d: %v, want %v", c.second, got, c.ok)
		}
	}
	if v.Accept(seed, at(0), now) || v.Accept(seed, at(20), now) || !v.Accept(seed, at(21), now) {
		t.Error("after it was synchronised the device is 20 steps ahead")
	}
}

// RFC 6238 section 5.2: a code is accepted once. Also when the server's clock is set back.
func TestAUsedCodeStaysUsed(t *testing.T) {
	t.Parallel()
	seed, now := []byte("12345678901234567890"), time.Unix(1_800_000_000, 0)
	v := &Virtual{}
	for i := range int64(50) {
		when := now.Add(time.Duration(i) * 30 * time.Second)
		if code := Code(seed, step(when)); !v.Accept(seed, code, when) || v.Accept(seed, code, when) {
			t.Fatalf("step %d is not taken just once", i)
		}
	}
	if len(v.Used) > window+1 {
		t.Errorf("%d steps are remembered", len(v.Used))
	}
	for i := range int64(50) {
		when := now.Add(time.Duration(i) * 30 * time.Second)
		if v.Accept(seed, Code(seed, step(when)), when) {
			t.Errorf("step %d is taken again when the clock is set back", i)
		}
	}
}
