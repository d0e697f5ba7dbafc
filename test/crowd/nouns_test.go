package crowd

import "maps"

// nouns are what long lists are of.
func nouns() map[string]noun {
	all := map[string]noun{}
	for _, some := range []map[string]noun{iamNouns, directoryNouns, organizationNouns, permissionNouns} {
		maps.Copy(all, some)
	}
	return all
}
