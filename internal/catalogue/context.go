package catalogue

import "strings"

// context are the condition keys of a service that the request tells: those of the query and the headers of Amazon S3,
// those that have the name of a member, and the tags that the request hands over. See "Actions, resources, and condition
// keys for AWS services" in the Service Authorization Reference.
func (d *derivation) context(keys []string) map[string][]string {
	in, out := d.call.in, map[string][]string{}
	for _, key := range keys {
		prefix, name, _ := strings.Cut(key, ":")
		switch {
		case prefix == "aws":
		case key == "ec2:Region":
			out[key] = []string{d.by.Region}
		case strings.ContainsAny(name, "/$<"):
		default:
			if values := texts(in.word(norm(name))); len(values) == 1 {
				out[key] = values
			}
		}
	}
	names := []string{}
	for k, v := range in.tags() {
		out["aws:RequestTag/"+k] = []string{v}
		names = append(names, k)
	}
	if len(names) > 0 {
		out["aws:TagKeys"] = names
	}
	return out
}

// tags are the tags that a request hands over, in the shapes that services write them: a list of keys and values, a map,
// and EC2's list of those.
func (in *input) tags() map[string]string {
	if in.tagged != nil {
		return in.tagged
	}
	tags := map[string]string{}
	in.tagged = tags
	for _, name := range []string{"tags", "tag", "taglist", "tagset"} {
		for _, v := range in.word(name) {
			in.gather(v, tags)
		}
	}
	for _, v := range in.word("tagspecification") {
		for _, spec := range step(v, "*") {
			for _, list := range step(spec, "Tag") {
				in.gather(list, tags)
			}
		}
	}
	return tags
}

func (in *input) gather(v any, into map[string]string) {
	var list []any
	switch v := v.(type) {
	case []any:
		list = v
	case map[string]any:
		list = elements(v)
		for name, value := range v {
			if text, ok := value.(string); ok {
				into[name] = text
			}
		}
	}
	for _, e := range list {
		key, value := texts(firstOf(e, "key", "tagkey")), texts(firstOf(e, "value", "tagvalue"))
		if len(key) > 1 || len(value) > 1 {
			in.torn = true
		}
		if len(key) == 1 {
			into[key[0]] = strings.Join(value, "")
		}
	}
}

func firstOf(v any, names ...string) []any {
	if _, ok := v.(map[string]any); !ok {
		return nil
	}
	for _, name := range names {
		if found := step(v, name); len(found) > 0 {
			return found
		}
	}
	return nil
}
