package server

import (
	"encoding/json"
	"net/http"
)

// description is what a client needs to know before anybody signs in, and nothing that a configuration would not say. See
// RFC 8615 for its place.
type description struct {
	Region      string `json:"region"`
	SessionName string `json:"sessionName"` // of the sso-session in configurations
}

// describe answers with the description, to anybody.
func (s *Server) describe(w http.ResponseWriter, _ *http.Request) {
	body, err := json.Marshal(description{Region: s.Region(), SessionName: s.SessionName()})
	if err != nil {
		http.Error(w, "internal", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body)
}
