package identitystore

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/directory"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// lookUp finds a row by an alternate identifier: an external id, or an attribute that is unique. indexes names the
// table's index for the path of each such attribute, in lower case.
func lookUp[Row any](ctx context.Context, c *api.Call, name *string, table *store.Table[Row], kind types.ResourceType,
	alternate types.AlternateIdentifier, indexes map[string]string,
) (*Row, error) {
	storeID, err := checkStore(c, name)
	if err != nil {
		return nil, err
	}
	var index, value string
	switch a := alternate.(type) {
	case *types.AlternateIdentifierMemberExternalId:
		index, value = "external", directory.ExternalID{Issuer: aws.ToString(a.Value.Issuer), ID: aws.ToString(a.Value.Id)}.String()
	case *types.AlternateIdentifierMemberUniqueAttribute:
		path := aws.ToString(a.Value.AttributePath)
		if index = indexes[strings.ToLower(path)]; index == "" {
			return nil, invalid("%s is not a unique attribute", path)
		}
		if value, err = documentText(a.Value.AttributeValue); err != nil {
			return nil, err
		}
	default:
		return nil, invalid("The alternate identifier is missing.")
	}
	return api.Look(ctx, c, func(tx *store.Tx) (*Row, error) {
		row, err := table.By(tx, index, storeID, value)
		return row, missing(err, kind, value)
	})
}

// documentText returns the string that a document holds.
func documentText(d document.Interface) (string, error) {
	raw, err := documentJSON(d)
	if err != nil {
		return "", err
	}
	var text string
	if json.Unmarshal(raw, &text) != nil || text == "" {
		return "", invalid("The attribute value must be a string.")
	}
	return text, nil
}

// documentJSON returns a document as JSON, null for none. The SDK's documents do not unmarshal what they were made of.
func documentJSON(d document.Interface) (json.RawMessage, error) {
	if d == nil {
		return json.RawMessage("null"), nil
	}
	raw, err := d.MarshalSmithyDocument()
	if err != nil {
		return nil, invalid("The attribute value cannot be read.")
	}
	return raw, nil
}
