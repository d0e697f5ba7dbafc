package policy

import (
	"slices"
	"strings"
)

// Context holds the condition keys of a request. Key names ignore letter case, tag keys within them too. Whether a key has
// one value or is multi-valued is a property of the key, not of how many values it has this time. A Context is filled by
// one goroutine and may then be read by many.
type Context struct {
	hashes  []uint32 // of the keys: requests have a few dozen at most, so that a scan beats a map
	entries []entry
}

// entry is one key.
type entry struct {
	key    string   // lower case
	value  string   // of a key with a single value
	values []string // of a multi-valued key
	multi  bool
}

// NewContext returns an empty context.
func NewContext() *Context {
	return &Context{hashes: make([]uint32, 0, 24), entries: make([]entry, 0, 24)}
}

// Reset takes all keys out, and keeps their room for others.
func (c *Context) Reset() { c.hashes, c.entries = c.hashes[:0], c.entries[:0] }

// Set gives key a single value, replacing what it had.
func (c *Context) Set(key, value string) { c.put(entry{key: lowerKey(key), value: value}) }

// SetList makes key multi-valued. An empty list is a key that is present without values.
func (c *Context) SetList(key string, values []string) {
	c.put(entry{key: lowerKey(key), values: values, multi: true})
}

// lowerKey is strings.ToLower, at less cost for the keys that nearly every request has.
func lowerKey(key string) string {
	if lower, ok := usualKeys[key]; ok {
		return lower
	}
	return strings.ToLower(key)
}

// usualKeys are keys as AWS spells them, and in lower case.
var usualKeys = func() map[string]string {
	m := map[string]string{}
	for _, key := range []string{"aws:CurrentTime", "aws:EpochTime", "aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent", "aws:PrincipalAccount",
		"aws:PrincipalArn", "aws:PrincipalIsAWSService", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalType", "aws:RequestedRegion",
		"aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths", "aws:SecureTransport", "aws:SourceIdentity", "aws:SourceIp", "aws:TagKeys",
		"aws:TokenIssueTime", "aws:UserAgent", "aws:ViaAWSService", "identitycenter:InstanceArn", "identitystore:IdentityStoreArn", "identitystore:UserId"} {
		m[key] = strings.ToLower(key)
	}
	return m
}()

// IsMultiValued reports whether a global condition key is one that may have several values.
func IsMultiValued(key string) bool {
	multi, _ := isMultiValued(strings.ToLower(key))
	return multi
}

// Merge sets all keys that o has; o may be nil.
func (c *Context) Merge(o *Context) {
	if o == nil {
		return
	}
	for i := range o.entries {
		c.put(o.entries[i])
	}
}

// Get returns the values of key, and whether it is multi-valued.
func (c *Context) Get(key string) (values []string, multi, ok bool) {
	key = strings.ToLower(key)
	e := c.find(hash(key), key)
	switch {
	case e == nil:
		return nil, false, false
	case e.multi:
		return e.values, true, true
	}
	return []string{e.value}, false, true
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

// Len returns the number of keys.
func (c *Context) Len() int {
	if c == nil {
		return 0
	}
	return len(c.entries)
}

// At returns the key that was set as number i, in lower case, and its value, or its values where it is multi-valued.
func (c *Context) At(i int) (key, value string, values []string, multi bool) {
	e := &c.entries[i]
	return e.key, e.value, e.values, e.multi
}

// TellsTime reports whether a key, in lower case, follows from the time of a request. Whoever keeps that need not keep it.
func TellsTime(key string) bool { return key == "aws:currenttime" || key == "aws:epochtime" }

// Without returns a context of its own with the keys of c but some, given in lower case.
func (c *Context) Without(keys ...string) *Context {
	out := NewContext()
	for i := range c.Len() {
		if !contains(keys, c.entries[i].key) {
			out.put(c.entries[i])
		}
	}
	return out
}

// Clone returns a context of its own with the keys of c.
func (c *Context) Clone() *Context {
	out := NewContext()
	if c != nil {
		out.hashes, out.entries = append(out.hashes, c.hashes...), append(out.entries, c.entries...)
	}
	return out
}

// Equal reports whether c and o have the same keys with the same values, whatever their order, but for those that
// tell the time.
func (c *Context) Equal(o *Context) bool { return c.within(o) && o.within(c) }

// within reports whether everything in c but the time is in o too.
func (c *Context) within(o *Context) bool {
	for i := range c.Len() {
		e := &c.entries[i]
		if TellsTime(e.key) {
			continue
		}
		var other *entry
		if i < o.Len() && o.entries[i].key == e.key {
			other = &o.entries[i]
		} else if other = o.find(c.hashes[i], e.key); other == nil {
			return false
		}
		if e.value != other.value || e.multi != other.multi || !slices.Equal(e.values, other.values) {
			return false
		}
	}
	return true
}

func (c *Context) put(e entry) {
	h := hash(e.key)
	if old := c.find(h, e.key); old != nil {
		*old = e
		return
	}
	c.hashes, c.entries = append(c.hashes, h), append(c.entries, e)
}

// find returns the entry of a key that is in lower case already, or nil.
func (c *Context) find(hash uint32, lower string) *entry {
	if c == nil {
		return nil
	}
	for i, h := range c.hashes {
		if h == hash && c.entries[i].key == lower {
			return &c.entries[i]
		}
	}
	return nil
}

// Single returns the value of a key that is not multi-valued, or "".
func (c *Context) Single(key string) string {
	key = strings.ToLower(key)
	if e := c.find(hash(key), key); e != nil {
		return e.value
	}
	return ""
}
