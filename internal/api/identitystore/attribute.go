package identitystore

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/wire/constraint"
)

// userAttributes are the attributes of a user as the API has them: what CreateUser takes, its one extension, and the
// external ids, which come from an identity provider.
type userAttributes struct {
	sdk.CreateUserInput
	ExternalIds []types.ExternalId
	Enterprise  *directory.Enterprise
}

// groupAttributes are the attributes of a group.
type groupAttributes struct {
	sdk.CreateGroupInput
	ExternalIds []types.ExternalId
}

// changeUser applies the operations of UpdateUser. What they leave has to be what CreateUser would have taken.
func changeUser(u *directory.User, operations []types.AttributeOperation) error {
	to := attributesOf(u)
	if err := apply(to, operations); err != nil {
		return err
	}
	if err := check("CreateUser", &to.CreateUserInput, &u.StoreID, to.ExternalIds); err != nil {
		return err
	}
	fill(u, to)
	return u.Check()
}

// changeGroup applies the operations of UpdateGroup.
func changeGroup(g *directory.Group, operations []types.AttributeOperation) error {
	to := &groupAttributes{ExternalIds: describeExternalIDs(g.ExternalIDs), CreateGroupInput: sdk.CreateGroupInput{
		IdentityStoreId: &g.StoreID, DisplayName: given(g.DisplayName), Description: given(g.Description)}}
	if err := apply(to, operations); err != nil {
		return err
	}
	if err := check("CreateGroup", &to.CreateGroupInput, &g.StoreID, to.ExternalIds); err != nil {
		return err
	}
	g.DisplayName, g.Description, g.ExternalIDs = aws.ToString(to.DisplayName), aws.ToString(to.Description), externalIDs(to.ExternalIds)
	return g.Check()
}

// check holds attributes to the constraints of the model: those of an operation's input, and those of the external ids
// that GetUserId takes.
func check(operation string, in any, storeID *string, ids []types.ExternalId) error {
	v := constraint.Check("identitystore", operation, in)
	for _, id := range ids {
		v = append(v, constraint.Check("identitystore", "GetUserId", &sdk.GetUserIdInput{IdentityStoreId: storeID,
			AlternateIdentifier: &types.AlternateIdentifierMemberExternalId{Value: id}})...)
	}
	if len(v) > 0 {
		return constraint.Fault("identitystore", v)
	}
	return nil
}

// fixed are members of the attributes that are no attributes.
var fixed = []string{"identitystoreid", "extensions", "enterprise"}

// apply sets the attributes that operations name.
func apply(attributes any, operations []types.AttributeOperation) error {
	for _, o := range operations {
		path := aws.ToString(o.AttributePath)
		first, _, _ := strings.Cut(strings.ToLower(path), ".")
		inner := path
		if rest, ok := strings.CutPrefix(path, directory.EnterpriseExtension); ok {
			inner = "enterprise" + rest
		} else if slices.Contains(fixed, first) {
			return unknown(path)
		}
		at, ok := find(reflect.ValueOf(attributes), strings.Split(inner, "."))
		if !ok {
			return unknown(path)
		}
		raw, err := documentJSON(o.AttributeValue)
		if err != nil {
			return err
		}
		if string(raw) == "null" {
			at.SetZero()
			continue
		}
		value := reflect.New(at.Type())
		if err := decode(raw, value.Interface()); err != nil {
			return invalid("The value of the attribute %s is not valid", path)
		}
		at.Set(value.Elem())
	}
	return nil
}

func unknown(path string) error { return invalid("%s is not an attribute that can be updated", path) }

// find walks into a structure by the names of a path, whose letter case does not matter (RFC 7643 section 2.1). The
// elements of lists have no path: a list is replaced as a whole.
func find(at reflect.Value, path []string) (reflect.Value, bool) {
	for _, name := range path {
		if at.Kind() == reflect.Pointer {
			if at.IsNil() {
				at.Set(reflect.New(at.Type().Elem()))
			}
			at = at.Elem()
		}
		if at.Kind() != reflect.Struct {
			return at, false
		}
		f, ok := at.Type().FieldByNameFunc(func(s string) bool { return strings.EqualFold(s, name) })
		if !ok || !f.IsExported() || f.Anonymous {
			return at, false
		}
		at = at.FieldByIndex(f.Index)
	}
	return at, true
}

// decode reads a document into a Go value. Members that the value does not have are refused, and so is what is empty: an
// attribute is removed by null in place of its whole value.
func decode(raw json.RawMessage, into any) error {
	var plain any
	if err := json.Unmarshal(raw, &plain); err != nil {
		return err
	}
	if empty(plain) {
		return invalid("The value is empty")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// empty reports whether a document is, or has anywhere, a null, an empty string, list or structure.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0 || slices.ContainsFunc(v, empty)
	case map[string]any:
		for _, e := range v {
			if empty(e) {
				return true
			}
		}
		return len(v) == 0
	}
	return false
}

// newEnterprise reads the extensions of CreateUser.
func newEnterprise(extensions map[string]document.Interface) (*directory.Enterprise, error) {
	var e *directory.Enterprise
	for name, d := range extensions {
		if err := checkExtensions([]string{name}); err != nil {
			return nil, err
		}
		raw, err := documentJSON(d)
		if err != nil {
			return nil, err
		}
		e = &directory.Enterprise{}
		if err := decode(raw, e); err != nil {
			return nil, invalid("The value of the extension %s is not valid", name)
		}
	}
	return e, nil
}

// checkExtensions refuses extensions that the service does not have. See Extensions of DescribeUser.
func checkExtensions(names []string) error {
	for _, name := range names {
		if name != directory.EnterpriseExtension {
			return invalid("%s is not a supported extension", name)
		}
	}
	return nil
}
