package policy

// Keys returns the condition keys that the document reads, in its conditions and as variables: as written, each once, in the
// order in which they stand.
func (d *Document) Keys() []string {
	var keys []string
	seen := map[string]bool{}
	add := func(key string) {
		if !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	read := func(text string) {
		if d.version == "2012-10-17" {
			variables(text, add)
		}
	}
	for i := range d.statements {
		s := &d.statements[i]
		for j := range s.resources {
			read(s.resources[j].text)
		}
		for j := range s.conditions {
			c := &s.conditions[j]
			add(c.key)
			if !c.knowsVariables() {
				continue
			}
			for _, value := range c.values {
				read(value)
			}
		}
	}
	return keys
}

// knowsVariables reports whether the values of the condition are texts or ARNs, which alone know variables.
func (c *condition) knowsVariables() bool {
	switch c.test {
	case testText, testFolded, testLike, testARN:
		return true
	}
	return false
}

// Resources returns what the statements of the document list under Resource or NotResource, as written.
func (d *Document) Resources() []string {
	var list []string
	for i := range d.statements {
		list = append(list, d.statements[i].resourceTexts()...)
	}
	return list
}

// IsNumber reports whether the Numeric operators can read a value.
func IsNumber(value string) bool { _, ok := parseDecimal(value); return ok }

// IsDate reports whether the Date operators can read a value.
func IsDate(value string) bool { _, ok := parseDate(value); return ok }

// IsAddress reports whether IpAddress can read a value of a request, which has no mask.
func IsAddress(value string) bool { _, ok := parseAddress(value); return ok }

// IsBinary reports whether BinaryEquals can read a value.
func IsBinary(value string) bool { return isBase64(value) }
