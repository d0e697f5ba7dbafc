package mail

import (
	"slices"
	"sync"
)

// boxSize is how many messages a Box keeps.
const boxSize = 100

// Box keeps messages where a development server would send them. It is safe for concurrent use.
type Box struct {
	mu   sync.Mutex
	kept []*Message
}

// Put keeps a message; the oldest makes room.
func (b *Box) Put(m *Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept = append(b.kept, m)
	if len(b.kept) > boxSize {
		b.kept = slices.Delete(b.kept, 0, len(b.kept)-boxSize)
	}
}

// Messages returns what is kept, the newest first.
func (b *Box) Messages() []*Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := slices.Clone(b.kept)
	slices.Reverse(list)
	return list
}
