package lifecycle

import (
	"errors"
	"time"

	"github.com/gatehouse-sso/gatehouse/internal/iam"
	"github.com/gatehouse-sso/gatehouse/internal/ident"
	"github.com/gatehouse-sso/gatehouse/internal/policy/managed"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// link makes the service-linked role of an account that comes into an organization, unless it has it from before. It
// stays when the account leaves. See "AWS Organizations and service-linked roles" in the AWS Organizations User Guide.
func (w Work) link(id ident.AccountID) error {
	s, ok := iam.ServiceNamed(service)
	if !ok {
		return errors.New("lifecycle: no role can be linked to " + service)
	}
	_, err := store.Roles.By(w.Tx, "name", id, s.Role)
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	role := &iam.Role{ID: w.IDs.IAM(ident.RolePrefix), Account: id, Name: s.Role, Path: s.Path(), Trust: s.Trust(),
		Description: "Service-linked role used by AWS Organizations to enable integration of other AWS services with Organizations.",
		Policies:    iam.Policies{Managed: []string{managed.Prefix + iam.ServicePath + s.Policy}},
		MaxSession:  time.Hour, Generation: 1, CreatedAt: w.Tx.Now}
	w.Effect(id, service, "CreateServiceLinkedRole", role.ARN())
	return store.Roles.Save(w.Tx, role)
}
