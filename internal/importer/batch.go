package importer

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// batch is one call's work.
type batch struct {
	call    *api.Call
	dry     bool
	results []Result

	mu       sync.Mutex
	found    map[string]*lookup
	accounts map[string][]string // folded name, or id → ids; nil until somebody asks
	emails   map[string]string   // of the accounts, by id
	pairs    map[string]*holders // account and permission set
	groups   map[string]*members // id
}

// lookup is something that several objects refer to and that is looked for once.
type lookup struct {
	once sync.Once
	id   string
	err  error
}

// bring works on one object. What goes wrong with it is its result and nobody else's.
func (b *batch) bring(ctx context.Context, o numbered) {
	outcome, err := o.bring(ctx, b)
	r := &b.results[o.at]
	var missing *missingError
	switch {
	case err == nil:
		r.Outcome = outcome
	case b.dry && errors.As(err, &missing):
		r.Outcome, r.Needs = Created, []string{missing.name}
	default:
		r.Outcome, r.Message = Failed, err.Error()
		if f := fault.As(err); f != nil {
			r.Message = f.Message
		}
	}
}

// missingError says that an object refers to another that is not there.
type missingError struct{ name string }

// Error says what there is to do.
func (e *missingError) Error() string {
	return fmt.Sprintf("there is no %s: an import has what is referred to before what refers to it", e.name)
}

// refer returns the id of the object with this name, which find looks for. An empty id means that it is not there.
func (b *batch) refer(name string, find func() (string, error)) (string, error) {
	b.mu.Lock()
	l := b.found[name]
	if l == nil {
		l = new(lookup)
		b.found[name] = l
	}
	b.mu.Unlock()
	l.once.Do(func() { l.id, l.err = find() })
	if l.err == nil && l.id == "" {
		return "", &missingError{name}
	}
	return l.id, l.err
}

// forget makes the next reference to a name look again.
func (b *batch) forget(name string) {
	b.mu.Lock()
	delete(b.found, name)
	b.mu.Unlock()
}

// do calls an operation as the caller of the import.
func do[Out any](ctx context.Context, b *batch, service, operation string, in any) (*Out, error) {
	return api.As[Out](b.call.Invoke(ctx, service, operation, in))
}

// change calls an operation that changes something, but not in a dry run.
func change[Out any](ctx context.Context, b *batch, service, operation string, in any) error {
	if b.dry {
		return nil
	}
	_, err := do[Out](ctx, b, service, operation, in)
	return err
}

// center is the identity center of the caller's account.
func (b *batch) center(ctx context.Context) (instance, store *string, err error) {
	var id string
	arn, err := b.refer("identity center of the account", func() (string, error) {
		out, err := do[ssoadmin.ListInstancesOutput](ctx, b, "sso-admin", "ListInstances", &ssoadmin.ListInstancesInput{})
		if err != nil || len(out.Instances) == 0 {
			return "", err
		}
		return aws.ToString(out.Instances[0].InstanceArn) + " " + aws.ToString(out.Instances[0].IdentityStoreId), nil
	})
	if err != nil {
		return nil, nil, err
	}
	_, err = fmt.Sscan(arn, &arn, &id)
	return &arn, &id, err
}
