package policy

import "strings"

// Context holds the condition keys of a request. Key names ignore letter case, tag keys within them too. Whether a key has
// one value or is multi-valued is a property of the key, not of how many values it has this time. A Context is filled by
// one goroutine and may then be read by many.
type Context struct {
	entries []entry
}

// entry is one key; requests have a few dozen keys at most, so that a scan of a slice beats a map.
type entry struct {
	key    string // lower case
	values []string
	multi  bool
}

// NewContext returns an empty context.
func NewContext() *Context { return &Context{entries: make([]entry, 0, 24)} }

// Set gives key a single value, replacing what it had.
func (c *Context) Set(key, value string) { c.put(entry{strings.ToLower(key), []string{value}, false}) }

// SetList makes key multi-valued. An empty list is a key that is present without values.
func (c *Context) SetList(key string, values []string) {
	c.put(entry{strings.ToLower(key), values, true})
}

// Get returns the values of key, and whether it is multi-valued.
func (c *Context) Get(key string) (values []string, multi, ok bool) {
	if e := c.find(strings.ToLower(key)); e != nil {
		return e.values, e.multi, true
	}
	return nil, false, false
}

// Keys returns the names of all keys in lower case, in the order in which they were set.
func (c *Context) Keys() []string {
	if c == nil {
		return nil
	}
	keys := make([]string, len(c.entries))
	for i := range c.entries {
		keys[i] = c.entries[i].key
	}
	return keys
}

func (c *Context) put(e entry) {
	if old := c.find(e.key); old != nil {
		*old = e
		return
	}
	c.entries = append(c.entries, e)
}

// find returns the entry of a key that is in lower case already, or nil.
func (c *Context) find(lower string) *entry {
	if c == nil {
		return nil
	}
	for i := range c.entries {
		if c.entries[i].key == lower {
			return &c.entries[i]
		}
	}
	return nil
}
