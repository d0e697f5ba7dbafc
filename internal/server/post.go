package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// maxAnswer is the largest answer of a control socket, in bytes.
const maxAnswer = 16 << 20

// post sends a command to a control socket. The host is a name for the header only.
func post(ctx context.Context, client *http.Client, e Errand, body []byte) ([]byte, error) {
	to := url.URL{Scheme: "http", Host: "control", Path: "/" + e.Service + "/" + e.Operation, RawQuery: url.Values{"account": {e.Account}}.Encode()}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	switch answer.StatusCode {
	case http.StatusOK:
		return text, nil
	case http.StatusBadRequest:
		var f fault.Fault
		if err := json.Unmarshal(text, &f); err == nil && f.Code != "" {
			return nil, &f
		}
	}
	return nil, fmt.Errorf("the server answered %s: its log says more", answer.Status)
}
