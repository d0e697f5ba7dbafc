package password

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// ErrBusy is the answer when too many wait already.
var ErrBusy error = fault.New(fault.Unavailable, "ServiceUnavailable", "Too many people are signing in at this moment. Please try again shortly.")

// ErrTooLong refuses to hash a password of more than MaxLength bytes.
var ErrTooLong = errors.New("the password is too long")

// Config is what a Hasher needs; zero fields but Rand have defaults.
type Config struct {
	Rand   io.Reader       // of salts
	Params Params          // Recommended
	Slots  int             // hashes at a time: half the cores
	Queue  int             // how many may wait: 16 a slot
	Idle   time.Duration   // memory is given back after so long without a hash: a second
	Begin  func(bytes int) // called before the first hash after that, with the memory that hashes may take at once: nothing
	Free   func()          // gives memory back: debug.FreeOSMemory
}

// Hasher hashes and verifies passwords. It is safe for concurrent use.
type Hasher struct {
	cfg    Config
	places chan struct{} // one for each that runs or waits
	slots  chan struct{}
	made   atomic.Uint64

	mu      sync.Mutex
	running int
	begun   bool // and memory was not given back since
	idle    *time.Timer
}

// NewHasher returns a Hasher; Close it to stop its timer.
func NewHasher(cfg Config) *Hasher {
	if cfg.Params == (Params{}) {
		cfg.Params = Recommended()
	}
	if cfg.Slots == 0 {
		cfg.Slots = max(1, runtime.GOMAXPROCS(0)/2)
	}
	if cfg.Queue == 0 {
		cfg.Queue = 16 * cfg.Slots
	}
	if cfg.Idle == 0 {
		cfg.Idle = time.Second
	}
	if cfg.Begin == nil {
		cfg.Begin = func(int) {}
	}
	if cfg.Free == nil {
		cfg.Free = debug.FreeOSMemory
	}
	return &Hasher{cfg: cfg, places: make(chan struct{}, cfg.Slots+cfg.Queue), slots: make(chan struct{}, cfg.Slots)}
}

// Close stops the timer that gives memory back.
func (h *Hasher) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.idle != nil {
		h.idle.Stop()
	}
}

// Hash returns the PHC string of password.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	password, fits := normal(password)
	if !fits {
		return "", ErrTooLong
	}
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(h.cfg.Rand, salt); err != nil {
		return "", fmt.Errorf("hash a password: read randomness: %w", err)
	}
	var phc string
	err := h.run(ctx, func() { phc = compute(h.cfg.Params, salt, password, hashSize).String() })
	return phc, err
}

// Verify reports whether phc is the hash of password, and if so whether it should be made anew with today's parameters.
func (h *Hasher) Verify(ctx context.Context, phc, password string) (ok, rehash bool, err error) {
	password, fits := normal(password)
	if !fits {
		return false, false, nil
	}
	want, err := parse(phc)
	if err != nil {
		return false, false, fmt.Errorf("verify a password: %w", err)
	}
	err = h.run(ctx, func() { ok = want.matches(password) })
	return ok, ok && !want.current(h.cfg.Params), err
}

// VerifyNobody does the work of Verify for a user that does not exist or has no password, and fails as it does.
func (h *Hasher) VerifyNobody(ctx context.Context, password string) error {
	password, fits := normal(password)
	if !fits {
		return nil
	}
	nobody := hashed{Params: h.cfg.Params, salt: make([]byte, saltSize), sum: make([]byte, hashSize)}
	return h.run(ctx, func() { nobody.matches(password) })
}

// Made is how many hashes were computed. Nobody tells by it who there is: see VerifyNobody.
func (h *Hasher) Made() uint64 { return h.made.Load() }

// run calls f in a slot, after waiting for one if there is room to wait.
func (h *Hasher) run(ctx context.Context, f func()) error {
	select {
	case h.places <- struct{}{}:
		defer func() { <-h.places }()
	default:
		return ErrBusy
	}
	select {
	case h.slots <- struct{}{}:
		// The next in line begins at once, in place of after this one's answer: a slot that rests is lost.
		defer func() { <-h.slots; runtime.Gosched() }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return err // nobody waits for the answer
	}
	h.started()
	defer h.finished()
	h.made.Add(1)
	f()
	return nil
}

// started keeps the memory while hashes run.
func (h *Hasher) started() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running++
	if h.idle != nil {
		h.idle.Stop()
	}
	if !h.begun {
		h.begun = true
		h.cfg.Begin(h.cfg.Slots * int(h.cfg.Params.Memory) << 10)
	}
}

// finished has the memory given back once nothing has run for a while. Giving it back after each hash would cost as much
// as a small one.
func (h *Hasher) finished() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.running--; h.running > 0 {
		return
	}
	if h.idle == nil {
		h.idle = time.AfterFunc(h.cfg.Idle, h.rest)
		return
	}
	h.idle.Reset(h.cfg.Idle)
}

// rest gives the memory back, unless a hash has begun just now.
func (h *Hasher) rest() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.running == 0 && h.begun {
		h.begun = false
		h.cfg.Free()
	}
}
