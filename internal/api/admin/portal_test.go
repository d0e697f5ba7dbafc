package admin_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"net/http"
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/api/admin"
	"github.com/gatehouse-sso/gatehouse/internal/api/apitest"
	"github.com/gatehouse-sso/gatehouse/internal/api/self"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
	"github.com/gatehouse-sso/gatehouse/internal/permission"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// TestAPortalIsItsOwnersAlone has the owner of one identity center try for the address and the looks of another.
func TestAPortalIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	w := apitest.Empty(t, map[string]api.Table{admin.Name: admin.Table(), self.Name: self.Table()})
	main, other := w.Account("111111111111", "Main"), w.Account("222222222222", "Other")
	i := w.Instance(w.Organization(main))
	w.Organization(other)
	apitest.Save(w, store.Instances, &permission.Instance{ARN: "arn:aws:sso:::instance/ssoins-2222222222222222", IdentityStoreID: "d-2222222222", Owner: other.ID, Portal: "d-2222222222",
		OrganizationID: w.State.Current().Account(other.ID).OrganizationID})
	call := func(k apitest.Keys, operation, body string) *apitest.Answer {
		return w.Call(k, admin.Name, apitest.JSON(admin.Name, operation, body))
	}
	want := func(what string, a *apitest.Answer, code string) {
		t.Helper()
		if a.Code() != code || code == "" && a.Status != http.StatusOK {
			t.Errorf("%s: %d %s", what, a.Status, a.Body)
		}
	}
	want("an address", call(w.Root(main), "UpdatePortal", `{"Address":"alder","Title":"Alder Freight"}`), "")
	want("another", call(w.Root(main), "UpdatePortal", `{"Address":"freight"}`), "")
	want("one that is taken", call(w.Root(other), "UpdatePortal", `{"Address":"freight"}`), "ConflictException")
	want("one that was left", call(w.Root(other), "UpdatePortal", `{"Address":"alder"}`), "ConflictException")
	want("somebody's own", call(w.Root(other), "UpdatePortal", `{"Address":"`+i.IdentityStoreID+`"}`), "ConflictException")
	want("what looks so", call(w.Root(other), "UpdatePortal", `{"Address":"d-3333333333"}`), "ValidationException")
	want("somebody's portal", call(w.Root(other), "UpdatePortal", `{"IdentityStoreId":"`+i.IdentityStoreID+`","Title":"Mine"}`), "ResourceNotFoundException")
	want("a hidden title", call(w.Root(main), "UpdatePortal", `{"Title":"a\u202eb"}`), "ValidationException")
	a := call(w.Root(main), "DescribePortal", `{}`)
	if a.Text("Portal.Url") != apitest.Origin+"/start/freight" || a.Text("Portal.Title") != "Alder Freight" {
		t.Errorf("got %s", a.Body)
	}
	for _, name := range []string{"", "alder", "freight", "FREIGHT", i.IdentityStoreID} {
		if at := w.State.Current().InstanceAt(name); at == nil || at.ARN != i.ARN {
			t.Errorf("%q leads to %v", name, at)
		}
	}
}

func TestALogoIsHandedOutByItsHashOnly(t *testing.T) {
	t.Parallel()
	w := apitest.Empty(t, map[string]api.Table{admin.Name: admin.Table(), self.Name: self.Table()})
	main := w.Account("111111111111", "Main")
	i := w.Instance(w.Organization(main))
	var sent bytes.Buffer
	if err := png.Encode(&sent, image.NewGray(image.Rect(0, 0, 40, 20))); err != nil {
		t.Fatal(err)
	}
	put := func(operation, body string) *apitest.Answer {
		return w.Call(w.Root(main), admin.Name, apitest.JSON(admin.Name, operation, body))
	}
	get := func(hash string) ([]byte, error) {
		out, err := api.Invoke[self.GetPortalLogoOutput](t.Context(), w.Corridor, api.Caller{}, self.Name, "GetPortalLogo", &self.GetPortalLogoInput{InstanceID: i.ID(), Hash: hash})
		if err != nil {
			return nil, err
		}
		return out.PNG, nil
	}
	if a := put("PutPortalLogo", `{"Logo":"`+base64.StdEncoding.EncodeToString([]byte("<svg onload=alert(1)>"))+`"}`); a.Code() != "ValidationException" {
		t.Errorf("an SVG: %d %s", a.Status, a.Body)
	}
	if a := put("PutPortalLogo", `{"Logo":"`+base64.StdEncoding.EncodeToString(sent.Bytes())+`"}`); a.Status != http.StatusOK {
		t.Fatalf("a PNG: %d %s", a.Status, a.Body)
	}
	hash := w.State.Current().InstanceAt("").Logo.Hash
	if kept, err := get(hash); err != nil || !bytes.HasPrefix(kept, []byte("\x89PNG")) {
		t.Errorf("got %q, %v", kept, err)
	}
	for _, wrong := range []string{"", "x", hash[1:] + "0"} {
		if _, err := get(wrong); !fault.Is(err, "ResourceNotFoundException") {
			t.Errorf("by %q: %v", wrong, err)
		}
	}
	for range 2 {
		if a := put("DeletePortalLogo", `{}`); a.Status != http.StatusOK {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	}
	if _, err := get(hash); !fault.Is(err, "ResourceNotFoundException") {
		t.Errorf("a logo that was taken away: %v", err)
	}
}
