package authz

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/seal"
)

// maxTagValue is the longest value of a session tag, in characters; tagValue is what it is made of. See Tag of the AWS STS API.
const maxTagValue = 256

var tagValue = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

// SessionTags are the tags of a person's sessions: the instance's attributes for access control. What the person does
// not have is left out. What cannot be a tag is no reason to leave it out, since a policy may deny by it: then there is no
// session. See "Attribute-based access control" in the IAM Identity Center User Guide.
func SessionTags(i *permission.Instance, person *directory.User) ([]seal.Tag, error) {
	if i.AccessControl == nil {
		return nil, nil
	}
	var tags []seal.Tag
	for _, a := range i.AccessControl.Attributes {
		values := person.AccessValues(a.Source)
		switch {
		case len(values) == 0:
		case len(values) > 1:
			return nil, badTag(a.Key, "has more than one value")
		case utf8.RuneCountInString(values[0]) > maxTagValue:
			return nil, badTag(a.Key, "is longer than 256 characters")
		case !tagValue.MatchString(values[0]):
			return nil, badTag(a.Key, "has characters that a session tag cannot have")
		default:
			tags = append(tags, seal.Tag{Key: a.Key, Value: values[0]})
		}
	}
	return tags, nil
}

func badTag(key, why string) error {
	return fault.New(fault.Invalid, "InvalidRequestException", "Your attribute for access control %s %s. Ask your administrator.", key, why)
}

// SessionName is the name of a person's role sessions: the user name where it is one, else the user id.
func SessionName(u *directory.User) string {
	if isSessionName(u.UserName) {
		return u.UserName
	}
	return u.ID
}

// isSessionName reports whether a role session may have the name. See RoleSessionName of AssumeRole.
func isSessionName(name string) bool {
	for _, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("_+=,.@-", c) >= 0:
		default:
			return false
		}
	}
	return len(name) >= 2 && len(name) <= 64
}
