package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Description is what a server tells anybody about itself.
type Description struct {
	Region      string `json:"region"`
	SessionName string `json:"sessionName"` // for [sso-session] and [services]
}

// Discover asks a server for its description.
func Discover(ctx context.Context, web *http.Client, origin string) (Description, error) {
	var d Description
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, origin+"/.well-known/gatehouse", nil)
	if err != nil {
		return d, err
	}
	answer, err := web.Do(r)
	if err != nil {
		return d, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return d, fmt.Errorf("%s is not a gatehouse: it answered %s", origin, answer.Status)
	}
	err = json.NewDecoder(io.LimitReader(answer.Body, 64<<10)).Decode(&d)
	if err != nil || Name(d.Region, "") != d.Region || Name(d.SessionName, "") != d.SessionName || d.Region == "" || d.SessionName == "" {
		return Description{}, fmt.Errorf("%s is not a gatehouse: what it says of itself cannot be read", origin)
	}
	return d, nil
}
