// Package importer brings a described organization into being: objects by their names, each found, compared, and then
// made, changed or left alone. Importing the same again changes nothing.
//
// It has one operation, ImportObjects, which works through some hundred objects at a time. Everything it does, it does
// through the operations that anybody could call, as the caller: what the caller may not do, an import does not do
// either, and every change has a record of its own. Nothing is ever removed, and a field that an object does not have is
// left as it is.
//
// Objects of one kind are worked on at once, so that their changes share commits; kinds go in the order in which they
// need each other. What needs an object in another batch finds it if that batch came before.
package importer

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// The bounds of one call.
const (
	// MostObjects is how many objects a call may have.
	MostObjects = 5000
	// atOnce is how many objects are worked on at a time: enough to fill one commit while the one before is written.
	atOnce = 128
)

// ImportObjectsInput has objects, each the text of a JSON object.
type ImportObjectsInput struct {
	Objects []string // at most 5,000
	DryRun  bool     // look and compare only
}

// ImportObjectsOutput says what became of each object, in their order.
type ImportObjectsOutput struct{ Results []Result }

// What can become of an object. In a dry run: what would.
const (
	Created   = "created"
	Updated   = "updated"
	Unchanged = "unchanged"
	Failed    = "failed"
)

// Result is what became of an object.
type Result struct {
	Outcome string
	Object  string   // what the object is, such as "user jdoe"; empty for what is no object
	Message string   // why it failed
	Needs   []string // in a dry run: what it refers to and is not there yet
}

// Table returns the operation.
func Table() api.Table {
	return api.Table{api.Op("ImportObjects", "gatehouse:ImportObjects", importObjects)}
}

// importObjects makes and changes what a file describes, and says of each object what became of it.
func importObjects(ctx context.Context, c *api.Call, in *ImportObjectsInput) (*ImportObjectsOutput, error) {
	if len(in.Objects) > MostObjects {
		return nil, fault.New(fault.Invalid, "ValidationException", "At most %d objects are imported at a time.", MostObjects)
	}
	b := &batch{call: c, dry: in.DryRun, results: make([]Result, len(in.Objects)), found: map[string]*lookup{}, pairs: map[string]*holders{}, groups: map[string]*members{}}
	waves := make([]wave, len(order))
	for i, text := range in.Objects {
		o, rank, err := parse(text)
		if err != nil {
			b.results[i] = Result{Outcome: Failed, Message: err.Error()}
			continue
		}
		b.results[i].Object = o.name()
		waves[rank].add(i, o)
	}
	for _, w := range waves {
		if err := w.run(ctx, b); err != nil {
			return nil, err
		}
	}
	return &ImportObjectsOutput{Results: b.results}, nil
}

// object is something to import.
type object interface {
	// name says what it is: no two objects of one name are worked on at once.
	name() string
	// check says what is missing in it, or is too much.
	check() error
	// bring makes it so.
	bring(ctx context.Context, b *batch) (outcome string, err error)
}

// order are the kinds of objects as they need each other.
var order = []struct {
	kind string
	new  func() object
}{
	{"unit", func() object { return new(unit) }},
	{"account", func() object { return new(account) }},
	{"policy", func() object { return new(policy) }},
	{"user", func() object { return new(user) }},
	{"group", func() object { return new(group) }},
	{"membership", func() object { return new(membership) }},
	{"permission-set", func() object { return new(permissionSet) }},
	{"assignment", func() object { return new(assignment) }},
	{"iam-user", func() object { return new(iamUser) }},
	{"iam-role", func() object { return new(iamRole) }},
}

// parse reads one object and says at which place of the order it is.
func parse(text string) (object, int, error) {
	var head struct{ Kind string }
	if err := json.Unmarshal([]byte(text), &head); err != nil {
		return nil, 0, fmt.Errorf("this is no JSON object: %w", err)
	}
	if head.Kind == "" {
		return nil, 0, fmt.Errorf(`the object has no "kind": want one of %s`, kinds())
	}
	for rank, k := range order {
		if k.kind != head.Kind {
			continue
		}
		o := k.new()
		d := json.NewDecoder(strings.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(o); err != nil {
			return nil, 0, fmt.Errorf("%s: %s", head.Kind, strings.TrimPrefix(err.Error(), "json: "))
		}
		if err := o.check(); err != nil {
			return nil, 0, fmt.Errorf("%s: %w", head.Kind, err)
		}
		return o, rank, nil
	}
	return nil, 0, fmt.Errorf("there is no kind %q of objects: want one of %s", head.Kind, kinds())
}

func kinds() string {
	names := make([]string, len(order))
	for i, k := range order {
		names[i] = k.kind
	}
	return strings.Join(names, ", ")
}

// wave are objects of one kind: of each name, those that stand in the batch, in its order.
type wave struct {
	names []string
	of    map[string][]numbered
}

// numbered is an object and its place in the batch.
type numbered struct {
	at int
	object
}

func (w *wave) add(at int, o object) {
	if w.of == nil {
		w.of = map[string][]numbered{}
	}
	name := o.name()
	if w.of[name] == nil {
		w.names = append(w.names, name)
	}
	w.of[name] = append(w.of[name], numbered{at, o})
}

// run works on all objects of the wave. Units go one after another, since one may be the parent of the next.
func (w *wave) run(ctx context.Context, b *batch) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, name := range w.names {
		if _, ok := w.of[name][0].object.(*unit); ok {
			group.SetLimit(1)
			break
		}
	}
	for _, name := range w.names {
		group.Go(func() error {
			for _, o := range w.of[name] {
				if err := ctx.Err(); err != nil {
					return err
				}
				b.bring(ctx, o)
			}
			return nil
		})
	}
	return group.Wait()
}
