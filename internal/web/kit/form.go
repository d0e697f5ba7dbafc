package kit

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// maxForm is more than any form of ours sends.
const maxForm = 64 << 10

var (
	errLongForm   = fault.New(fault.Invalid, "ValidationException", "The form is longer than any form here. Nothing was changed.")
	errBrokenForm = fault.New(fault.Invalid, "ValidationException", "What was sent is not text that can be read. Nothing was changed.")
)

// readForm reads the parameters of the address and the form, so that a page never works with a part of them, and refuses
// what is not text: no keyboard types it, and no database keeps it. See OWASP ASVS 5.0 sections 1.1.1 and 2.2.1.
func readForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	if err == nil {
		err = r.ParseMultipartForm(maxForm) // no page of ours sends one, but a field is read out of it too
	}
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return errLongForm.Because(err)
	case err != nil && !errors.Is(err, http.ErrNotMultipart):
		return errBrokenForm.Because(err)
	case !isText(r.Form):
		return errBrokenForm
	}
	return nil
}

func isText(form url.Values) bool {
	unreadable := func(text string) bool { return !utf8.ValidString(text) || strings.ContainsRune(text, 0) }
	for name, values := range form {
		if unreadable(name) || slices.ContainsFunc(values, unreadable) {
			return false
		}
	}
	return true
}
